"""The addresses of coming in by a provider: leaving for it, coming back, and what went wrong."""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Flask, current_app, make_response, redirect, render_template, request, url_for
from flask_login import current_user

from portal import db, web
from portal.access import guard
from portal.access.doors import Door, ask_again
from portal.access.models import Person, SignedInSession
from portal.access.permissions import Permission, allows, public, requires
from portal.access.sign_in import remembered
from portal.audit.models import Action
from portal.audit.operations import record
from portal.factors.asking import vault
from portal.lib.errors import NotFound
from portal.lib.tokens import new_code
from portal.sso import entering
from portal.sso.attempts import secrets_of, spend
from portal.sso.client import Exchange, Told, check_response
from portal.sso.discovery import Directory
from portal.sso.leaving import after_sign_out, bind, bound_browser, directory, leave, redirect_address
from portal.sso.models import Attempt, Provider, Purpose
from portal.sso.queries import (
    failed_too_often,
    identities_of_person,
    open_providers,
    provider_by_name,
    provider_of_session,
    providers_of_address,
    refusals_of,
)
from portal.sso.refusals import Again, Reason, Refused

blueprint = Blueprint("sso", __name__, url_prefix="/sso/<name>")
log = logging.getLogger("portal.sso")


def init_app(app: Flask) -> None:
    """Open the doors of the partners."""
    app.extensions["portal_sso"] = Directory(allow_private=app.config["PORTAL"].sso_allow_private)
    app.extensions["portal_doors"] = PartnerDoors()
    app.register_blueprint(blueprint)


class PartnerDoors:
    """The ways in by identity providers, as the pages of signing in ask for them."""

    def open_now(self) -> Sequence[Door]:
        """Return every way in that is open."""
        return [_door(provider) for provider in open_providers(db.session())]

    def of_address(self, address: str) -> Sequence[Door]:
        """Return the ways in of the mail domain of an address."""
        return [_door(provider) for provider in providers_of_address(db.session(), address)]

    def of_person(self, person: Person) -> Sequence[Door]:
        """Return the ways in of the organisation of a person, and which of them are linked."""
        mine = {identity.provider_id for identity in identities_of_person(db.session(), person.id)}
        theirs = [one for one in open_providers(db.session()) if one.organisation_id == person.organisation_id]
        return [_door(provider, is_linked=provider.id in mine) for provider in theirs]

    def of_session(self, signed_in: SignedInSession) -> Door | None:
        """Return the way in by which a session began."""
        provider = provider_of_session(db.session(), signed_in)
        return _door(provider, is_linked=True) if provider else None

    def way_out(self, signed_in: SignedInSession) -> str | None:
        """Return the page to show after signing out of a session that began at a provider."""
        provider = provider_of_session(db.session(), signed_in)
        return url_for("sso.signed_out", name=provider.name) if provider else None


def _door(provider: Provider, *, is_linked: bool = False) -> Door:
    return Door(provider.name, provider.organisation.name, is_linked)


class ProviderView(Protocol):
    """A view of one provider."""

    def __call__(self, provider: Provider) -> Any:
        """Answer a request."""


def _at_provider(view: ProviderView) -> Any:
    """Give a view its provider; a refusal becomes a page with a reference that the log knows."""

    @wraps(view)
    def wrapped(name: str) -> Any:
        with db.database().reading() as session:  # of its own: nothing stays open while a provider is asked
            provider = provider_by_name(session, name)
        if provider is None:
            raise NotFound
        try:
            return view(provider)
        except Refused as refused:
            return _refuse(provider, refused)

    return wrapped


def _refuse(provider: Provider, refused: Refused) -> Any:
    code = new_code()
    reference, by = f"{code[:4]}-{code[4:]}", guard.actor()
    told = {"reference": reference, "reason": refused.reason.name.lower(), "detail": refused.detail}
    log.warning("sso refused", extra={"provider": provider.name, **told})
    with db.own_transaction() as own:
        if not failed_too_often(own, by.address, web.request_time()):
            record(own, Action.SSO_REFUSED, by=by, subject=refusals_of(provider), at=web.request_time(), **told)
    if refused.reason.value.again is Again.OTHER:
        ask_again()
    page = render_template(
        "sso/niet_gelukt.html",
        page=refused.reason.value,
        who=provider.organisation.name,
        name=provider.name,
        again=refused.reason.value.again.name if provider.is_open else Again.NOT.name,
        reference=reference,
        detail=refused.detail,
    )
    return page, refused.status


@blueprint.get("/start")
@public
@_at_provider
def start(provider: Provider) -> Any:
    """Send a browser to the provider; a mere HEAD begins nothing."""
    _refuse_closed(provider)
    if request.method == "HEAD":
        return ""
    if request.host != urlsplit(web.config().base_url).netloc:  # they come back there, and need their cookie then
        return redirect(f"{web.config().base_url}{url_for('sso.start', name=provider.name)}", code=303)
    browser = bound_browser()
    target = remembered(db.session(), guard.browser(), web.request_time())
    address = leave(provider, Purpose.SIGN_IN, browser, target=target)
    return bind(make_response(redirect(address, code=303)), browser)


@blueprint.post("/koppelen")
@requires(Permission.SESSION_MANAGE_OWN)
@_at_provider
def link(provider: Provider) -> Any:
    """Begin to link one's own account; the page leads on, since a form may only lead within the portal (CSP)."""
    _refuse_closed(provider)
    browser, target = bound_browser(), url_for("access.sessions")
    address = leave(provider, Purpose.LINK, browser, target=target, person_id=guard.person().id)
    page = render_template("sso/verder.html", who=provider.organisation.name, address=address, purpose="link")
    return bind(make_response(page), browser)


@blueprint.get("/terug")
@public
@_at_provider
def back(provider: Provider) -> Any:
    """Take what the browser brought back; a mere HEAD takes nothing."""
    if request.method == "HEAD":
        return ""
    now = web.request_time()
    if failed_too_often(db.session(), guard.actor().address, now):
        raise Refused(Reason.TOO_MANY)
    if any(len(values) > 1 for _name, values in request.args.lists()):
        raise Refused(Reason.ANSWER, "response:twice")
    state = request.args.get("state", "")[:200]
    with db.own_transaction() as own:
        found = spend(own, provider, state=state, browser=bound_browser(), at=now)
    if isinstance(found, Reason):
        raise Refused(found, "state")
    if found.purpose != Purpose.TRY:
        _refuse_closed(provider)
    _refuse_other_session(found)
    return _arrived(provider, found, _told(provider, found, state, now))


def _told(provider: Provider, attempt: Attempt, state: str, now: datetime) -> Told:
    seal = current_app.extensions["portal_seal"]
    code = check_response(request.args, provider, directory().description(provider, now))
    secrets = secrets_of(seal, attempt, state)
    redirected = redirect_address(provider)
    return Exchange(provider, directory(), seal, redirected, secrets, attempt.created_at, now).told(code)


def _arrived(provider: Provider, attempt: Attempt, told: Told) -> Any:
    by, at = guard.actor(), web.request_time()
    if attempt.purpose == Purpose.TRY:
        return _tried(provider, told)
    try:
        with db.own_transaction() as own:
            if attempt.purpose == Purpose.LINK and attempt.person_id is not None:
                entering.link(own, vault(), provider.id, told.claims, attempt.person_id, by=by, at=at)
                return redirect(attempt.target or "/", code=303)
            done = entering.come_in(own, web.config(), provider.id, told, target=attempt.target or "/", by=by, at=at)
    except Refused as refused:
        _note_refusal(provider, told, refused.reason)
        raise
    return guard.enter(done.token, done.target)


def _note_refusal(provider: Provider, told: Told, reason: Reason) -> None:
    """Keep what must stay although nobody comes in."""
    by, at = guard.actor(), web.request_time()
    if reason is Reason.KNOWN_ADDRESS:
        with db.own_transaction() as own:
            entering.wait_for_link(own, provider.id, told.claims, at=at)
    elif reason is Reason.INCOMPLETE:
        with db.own_transaction() as own:
            entering.keep_nothing(own, provider.id, told.claims, by=by, at=at)


def _tried(provider: Provider, told: Told) -> str:
    """Show a beheerder what an answer holds and would give; nothing is kept."""
    claims = [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in sorted(told.claims.items())
    ]
    preview = entering.preview(db.session(), provider, told.claims)
    return render_template("sso/proef.html", provider=provider, claims=claims, preview=preview)


def _refuse_closed(provider: Provider) -> None:
    if provider.organisation.disabled_at is not None:
        raise Refused(Reason.CLOSED, "organisation")
    if provider.enabled_at is None:
        raise Refused(Reason.OFF)


def _refuse_other_session(attempt: Attempt) -> None:
    """Refuse an answer to what one signed-in person began, when another or nobody is signed in by now."""
    if attempt.purpose == Purpose.SIGN_IN:
        return
    mine = current_user.is_authenticated and current_user.person.id == attempt.person_id
    allowed = attempt.purpose == Purpose.LINK or (mine and allows(current_user.groups, Permission.ACCESS_MANAGE))
    if not (mine and allowed):
        raise Refused(Reason.OTHER_SESSION)


@blueprint.get("/afgemeld")
@public
@_at_provider
def signed_out(provider: Provider) -> Any:
    """Tell that one is signed out here, and lead to signing out at the provider (RP-initiated logout).

    It leads there by a link: after a form the browser may only be sent within the portal (CSP). No token is kept for
    it (ASVS V10.1.1), so the provider is told our name there. Whoever signs in again is asked for a password there.
    """
    ask_again()
    try:
        address = directory().description(provider, web.request_time()).end_session
    except Refused:
        address = None
    if address:
        told = {"client_id": provider.client_id, "post_logout_redirect_uri": after_sign_out()}
        address += ("&" if "?" in address else "?") + urlencode(told)
    return render_template("sso/afgemeld.html", who=provider.organisation.name, address=address)
