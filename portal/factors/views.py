"""The pages of showing a second factor, and of signing in by a passkey alone."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for

from portal import db, web
from portal.access import guard
from portal.access.models import Person
from portal.access.permissions import Permission, before_factor, public, requires
from portal.access.sign_in import open_session, remembered
from portal.audit.models import Action
from portal.audit.operations import record
from portal.factors.asking import Kept, ask_page, own_address, party, vault
from portal.factors.forms import CodeForm
from portal.factors.models import Purpose
from portal.factors.operations import CODE, PASSKEY, claim_try, note_failure, note_shown, take_code
from portal.factors.passkeys import NOT_RIGHT, ask_to_show, challenge_used, read_answer, shown
from portal.factors.queries import held
from portal.lib.errors import InvalidInput, NotFound, TooMany

blueprint = Blueprint("factors", __name__)
managing_own = requires(Permission.FACTOR_MANAGE_OWN)


@blueprint.get("/aanmelden/tweede-stap")
@managing_own
@before_factor
def ask() -> Any:
    """Ask for the second factor; who has none yet chooses which to set up."""
    visitor = this_visitor()
    if not visitor.waiting:
        return redirect(url_for("handbook.home"), code=303)
    if held(db.session(), visitor.person.id).any:
        return ask_page(None)
    return render_template("factors/instellen.html")


@blueprint.post("/aanmelden/tweede-stap")
@managing_own
@before_factor
def take() -> Any:
    """Take a code or a passkey, and go on to where the person was going."""
    visitor, kept = this_visitor(), Kept.of_form()
    if kept is None and not visitor.waiting:
        return redirect(url_for("handbook.home"), code=303)
    form = CodeForm()
    typed, number, by = request.form.get("factor_passkey", ""), visitor.row.id, guard.actor()
    if not typed and not form.validate():
        return ask_page(kept, form), 422
    how, left = (PASSKEY, None) if typed else (CODE, None)
    try:
        if typed:
            _show_own_passkey(visitor.person, typed)
        else:
            left = _use_code(visitor, form.factor_code.data or "")
    except (InvalidInput, TooMany) as error:
        if isinstance(error, InvalidInput):
            with db.own_transaction() as own:
                note_failure(own, vault(), number, how, by=by, at=web.request_time())
        if not typed:
            form.factor_code.errors = [str(error)]
        return ask_page(kept, form, str(error) if typed else ""), error.status
    guard.carry(note_shown(db.session(), visitor.row, how, by=by, at=web.request_time()))
    onward = kept or Kept(_where_to(), sends=False, fields=())
    return onward.go_on() if left is None else render_template("factors/hersteld.html", kept=onward, left=left)


@blueprint.get("/aanmelden/tweede-stap/bestand")
@managing_own
def ready() -> str:
    """Tell that a file may be fetched now, with the link to it and the way back."""
    file, back = (own_address(request.args.get(name, "")) for name in ("bestand", "terug"))
    if not file:
        raise NotFound
    return render_template("factors/bestand.html", file=file, back=back)


def this_visitor() -> guard.SignedIn:
    """Return who has a session here, in full or half."""
    found = guard.visitor()
    if found is None:
        raise NotFound
    return found


def _use_code(visitor: guard.SignedIn, typed: str) -> int | None:
    number, now = visitor.row.id, web.request_time()
    with db.own_transaction() as own:
        claim_try(own, number, now)
    return take_code(db.session(), vault(), visitor.person, typed, now)


def _show_own_passkey(person: Person, typed: str) -> None:
    number = person.id
    if shown_by(typed).id != number:
        raise InvalidInput(NOT_RIGHT)


def shown_by(typed: str) -> Person:
    """Return who showed a passkey; raises InvalidInput. Its challenge is gone, whatever comes of it."""
    asking, browser, now = party(), guard.browser(), web.request_time()
    if asking is None:
        raise InvalidInput(NOT_RIGHT)
    answer = read_answer(typed)
    with db.own_transaction() as own:
        challenge = challenge_used(own, answer, Purpose.SHOW, browser=browser, at=now)
    _passkey, person = shown(db.session(), asking, answer, challenge=challenge, at=now)
    return person


def _where_to() -> str:
    return remembered(db.session(), guard.browser(), web.request_time()) or url_for("handbook.home")


@blueprint.post("/aanmelden/passkey/vraag")
@public
def question() -> Response:
    """Give the browser what a passkey must sign: of who has a session here one of theirs, of a stranger any."""
    asking, visitor = party(), guard.visitor()
    if asking is None:
        raise NotFound
    known = held(db.session(), visitor.person.id).passkeys if visitor else ()
    options = ask_to_show(db.session(), asking, known, browser=guard.browser(), at=web.request_time())
    return Response(options, mimetype="application/json")


@blueprint.post("/aanmelden/passkey")
@public
def sign_in() -> Any:
    """Come in by a passkey alone: it is a thing one has and a person it knows, so both factors at once."""
    session, by, now = db.session(), guard.actor(), web.request_time()
    try:
        found = shown_by(request.form.get("factor_passkey", ""))
    except InvalidInput:
        with db.own_transaction() as own:
            record(own, Action.SIGN_IN_FAILED, by=by, subject=PASSKEY, at=now)
        raise
    token = open_session(session, web.config(), found, link_id=None, by=by, at=now, factor_shown=True)
    return guard.enter(token, _where_to())
