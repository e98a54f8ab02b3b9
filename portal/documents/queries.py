"""Reading documents in a view."""

from sqlalchemy.orm import Session

from portal.documents.models import Document, document_of
from portal.releases.models import ItemKind
from portal.releases.queries import item_in_force, versions_in_force
from portal.releases.view import View


def documents(session: Session, view: View) -> dict[str, Document]:
    """Return every document this view may know of, by code and in the order of the codes."""
    versions = versions_in_force(session, view, ItemKind.DOCUMENT)
    return {version.item.code: document_of(version) for version in versions}


def document(session: Session, view: View, code: str) -> Document | None:
    """Return one document, or None when it is not there in this view or may not be known."""
    version = item_in_force(session, view, code)
    if version is None or version.item.kind != ItemKind.DOCUMENT:
        return None
    return document_of(version)
