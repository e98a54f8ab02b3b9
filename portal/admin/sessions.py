"""Everybody who is signed in now, and ending that: one browser, a person, an organisation."""

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import select

from portal import db, lists, web
from portal.access import guard
from portal.access.models import Organisation, Person, SignedInSession
from portal.access.safeguards import sign_out_all
from portal.access.sign_in import end_session
from portal.admin.taking import session_list
from portal.admin.views import blueprint, managing
from portal.lib.errors import NotFound
from portal.lists import HIGHEST


@blueprint.get("/sessies")
@managing
def sessions() -> str:
    """The live sessions."""
    listing = session_list()
    asked = lists.asked_of(listing, request.args)
    found = lists.find(db.session(), listing, asked)
    chosen = asked.chosen.get("organisatie")
    organisation = db.session().get(Organisation, min(int(chosen), HIGHEST)) if chosen else None
    return render_template("admin/sessies.html", listing=listing, asked=asked, found=found, organisation=organisation)


@blueprint.post("/sessies/<int:number>/beeindigen")
@managing
def session_end(number: int) -> Any:
    """End one session."""
    row = db.session().get(SignedInSession, min(number, HIGHEST))
    if row is None:
        raise NotFound
    by, at = guard.actor(), web.request_time()
    end_session(db.session(), number=number, person_id=row.person_id, by=by, at=at)
    return redirect(url_for("admin.sessions"), code=303)


@blueprint.post("/sessies/<any(persoon, organisatie):whose>/<int:number>/beeindigen")
@managing
def sessions_end(whose: str, number: int) -> Any:
    """End all sessions of a person or of everybody of an organisation; waiting sign-in links stop too."""
    column, what = (Person.id, "person") if whose == "persoon" else (Person.organisation_id, "organisation")
    people = list(db.session().scalars(select(Person.id).where(column == min(number, HIGHEST))))
    if not people:
        raise NotFound
    sign_out_all(db.session(), people, subject=f"{what}:{number}", by=guard.actor(), at=web.request_time())
    return redirect(url_for("admin.sessions"), code=303)
