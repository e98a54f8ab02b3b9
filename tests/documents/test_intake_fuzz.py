"""Good files with damage of every kind: refused with a reason, or read; never anything else."""

import zipfile
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.documents.intake.process import LIMITS
from portal.documents.intake.reasons import FileRefused
from tests.conftest import LONG
from tests.documents.hostile.pdfs import ORDINARY, in_object_stream
from tests.documents.hostile.word import good
from tests.documents.judging import Judges
from tests.documents.pdf_file import pdf

CHANGES = settings(max_examples=2000 if LONG else 25, suppress_health_check=[HealthCheck.function_scoped_fixture])
REAL = Path(__file__).parents[2] / "content/documenten/BR-01.docx"
PDFS = (
    pdf("Zorgcontract", "Tweede"),
    in_object_stream(["<< /A [1 (b) /C] >>"], 6, ORDINARY),
)

Change = tuple[float, int, bytes]
change = st.tuples(
    st.floats(0, 1, exclude_max=True), st.integers(0, 8), st.binary(max_size=6) | st.sampled_from([b"<", b"/", b"\0\0"])
)


@pytest.fixture(scope="module")
def judges() -> Iterator[Judges]:
    with Judges() as judges:
        yield judges


def damaged(data: bytes, changes: list[Change]) -> bytes:
    """Return the data with other bytes in the place of some, at places given as a part of the whole."""
    for part, taken, put in changes:
        place = int(part * len(data))
        data = data[:place] + put + data[place + taken :]
    return data


def ends_well(judges: Judges, data: bytes) -> None:
    verdict = judges.judge(data)
    with suppress(FileRefused):
        str(verdict.answer().preview.html).encode()
    assert verdict.memory * 1024 < LIMITS.memory


@CHANGES
@given(changes=st.lists(change, min_size=1, max_size=4))
def test_a_word_file_with_damage(judges: Judges, changes: list[Change]) -> None:
    ends_well(judges, b"PK\x03\x04" + damaged(good(), changes)[4:])


@CHANGES
@given(part=st.sampled_from(zipfile.ZipFile(REAL).namelist()), changes=st.lists(change, min_size=1, max_size=4))
def test_a_word_file_with_damage_in_a_part(judges: Judges, part: str, changes: list[Change]) -> None:
    target = BytesIO()
    with zipfile.ZipFile(REAL) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, damaged(old.read(name), changes) if name == part else old.read(name))
    ends_well(judges, target.getvalue())


@CHANGES
@given(data=st.sampled_from(PDFS), changes=st.lists(change, min_size=1, max_size=4))
def test_a_pdf_with_damage(judges: Judges, data: bytes, changes: list[Change]) -> None:
    ends_well(judges, b"%PDF-" + damaged(data, changes)[5:])
