"""Taking in a file: judged by its contents, scanned, and read by a process that can do no harm."""

import enum
import hashlib
from dataclasses import dataclass

from portal.config import MEGABYTE
from portal.documents.controls import Control
from portal.documents.intake import names
from portal.documents.intake.process import LIMITS, Limits, Program, ask
from portal.documents.intake.reasons import FileRefused, Reason
from portal.documents.intake.scanner import Scanner
from portal.documents.preview import Preview
from portal.documents.reading import remember


class FileKind(enum.StrEnum):
    """The kinds of files a document can be."""

    DOCX = "docx"
    PDF = "pdf"

    @property
    def extension(self) -> str:
        """How its name ends."""
        return f".{self}"

    @property
    def program(self) -> Program:
        """What judges it."""
        return Program.WORD if self is FileKind.DOCX else Program.PDF

    @property
    def words(self) -> str:
        """What people call it."""
        return "Word-bestand" if self is FileKind.DOCX else "PDF"


BEGINS = {b"%PDF-": FileKind.PDF, b"PK\x03\x04": FileKind.DOCX}
OTHERS = {b"\xd0\xcf\x11\xe0": Reason.LOCKED_WORD, b"{\\rt": Reason.RICH_TEXT}
"""Files of other programs that people upload by mistake, by how they begin."""


@dataclass(frozen=True)
class Taken:
    """A file that was judged and read; ``name`` is what may be shown of its name, ``data`` the bytes as they came."""

    kind: FileKind
    name: str
    data: bytes
    sha256: str
    preview: Preview
    text: str
    """All its words, a line for each paragraph; of a Word file also those of headers, footers, notes and comments."""
    controls: tuple[Control, ...]
    """The places to fill in of a Word file."""

    @property
    def extension(self) -> str:
        """How the name of a download ends."""
        return self.kind.extension


def take_in(
    data: bytes, name: str, *, title: str, most: int, scanner: Scanner | None, limits: Limits = LIMITS
) -> Taken:
    """Return a file that may be kept, read and shown. Raises FileRefused with what to do when it may not.

    ``name`` is the name it was uploaded under, ``title`` that of the document it becomes (the preview leaves out a
    heading that repeats it), ``most`` the most bytes (``PORTAL_MAX_UPLOAD``). Takes about half a second, at worst that
    of ``limits`` and of the scanner together; nothing is written.
    """
    if len(data) > most:
        raise FileRefused(Reason.OVERSIZE, most=most // MEGABYTE)
    kind = _kind(data)
    shown = names.label(name)
    typed = names.ending(shown)
    if typed and typed.lower() != kind.extension:
        raise FileRefused(Reason.WRONG_NAME, ending=typed, kind=kind.words, extension=kind.extension)
    if scanner:
        scanner(data)
    answer = ask(kind.program, data, title, limits)
    sha256 = hashlib.sha256(data).hexdigest()
    remember(sha256, title, answer.preview)
    return Taken(kind, shown, data, sha256, answer.preview, answer.text, answer.controls)


def _kind(data: bytes) -> FileKind:
    """Return what a file is by how it begins; whether it really is that, its own program judges."""
    if not data:
        raise FileRefused(Reason.EMPTY)
    for begin, kind in BEGINS.items():
        if data.startswith(begin):
            return kind
    raise FileRefused(next((reason for begin, reason in OTHERS.items() if data.startswith(begin)), Reason.UNKNOWN))
