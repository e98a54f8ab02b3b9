"""What a beheerder fills in about organisations and people."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the published types are of WTForms 3.2
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError

from portal.access.models import STAFF, Group, Organisation, OrganisationKind, Person
from portal.access.organisations import OrganisationData
from portal.access.people import PersonData, checked_address
from portal.access.queries import tidy_address
from portal.flow.models import Role
from portal.lib.errors import InvalidInput
from portal.sso.mapping import pairs_of
from portal.sso.operations import MOST_LEEWAY, Account, Rules
from portal.sso.tokens import KNOWN_ALGORITHMS

KINDS: Mapping[OrganisationKind, str] = {
    OrganisationKind.GEMEENTE: "Gemeente",
    OrganisationKind.CORPORATIE: "Woningcorporatie",
    OrganisationKind.ZORGAANBIEDER: "Zorgaanbieder",
    OrganisationKind.REGIO: "Regio",
}
GROUPS: Mapping[Group, str] = {
    Group.LEZER: "Lezer",
    Group.REDACTEUR: "Redacteur",
    Group.BEHEERDER: "Beheerder",
    Group.AUDITOR: "Auditor",
}
FEWEST_ROLE_CHOICES = 3
FROM_LIST: dict[str, Any] = {"invalid_choice_message": "Kies iets uit de lijst."}
"""Put apart because the published types are of WTForms 3.2, which did not know it."""
LONG_NAME = Length(max=120, message="Deze naam is te lang. Vul hoogstens 120 tekens in.")


LONG_CLAIM = "Deze naam is te lang. Vul hoogstens 100 tekens in."


def tidy(text: str | None) -> str:
    """Return a text with single spaces and none round it."""
    return " ".join((text or "").split())


def choices(words: Mapping[str, str]) -> list[SelectChoice]:
    """Return what can be chosen, from value to words."""
    return [SelectChoice(value, label) for value, label in words.items()]


class OrganisationForm(FlaskForm):
    """Name and mail domains; of a new organisation its kind too."""

    name = StringField(
        "Naam", filters=[tidy], validators=[DataRequired("Vul de naam van de organisatie in."), LONG_NAME]
    )
    domains = TextAreaField(
        "Maildomeinen", validators=[Length(max=5000, message="Dit zijn te veel maildomeinen voor één organisatie.")]
    )
    seen = StringField()

    def fill(self, data: OrganisationData) -> None:
        """Show what is stored."""
        self.name.data, self.domains.data, self.seen.data = data.name, "\n".join(data.domains), data.mark

    def given(self) -> OrganisationData:
        """Return what was filled in, the domains as they were typed."""
        typed = re.split(r"[\s,;]+", self.domains.data or "")
        return OrganisationData(self.name.data or "", tuple(domain for domain in typed if domain))


class NewOrganisationForm(OrganisationForm):
    """A new organisation."""

    kind = SelectField(
        "Soort",
        choices=choices({"": "Kies een soort"} | {kind.value: words for kind, words in KINDS.items()}),
        **FROM_LIST,
        validators=[InputRequired("Kies wat voor organisatie dit is.")],
    )


class PersonForm(FlaskForm):
    """What may be changed of a person."""

    name = StringField("Naam", filters=[tidy], validators=[LONG_NAME])
    roles = SelectMultipleField("Rollen", **FROM_LIST)
    groups = SelectMultipleField(
        "Rechten",
        choices=choices({group.value: GROUPS[group] for group in Group if group in STAFF}),
        **FROM_LIST,
    )
    is_contact = BooleanField("Contactpersoon van deze organisatie")
    groups_confirmed = StringField()
    seen = StringField()

    def offer(self, roles: Mapping[str, Role], kept: Iterable[str] = ()) -> None:
        """Let the roles of the flow be chosen, and those a person has although the flow no longer does.

        An empty handbook has no roles, and then there is nothing to choose.
        """
        known = {role.id: role.title for role in roles.values()}
        gone = {role: f"{role} (staat niet meer in het stroomschema)" for role in kept if known and role not in known}
        self.roles.choices = choices({"": "Geen"} | known | gone)

    def fill(self, data: PersonData) -> None:
        """Show what is stored."""
        self.name.data, self.roles.data = data.name, list(data.roles)
        self.groups.data = [group.value for group in data.groups if group in STAFF]
        self.is_contact.data, self.seen.data = data.is_contact, data.mark

    def given(self) -> PersonData:
        """Return what was filled in."""
        return PersonData(
            name=self.name.data or "",
            roles=tuple(role for role in self.roles.data or () if role),
            groups=frozenset({Group.LEZER, *(Group(name) for name in self.groups.data or ())}),
            is_contact=bool(self.is_contact.data),
        )

    @property
    def role_choices(self) -> list[str]:
        """What each of the role fields shows: what was chosen, and at least one that is free."""
        chosen = [role for role in self.roles.data or () if role]
        free = max(1, FEWEST_ROLE_CHOICES - len(chosen))
        return (chosen + [""] * free)[: len(self.roles.choices or ()) - 1]


class NewPersonForm(PersonForm):
    """A new person, with where they work and the address by which they come in."""

    organisation = SelectField("Organisatie", **FROM_LIST, validators=[InputRequired("Kies een organisatie.")])
    address = EmailField(
        "Werkmailadres",
        filters=[lambda text: tidy_address(text or "")],
        validators=[DataRequired("Vul het werkmailadres in."), Length(max=254, message="Dit adres is te lang.")],
    )
    invite = BooleanField("Stuur meteen een uitnodiging", default=True)
    address_confirmed = StringField()

    def validate_address(self, field: EmailField) -> None:
        """Refuse what cannot be an address, before anything is asked about it."""
        try:
            checked_address(field.data or "")
        except InvalidInput as error:
            raise ValidationError(str(error)) from error

    def offer_organisations(self, organisations: Iterable[Organisation]) -> None:
        """Let the organisations be chosen; a closed one says so."""
        known = {str(one.id): f"{one.name}{' (afgesloten)' if one.disabled_at else ''}" for one in organisations}
        self.organisation.choices = choices({"": "Kies een organisatie"} | known)


def shown_name(person: Person) -> str:
    """Return how a person is called on these pages: by name, or by address when no name is known."""
    return person.name or person.email


DAYS: Mapping[str, str] = {"7": "Een week", "30": "Een maand", "90": "Drie maanden", "365": "Een jaar"}
"""How long a link can be made to work."""
HOW_LONG: dict[str, Any] = {"choices": choices(DAYS), "default": "30", **FROM_LIST}


class NewInvitationForm(FlaskForm):
    """A new organisation link."""

    organisation = SelectField("Organisatie", **FROM_LIST, validators=[InputRequired("Kies een organisatie.")])
    days = SelectField("Hoe lang werkt de link?", **HOW_LONG)

    def offer_organisations(self, organisations: Iterable[Organisation]) -> None:
        """Let the organisations be chosen that people can come to."""
        open_ones = {str(one.id): one.name for one in organisations if one.disabled_at is None}
        self.organisation.choices = choices({"": "Kies een organisatie"} | open_ones)


class NewShareForm(FlaskForm):
    """A new share link."""

    code = SelectField("Document", **FROM_LIST, validators=[InputRequired("Kies een document.")])
    version = StringField(
        "Altijd deze versie",
        filters=[tidy],
        validators=[Regexp(r"\d{0,6}$", message="Vul het nummer van een versie in, zoals 2, of niets.")],
    )
    days = SelectField("Hoe lang werkt de link?", **HOW_LONG)

    def offer_documents(self, titles: Mapping[str, str]) -> None:
        """Let documents be chosen, by code with their titles."""
        self.code.choices = choices({"": "Kies een document"} | {code: f"{code}: {titles[code]}" for code in titles})

    @property
    def version_number(self) -> int | None:
        """The version that was asked for, if any."""
        return int(self.version.data) if self.version.data else None


class RulesForm(FlaskForm):
    """For whom an identity provider speaks, and what its claims give."""

    domains = TextAreaField("Maildomeinen", validators=[InputRequired("Vul minstens één maildomein in.")])
    group_claim = StringField("Claim met groepen", filters=[tidy], validators=[Length(max=100, message=LONG_CLAIM)])
    mapping = TextAreaField("Wat een groep geeft")
    role = SelectField("Rol van een nieuw account", **FROM_LIST)
    factor_values = TextAreaField("Waarden die een tweede factor bewijzen")
    scopes = StringField("Scopes", filters=[tidy])
    algorithms = SelectMultipleField(
        "Algoritmen", choices=choices({name: name for name in KNOWN_ALGORITHMS}), **FROM_LIST
    )
    leeway = StringField("Verschil tussen klokken, in seconden", filters=[tidy])
    rights_confirmed = StringField()
    seen = StringField()

    def offer(self, roles: Mapping[str, Role], kept: str = "") -> None:
        """Let the roles of the flow be chosen, and the one that was, although the flow no longer has it."""
        known = {role.id: role.title for role in roles.values()}
        self.role.choices = choices({"": "Volgt uit de organisatie"} | ({kept: kept} if kept else {}) | known)

    def fill(self, rules: Rules) -> None:
        """Show what is stored."""
        self.domains.data, self.group_claim.data = "\n".join(rules.domains), rules.group_claim
        self.mapping.data = "\n".join(f"{value}={to}" for value, given in (rules.mapping or {}).items() for to in given)
        self.role.data, self.factor_values.data = rules.role, "\n".join(rules.factor_values)
        self.scopes.data, self.algorithms.data = rules.scopes, list(rules.algorithms)
        self.leeway.data, self.seen.data = str(rules.leeway), rules.mark

    def given(self) -> Rules:
        """Return what was filled in; a leeway that is no number is too large, so that it is refused."""
        seconds = self.leeway.data or ""
        return Rules(
            domains=tuple((self.domains.data or "").split()),
            group_claim=self.group_claim.data or "",
            mapping=pairs_of(line for line in (self.mapping.data or "").splitlines() if line.strip()),
            role=self.role.data or "",
            scopes=self.scopes.data or "",
            algorithms=tuple(self.algorithms.data or ()),
            factor_values=tuple(line.strip() for line in (self.factor_values.data or "").splitlines()),
            leeway=int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 5 else MOST_LEEWAY + 1,
        )


class NewProviderForm(FlaskForm):
    """A new identity provider; what its claims give is filled in later."""

    organisation = SelectField("Organisatie", **FROM_LIST, validators=[InputRequired("Kies een organisatie.")])
    name = StringField("Korte naam", filters=[tidy], validators=[InputRequired("Vul een korte naam in.")])
    issuer = StringField("Issuer", filters=[tidy], validators=[InputRequired("Vul de issuer in.")])
    client_id = StringField("Client-id", filters=[tidy], validators=[InputRequired("Vul de client-id in.")])
    method = SelectField(
        "Hoe het handboek zich bekendmaakt",
        choices=choices({"secret": "Met een geheim (client secret)", "key": "Met een sleutel (private_key_jwt)"}),
        **FROM_LIST,
    )
    secret = TextAreaField("Geheim of privésleutel", validators=[InputRequired("Vul het geheim of de sleutel in.")])
    domains = TextAreaField("Maildomeinen", validators=[InputRequired("Vul minstens één maildomein in.")])

    def offer_organisations(self, organisations: Iterable[Organisation]) -> None:
        """Let the organisations be chosen that may come in."""
        known = {str(one.id): one.name for one in organisations if one.disabled_at is None}
        self.organisation.choices = choices({"": "Kies een organisatie"} | known)

    def account(self) -> Account:
        """Return how the portal is known at the provider."""
        is_key = self.method.data == "key"
        return Account(self.issuer.data or "", self.client_id.data or "", self.secret.data or "", is_private_key=is_key)

    def rules(self) -> Rules:
        """Return what may be filled in at once; the rest is as usual."""
        return Rules(tuple((self.domains.data or "").split()))


class SecretForm(FlaskForm):
    """A new secret or key beside the one in use."""

    secret = TextAreaField("Nieuw geheim of nieuwe sleutel", validators=[InputRequired("Vul het geheim in.")])
