"""What a change changes: shown while writing, in a draft before it is published, and when two editors meet."""

from typing import Any

from flask import request

from portal import db
from portal.desk.pages import blueprint, editing, everything, page
from portal.handbook import lens
from portal.handbook.timeline import has_text
from portal.lib.errors import NotFound
from portal.publishing.differences import Differences, compare_contents
from portal.publishing.drafts import content_of_edit, draft_by_id, version_in
from portal.publishing.models import Edit
from portal.publishing.operations import base_of
from portal.releases.models import ItemKind
from portal.releases.operations import Content, content_of

WHOLE_TEXT = "hele-tekst"
SAME_DOCUMENT = 0.7
"""How much of a text must stay to be that document still. In the starter handbook no two documents share more than
0.57 of their text, and the changes of lawyers in the tests keep 0.9 and more."""
OTHER_FILE = "Een groot deel van de tekst is anders dan in versie {}. Is dit het goede bestand?"


def differences(kind: ItemKind, old: Content, new: Content) -> Differences:
    """Return in what two contents of an item differ, with the names that roles have today."""
    titles = {role.id: role.title for role in lens.flow(everything()).roles.values()}
    return compare_contents(kind, old, new, titles)


def from_base(edit: Edit) -> Differences | None:
    """Return in what an edit differs from the published version it goes on from, also when that is only announced."""
    if edit.base is None or not has_text(edit.base):
        return None
    return differences(ItemKind(edit.kind), content_of(edit.base), content_of_edit(edit))


def doubt_about(edit: Edit, found: Differences | None) -> str:
    """Return the question to ask about a file that seems to be of another document; it is never refused for that."""
    text = found.text if found and edit.file_name else None
    if text is None or edit.base is None or text.rough or text.kept >= SAME_DOCUMENT:
        return ""
    return OTHER_FILE.format(edit.base.number)


@blueprint.get("/uitgaven/<int:number>/<code>/verschil")
@editing
def difference(number: int, code: str) -> Any:
    """What one change in a draft changes."""
    draft = draft_by_id(db.session(), number)
    version = version_in(db.session(), draft, code)
    before = base_of(db.session(), version) if version else None
    if version is None or before is None or not (has_text(version) and has_text(before)):
        raise NotFound
    return page(
        "verschil.html",
        draft=draft,
        version=version,
        before=before,
        found=differences(ItemKind(version.item.kind), content_of(before), content_of(version)),
        whole=request.args.get("toon") == WHOLE_TEXT,
    )
