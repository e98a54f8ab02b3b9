"""Any list of /beheer as a file."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request

from portal import db, lists, web
from portal.access import guard
from portal.access.permissions import asks_factor
from portal.access.queries import organisations as all_organisations
from portal.admin.listings import links_listing, organisations_listing, people_listing, sessions_listing
from portal.admin.partner_listings import identities_listing, providers_listing
from portal.admin.views import blueprint, managing
from portal.audit.models import Action
from portal.audit.operations import record
from portal.flow.queries import roles_to_give
from portal.lib import clock
from portal.lib.errors import NotFound
from portal.releases.view import View
from portal.sso.queries import providers


def people_list() -> lists.Listing[Any]:
    """Return the list of people for this request."""
    return people_listing(all_organisations(db.session()), roles_to_give(db.session(), web.request_time()))


def session_list() -> lists.Listing[Any]:
    """Return the list of sessions for this request."""
    return sessions_listing(all_organisations(db.session()), web.request_time())


def link_list() -> lists.Listing[Any]:
    """Return the list of links, as the person behind this request may know them."""
    now = web.request_time()
    return links_listing(now, sees_regio=View.of(guard.person(), now).sees_regio)


def provider_list() -> lists.Listing[Any]:
    """Return the list of identity providers for this request."""
    return providers_listing(all_organisations(db.session()))


def identity_list() -> lists.Listing[Any]:
    """Return the list of who came by a provider for this request."""
    return identities_listing(providers(db.session()))


LISTS: Mapping[str, Callable[[], lists.Listing[Any]]] = {
    "organisaties": organisations_listing,
    "personen": people_list,
    "links": link_list,
    "sessies": session_list,
    "aanbieders": provider_list,
    "koppelingen": identity_list,
}


@blueprint.get("/<name>.csv")
@managing
@asks_factor
def take_list(name: str) -> Response:
    """A list as a file, with what was chosen and in that order; every page. Taking it leaves a line in the log."""
    if name not in LISTS:
        raise NotFound
    listing = LISTS[name]()
    data, rows = lists.spreadsheet(db.session(), listing, lists.asked_of(listing, request.args))
    with db.side_note() as note:
        by, now = guard.actor(), web.request_time()
        record(note, Action.LIST_EXPORTED, by=by, subject=f"list:{name}", at=now, rows=rows)
    day = clock.day_of(web.request_time()).isoformat()
    headers = {"Content-Disposition": f'attachment; filename="{name}-{day}.csv"'}
    return Response(data, mimetype="text/csv", headers=headers)
