"""The door: every request passes here first, and what is not opened on purpose stays shut."""

import secrets
from typing import Any

from flask import Flask, current_app, redirect, request, url_for
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import select

from portal import db, web
from portal.access import resending
from portal.access.models import Person, SignedInSession
from portal.access.permissions import Permission, allows, is_before_factor, is_public, permission_of, uploads_of
from portal.access.queries import still_works
from portal.access.sign_in import SEEN_EVERY, end_session, remember, seen
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.lib.errors import Forbidden, NotSignedIn
from portal.lib.tokens import token_hash

MEGABYTE = 1024 * 1024
MOST_PARTS = 10_000
"""Fields in a form with files: a table in a page has one for each cell."""


class SignedIn(UserMixin):
    """The person behind this request, as flask-login knows them: by the secret of their session."""

    def __init__(self, token: str, row: SignedInSession) -> None:
        """Join the secret of the cookie with the row it opens; the groups are read now, error pages ask them too."""
        self._token, self.row, self.groups = token, row, row.person.groups
        self.waiting = web.config().second_factor and row.person.is_staff and row.factor_at is None

    def get_id(self) -> str:
        """Return what the cookie holds."""
        return self._token

    @property
    def person(self) -> Person:
        """The person."""
        return self.row.person

    @property
    def is_authenticated(self) -> bool:
        """Whether this person is in; who still has to show their second factor is as much a stranger as anybody."""
        return not self.waiting


def init_app(app: Flask) -> None:
    """Put the door in front of every view."""
    https = web_https(app)
    app.config.update(
        SESSION_COOKIE_NAME="__Host-sessie" if https else "sessie",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,  # static files are cached and must carry no cookie
        PERMANENT_SESSION_LIFETIME=app.config["PORTAL"].reader_session.total,
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session it belongs to
        WTF_CSRF_SSL_STRICT=False,  # pages under /toegang/ send no referrer, and the token itself is the check
    )
    login = LoginManager(app)
    login.session_protection = None  # sessions are rows of our own; an address or agent may change
    login.user_loader(_load)
    app.before_request(_guard)
    app.jinja_env.globals.update(mag=may, bezoeker=visitor)
    CSRFProtect(app)
    app.register_error_handler(CSRFError, resending.token_does_not_fit)


def web_https(app: Flask) -> bool:
    """Whether this installation is reached over https."""
    return bool(app.config["PORTAL"].https)


def person() -> Person:
    """Return the person behind this request; raises NotSignedIn when there is none."""
    if not current_user.is_authenticated:
        raise NotSignedIn
    found: Person = current_user.person
    return found


def visitor() -> SignedIn | None:
    """Return who has a session here, also when they still have to show their second factor; None for a stranger."""
    found = current_user._get_current_object()
    return found if isinstance(found, SignedIn) else None


def enter(token: str, target: str) -> Any:
    """Give the browser its session under a new cookie and send it where the person was going.

    The session it had until now ends: nobody would know of it any more (ASVS V7.2.4).
    """
    if before := visitor():
        row = before.row
        with db.side_note() as note:  # coming back from an identity provider is a GET
            end_session(note, number=row.id, person_id=row.person_id, by=actor(), at=web.request_time())
    name = browser()
    cookie.clear()
    cookie["browser"], cookie.permanent = name, True
    carry(token)
    return redirect(target, code=303)


def carry(token: str) -> None:
    """Let this browser go on under this secret of a session."""
    row = db.session().scalars(select(SignedInSession).where(SignedInSession.token_hash == token_hash(token))).one()
    login_user(SignedIn(token, row))


def may(permission: Permission) -> bool:
    """Whether the person behind this request, if any, holds a permission."""
    return current_user.is_authenticated and allows(current_user.groups, Permission(permission))


def actor() -> Actor:
    """Return who does this, and from where, for the log."""
    found = visitor()
    return Actor(found.person.id if found else None, request.remote_addr or "", request.user_agent.string)


def browser() -> str:
    """Return the random name of this browser, kept in its cookie; made at first use."""
    if "browser" not in cookie:
        cookie["browser"] = secrets.token_urlsafe(32)
        cookie.permanent = True
    name: str = cookie["browser"]
    return name


def _load(token: str) -> SignedIn | None:
    now = web.request_time()
    row = (
        db.session()
        .scalars(select(SignedInSession).where(SignedInSession.token_hash == token_hash(token), *still_works(now)))
        .first()
    )
    if row is None or not row.person.is_active:
        return None
    if now - row.last_seen_at >= SEEN_EVERY:
        with db.passing_note() as note:
            seen(note, web.config(), row, now)
    return SignedIn(token, row)


def _guard() -> Any:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and (request.endpoint == "static" or is_public(view)):
        web.refuse_nul_in_form()
        return None
    if not current_user.is_authenticated and not (visitor() and view is not None and is_before_factor(view)):
        return _to_sign_in()
    if view is not None and not allows(current_user.groups, permission_of(view)):
        refuse()
    if view is not None and (files := uploads_of(view)):
        request.max_content_length = files * web.config().max_upload + MEGABYTE
        request.max_form_parts = MOST_PARTS
    web.refuse_nul_in_form()
    return None


def _to_sign_in() -> Any:
    """Send a reader to sign in, or to show their second factor, and remember where they were going.

    Anything but reading is refused. Whoever was signed in when they began a form gets it back with the refusal, files
    excepted.
    """
    if request.method not in ("GET", "HEAD"):
        request.max_form_parts = MOST_PARTS
        if late := resending.sent():
            return resending.page(late, NotSignedIn.status)
        raise NotSignedIn
    if request.endpoint is not None and request.method == "GET":
        target = request.full_path.rstrip("?")
        with db.passing_note() as note:
            remember(note, browser=browser(), target=target, at=web.request_time())
    return redirect(url_for("factors.ask" if visitor() else "access.sign_in"), code=303)


def refuse(message: str = "") -> None:
    """Log a refusal in a transaction of its own and raise Forbidden."""
    who = actor()
    with db.own_transaction() as own:
        rule = request.url_rule.rule if request.url_rule else ""
        record(own, Action.ACCESS_REFUSED, by=who, subject=rule[:80], at=web.request_time())
    raise Forbidden(message)
