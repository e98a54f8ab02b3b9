"""Every organisation link and share link: who made it, until when, how often used; making and revoking them."""

from typing import Any

from flask import redirect, render_template, request, url_for

from portal import db, lists, web
from portal.access import guard
from portal.access.models import Organisation
from portal.access.permissions import asks_factor
from portal.access.queries import organisations as all_organisations
from portal.admin.forms import NewInvitationForm, NewShareForm
from portal.admin.listings import LINK_KINDS
from portal.admin.taking import link_list
from portal.admin.views import blueprint, managing
from portal.documents.queries import documents
from portal.lib.errors import InvalidInput, NotFound
from portal.links.invitations import make_invitation, revoke_invitation
from portal.links.models import OrganisationLink, ShareLink
from portal.links.shares import make_share, revoke_share
from portal.lists import HIGHEST
from portal.releases.view import View


@blueprint.get("/links")
@managing
def links() -> str:
    """The links of both kinds."""
    listing = link_list()
    asked = lists.asked_of(listing, request.args)
    found = lists.find(db.session(), listing, asked)
    return render_template("admin/links.html", listing=listing, asked=asked, found=found, kinds=LINK_KINDS)


@blueprint.route("/links/uitnodiging", methods=["GET", "POST"])
@managing
@asks_factor
def invitation_new() -> Any:
    """Make an organisation link, and show it this once."""
    form = NewInvitationForm()
    form.offer_organisations(all_organisations(db.session()))
    if not form.is_submitted():
        form.organisation.data = request.args.get("organisatie", "")
    elif form.validate():
        organisation = db.session().get_one(Organisation, int(form.organisation.data))
        try:
            url = make_invitation(
                db.session(),
                web.config(),
                organisation,
                days=int(form.days.data),
                by=guard.actor(),
                at=web.request_time(),
            )
            return render_template("admin/link_gemaakt.html", url=url, what_for=organisation.name, kind="organisatie")
        except InvalidInput as error:
            form.organisation.errors = [str(error)]
    return render_template("admin/link_maken.html", form=form, kind="organisatie"), 422 if form.errors else 200


@blueprint.route("/links/deellink", methods=["GET", "POST"])
@managing
def share_new() -> Any:
    """Make a share link, and show it this once."""
    form = NewShareForm()
    known = documents(db.session(), View.of_anyone(web.request_time()))
    form.offer_documents({code: document.title for code, document in known.items()})
    if form.validate_on_submit():
        try:
            url = make_share(
                db.session(),
                web.config(),
                form.code.data,
                version=form.version_number,
                days=int(form.days.data),
                by=guard.actor(),
                at=web.request_time(),
            )
            what_for = f"{form.code.data}: {known[form.code.data].title}"
            return render_template("admin/link_gemaakt.html", url=url, what_for=what_for, kind="document")
        except NotFound as error:
            form.version.errors = [str(error)]
    return render_template("admin/link_maken.html", form=form, kind="document"), 422 if form.errors else 200


@blueprint.post("/links/<any(organisatie, document):kind>/<int:number>/intrekken")
@managing
def link_revoke(kind: str, number: int) -> Any:
    """Revoke a link of either kind; what is open by it ends at once."""
    session, by, at = db.session(), guard.actor(), web.request_time()
    row = session.get(OrganisationLink if kind == "organisatie" else ShareLink, min(number, HIGHEST))
    if isinstance(row, OrganisationLink):
        revoke_invitation(session, row, by=by, at=at)
    elif isinstance(row, ShareLink):
        revoke_share(session, row, by=by, at=at)
    else:
        raise NotFound
    return redirect(url_for("admin.links"), code=303)
