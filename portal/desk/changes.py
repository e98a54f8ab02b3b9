"""One change in a draft: bring in what was published since it began, or take it out."""

from typing import Any

from flask import request

from portal import db, web
from portal.access import guard
from portal.access.models import Person
from portal.desk.differences import WHOLE_TEXT, differences
from portal.desk.pages import blueprint, editing, page, to
from portal.desk.typed import MARK, mark_over
from portal.handbook.timeline import has_text
from portal.lib.errors import NotFound
from portal.publishing.drafts import draft_by_id, take_out, version_in
from portal.publishing.going_on import go_on_from, together
from portal.publishing.operations import base_of, published_versions
from portal.releases.models import ItemKind, Release, Version
from portal.releases.operations import content_of


@blueprint.get("/uitgaven/<int:draft_id>/<code>/nieuwer/<int:number>")
@editing
def newer(draft_id: int, code: str, number: int) -> Any:
    """What an editor can do when a version was published since a change in a draft began."""
    draft = draft_by_id(db.session(), draft_id)
    version, published = _met(draft, code, number)
    kind, comparable = ItemKind(version.item.kind), has_text(version) and has_text(published)
    before = base_of(db.session(), version)
    return page(
        "nieuwer.html",
        draft=draft,
        version=version,
        newer=published,
        before=before,
        together=together(version, before, published),
        found=differences(kind, content_of(published), content_of(version)) if comparable else None,
        whole=request.args.get("toon") == WHOLE_TEXT,
    )


@blueprint.post("/uitgaven/<int:draft_id>/<code>/nieuwer/<int:number>")
@editing
def bring_newer(draft_id: int, code: str, number: int) -> Any:
    """Let a change go on from the version that was published since it began."""
    draft = draft_by_id(db.session(), draft_id, lock=True)
    version, published = _met(draft, code, number)
    edit = go_on_from(db.session(), version, published, person_id=guard.person().id, at=web.request_time())
    if edit is None:
        return to("release", number=draft_id)
    return to("write", number=edit.id, mee="ja")


@blueprint.get("/uitgaven/<int:number>/<code>/eruit")
@editing
def ask_leave_out(number: int, code: str) -> Any:
    """Ask before a change is taken out of a draft."""
    return _leave_out_page(_change(draft_by_id(db.session(), number), code))


@blueprint.post("/uitgaven/<int:number>/<code>/eruit")
@editing
def leave_out(number: int, code: str) -> Any:
    """Take one change out of a draft; when it was written anew by now, ask again."""
    version = _change(draft_by_id(db.session(), number, lock=True), code)
    if request.form.get(MARK) != _mark_of(version):
        return _leave_out_page(version, 409)
    take_out(db.session(), version, by=guard.actor(), at=web.request_time())
    return to("release", number=number)


def _leave_out_page(version: Version, status: int = 200) -> Any:
    writer = db.session().get(Person, version.created_by) if version.created_by else None
    mark = _mark_of(version)
    return page("wijziging_eruit.html", status, draft=version.release, version=version, mark=mark, writer=writer)


def _mark_of(version: Version) -> str:
    return mark_over(version.content_hash, version.change_note, version.created_at.isoformat())


def _change(draft: Release, code: str) -> Version:
    """Return the change of an item in a draft; raises NotFound."""
    version = version_in(db.session(), draft, code)
    if version is None:
        raise NotFound
    return version


def _met(draft: Release, code: str, number: int) -> tuple[Version, Version]:
    """Return a change in a draft and the published version that it meets. Raises NotFound without either."""
    version = _change(draft, code)
    published = next((one for one in published_versions(db.session(), version) if one.number == number), None)
    if published is None:
        raise NotFound
    return version, published
