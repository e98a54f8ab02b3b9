"""What an organisation link and a share link open, and the pages of a shared document.

A key opens nothing by itself: GET and HEAD show who sent it and a button. The pages of a shared document stand on
addresses of their own, without the key, and belong to the browser in which the button was pressed.
"""

from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, url_for
from flask import session as cookie
from flask_wtf import FlaskForm

from portal import db, web
from portal.access import guard, keys
from portal.access.letters import entrance
from portal.access.models import Person, SignInLink
from portal.access.permissions import public
from portal.access.sign_in import CODE_TRIES
from portal.documents.models import document_of
from portal.documents.page_html import page_html
from portal.documents.pages import parse
from portal.documents.reading import file_preview
from portal.handbook.frame import give_copy
from portal.lib.errors import Gone, InvalidInput, PortalError
from portal.lib.tokens import keyed_hash, tidy_code, token_hash
from portal.links.forms import MailboxForm
from portal.links.invitations import IS_OVER, admit, ask_by_invitation, invitation_by_token, works
from portal.links.models import OrganisationLink, ShareLink
from portal.links.shares import NOT_OPEN_HERE, Shared, open_share, opened, share_by_token, what_is_shared
from portal.publishing.content import ACCORD_STATUS

blueprint = Blueprint("links", __name__)
COOKIE_KEY = "gedeeld"
MOST_OPEN = 10
"""Shared documents that one browser has open; a cookie holds a secret for each."""


class LinkKeys:
    """The keys of organisation links and share links."""

    def show(self, token: str) -> Any:
        """Return the page that says who sent this link, for what, and until when; None for another kind of key."""
        if share := share_by_token(db.session(), token):
            return _share_page(share)
        if invitation := invitation_by_token(db.session(), token):
            if not works(invitation, web.request_time()):
                raise Gone(IS_OVER)
            return _invitation_page(invitation, MailboxForm(formdata=None))
        return None

    def use(self, token: str) -> Any:
        """Open a share link, or send the mail of an invitation; a sign-in link that proves a mailbox goes on."""
        if share_by_token(db.session(), token):
            return _open(token)
        if invitation := invitation_by_token(db.session(), token):
            return _take_address(invitation)
        _admit(SignInLink.token_hash == token_hash(token))
        return None

    def before_code(self, typed: str) -> None:
        """Make the account of whoever proves a mailbox by typing the code of the mail."""
        browser = token_hash(guard.browser())
        code = keyed_hash(web.config().secret_key, "code", browser, tidy_code(typed))
        in_time = SignInLink.code_tries < CODE_TRIES
        _admit((SignInLink.browser_hash == browser) & (SignInLink.code_hash == code) & in_time)


def init_app(app: Flask) -> None:
    """Let the application know these keys and pages."""
    keys.add(app, LinkKeys())
    app.register_blueprint(blueprint)


def _admit(which: Any) -> None:
    seal = current_app.extensions["portal_seal"]
    admit(db.session(), seal, which, by=guard.actor(), at=web.request_time())


def _invitation_page(invitation: OrganisationLink, form: MailboxForm) -> str:
    return render_template("links/uitnodiging.html", invitation=invitation, form=form, sender=_sender(invitation.maker))


def _take_address(invitation: OrganisationLink) -> Any:
    form = MailboxForm()
    if not works(invitation, web.request_time()):
        raise Gone(IS_OVER)
    if not form.validate():
        return _invitation_page(invitation, form), 422
    try:
        ask_by_invitation(
            db.session(),
            entrance(),
            invitation,
            address=form.address.data or "",
            browser=guard.browser(),
            by=guard.actor(),
            at=web.request_time(),
        )
    except InvalidInput as error:
        form.address.errors = [str(error)]
        return _invitation_page(invitation, form), error.status
    cookie["asked"] = True
    return redirect(url_for("access.sign_in"), code=303)


def _share_page(share: ShareLink) -> str:
    shown = what_is_shared(db.session(), share, web.request_time())
    return render_template(
        "links/delen.html",
        share=share,
        document=document_of(shown.version),
        shown=shown,
        form=FlaskForm(formdata=None),
        sender=_sender(share.maker),
    )


def _open(token: str) -> Any:
    share, secret = open_share(db.session(), token, by=guard.actor(), at=web.request_time())
    known = {number: other for number, other in cookie.get(COOKIE_KEY, {}).items() if number != str(share.id)}
    cookie[COOKIE_KEY] = dict([*known.items(), (str(share.id), secret)][-MOST_OPEN:])
    cookie.permanent = True
    return redirect(url_for("links.document", number=share.id), code=303)


def _opened_here(number: int) -> tuple[ShareLink, Shared]:
    """Return what this browser opened; raises Gone for all it did not, whether there is such a link or not."""
    secret = cookie.get(COOKIE_KEY, {}).get(str(number), "")
    if not secret:
        raise Gone(NOT_OPEN_HERE)
    return opened(db.session(), number, secret, web.request_time())


@blueprint.get("/toegang/gedeeld/<int:number>")
@public
def document(number: int) -> Any:
    """One shared document: what it says, its file, and nothing that leads elsewhere."""
    try:
        share, shown = _opened_here(number)
    except Gone as error:
        return _over(error)
    found = document_of(shown.version)
    content = None
    if not shown.withdrawn:
        text = shown.version.text
        content = file_preview(found) if text is None else page_html(parse(text), _words_only, fields=found.fillable)
    return render_template(
        "links/gedeeld.html",
        share=share,
        shown=shown,
        document=found,
        content=content,
        sender=_sender(share.maker),
        accord_status=ACCORD_STATUS,
    )


@blueprint.get("/toegang/gedeeld/<int:number>/bestand")
@public
def file(number: int) -> Any:
    """The stamped copy of a shared document; of a withdrawn one there is none."""
    try:
        share, shown = _opened_here(number)
        if shown.withdrawn:
            raise Gone("Dit document is ingetrokken. U kunt het niet meer ophalen.")
    except Gone as error:
        return _over(error)
    return give_copy(shown.version, share=share.id)


def _over(error: PortalError) -> tuple[str, int]:
    return render_template("links/voorbij.html", title=error.title, message=str(error)), error.status


def _words_only(_link: object) -> None:
    """Lead nowhere: of a link in a shared text its words stay."""
    return


def _sender(maker: Person | None) -> str:
    """Return who sent a link; what was made on the server comes from the meldpunt."""
    if maker is None:
        return "Het info- en meldpunt"
    return f"{maker.name or 'Een medewerker'} van {maker.organisation.name}"
