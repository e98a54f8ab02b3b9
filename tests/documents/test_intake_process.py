"""The process that reads a strange file: locked up, limited, and gone when it is no longer needed."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from portal.documents.intake.answers import Misunderstood, understood
from portal.documents.intake.operations import take_in
from portal.documents.intake.process import Limits, Program, ask
from portal.documents.intake.reasons import FileRefused, Reason
from portal.documents.intake.samples import pdf_sample

ROOT = Path(__file__).resolve().parents[2]
ROGUE = cast(
    Program,
    SimpleNamespace(
        value="tests.documents.rogue", name="ROGUE", unreadable=Reason.BROKEN_WORD, too_large=Reason.LARGE_WORD
    ),
)
QUICK = Limits(seconds=1.5)
"""Enough to start, little to wait for."""


def reason_of(title: str, limits: Limits = Limits()) -> Reason:  # noqa: B008 - it is frozen
    with pytest.raises(FileRefused) as caught:
        ask(ROGUE, b"", title, limits)
    return caught.value.reason


def test_nothing_can_be_opened_connected_written_or_outgrown() -> None:
    assert ask(ROGUE, b"", "locks").text == "OSError OSError OSError OSError MemoryError OSError"


def test_it_has_no_environment_to_read_secrets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", "geheim")
    found = ask(ROGUE, b"", "environment").text
    assert "geheim" not in found
    assert "PORTAL" not in found
    assert found.endswith(" /")


def test_a_crash_is_a_refusal() -> None:
    assert reason_of("segfault") is Reason.BROKEN_WORD


@pytest.mark.parametrize("title", ["sleeps", "computes"])
def test_what_takes_too_long_is_ended(title: str) -> None:
    assert reason_of(title, QUICK) is Reason.TOO_SLOW


def test_endless_chatter_is_cut_off() -> None:
    assert reason_of("chatter") is Reason.TOO_MUCH_TEXT


@pytest.mark.parametrize(
    "said",
    [
        *("", "geen JSON", "[]", "{}", "[" * 50_000, '{"refused": "NOT_A_REASON"}', '{"refused": []}', "9" * 5000),
        *('{"crashed": 3}', '{"blocks": 1, "contents": [], "shown": "", "text": "", "controls": []}'),
        '{"blocks": ["\\u0000"], "contents": [], "shown": "", "text": "", "controls": []}',
        '{"blocks": ["\\ud800"], "contents": [], "shown": "", "text": "", "controls": []}',
        '{"blocks": [], "contents": [["a", "b", 99]], "shown": "", "text": "", "controls": []}',
        '{"blocks": [], "contents": [["a", "b", true]], "shown": "", "text": "", "controls": []}',
        '{"blocks": [], "contents": [], "shown": "", "text": "", "controls": [["a"]]}',
    ],
    ids=lambda said: said[:30],
)
def test_only_an_answer_is_believed(said: str) -> None:
    with pytest.raises(Misunderstood):
        understood(said.encode())


def test_a_parser_cannot_choose_its_words() -> None:
    assert reason_of('says {"refused": "Bel 0900-1234"}') is Reason.BROKEN_WORD
    assert reason_of(f"says {json.dumps({'crashed': 'x'})}") is Reason.BROKEN_WORD


def test_an_ordinary_upload_goes_on_beside_one_that_hangs() -> None:
    ended: list[Reason] = []
    hanging = threading.Thread(target=lambda: ended.append(reason_of("sleeps", QUICK)))
    hanging.start()
    assert take_in(pdf_sample(), "a.pdf", title="", most=1_000_000, scanner=None).text == "Aa"
    hanging.join()
    assert ended == [Reason.TOO_SLOW]


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) and /proc are Linux's; elsewhere the alarm ends it")
def test_it_ends_together_with_the_portal() -> None:
    program = (
        "from portal.documents.intake.process import Limits, ask\n"
        "from tests.documents.test_intake_process import ROGUE\n"
        "ask(ROGUE, b'', 'sleeps', Limits(seconds=60))"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) as portal:
        child = _waited(lambda: _child_that_is_locked(portal.pid))
        portal.kill()
        portal.wait()
        assert _waited(lambda: not _runs(child))


def _child_that_is_locked(parent: int) -> int | None:
    """Return the process below this one once it has given up opening files: then it asked to end with its parent."""
    for line in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        limits = Path(f"/proc/{line}/limits").read_text()
        if "Max open files            0 " in limits:
            return int(line)
    return None


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _waited(found: Any) -> Any:
    for _ in range(300):
        if value := found():
            return value
        time.sleep(0.1)  # another process gets there, and tells nobody
    raise AssertionError("waited for half a minute")
