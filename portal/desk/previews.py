"""How readers would see a text that is not in the handbook yet."""

from markupsafe import Markup

from portal.desk.pages import everything
from portal.documents.page_html import page_html
from portal.documents.pages import PageError, parse
from portal.documents.reading import preview_of
from portal.handbook import lens
from portal.handbook.links import resolver
from portal.publishing.models import Edit
from portal.releases.models import ItemKind, Version


def edit_shown(edit: Edit) -> Markup | None:
    """Return how readers would see this edit, as far as it can be shown."""
    return _content_shown(edit, edit.text, edit.original.data if edit.original else None)


def version_shown(edit: Edit, version: Version) -> Markup | None:
    """Return how readers would see a version of the item that is edited."""
    return _content_shown(edit, version.text, version.original.data if version.original else None)


def _content_shown(edit: Edit, text: str | None, original: bytes | None) -> Markup | None:
    if original is not None:
        return preview_of(original, str(edit.data.get("titel", ""))).html
    if not text or edit.kind != ItemKind.DOCUMENT:
        return None
    view = everything()
    try:
        return page_html(parse(text), resolver(lens.flow(view), lens.documents(view)), fields=True).html
    except PageError:
        return None
