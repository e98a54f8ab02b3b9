"""Sending a browser to a provider, bound to that browser by a cookie of its own.

The cookie of the session cannot do this: it is written anew at sign-in and sign-out, in another tab perhaps.
"""

from flask import Response, current_app, request

from portal import db, web
from portal.access.doors import asks_again
from portal.lib.tokens import new_token
from portal.sso.attempts import begin
from portal.sso.client import authorization_address
from portal.sso.discovery import Directory
from portal.sso.models import Provider, Purpose

COOKIE_SECONDS = 24 * 60 * 60


def directory() -> Directory:
    """Return what this process knows of the providers."""
    found: Directory = current_app.extensions["portal_sso"]
    return found


def redirect_address(provider: Provider) -> str:
    """Return where a provider sends people back to; each has its own, against mix-ups (ASVS V10.2.2)."""
    return f"{web.config().base_url}/sso/{provider.name}/terug"


def after_sign_out() -> str:
    """Return where a provider may send people after signing out there; it is registered like the redirect address."""
    return f"{web.config().base_url}/aanmelden"


def leave(
    provider: Provider,
    purpose: Purpose,
    browser: str,
    *,
    target: str | None = None,
    person_id: int | None = None,
) -> str:
    """Begin an attempt and return the address to send the browser to; raises Refused when the provider is away."""
    description = directory().description(provider, web.request_time())
    with db.own_transaction() as own:
        secrets = begin(
            own,
            current_app.extensions["portal_seal"],
            provider,
            purpose=purpose,
            browser=browser,
            target=target,
            person_id=person_id,
            at=web.request_time(),
        )
    return authorization_address(provider, description, redirect_address(provider), secrets, ask_again=asks_again())


def bound_browser() -> str:
    """Return the random name by which this browser is bound to its attempts; a new one when it has none yet."""
    return request.cookies.get(_cookie_name(), "")[:100] or new_token()


def bind(response: Response, browser: str) -> Response:
    """Let a browser keep its name for the way back."""
    https = web.config().https
    response.set_cookie(
        _cookie_name(), browser, max_age=COOKIE_SECONDS, secure=https, httponly=True, samesite="Lax", path="/"
    )
    return response


def _cookie_name() -> str:
    return "__Host-sso" if web.config().https else "sso"
