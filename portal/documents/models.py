"""A document as readers meet it: one version of an item of kind document, with its metadata by name."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.releases.models import Version


class DocumentKind(enum.StrEnum):
    """Kinds of documents, in the order of the library."""

    HUURCONTRACT = "huurcontract"
    ZORGCONTRACT = "zorgcontract"
    FORMULIER = "formulier"
    BRIEF = "brief"
    PROCEDURE = "procedure"
    WERKINSTRUCTIE = "werkinstructie"
    OVERZICHT = "overzicht"
    HANDLEIDING = "handleiding"
    """About the handbook itself: how the editors keep it."""


CLOSED = "een ander document"
"""How a document is called by who may not know which one it is."""

KIND = {
    DocumentKind.HUURCONTRACT: "Huurcontract",
    DocumentKind.ZORGCONTRACT: "Zorgcontract of zorgplan",
    DocumentKind.FORMULIER: "Formulier",
    DocumentKind.BRIEF: "Brief",
    DocumentKind.PROCEDURE: "Procedure",
    DocumentKind.WERKINSTRUCTIE: "Werkinstructie",
    DocumentKind.OVERZICHT: "Overzicht",
    DocumentKind.HANDLEIDING: "Handleiding",
}
KIND_PLURAL = {
    DocumentKind.HUURCONTRACT: "Huurcontracten",
    DocumentKind.ZORGCONTRACT: "Zorgcontract en zorgplan",
    DocumentKind.FORMULIER: "Formulieren",
    DocumentKind.BRIEF: "Brieven",
    DocumentKind.PROCEDURE: "Procedures",
    DocumentKind.WERKINSTRUCTIE: "Werkinstructies",
    DocumentKind.OVERZICHT: "Overzichten",
    DocumentKind.HANDLEIDING: "Handleidingen",
}


@dataclass(frozen=True)
class Document:
    """One version of a document. ``audience`` orders what is shown first; it never decides who may see it."""

    version: Version
    code: str
    title: str
    kind: DocumentKind
    audience: tuple[str, ...]
    fillable: bool
    covenant: tuple[str, ...]
    grounding: str
    open_points: tuple[str, ...]
    warning: str | None
    """What every reader must know before use, such as "Juridisch nalopen"; shown here and on the step cards."""
    owner: str | None = None
    """The organisation or role that keeps it current; None when that is not said."""

    @property
    def is_page(self) -> bool:
        """Whether this is a page of text; otherwise it is a file."""
        return self.version.text is not None


def document_of(version: Version) -> Document:
    """Return the document a version holds; its metadata must have passed the checks of ``publishing.checks``."""
    row: Mapping[str, Any] = version.data
    return Document(
        version=version,
        code=row["code"],
        title=row["titel"],
        kind=DocumentKind(row["soort"]),
        audience=tuple(row["doelgroep"]),
        fillable=row["invulbaar"],
        covenant=tuple(row["convenant"]),
        grounding=row["grond"],
        open_points=tuple(row.get("open_punten", ())),
        warning=row.get("waarschuwing"),
        owner=row.get("eigenaar"),
    )
