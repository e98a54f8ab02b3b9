"""An organisation joins: what it needs, on paper or by mail. One leaves: all it had ends, and is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, request
from sqlalchemy import select

from portal import db, web
from portal.access import guard
from portal.access.leaving import leave, live_access
from portal.access.models import DEFAULT_ROLE, Organisation, OrganisationKind, Person
from portal.access.permissions import asks_factor
from portal.access.safeguards import objection
from portal.admin.views import blueprint, managing
from portal.documents.models import Document
from portal.documents.queries import documents
from portal.flow.models import flow_of
from portal.handbook.cards import documents_for
from portal.lib.errors import InvalidInput, NotFound
from portal.links.invitations import make_invitation
from portal.lists import HIGHEST
from portal.notifications.operations import queue
from portal.releases.models import ItemKind
from portal.releases.queries import single_in_force
from portal.releases.view import View

MOST_TO_READ = 12
SUBJECT = "Aan de slag met het handboek HMD/HOV"


@dataclass(frozen=True)
class Kit:
    """What an organisation needs to begin: whom to turn to, and what to read first, the most used first."""

    organisation: Organisation
    contacts: Sequence[Person]
    reading: Sequence[Document]
    roles: Sequence[str]


@blueprint.route("/organisaties/<int:number>/startpakket", methods=["GET", "POST"])
@managing
@asks_factor
def join_kit(number: int) -> Any:
    """What an organisation needs to begin. Its link is made when it is printed or mailed, and shown this once."""
    kit, problem, url, mailed = _kit(_organisation(number)), "", "", 0
    by_mail = request.form.get("hoe") == "mail"
    if request.method == "POST":
        try:
            if by_mail and not kit.contacts:
                raise InvalidInput("Deze organisatie heeft geen contactpersoon. Maak eerst iemand contactpersoon.")
            url = make_invitation(db.session(), web.config(), kit.organisation, by=guard.actor(), at=web.request_time())
            mailed = _mail(kit, url) if by_mail else 0
        except InvalidInput as error:
            problem = str(error)
    shown = "" if by_mail else url
    page = render_template("admin/startpakket.html", kit=kit, url=shown, mailed=mailed, problem=problem)
    return page, 422 if problem else 200


def _kit(organisation: Organisation) -> Kit:
    """Compose the kit; it holds what both this organisation and the beheerder may know of."""
    session, now = db.session(), web.request_time()
    members = select(Person).where(Person.organisation_id == organisation.id, Person.disabled_at.is_(None))
    people = session.scalars(members.order_by(Person.name, Person.email)).unique().all()
    roles = tuple(dict.fromkeys([DEFAULT_ROLE[OrganisationKind(organisation.kind)], *_roles(people)]))
    regio = organisation.kind == OrganisationKind.REGIO and View.of(guard.person(), now).sees_regio
    anyone = View.of_anyone(now)
    view = View(on=anyone.on, known=now, sees_regio=regio, roles=roles)
    version = single_in_force(session, view, ItemKind.FLOW)
    flow = flow_of(version) if version else None
    reading = documents_for(flow, view, documents(session, view), MOST_TO_READ) if flow else ()
    titles = [flow.roles[role].title for role in roles if role in flow.roles] if flow else []
    return Kit(organisation, [person for person in people if person.is_contact], reading, titles)


def _roles(people: Sequence[Person]) -> list[str]:
    return [role for person in people for role in person.roles]


def _mail(kit: Kit, url: str) -> int:
    seal, at = current_app.extensions["portal_seal"], web.request_time()
    for person in kit.contacts:
        text = render_template("emails/startpakket.txt", kit=kit, url=url, person=person)
        queue(db.session(), seal, address=person.email, subject=SUBJECT, text=text, at=at)
    return len(kit.contacts)


@blueprint.route("/organisaties/<int:number>/vertrekt", methods=["GET", "POST"])
@managing
@asks_factor
def leave_kit(number: int) -> Any:
    """Ask, and then end all that an organisation had here; say what ended."""
    organisation, problem, status = _organisation(number), "", 200
    session, by, at = db.session(), guard.actor(), web.request_time()
    if request.method == "POST":
        try:
            ended = leave(session, organisation, by=by, at=at)
            return render_template("admin/vertrokken.html", organisation=organisation, ended=ended)
        except InvalidInput as error:
            problem, status = str(error), error.status
    members = list(session.scalars(select(Person.id).where(Person.organisation_id == number)))
    problem = problem or objection(session, members, by)
    sessions, _links = live_access(session, number, at)
    page = render_template(
        "admin/vertrekt.html", organisation=organisation, members=len(members), sessions=sessions, problem=problem
    )
    return page, status


def _organisation(number: int) -> Organisation:
    found = db.session().get(Organisation, min(number, HIGHEST))
    if found is None:
        raise NotFound
    return found
