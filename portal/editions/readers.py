"""The handbook as its readers may know it, also in texts written before an item was closed.

An item that is for the regio only is not in the handbook that comes in here: reading left it out. What is left to do is
every place where another item calls it by its code: the lists of the flow, and texts that were published when it was
still open (DESIGN section 3: shown as its words, or "een ander document", without code).
"""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from portal.documents.models import CLOSED
from portal.publishing.content import Handbook, ItemContent, WithdrawnItem


class Closed:
    """Takes the codes of closed items out of texts and data."""

    def __init__(self, codes: Collection[str]) -> None:
        """Remember which codes; none at all leaves everything as it is."""
        self._codes = frozenset(codes)
        either = "|".join(map(re.escape, sorted(self._codes)))
        self._code = re.compile(rf"\b(?:{either})\b") if codes else None
        self._link = re.compile(rf"\[([^\]]*)\]\(doc:(?:{either})\)") if codes else None

    def words(self, text: str) -> str:
        """Return a text in which a closed item is "een ander document"."""
        return self._code.sub(CLOSED, text) if self._code else text

    def page(self, text: str) -> str:
        """Return a page of text in which links to closed items are their words."""
        return self.words(self._link.sub(r"\1", text)) if self._link else text

    def data(self, value: Any) -> Any:
        """Return data without closed codes: left out of lists, and words in texts."""
        if isinstance(value, dict):
            return {key: self.data(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.data(one) for one in value if not (isinstance(one, str) and one in self._codes)]
        return self.words(value) if isinstance(value, str) else value

    def handbook(self, handbook: Handbook) -> Handbook:
        """Return the whole handbook so."""
        items = tuple(map(self._item, handbook.items))
        destroyed = tuple(replace(one, title=self.words(one.title)) for one in handbook.destroyed)
        withdrawn = tuple(map(self._withdrawn, handbook.withdrawn))
        title, note = self.words(handbook.title), self.words(handbook.note)
        return replace(handbook, title=title, note=note, items=items, destroyed=destroyed, withdrawn=withdrawn)

    def _withdrawn(self, item: WithdrawnItem) -> WithdrawnItem:
        successor = None if item.successor in self._codes else item.successor
        title, change_note = self.words(item.title), self.words(item.change_note)
        return replace(item, title=title, change_note=change_note, successor=successor)

    def _item(self, item: ItemContent) -> ItemContent:
        content = item.content
        text = None if content.text is None else self.page(content.text)
        content = replace(content, data=self.data(content.data), text=text)
        return replace(item, change_note=self.words(item.change_note), content=content)
