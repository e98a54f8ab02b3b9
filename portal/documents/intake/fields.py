"""Field codes of Word: instructions in the text, some of which fetch or start something (ECMA-376 part 1, 17.16)."""

import re
from typing import Any

from lxml import etree

FETCHING = {
    *("DDE", "DDEAUTO", "INCLUDE", "INCLUDETEXT", "INCLUDEPICTURE", "IMPORT", "LINK", "EMBED"),
    *("DATABASE", "RD", "CONTROL", "HTMLCONTROL", "PRINT"),
}
"""Fields that bring in something from outside, or that talk to another program."""
CODE = re.compile(r"\s*(=|\w+)")
NAMED = re.compile(r"\s*(=|\w+[^\w])")
"""A code whose first word is complete, so that what follows cannot change it."""
HIDDEN = "\0"
ADDRESS = re.compile(r"""HYPERLINK\s+(?!\\)("[^"]*"|\S+)""", re.IGNORECASE)
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
HARMLESS = {"http", "https", "mailto", "tel"}


class UnsafeField(ValueError):
    """A field fetches or starts something, or hides what it does."""


class UnsafeLink(ValueError):
    """A link leads to something else than a website, a mail address or a telephone."""


def leads_to_the_web(address: str) -> bool:
    """Tell whether an address is of a website, a mail address, a telephone, or a place in the same file."""
    plain = "".join(sign for sign in address if sign.isprintable()).strip().strip('"').strip()
    scheme = SCHEME.match(plain)
    if scheme:
        return scheme[1].lower() in HARMLESS
    return not plain or plain.startswith("#") or plain.lower().startswith("www.")


class Fields:
    """Puts the codes of one part together from the pieces Word cuts them in; call ``meet`` in reading order."""

    def __init__(self) -> None:
        """Start before the first element."""
        self._open: list[list[str] | None] = []

    def meet(self, element: Any) -> None:
        """Look at one element. Raises UnsafeField or UnsafeLink when a code is complete and does harm."""
        name = etree.QName(element).localname
        if name == "fldSimple":
            judge_code(_attribute(element, "instr"))
        elif name == "fldChar":
            self._mark(_attribute(element, "fldCharType"))
        elif name in ("instrText", "delInstrText") and self._open:
            code = self._open[-1]
            if code is not None:
                code.append(element.text or "")

    def end(self) -> None:
        """Judge what was never closed, as Word does too."""
        for code in self._open:
            judge_code("".join(code or []))

    def _mark(self, kind: str) -> None:
        if kind == "begin":
            outer = self._open[-1] if self._open else None
            if outer is not None:
                outer.append(" " if NAMED.match("".join(outer)) else HIDDEN)
            self._open.append([])
        elif self._open and (code := self._open[-1]) is not None:
            judge_code("".join(code))
            self._open[-1] = None
        if kind == "end" and self._open:
            self._open.pop()


def judge_code(code: str) -> None:
    """Raise UnsafeField or UnsafeLink when a code does harm, or when its first word is made by another field."""
    found = CODE.match(code)
    if HIDDEN in code or (found is None and code.strip()) or (found and found[1].upper() in FETCHING):
        raise UnsafeField
    address = ADDRESS.match(code.strip())
    if address and not leads_to_the_web(address[1]):
        raise UnsafeLink


def _attribute(element: Any, name: str) -> str:
    """Return an attribute by its local name: the two kinds of Word file put it in different namespaces."""
    return next((str(value) for key, value in element.attrib.items() if etree.QName(key).localname == name), "")
