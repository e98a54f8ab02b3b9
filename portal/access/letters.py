"""The mails of signing in."""

from flask import current_app, render_template

from portal import web
from portal.access.sign_in import Entrance, Letter


def entrance() -> Entrance:
    """Return what this installation brings to signing in."""
    return Entrance(web.config(), current_app.extensions["portal_seal"], _write_letter)


def _write_letter(letter: Letter) -> tuple[str, str]:
    name = "aanmelden" if letter.known else "geen_toegang"
    subject = "Aanmelden bij het handboek HMD/HOV" if letter.known else "Geen toegang tot het handboek HMD/HOV"
    return subject, render_template(f"emails/{name}.txt", letter=letter)
