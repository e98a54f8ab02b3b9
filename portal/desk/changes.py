"""One change in a draft: bring in what was published since it began."""

from typing import Any

from flask import request

from portal import db, web
from portal.access import guard
from portal.desk.differences import WHOLE_TEXT, differences, started_from
from portal.desk.items import NOT_HERE
from portal.desk.pages import blueprint, editing, everything, page, to
from portal.handbook.timeline import has_text
from portal.lib.errors import NotFound
from portal.publishing.drafts import draft_by_id, go_on_from, version_in
from portal.publishing.operations import published_versions
from portal.releases.models import ItemKind, Release, Version
from portal.releases.operations import content_of


@blueprint.get("/uitgaven/<int:draft_id>/<code>/nieuwer/<int:number>")
@editing
def newer(draft_id: int, code: str, number: int) -> Any:
    """What an editor can do when a version was published since a change in a draft began."""
    draft = draft_by_id(db.session(), draft_id)
    version, published = _met(draft, code, number)
    kind, comparable = ItemKind(version.item.kind), has_text(version) and has_text(published)
    return page(
        "nieuwer.html",
        draft=draft,
        version=version,
        newer=published,
        before=started_from(db.session(), version),
        found=differences(kind, content_of(published), content_of(version)) if comparable else None,
        whole=request.args.get("toon") == WHOLE_TEXT,
        not_here=NOT_HERE,
        today=everything().on,
    )


@blueprint.post("/uitgaven/<int:draft_id>/<code>/nieuwer/<int:number>")
@editing
def bring_newer(draft_id: int, code: str, number: int) -> Any:
    """Let a change go on from the version that was published since it began."""
    draft = draft_by_id(db.session(), draft_id, lock=True)
    version, published = _met(draft, code, number)
    if version.item.kind in NOT_HERE:
        raise NotFound
    edit = go_on_from(db.session(), version, published, person_id=guard.person().id, at=web.request_time())
    if edit is None:
        return to("release", number=draft_id)
    return to("write", number=edit.id, mee="ja", _anchor="verschillen")


def _met(draft: Release, code: str, number: int) -> tuple[Version, Version]:
    """Return a change in a draft and the published version that it meets. Raises NotFound without either."""
    version = version_in(db.session(), draft, code)
    found = published_versions(db.session(), version) if version else []
    published = next((one for one in found if one.number == number), None)
    if version is None or published is None:
        raise NotFound
    return version, published
