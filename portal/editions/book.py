"""What one edition holds, read once; everything after this needs no database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from portal.documents.models import Document
from portal.documents.queries import documents as find_documents
from portal.editions.readers import Closed
from portal.flow.models import Flow, read_flow
from portal.lib.errors import PortalError
from portal.publishing.content import Handbook
from portal.publishing.operations import export_handbook
from portal.releases.models import Item, ItemKind, Release
from portal.releases.queries import release_by_number, releases, visible_to
from portal.releases.view import View


class Incomplete(PortalError):
    """A release that reaches back to a day before there was a flow, a glossary and all the rest."""

    status = 404
    title = "Deze uitgave is er niet als bestand"

    def __init__(self) -> None:
        """Say why."""
        super().__init__(
            "Op de dag waarop deze uitgave ingaat, was er nog geen heel handboek. Kies een latere uitgave."
        )


@dataclass(frozen=True)
class Book:
    """One release as it stood when it took effect, through the eyes of all readers, or with ``everything`` in it.

    ``stand`` is the last moment at which anything in it was published, stamped or destroyed. An edition carries that
    moment and not the one at which it was made: made again, from the same release, it is the same bytes. A later
    release that reaches back to its days changes what is in it, and the moment with it.
    """

    handbook: Handbook
    release: Release
    documents: Mapping[str, Document]
    flow: Flow
    closed: Closed
    stand: datetime
    everything: bool

    def version(self, kind: ItemKind) -> int:
        """Return the version of the one item of a kind."""
        return self.handbook.of_kind(kind)[0].version

    def text(self, code: str) -> str | None:
        """Return the text of a document that is a page."""
        return next(item.content.text for item in self.handbook.items if item.code == code)


def gather(session: Session, *, at: datetime, number: int | None = None, everything: bool = False) -> Book | None:
    """Return what the edition of a release holds, as known at a moment; by default of the release that holds today.

    Returns None when there is no such release. Raises Incomplete when on its day there was no whole handbook.
    """
    handbook = export_handbook(session, at=at, number=number, sees_regio=everything)
    release = release_by_number(session, View.of_everything(at), handbook.number) if handbook else None
    if handbook is None or release is None or release.published_at is None:
        return None
    destroyed = {ItemKind.DOCUMENT} if handbook.destroyed else set()
    if destroyed.union(item.kind for item in handbook.items) < set(ItemKind):
        raise Incomplete
    view = View(on=handbook.effective_on, known=at, sees_regio=everything)
    closed = Closed(session.scalars(select(Item.code).where(not_(visible_to(view)))).all())
    handbook = closed.handbook(handbook)
    documents = {code: _plain(one, closed) for code, one in find_documents(session, view).items()}
    return Book(
        handbook=handbook,
        release=release,
        documents=documents,
        flow=read_flow(handbook.single(ItemKind.FLOW)),
        closed=closed,
        stand=max(
            [
                _stand(session, view, release.published_at, documents),
                *(one.destroyed_at for one in handbook.destroyed),
            ]
        ),
        everything=everything,
    )


def _plain(document: Document, closed: Closed) -> Document:
    warning, owner = (text and closed.words(text) for text in (document.warning, document.owner))
    return replace(document, title=closed.words(document.title), warning=warning, owner=owner)


def _stand(session: Session, view: View, published: datetime, documents: Mapping[str, Document]) -> datetime:
    counting = [one for one in releases(session, view) if one.effective_on and one.effective_on <= view.on]
    stamped = [copy.made_at for document in documents.values() for copy in document.version.stamped_copies]
    return max([published, *(one.published_at for one in counting if one.published_at), *stamped])


def downloaded(document: Document) -> bytes:
    """Return what readers download of a document: its last stamped copy."""
    return document.version.stamped_copies[-1].blob.data
