"""A small handbook that holds every rule, made from the starter: the whole flow with few documents."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from portal.publishing.content import Handbook, ItemContent, write
from portal.releases.models import ItemKind

KEPT = ("FO-06", "OV-03", "OV-04")
"""A Word file, a page that only the regio may know of, and a page that every role uses."""
DOCUMENT = re.compile(r"\b[A-Z]{2}-\d{2}\b")
STAND_IN = "OV-04"
COUNT = 9
"""Items in it."""


def small(handbook: Handbook) -> Handbook:
    """Return the handbook with only the documents of ``KEPT``, and without what refers to the others."""
    items = [_small_item(item) for item in handbook.items if item.kind is not ItemKind.DOCUMENT or item.code in KEPT]
    return replace(handbook, items=tuple(items))


def changed(handbook: Handbook, words: str) -> Handbook:
    """Return the handbook as an editor would bring it in later: every page and note is different."""
    items = []
    for item in handbook.items:
        content = item.content
        if content.text is not None:
            content = replace(content, text=f"{content.text}\n{words}\n")
        items.append(replace(item, content=content, change_note=words))
    return replace(handbook, items=tuple(items))


def folder_of(handbook: Handbook, folder: Path) -> Path:
    """Write the handbook as files and return the folder."""
    write(handbook, folder)
    return folder


def _small_item(item: ItemContent) -> ItemContent:
    return replace(
        item,
        content=replace(
            item.content, data=_kept(item.content.data), text=item.content.text and _kept(item.content.text)
        ),
    )


def _kept(value: Any) -> Any:
    """Return data in which a document that was left out is called by the code of one that is there."""
    if isinstance(value, dict):
        return {key: _kept(one) for key, one in value.items()}
    if isinstance(value, list):
        kept = [_kept(one) for one in value]
        return [one for place, one in enumerate(kept) if not isinstance(one, str) or one not in kept[:place]]
    if isinstance(value, str):
        return DOCUMENT.sub(lambda found: found[0] if found[0] in KEPT else STAND_IN, value)
    return value
