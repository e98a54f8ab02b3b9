"""Taking in ordinary files, and files that are refused before anything reads them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.documents import reading
from portal.documents.controls import controls, plain_text
from portal.documents.intake import process
from portal.documents.intake.names import label
from portal.documents.intake.operations import FileKind, Taken, take_in
from portal.documents.intake.reasons import FileRefused, Reason
from portal.documents.intake.samples import pdf_sample, word_sample
from portal.documents.pdf import pdf_preview
from portal.documents.preview import preview
from tests.conftest import LONG
from tests.documents.judging import Judges
from tests.documents.pdf_file import pdf

WORD_FILES = sorted(Path(__file__).parents[2].glob("content/documenten/*.docx"))
MOST = 20 * 1024 * 1024


def taken(data: bytes, name: str = "bestand", title: str = "", most: int = MOST) -> Taken:
    return take_in(data, name, title=title, most=most, scanner=None)


def refused(data: bytes, name: str = "bestand", most: int = MOST) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        taken(data, name, most=most)
    return caught.value


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Keep the previews of this file out of other tests, and theirs out of these."""
    reading._previews.clear()
    yield
    reading._previews.clear()


def test_a_word_file_is_read_as_readers_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    path = next(path for path in WORD_FILES if path.stem == "ZC-01")
    data = path.read_bytes()
    found = taken(data, "C:\\Mijn documenten\\ZC-01 concept.DOCX", "Zorgcontract")
    assert (found.kind, found.extension, found.name) == (FileKind.DOCX, ".docx", "ZC-01 concept.DOCX")
    assert (found.data, found.text, list(found.controls)) == (data, plain_text(data), controls(data))
    assert found.preview == preview(data, "Zorgcontract")
    monkeypatch.setattr(reading, "preview", None)  # nothing here reads the file again
    assert reading.preview_of(data, "Zorgcontract") == found.preview


def test_a_pdf_is_read_as_readers_see_it() -> None:
    data = pdf("Zorg\ncontract", "Tweede")
    found = taken(data, "contract.pdf")
    assert (found.kind, found.extension, found.controls) == (FileKind.PDF, ".pdf", ())
    assert found.preview.html == pdf_preview(data).html
    assert found.text == "Zorg\ncontract\nTweede"


def test_every_word_original_of_the_starter_handbook_is_taken() -> None:
    of_each_kind = {path.stem[:2]: path for path in WORD_FILES}
    with Judges() as judges:
        for path in WORD_FILES if LONG else of_each_kind.values():
            assert judges.judge(path.read_bytes()).answer().preview.blocks, path.name
    assert len(WORD_FILES) > 20


def test_too_large_says_how_large_it_may_be() -> None:
    error = refused(b"%PDF-" + bytes(2 * 1024 * 1024), most=2 * 1024 * 1024)
    assert (error.status, error.reason) == (413, Reason.OVERSIZE)
    assert "2 MB" in str(error)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Reason.LOCKED_WORD),
        (b"{\\rtf1 tekst}", Reason.RICH_TEXT),
        (b"<!doctype html><p>tekst", Reason.UNKNOWN),
        (b"MZ\x90\x00", Reason.UNKNOWN),
        (b"\x89PNG\r\n\x1a\n", Reason.UNKNOWN),
        (b"\n%PDF-1.7", Reason.UNKNOWN),
    ],
    ids=lambda value: value.name if isinstance(value, Reason) else "",
)
def test_another_kind_of_file_is_refused_by_how_it_begins(data: bytes, reason: Reason) -> None:
    error = refused(data, "contract.docx")
    assert (error.status, error.reason) == (422, reason)


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (pdf_sample(), "contract.docx", ("'.docx'", "een PDF", "'.pdf'")),
        (word_sample(), "contract.PDF", ("'.PDF'", "een Word-bestand", "'.docx'")),
        (word_sample(), "contract.docx.exe", ("'.exe'", "een Word-bestand", "'.docx'")),
        (word_sample(), "contract.xcod\u202e.docm", ("'.docm'", "een Word-bestand", "'.docx'")),
    ],
)
def test_a_name_that_says_something_else_is_a_clear_message(data: bytes, name: str, words: tuple[str, ...]) -> None:
    error = refused(data, name)
    assert error.reason is Reason.WRONG_NAME
    for part in words:
        assert part.strip("'") in str(error)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\map\\HC-01.docx", "HC-01.docx"),
        ("a\r\nSet-Cookie: b.docx", "aSet-Cookie: b.docx"),
        ("HC-01\u202excod.exe", "HC-01xcod.exe"),
        ("  .verborgen.pdf ", "verborgen.pdf"),
        ("\0", "bestand"),
        ("map/", "bestand"),
        ("...", "bestand"),
        ("caf\u0065\u0301.docx", "café.docx"),
        ("x" * 300 + ".docx", "x" * 115 + ".docx"),
        ("versie 1.2", "versie 1.2"),
    ],
)
def test_a_name_is_only_a_label(name: str, shown: str) -> None:
    assert label(name) == shown


def test_every_reason_says_what_to_do() -> None:
    for reason in Reason:
        words = str(FileRefused(reason, most=20, ending=".x", kind="PDF", extension=".pdf"))
        assert words.endswith(".")
        assert len(words) < 300
        assert any(verb in words for verb in ("pload", "opnieuw", "Meld", "Open het", "Sla ", "Maak ")), words


def test_when_all_parsers_are_busy_the_file_is_refused_for_now() -> None:
    for _ in range(process.AT_ONCE):
        assert process._places.acquire(timeout=10)
    try:
        with pytest.raises(FileRefused) as caught:
            take_in(pdf_sample(), "a.pdf", title="", most=MOST, scanner=None, limits=process.Limits(waiting=0))
    finally:
        for _ in range(process.AT_ONCE):
            process._places.release()
    assert (caught.value.status, caught.value.reason) == (503, Reason.BUSY)
    assert taken(pdf_sample()).text == "Aa"
