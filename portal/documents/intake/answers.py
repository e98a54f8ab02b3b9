"""What the parser tells the portal, as JSON: the parser read a strange file, so nothing it says is believed unseen."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from portal.documents.controls import Control
from portal.documents.intake.reasons import FileRefused, Reason
from portal.documents.outline import Section
from portal.documents.preview import Preview

LONGEST = 12_000_000
"""Bytes of one answer."""
MOST_TEXT = 2_000_000
"""Characters of text in one file; a book of 700 pages."""


class Misunderstood(ValueError):
    """What was said is not an answer of the parser."""


@dataclass(frozen=True)
class Answer:
    """What a file says: its preview, all its words, and its fields; a PDF has no fields."""

    preview: Preview
    text: str
    controls: tuple[Control, ...]

    @classmethod
    def of(cls, preview: Preview, text: str, controls: Iterable[Control] = ()) -> "Answer":
        """Return an answer. Raises FileRefused when there is too much to say."""
        if sum(map(len, preview.blocks)) + len(text) > MOST_TEXT:
            raise FileRefused(Reason.TOO_MUCH_TEXT)
        return cls(preview, text, tuple(controls))


def accepted(answer: Answer) -> bytes:
    """Return what the parser writes about a file that may be taken in."""
    shown = answer.preview
    return _written(
        blocks=[str(block) for block in shown.blocks],
        contents=[list(section) for section in shown.contents],
        shown=shown.text,
        text=answer.text,
        controls=[list(asdict(control).values()) for control in answer.controls],
    )


def refused(reason: Reason) -> bytes:
    """Return what the parser writes about a file that it refuses."""
    return _written(refused=reason.name)


def crashed(error: Exception) -> bytes:
    """Return what the parser writes when it fell over a file: the kind of error, for the log."""
    return _written(crashed=type(error).__name__)


def _written(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def understood(written: bytes) -> Answer | Reason | str:
    """Return an answer, the reason of a refusal, or the kind of error the parser fell over. Raises Misunderstood."""
    try:
        fields = json.loads(written)
        if set(fields) == {"refused"}:
            return Reason[fields["refused"]]
        if set(fields) == {"crashed"}:
            return _words(fields["crashed"])[:80]
        return Answer(
            Preview(
                blocks=tuple(_words(block) for block in fields["blocks"]),
                contents=tuple(_section(*section) for section in fields["contents"]),
                text=_words(fields["shown"]),
            ),
            _words(fields["text"]),
            tuple(Control(*(_words(name) for name in control)) for control in fields["controls"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Misunderstood from error


def _words(value: Any) -> str:
    """Return a text that a database can keep: no NUL, no half of a pair of surrogates."""
    if not isinstance(value, str) or "\0" in value:
        raise Misunderstood
    value.encode()  # UnicodeEncodeError is a ValueError
    return value


def _section(place: Any, title: Any, level: Any) -> Section:
    if type(level) is not int or not 1 < level < 7:
        raise Misunderstood
    return Section(_words(place), _words(title), level)
