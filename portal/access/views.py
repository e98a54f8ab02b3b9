"""The pages of coming in and going out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user

from portal import db, web
from portal.access import guard, keys
from portal.access.doors import Door, doors
from portal.access.forms import AddressForm, CodeForm, PlainForm
from portal.access.letters import entrance
from portal.access.permissions import Permission, before_factor, public, requires
from portal.access.queries import live_sessions, person_by_address
from portal.access.safeguards import sign_out_elsewhere
from portal.access.sign_in import (
    ask,
    end_session,
    note_wrong_code,
    open_session,
    remembered,
    use_code,
    use_link,
)
from portal.lib.errors import Gone, NotFound, TooMany

blueprint = Blueprint("access", __name__)


@dataclass(frozen=True)
class Guest:
    """Someone the demonstration offers to come in as."""

    key: str
    address: str
    label: str


def guests() -> Sequence[Guest]:
    """Return the people of the demonstration; nobody elsewhere."""
    found: Sequence[Guest] = current_app.extensions["portal_guests"]
    return found


@blueprint.get("/aanmelden")
@public
def sign_in() -> Any:
    """Ask for an address; after that for the code."""
    if current_user.is_authenticated:
        return redirect(url_for("handbook.home"), code=303)
    asked = cookie.get("asked", False)
    return _sign_in_page(AddressForm(formdata=None), CodeForm(formdata=None), asked=bool(asked))


@blueprint.post("/aanmelden")
@public
def sign_in_post() -> Any:
    """Take an address, a code, or in the demonstration a choice of person."""
    step = request.form.get("stap")
    if step == "code":
        return _take_code()
    if step == "demonstratie" and web.config().demonstration:
        return _take_guest(request.form.get("persoon", ""))
    if step == "opnieuw":
        cookie.pop("asked", None)
        return redirect(url_for("access.sign_in"), code=303)
    return _take_address()


def _take_address() -> Any:
    form = AddressForm()
    if not form.validate():
        return _sign_in_page(form, CodeForm(formdata=None), asked=False), 422
    address = form.address.data or ""
    if request.form.get("stap") != "mail" and (found := doors().of_address(address)):
        return _sign_in_page(form, CodeForm(formdata=None), asked=False, found=found)
    ask(
        db.session(),
        entrance(),
        address=address,
        browser=guard.browser(),
        by=guard.actor(),
        at=web.request_time(),
    )
    cookie["asked"] = True
    return redirect(url_for("access.sign_in"), code=303)


def _take_code() -> Any:
    form = CodeForm()
    if not form.validate():
        return _sign_in_page(AddressForm(formdata=None), form, asked=True), 422
    browser, now = guard.browser(), web.request_time()
    for kind in keys.kinds():
        kind.before_code(form.code.data or "")
    try:
        done = use_code(
            db.session(), web.config(), typed=form.code.data or "", browser=browser, by=guard.actor(), at=now
        )
    except (Gone, TooMany) as error:
        if isinstance(error, Gone):
            with db.own_transaction() as own:
                note_wrong_code(own, browser=browser, by=guard.actor(), at=now)
        form.code.errors = [str(error)]
        return _sign_in_page(AddressForm(formdata=None), form, asked=True), error.status
    return guard.enter(done.token, done.target)


def _take_guest(key: str) -> Any:
    chosen = next((guest for guest in guests() if guest.key == key), None)
    person = person_by_address(db.session(), chosen.address) if chosen else None
    if person is None:
        raise NotFound
    now = web.request_time()
    target = remembered(db.session(), guard.browser(), now) or "/"
    token = open_session(db.session(), web.config(), person, link_id=None, by=guard.actor(), at=now)
    return guard.enter(token, target)


@blueprint.get("/toegang/<token>")
@public
def link(token: str) -> Any:
    """Show a button and do nothing else: mail filters follow links too."""
    for kind in keys.kinds():
        if (page := kind.show(token)) is not None:
            return page
    return render_template("access/toegang.html", form=PlainForm(formdata=None))


@blueprint.post("/toegang/<token>")
@public
def use(token: str) -> Any:
    """Come in by a link, or do what another kind of key does."""
    for kind in keys.kinds():
        if (answer := kind.use(token)) is not None:
            return answer
    done = use_link(
        db.session(), web.config(), token=token, browser=guard.browser(), by=guard.actor(), at=web.request_time()
    )
    return guard.enter(done.token, done.target)


@blueprint.post("/afmelden")
@requires(Permission.SESSION_MANAGE_OWN)
@before_factor
def sign_out() -> Any:
    """End this session, on the server and in the browser."""
    row = current_user.row
    target = doors().way_out(row) or url_for("access.sign_in")
    end_session(db.session(), number=row.id, person_id=row.person_id, by=guard.actor(), at=web.request_time())
    cookie.clear()
    return redirect(target, code=303)


@blueprint.get("/mijn-sessies")
@requires(Permission.SESSION_MANAGE_OWN)
def sessions() -> str:
    """The browsers in which this person is signed in."""
    rows = live_sessions(db.session(), guard.person().id, web.request_time())
    return render_template(
        "access/sessies.html",
        sessions=rows,
        current=current_user.row.id,
        form=PlainForm(),
        doors=doors().of_person(guard.person()),
    )


@blueprint.post("/mijn-sessies/<int:number>/beeindigen")
@requires(Permission.SESSION_MANAGE_OWN)
def end(number: int) -> Any:
    """End one of one's own sessions."""
    if not end_session(
        db.session(), number=number, person_id=guard.person().id, by=guard.actor(), at=web.request_time()
    ):
        raise NotFound
    return redirect(url_for("access.sessions"), code=303)


@blueprint.post("/mijn-sessies/andere-beeindigen")
@requires(Permission.SESSION_MANAGE_OWN)
def end_others() -> Any:
    """End all of one's own sessions but the one in this browser."""
    sign_out_elsewhere(db.session(), current_user.row, by=guard.actor(), at=web.request_time())
    return redirect(url_for("access.sessions"), code=303)


def _sign_in_page(address: AddressForm, code: CodeForm, *, asked: bool, found: Sequence[Door] = ()) -> str:
    """Show the page; ``found`` are the ways in of the mail domain of the address that was typed."""
    every = () if asked or found else doors().open_now()
    return render_template(
        "access/aanmelden.html", address=address, code=code, asked=asked, guests=guests(), found=found, doors=every
    )
