"""A form that came too late: what was typed is given back, to be sent again by whoever typed it.

A session ends while somebody writes, and a form belongs to the session it was made in. So that nothing is lost, the
answer is a page that holds everything that was sent. It does nothing by itself: it says what it holds, and waits for a
press. What another site sent is not given back: nobody typed that here.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from portal import web
from portal.access.permissions import is_public

TOKEN = "csrf_token"  # noqa: S105 # the name of a field, no secret


@dataclass(frozen=True)
class Sent:
    """What a form brought, in its own order, and where it goes."""

    address: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    """Names of files; a browser does not let a page choose them again."""
    with_files: bool
    """Whether the form was one that can hold files."""


def sent() -> Sent | None:
    """Return what this request brought; None when nobody typed it in a form of ours, or nothing was typed.

    Raises RequestEntityTooLarge when it is more than this request may bring.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "POST" or view is None or is_public(view) or not _from_here():
        return None
    web.refuse_nul_in_form()
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if name != TOKEN)
    files = tuple(one.filename for _name, one in request.files.items(multi=True) if one.filename)
    if not fields and not files:
        return None
    with_files = request.mimetype == "multipart/form-data"
    return Sent(request.full_path.rstrip("?"), fields, files, with_files)


def _from_here() -> bool:
    """Tell whether a page of this installation sent this; every browser of today says where a form came from."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def page(found: Sent, status: int) -> tuple[str, int]:
    """Return the page that holds a form: signed out with the way to sign in, else with a token of this session."""
    return render_template("errors/opnieuw.html", sent=found), status


def token_does_not_fit(error: CSRFError) -> tuple[str, int] | Response:
    """Answer a form whose token is of another session, or of none: with the form itself where it may be sent again."""
    found = sent() if current_user.is_authenticated else None
    if found is None:
        answer: Response = current_app.make_response(web.error_page(400, *web.ERROR_TEXTS[400]))
        return answer
    return page(found, 400)
