"""More than a hundred kinds of files that lie: each ends in a refusal with its reason, or is shown safely."""

import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

import pytest

from portal.documents.intake.operations import BEGINS, take_in
from portal.documents.intake.process import LIMITS
from portal.documents.intake.reasons import FileRefused
from tests.conftest import LONG
from tests.documents.hostile import KINDS, pdfs, word, zips
from tests.documents.judging import Judges

WORST = (
    *("zip_slip", "bomb_of_ten_gigabyte", "entity_of_a_site", "outside_picture", "dde_cut_in_pieces"),
    *("script_in_an_object_stream", "forms_in_forms", "stream_that_is_elsewhere", "words_that_look_like_html"),
)
"""Those that go through a real parser in the short run too."""
ESCAPED = Path(gettempdir(), "intake-ontsnapt")


@dataclass(frozen=True)
class Outside:
    """What a file may want to reach: an address that is listened to."""

    listener: socket.socket

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def was_called(self) -> bool:
        try:
            self.listener.accept()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def outside() -> Iterator[Outside]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield Outside(listener)


@pytest.fixture(scope="module")
def judges() -> Iterator[Judges]:
    with Judges() as judges:
        yield judges


def test_there_are_many_kinds() -> None:
    assert all(module.__doc__ for module in (pdfs, word, zips))
    assert len(KINDS) > 140


@pytest.mark.parametrize("name", KINDS)
def test_a_file_that_lies_is_refused_or_shown_safely(name: str, judges: Judges, outside: Outside) -> None:
    made = KINDS[name](outside.home)
    if not made.data.startswith(tuple(BEGINS)):  # refused before a parser is asked, and before it could do anything
        with pytest.raises(FileRefused) as caught:
            take_in(made.data, name, title="", most=20_000_000, scanner=None)
        assert caught.value.reason in made.reasons
        return
    verdict = judges.judge(made.data)
    if made.reasons:
        with pytest.raises(FileRefused) as caught:
            verdict.answer()
        assert caught.value.reason in made.reasons
    else:
        harmless(str(verdict.answer().preview.html))
    assert verdict.memory * 1024 < LIMITS.memory
    assert not outside.was_called()
    assert not ESCAPED.exists()


@pytest.mark.parametrize("name", KINDS if LONG else WORST)
def test_the_same_through_a_parser_of_its_own(name: str, outside: Outside, tmp_path: Path) -> None:
    made = KINDS[name](outside.home)
    before = sorted(os.listdir(tmp_path.parent))
    if made.reasons:
        with pytest.raises(FileRefused) as caught:
            take_in(made.data, name, title="", most=20_000_000, scanner=None)
        assert caught.value.reason in made.reasons
    else:
        harmless(str(take_in(made.data, name, title="", most=20_000_000, scanner=None).preview.html))
    assert not outside.was_called()
    assert not ESCAPED.exists()
    assert sorted(os.listdir(tmp_path.parent)) == before


def harmless(html: str) -> None:
    """Check that a page holds nothing that a browser would run or fetch."""
    assert not re.search(r"<(script|img|iframe|object|style|svg)\b", html)
    assert not re.search(r"<[^>]*\son\w+=", html)
    assert "\0" not in html
    html.encode()
