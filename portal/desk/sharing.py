"""Sharing a document by a link, from its page at the desk."""

from typing import Any

from flask import request

from portal import db, web
from portal.access import guard
from portal.desk.items import item_by_code, item_page
from portal.desk.pages import blueprint, editing, page, to
from portal.lib.errors import InvalidInput, NotFound
from portal.links.models import ShareLink
from portal.links.shares import make_share, revoke_share
from portal.lists import HIGHEST


@blueprint.post("/onderdelen/<code>/delen")
@editing
def share(code: str) -> Any:
    """Make a share link, and show it this once."""
    found, version = item_by_code(code), request.form.get("deelversie", "")[:99]
    days = request.form.get("dagen", "")[:99]
    try:
        url = make_share(
            db.session(),
            web.config(),
            found.code,
            version=int(version) if version.isascii() and version.isdigit() else None,
            days=int(days) if days.isascii() and days.isdigit() else 0,
            by=guard.actor(),
            at=web.request_time(),
        )
    except (InvalidInput, NotFound) as error:
        field = "dagen" if isinstance(error, InvalidInput) else "deelversie"
        return item_page(found, 422, {field: str(error)})
    return page("gedeeld.html", item=found, url=url)


@blueprint.post("/onderdelen/<code>/delen/<int:number>/intrekken")
@editing
def stop_sharing(code: str, number: int) -> Any:
    """Revoke a share link of this document; who has it open loses it at the next request."""
    found = item_by_code(code)
    link = db.session().get(ShareLink, min(number, HIGHEST))
    if link is None or link.item_id != found.id:
        raise NotFound
    revoke_share(db.session(), link, by=guard.actor(), at=web.request_time())
    return to("item", code=code)
