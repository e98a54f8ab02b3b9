"""Mijn aanmelding: what a person has as a second factor, adding to it, and removing from it."""

from typing import Any

import segno
from flask import Response, redirect, render_template, request, url_for
from markupsafe import Markup

from portal import db, web
from portal.access import guard
from portal.access.models import Person
from portal.access.permissions import asks_factor, before_factor
from portal.access.queries import live_sessions
from portal.access.safeguards import sign_out_elsewhere
from portal.access.sign_in import remembered
from portal.factors import totp
from portal.factors.asking import party, vault
from portal.factors.forms import CodeForm, NameForm, PlainForm
from portal.factors.models import Purpose
from portal.factors.operations import (
    A_PASSKEY,
    PASSKEY,
    are_codes_of,
    begin_app,
    finish_app,
    new_app_secret,
    new_codes,
    note_added,
    note_shown,
    remove_app,
    remove_passkey,
)
from portal.factors.passkeys import ISSUER, NOT_RIGHT, ask_to_make, challenge_used, handle_of, keep
from portal.factors.passkeys import read_answer as read
from portal.factors.queries import held
from portal.factors.views import blueprint, managing_own, this_visitor
from portal.lib.errors import Conflict, Gone, InvalidInput, NotFound

HIGHEST = 2**31 - 1
"""The highest number a row can have; no database can be asked for a higher one."""


@blueprint.get("/mijn-aanmelding")
@managing_own
def overview() -> str:
    """What this person has, and the way to add and remove."""
    return render_template(
        "factors/overzicht.html",
        held=held(db.session(), guard.person().id),
        others=_elsewhere(guard.person()),
        form=PlainForm(formdata=None),
    )


def _elsewhere(person: Person) -> int:
    """Return in how many other browsers a person is signed in."""
    return len(live_sessions(db.session(), person.id, web.request_time())) - 1


@blueprint.get("/mijn-aanmelding/passkey")
@managing_own
@before_factor
@asks_factor
def passkey_new() -> Any:
    """Ask for a name, and let the browser make a passkey."""
    return _passkey_page(NameForm(formdata=None))


def _passkey_page(form: NameForm, problem: str = "") -> str:
    return render_template("factors/passkey.html", form=form, problem=problem)


@blueprint.post("/mijn-aanmelding/passkey/vraag")
@managing_own
@before_factor
@asks_factor
def passkey_question() -> Response:
    """Give the browser what it needs to make a passkey."""
    asking, person = party(), this_visitor().person
    if asking is None:
        raise NotFound
    known = held(db.session(), person.id).passkeys
    handle = handle_of(web.config(), person, known)
    options = ask_to_make(db.session(), asking, person, handle, known, browser=guard.browser(), at=web.request_time())
    return Response(options, mimetype="application/json")


@blueprint.post("/mijn-aanmelding/passkey")
@managing_own
@before_factor
@asks_factor
def passkey_take() -> Any:
    """Keep the passkey that the browser made."""
    form = NameForm()
    if not form.validate():
        return _passkey_page(form), 422
    try:
        return _keep_passkey(request.form.get("factor_passkey", ""), form.factor_name.data or "")
    except (InvalidInput, Conflict) as error:
        return _passkey_page(form, str(error)), error.status


def _keep_passkey(typed: str, name: str) -> Any:
    asking, browser, now = party(), guard.browser(), web.request_time()
    if asking is None:
        raise InvalidInput(NOT_RIGHT)
    answer = read(typed)
    with db.own_transaction() as own:
        challenge = challenge_used(own, answer, Purpose.MAKE, browser=browser, at=now)
    session, person = db.session(), this_visitor().person
    before = held(session, person.id)
    handle = handle_of(web.config(), person, before.passkeys)
    keep(session, asking, person, answer, challenge=challenge, handle=handle, name=name, at=now)
    note_added(session, vault(), person, PASSKEY, A_PASSKEY, by=guard.actor(), at=now)
    return _added(PASSKEY, first=not before.any)


@blueprint.route("/mijn-aanmelding/passkey/<int:number>/weghalen", methods=["GET", "POST"])
@managing_own
@asks_factor
def passkey_remove(number: int) -> Any:
    """Ask, and then remove a passkey."""
    person = guard.person()
    mine = held(db.session(), person.id)
    found = next((one for one in mine.passkeys if one.id == number), None)
    if found is None:
        raise NotFound
    problem, status = "", 200
    if request.method == "POST":
        try:
            remove_passkey(db.session(), vault(), person, number, by=guard.actor(), at=web.request_time())
            return redirect(url_for("factors.overview"), code=303)
        except InvalidInput as error:
            problem, status = str(error), error.status
    return render_template("factors/weghalen.html", passkey=found, problem=problem, held=mine), status


@blueprint.post("/mijn-aanmelding/app")
@managing_own
@before_factor
@asks_factor
def app_begin() -> Any:
    """Begin setting up an app."""
    begin_app(db.session(), vault(), this_visitor().person)
    return redirect(url_for("factors.app_new"), code=303)


@blueprint.get("/mijn-aanmelding/app")
@managing_own
@before_factor
@asks_factor
def app_new() -> Any:
    """Show the QR code of the app that is being set up, and ask for a first code."""
    return _app_page(CodeForm(formdata=None))


def _app_page(form: CodeForm) -> Any:
    visitor = this_visitor()
    secret = new_app_secret(db.session(), vault(), visitor.person)
    if secret is None:
        return redirect(url_for("factors.ask" if visitor.waiting else "factors.overview"), code=303)
    address = totp.address_of(secret, issuer=ISSUER, account=visitor.person.email)
    drawing = segno.make(address, error="m", micro=False)
    return render_template(
        "factors/app.html",
        form=form,
        # the library draws it of numbers alone
        drawing=Markup(drawing.svg_inline(dark="#000", light="#fff", lineclass=None, svgclass="qr", omitsize=True)),  # noqa: S704
        secret=totp.in_groups(secret),
    )


@blueprint.post("/mijn-aanmelding/app/bevestigen")
@managing_own
@before_factor
@asks_factor
def app_confirm() -> Any:
    """Let the app count when a code of it is right."""
    form, person = CodeForm(), this_visitor().person
    if not form.validate():
        return _app_page(form), 422
    before = held(db.session(), person.id)
    try:
        typed = form.factor_code.data or ""
        finish_app(db.session(), vault(), person, typed, by=guard.actor(), at=web.request_time())
    except InvalidInput as error:
        form.factor_code.errors = [str(error)]
        return _app_page(form), error.status
    return _added("app", first=not before.any)


@blueprint.route("/mijn-aanmelding/app/weghalen", methods=["GET", "POST"])
@managing_own
@asks_factor
def app_remove() -> Any:
    """Ask, and then remove the app."""
    person, problem, status = guard.person(), "", 200
    mine = held(db.session(), person.id)
    if mine.app is None:
        raise NotFound
    if request.method == "POST":
        try:
            remove_app(db.session(), vault(), person, by=guard.actor(), at=web.request_time())
            return redirect(url_for("factors.overview"), code=303)
        except InvalidInput as error:
            problem, status = str(error), error.status
    return render_template("factors/weghalen.html", passkey=None, problem=problem, held=mine), status


def _added(how: str, *, first: bool) -> Any:
    """Go on after a factor was added: it was shown by that. With their first one, staff get recovery codes."""
    visitor, session, by, now = this_visitor(), db.session(), guard.actor(), web.request_time()
    was_waiting = visitor.waiting
    codes = new_codes(session, vault(), visitor.person, by=by, at=now) if first and visitor.person.is_staff else ()
    guard.carry(note_shown(session, visitor.row, how, by=by, at=now))
    if codes:
        return _codes_page(codes, begins=was_waiting)
    return redirect(url_for("factors.overview"), code=303)


@blueprint.post("/mijn-aanmelding/codes")
@managing_own
@asks_factor
def codes_new() -> Any:
    """Make new recovery codes and show them once."""
    person = guard.person()
    if not held(db.session(), person.id).any:
        raise NotFound
    codes = new_codes(db.session(), vault(), person, by=guard.actor(), at=web.request_time())
    return _codes_page(codes, begins=False)


def _codes_page(codes: tuple[str, ...], *, begins: bool, problem: str = "") -> str:
    others = _elsewhere(this_visitor().person)
    return render_template(
        "factors/codes.html", codes=codes, begins=begins, problem=problem, others=others, form=PlainForm()
    )


@blueprint.post("/mijn-aanmelding/codes/bewaard")
@managing_own
def codes_kept() -> Any:
    """Go on once the person says that the codes are kept. The page that asks is all that knows them."""
    codes, begins = tuple(request.form.getlist("codes"))[:20], request.form.get("begint") == "ja"
    if request.form.get("bewaard") != "ja":
        if not are_codes_of(db.session(), vault(), guard.person(), codes):
            raise Gone("Deze herstelcodes werken niet meer. Maak nieuwe bij Mijn aanmelding.")
        return _codes_page(codes, begins=begins, problem="Zet eerst een vinkje als u de codes hebt bewaard."), 422
    if request.form.get("andere") == "ja":
        sign_out_elsewhere(db.session(), this_visitor().row, by=guard.actor(), at=web.request_time())
    here = url_for("factors.overview")
    onward = remembered(db.session(), guard.browser(), web.request_time()) or url_for("handbook.home")
    return redirect(onward if begins else here, code=303)
