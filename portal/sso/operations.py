"""Adding, changing, switching on and off of identity providers."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from portal.access.closing import Ended
from portal.access.domains import own_domains
from portal.access.leaving import when_leaving
from portal.access.models import Organisation, SignedInSession
from portal.access.safeguards import CHANGED_MEANWHILE, one_at_a_time
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.lib.errors import Conflict, InvalidInput
from portal.lib.fetch import is_web_address
from portal.lib.tokens import Seal, token_hash
from portal.sso.client import signing_key
from portal.sso.giving import take_back
from portal.sso.mapping import checked_mapping
from portal.sso.models import AuthMethod, Identity, PartnerSession, Provider
from portal.sso.queries import provider_by_name
from portal.sso.tokens import ALGORITHMS, KNOWN_ALGORITHMS

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
RESERVED = "nieuw"
"""The page at which a beheerder adds a provider has this name."""
SCOPES = "openid email"
"""The least that works; ``profile`` adds a name (OIDC-NLGOV: should not be asked without need)."""
LEEWAY = 60
MOST_LEEWAY = 300
MOST_DOMAINS = 50


@dataclass(frozen=True)
class Rules:
    """What may be changed of a provider: for whom it speaks and what its claims give. ``leeway`` is in seconds."""

    domains: tuple[str, ...]
    group_claim: str = ""
    mapping: Mapping[str, list[str]] | None = None
    role: str = ""
    scopes: str = SCOPES
    algorithms: tuple[str, ...] = ALGORITHMS
    factor_values: tuple[str, ...] = ()
    leeway: int = LEEWAY

    @classmethod
    def of(cls, provider: Provider) -> "Rules":
        """Return the rules of a provider as they are now."""
        return cls(
            domains=tuple(provider.domains),
            group_claim=provider.group_claim,
            mapping=provider.mapping,
            role=provider.role,
            scopes=provider.scopes,
            algorithms=tuple(provider.algorithms),
            factor_values=tuple(provider.factor_values),
            leeway=provider.leeway,
        )

    @property
    def mark(self) -> str:
        """A short text that differs when the rules do; a form carries it, to notice a change in between."""
        parts = [self.domains, self.group_claim, self.mapping, self.role, self.scopes, self.algorithms]
        return token_hash(json.dumps([*parts, self.factor_values, self.leeway], sort_keys=True))[:16]


@dataclass(frozen=True)
class Account:
    """How the portal is known at a provider: its name there, and a secret or a private key as PEM."""

    issuer: str
    client_id: str
    secret: str
    is_private_key: bool


def add_provider(
    session: Session,
    seal: Seal,
    *,
    name: str,
    organisation: Organisation,
    account: Account,
    rules: Rules,
    enabled: bool,
    allow_private: bool,
    by: Actor,
    at: datetime,
) -> Provider:
    """Add a provider. Raises Conflict when the name or a domain is taken, InvalidInput when something cannot be."""
    one_at_a_time(session)
    if not NAME.fullmatch(name) or name == RESERVED:
        raise InvalidInput("Geef een korte naam van kleine letters, cijfers en streepjes, zoals hofstad.", field="name")
    if provider_by_name(session, name):
        raise Conflict(f"Er is al een aanbieder '{name}'.", field="name")
    if (
        not is_web_address(account.issuer, allow_private=allow_private)
        or "?" in account.issuer
        or "#" in account.issuer
    ):
        raise InvalidInput("Geef de issuer als https-adres, precies zoals de aanbieder die zelf noemt.", field="issuer")
    if not account.client_id.strip() or not account.client_id.isprintable() or len(account.client_id) > 200:
        raise InvalidInput("Geef de client-id die de aanbieder u gaf, hoogstens 200 tekens.", field="client_id")
    provider = Provider(
        name=name,
        organisation=organisation,
        issuer=account.issuer,
        client_id=account.client_id,
        auth_method=(AuthMethod.PRIVATE_KEY if account.is_private_key else AuthMethod.POST).value,
        sealed_secret=seal.close(_checked_secret(account.secret, is_private_key=account.is_private_key)),
        created_at=at,
        enabled_at=at if enabled else None,
    )
    _put(provider, checked(session, rules, organisation))
    session.add(provider)
    session.flush()
    state = "on" if enabled else "off"
    record(
        session, Action.SSO_ADDED, by=by, subject=f"sso:{provider.id}", at=at, organisation=organisation.id, state=state
    )
    return provider


def change_rules(session: Session, provider: Provider, rules: Rules, *, seen: str, by: Actor, at: datetime) -> None:
    """Change what a provider may say and give; ``seen`` marks the rules that the change is based on.

    Raises Conflict when they changed meanwhile or a domain is taken, InvalidInput when something cannot be.
    """
    one_at_a_time(session)
    now = Rules.of(provider)
    if seen != now.mark:
        raise Conflict(CHANGED_MEANWHILE)
    wanted = checked(session, rules, provider.organisation)
    if wanted == now:
        return
    _put(provider, wanted)
    session.flush()
    changed = ",".join(name for name in Rules.__dataclass_fields__ if getattr(now, name) != getattr(wanted, name))
    record(session, Action.SSO_CHANGED, by=by, subject=f"sso:{provider.id}", at=at, rules=changed)


def add_secret(session: Session, seal: Seal, provider: Provider, secret: str, *, by: Actor, at: datetime) -> None:
    """Put a new secret or key beside the one in use; it takes over once the provider no longer takes the old one."""
    one_at_a_time(session)
    is_private_key = provider.auth_method == AuthMethod.PRIVATE_KEY
    provider.sealed_next_secret = seal.close(_checked_secret(secret, is_private_key=is_private_key))
    session.flush()
    record(session, Action.SSO_CHANGED, by=by, subject=f"sso:{provider.id}", at=at, key="added")


def enable(session: Session, provider: Provider, *, by: Actor, at: datetime) -> None:
    """Let people come in by a provider. Raises Conflict while its organisation is closed: nobody of it comes in."""
    one_at_a_time(session)
    if provider.organisation.disabled_at is not None:
        words = "is afgesloten. Laat de organisatie eerst weer toe en zet daarna aanmelden via de organisatie aan."
        raise Conflict(f"{provider.organisation.name} {words}")
    if provider.enabled_at is None:
        provider.enabled_at = at
        session.flush()
        record(session, Action.SSO_ENABLED, by=by, subject=f"sso:{provider.id}", at=at)


def disable(session: Session, provider: Provider, *, by: Actor, at: datetime) -> int:
    """Let nobody come in by a provider any more; end its sessions at once and return how many there were.

    What its claims gave is taken away too, since nobody vouches for it any more: by another door people would keep it.
    With the provider on again, the next sign-in gives it back.
    """
    one_at_a_time(session)
    mine = select(PartnerSession.session_id).where(PartnerSession.provider_id == provider.id)
    ended = end_sessions(session, mine, at)
    known = session.scalars(select(Identity).where(Identity.provider_id == provider.id).order_by(Identity.id)).all()
    fewer = sum([take_back(session, identity, by=by, at=at) for identity in known])
    if provider.enabled_at is not None:
        provider.enabled_at = None
        session.flush()
        told = {"sessions": ended, "fewer_rights": fewer}
        record(session, Action.SSO_DISABLED, by=by, subject=f"sso:{provider.id}", at=at, **told)
    return ended


@when_leaving
def end_providers(session: Session, organisation: Organisation, by: Actor, at: datetime) -> Iterable[Ended]:
    """Switch off every provider of an organisation that leaves, and forget whom it knew and what its claims gave.

    Whoever switches one on again, should the organisation return, decides anew who is who and who may do what.
    """
    mine = session.scalars(select(Provider).where(Provider.organisation_id == organisation.id)).all()
    on = [provider for provider in mine if provider.enabled_at is not None]
    mapped = [provider for provider in mine if provider.mapping]
    rules = sum(len(provider.mapping) for provider in mapped)
    linked = session.scalars(
        select(Identity)
        .where(Identity.provider_id.in_([provider.id for provider in mine]))
        .where(or_(Identity.person_id.is_not(None), Identity.waits_for_id.is_not(None)))
    ).all()
    for provider in on:
        disable(session, provider, by=by, at=at)
    for provider in mapped:
        provider.mapping = {}
        record(session, Action.SSO_CHANGED, by=by, subject=f"sso:{provider.id}", at=at, rules="mapping")
    for identity in linked:
        unlink(session, identity, by=by, at=at)
    return [
        Ended("providers", "aanmelding via de organisatie", "aanmeldingen via de organisatie", len(on)),
        Ended("identities", "accountkoppeling", "accountkoppelingen", len(linked)),
        Ended("mappings", "regel die rechten geeft", "regels die rechten geven", rules),
    ]


def unlink(session: Session, identity: Identity, *, by: Actor, at: datetime) -> None:
    """Take an identity from its person, with what the claims gave, and end the sessions that began with it.

    The last beheerder keeps that right, and from then on as given by hand.
    """
    one_at_a_time(session)
    person_id = identity.person_id or identity.waits_for_id
    take_back(session, identity, by=by, at=at)
    mine = select(PartnerSession.session_id).where(PartnerSession.identity_id == identity.id)
    end_sessions(session, mine, at)
    identity.person_id = identity.waits_for_id = None
    identity.given_groups, identity.given_roles = [], []
    session.flush()
    record(session, Action.SSO_UNLINKED, by=by, subject=f"person:{person_id}", at=at, provider=identity.provider_id)


def end_sessions(session: Session, numbers: Select[int], at: datetime) -> int:
    """End these sessions; return how many were open."""
    ended = session.execute(
        update(SignedInSession)
        .where(SignedInSession.id.in_(numbers), SignedInSession.ended_at.is_(None))
        .values(ended_at=at)
        .returning(SignedInSession.id)
    )
    return len(ended.all())


def checked(session: Session, rules: Rules, organisation: Organisation) -> Rules:
    """Return rules as they are stored; raises InvalidInput or Conflict, naming the field."""
    domains = own_domains(session, rules.domains, organisation)
    if not 1 <= len(domains) <= MOST_DOMAINS:
        raise InvalidInput("Geef de maildomeinen waarvoor deze aanbieder mag spreken.", field="domains")
    if not rules.algorithms or not set(rules.algorithms) <= set(KNOWN_ALGORITHMS):
        raise InvalidInput(f"Kies uit: {', '.join(KNOWN_ALGORITHMS)}.", field="algorithms")
    if not 0 <= rules.leeway <= MOST_LEEWAY:
        raise InvalidInput(f"Geef een aantal seconden van 0 tot en met {MOST_LEEWAY}.", field="leeway")
    if "openid" not in rules.scopes.split() or len(rules.scopes) > 200 or not rules.scopes.isprintable():
        raise InvalidInput("Geef scopes met spaties ertussen; openid hoort erbij.", field="scopes")
    return Rules(
        domains=domains,
        group_claim=rules.group_claim.strip()[:100],
        mapping=checked_mapping(rules.mapping or {}),
        role=rules.role,
        scopes=" ".join(rules.scopes.split()),
        algorithms=tuple(rules.algorithms),
        factor_values=tuple(dict.fromkeys(value for value in rules.factor_values if value)),
        leeway=rules.leeway,
    )


def _put(provider: Provider, rules: Rules) -> None:
    provider.domains, provider.group_claim = list(rules.domains), rules.group_claim
    provider.mapping, provider.role, provider.scopes = dict(rules.mapping or {}), rules.role, rules.scopes
    provider.algorithms, provider.factor_values = list(rules.algorithms), list(rules.factor_values)
    provider.leeway = rules.leeway


def _checked_secret(secret: str, *, is_private_key: bool) -> str:
    tidy = secret.strip()
    if is_private_key:
        signing_key(tidy)
    elif not tidy or len(tidy) > 4000 or not tidy.isprintable():
        raise InvalidInput("Geef het geheim (client secret) dat de aanbieder u gaf, op één regel.", field="secret")
    return tidy
