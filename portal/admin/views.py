"""The pages of a beheerder: which organisations and people may come in, and with which rights."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from wtforms import StringField

from portal import db, lists, web
from portal.access import guard, organisations, people
from portal.access.models import STAFF, Group, Organisation, OrganisationKind, Person
from portal.access.organisations import OrganisationData
from portal.access.people import PersonData
from portal.access.permissions import Permission, asks_factor, requires
from portal.access.queries import (
    Membership,
    live_sessions,
    memberships,
)
from portal.access.queries import organisations as all_organisations
from portal.access.safeguards import active_beheerders, objection
from portal.admin.forms import GROUPS, KINDS, NewOrganisationForm, NewPersonForm, OrganisationForm, PersonForm
from portal.admin.history import happenings
from portal.admin.listings import organisations_listing, people_listing
from portal.factors.asking import vault
from portal.factors.operations import OWN_FACTOR, reset_factor
from portal.factors.queries import held
from portal.flow.models import Role
from portal.flow.queries import roles_to_give
from portal.lib.errors import Conflict, InvalidInput, NotFound, PortalError, TooMany
from portal.publishing.destruction import waiting

blueprint = Blueprint("admin", __name__, url_prefix="/beheer")
managing = requires(Permission.ACCESS_MANAGE)
HIGHEST = lists.HIGHEST


@blueprint.get("")
@managing
def home() -> str:
    """What waits for a beheerder, and the way to organisations and people."""
    rows = memberships(db.session())
    beheerders = len(active_beheerders(db.session()))
    return _page("start", rows=rows, beheerders=beheerders, destructions=waiting(db.session()))


@blueprint.get("/organisaties")
@managing
def organisation_list() -> str:
    """The organisations with their people counted, with filters, sorted and in pages."""
    listing = organisations_listing()
    asked = lists.asked_of(listing, request.args)
    return _page("organisaties", listing=listing, asked=asked, found=lists.find(db.session(), listing, asked))


@blueprint.route("/organisaties/nieuw", methods=["GET", "POST"])
@managing
@asks_factor
def organisation_new() -> Any:
    """Add an organisation."""
    form, status = NewOrganisationForm(), 200
    if form.validate_on_submit():
        given = form.given()
        try:
            added = organisations.add_organisation(
                db.session(),
                name=given.name,
                kind=OrganisationKind(form.kind.data),
                domains=given.domains,
                by=guard.actor(),
                at=web.request_time(),
            )
            return _to_organisation(added.id)
        except (Conflict, InvalidInput) as error:
            form, status = _faulty(form, error), error.status
    elif form.errors:
        status = 422
    return _page("organisatie_invullen", form=form, organisation=None, stored=None), status


@blueprint.get("/organisaties/<int:number>")
@managing
def organisation(number: int) -> str:
    """One organisation: its people, its contact persons, and what happened to it."""
    found = _organisation(number)
    return _page(
        "organisatie",
        membership=_membership(found),
        found=lists.find(db.session(), *_people_asked(MultiDict({"organisatie": str(number)}))),
        happenings=happenings(db.session(), f"organisation:{number}", {}),
    )


@blueprint.route("/organisaties/<int:number>/wijzigen", methods=["GET", "POST"])
@managing
@asks_factor
def organisation_change(number: int) -> Any:
    """Change name and mail domains."""
    found, form = _organisation(number), OrganisationForm()
    if not form.is_submitted():
        form.fill(OrganisationData.of(found))
    elif form.validate():
        try:
            seen = form.seen.data or ""
            organisations.change_organisation(
                db.session(), found, form.given(), seen=seen, by=guard.actor(), at=web.request_time()
            )
            return _to_organisation(number)
        except (Conflict, InvalidInput) as error:
            return _organisation_again(_faulty(form, error), found), error.status
    return _organisation_again(form, found), 422 if form.errors else 200


def _organisation_again(form: OrganisationForm, found: Organisation) -> str:
    """Show the form; beside it what is stored, when that is not what the form was filled from."""
    now = OrganisationData.of(found)
    stored = now if form.seen.data != now.mark else None
    form.seen.data = now.mark
    return _page("organisatie_invullen", form=form, organisation=found, stored=stored)


@blueprint.route("/organisaties/<int:number>/afsluiten", methods=["GET", "POST"])
@managing
@asks_factor
def organisation_disable(number: int) -> Any:
    """Ask, and then close an organisation off."""
    found, problem, status = _organisation(number), "", 200
    if request.method == "POST":
        try:
            organisations.disable_organisation(db.session(), name=found.name, by=guard.actor(), at=web.request_time())
            return _to_organisation(number)
        except InvalidInput as error:
            problem, status = str(error), error.status
    membership = _membership(found)
    members = [person.id for person in db.session().query(Person).filter_by(organisation_id=number)]
    problem = problem or objection(db.session(), members, guard.actor())
    return _page("afsluiten", organisation=found, membership=membership, person=None, problem=problem), status


@blueprint.route("/organisaties/<int:number>/toelaten", methods=["GET", "POST"])
@managing
@asks_factor
def organisation_enable(number: int) -> Any:
    """Ask, and then let an organisation in again."""
    found = _organisation(number)
    if request.method == "POST":
        organisations.enable_organisation(db.session(), found, by=guard.actor(), at=web.request_time())
        return _to_organisation(number)
    return _page("toelaten", organisation=found, person=None)


@blueprint.get("/personen")
@managing
def person_list() -> str:
    """The people with an account, with filters, sorted and in pages."""
    listing, asked = _people_asked(request.args)
    found = lists.find(db.session(), listing, asked)
    return _page("personen", listing=listing, asked=asked, found=found, roles=_roles())


def _people_asked(arguments: MultiDict[str, str]) -> tuple[lists.Listing[Person], lists.Asked]:
    listing = people_listing(all_organisations(db.session()), _roles())
    return listing, lists.asked_of(listing, arguments)


@blueprint.route("/personen/nieuw", methods=["GET", "POST"])
@managing
@asks_factor
def person_new() -> Any:
    """Add a person, and invite them when asked to."""
    form = NewPersonForm()
    form.offer(_roles())
    form.offer_organisations(all_organisations(db.session()))
    if not form.is_submitted():
        form.organisation.data = request.args.get("organisatie", "")
    elif form.validate() and all([_confirmed_address(form), _confirmed_groups(form, frozenset())]):  # ask both at once
        try:
            return _to_person(_add(form).id)
        except (Conflict, InvalidInput) as error:
            return _person_form(_faulty(form, error)), error.status
    return _person_form(form), 422 if form.errors else 200


def _add(form: NewPersonForm) -> Person:
    given, by, at = form.given(), guard.actor(), web.request_time()
    added = people.add_person(
        db.session(),
        address=form.address.data or "",
        organisation=_organisation(int(form.organisation.data)),
        name=given.name,
        roles=given.roles,
        groups=sorted(given.groups),
        is_contact=given.is_contact,
        by=by,
        at=at,
    )
    if form.invite.data and added.is_active:
        _invite(added)
    return added


@blueprint.get("/personen/<int:number>")
@managing
def person(number: int) -> str:
    """One person: how they stand to the door, their roles and rights, and what happened to their account."""
    return _person_page(_person(number))


@blueprint.route("/personen/<int:number>/wijzigen", methods=["GET", "POST"])
@managing
@asks_factor
def person_change(number: int) -> Any:
    """Change name, roles, rights and contact flag."""
    found, form = _person(number), PersonForm()
    form.offer(_roles(), kept=found.roles)
    if not form.is_submitted():
        form.fill(PersonData.of(found))
    elif form.validate() and _confirmed_groups(form, found.groups):
        try:
            seen = form.seen.data or ""
            people.change_person(
                db.session(), found, _given(form, found), seen=seen, by=guard.actor(), at=web.request_time()
            )
            return _to_person(number)
        except (Conflict, InvalidInput) as error:
            return _person_form(_faulty(form, error), found), error.status
    return _person_form(form, found), 422 if form.errors else 200


@blueprint.post("/personen/<int:number>/contactpersoon")
@managing
def person_contact(number: int) -> Any:
    """Make a person a contact person of their organisation, or no longer; back to the organisation."""
    found = _person(number)
    wanted = request.form.get("contact") == "ja"
    people.mark_contact(db.session(), found, wanted, by=guard.actor(), at=web.request_time())
    return _to_organisation(found.organisation_id)


@blueprint.post("/personen/<int:number>/uitnodigen")
@managing
def person_invite(number: int) -> Any:
    """Send a person a mail that tells how to come in."""
    found = _person(number)
    try:
        _invite(found)
    except (InvalidInput, TooMany) as error:
        return _person_page(found, problem=str(error)), error.status
    return _to_person(number)


@blueprint.route("/personen/<int:number>/afsluiten", methods=["GET", "POST"])
@managing
@asks_factor
def person_disable(number: int) -> Any:
    """Ask, and then close a person off."""
    found, problem, status = _person(number), "", 200
    if request.method == "POST":
        try:
            people.disable_person(db.session(), address=found.email, by=guard.actor(), at=web.request_time())
            return _to_person(number)
        except InvalidInput as error:
            problem, status = str(error), error.status
    problem = problem or objection(db.session(), [number], guard.actor())
    sessions = len(live_sessions(db.session(), number, web.request_time()))
    return _page("afsluiten", organisation=None, person=found, sessions=sessions, problem=problem), status


@blueprint.route("/personen/<int:number>/toelaten", methods=["GET", "POST"])
@managing
@asks_factor
def person_enable(number: int) -> Any:
    """Ask, and then let a person in again."""
    found = _person(number)
    if request.method == "POST":
        people.enable_person(db.session(), found, by=guard.actor(), at=web.request_time())
        return _to_person(number)
    return _page("toelaten", organisation=None, person=found)


@blueprint.route("/personen/<int:number>/tweede-stap", methods=["GET", "POST"])
@managing
@asks_factor
def person_reset_factor(number: int) -> Any:
    """Ask, and then take away the second factor of a person who lost theirs."""
    found, problem, status = _person(number), "", 200
    if request.method == "POST":
        try:
            reset_factor(db.session(), vault(), address=found.email, by=guard.actor(), at=web.request_time())
            return _to_person(number)
        except InvalidInput as error:
            problem, status = str(error), error.status
    problem = problem or (OWN_FACTOR if found.id == guard.person().id else "")
    return _page("tweede_stap", person=found, held=held(db.session(), number), problem=problem), status


def _page(name: str, **shown: Any) -> str:
    return render_template(f"admin/{name}.html", group_words=GROUPS, kind_words=KINDS, **shown)


def _person_page(found: Person, problem: str = "") -> str:
    roles = _roles()
    return _page(
        "persoon",
        person=found,
        roles=roles,
        problem=problem,
        held=held(db.session(), found.id),
        may_be_invited=people.may_be_invited(found, web.request_time()),
        happenings=happenings(db.session(), f"person:{found.id}", roles),
    )


def _person_form(form: PersonForm, found: Person | None = None) -> str:
    """Show the form; beside it what is stored, when that is not what the form was filled from."""
    stored = None
    if found is not None:
        now = PersonData.of(found)
        stored = now if form.seen.data != now.mark else None
        form.seen.data = now.mark
    return _page("persoon_invullen", form=form, person=found, stored=stored, roles=_roles())


def _given(form: PersonForm, found: Person) -> PersonData:
    """Return what was filled in. While the handbook is empty there are no roles to choose, so a person keeps theirs."""
    given = form.given()
    return given if _roles() else PersonData(given.name, found.roles, given.groups, given.is_contact)


def _faulty(form: Any, error: PortalError) -> Any:
    """Return the form with an error at the field it is about; what is about the whole form goes to the first field."""
    field = form[error.field] if error.field else form.name
    if not isinstance(error, Conflict) or error.field:
        field.errors = [str(error)]
    return form


def _confirmed_groups(form: PersonForm, held: frozenset[Group]) -> bool:
    """Whether rights beyond reading were given on purpose: a box was ticked for exactly these rights."""
    asked = ",".join(sorted((form.given().groups - held) & STAFF))
    return ticked(form.groups_confirmed, asked, "Bevestig dat deze persoon meer rechten krijgt.")


def _confirmed_address(form: NewPersonForm) -> bool:
    """Whether an address outside the mail domains of the organisation is right: a box was ticked for exactly this."""
    employer, address = _organisation(int(form.organisation.data)), form.address.data or ""
    asked = "" if people.is_at_home(address, employer) else f"{employer.id} {address}"
    return ticked(form.address_confirmed, asked, f"Bevestig dat {address} bij {employer.name} hoort.")


def ticked(field: StringField, asked: str, message: str) -> bool:
    """Whether a question was answered with yes, or needs no asking; else the field shows it with this message."""
    answered, field.data = not asked or field.data == asked, asked
    if not answered:
        field.errors = [message]
    return answered


def _invite(found: Person) -> None:
    seal = current_app.extensions["portal_seal"]
    people.invite(db.session(), seal, found, write=_write_invitation, by=guard.actor(), at=web.request_time())


def _write_invitation(found: Person) -> tuple[str, str]:
    address = f"{web.config().base_url}{url_for('access.sign_in')}"
    text = render_template("emails/uitnodiging.txt", person=found, address=address)
    return "Uitnodiging voor het handboek HMD/HOV", text


def _roles() -> Mapping[str, Role]:
    return roles_to_give(db.session(), web.request_time())


def _organisation(number: int) -> Organisation:
    found = db.session().get(Organisation, number) if number <= HIGHEST else None
    if found is None:
        raise NotFound
    return found


def _membership(found: Organisation) -> Membership:
    return next(row for row in memberships(db.session()) if row.organisation is found)


def _person(number: int) -> Person:
    found = db.session().get(Person, number) if number <= HIGHEST else None
    if found is None:
        raise NotFound
    return found


def _to_organisation(number: int) -> Any:
    return redirect(url_for("admin.organisation", number=number), code=303)


def _to_person(number: int) -> Any:
    return redirect(url_for("admin.person", number=number), code=303)
