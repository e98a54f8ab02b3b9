"""The comparison as a Word file with revisions: accepting all gives the new text, rejecting all gives the old one."""

import copy
import io
from itertools import pairwise
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.compare.redline import redline
from portal.documents.controls import WordFile, paragraphs
from portal.documents.page_word import page_word
from portal.documents.pages import parse
from portal.documents.preview import preview
from tests.compare.contract import CHANGES, CONTRACT
from tests.compare.footnotes import contract_with_notes
from tests.conftest import CONTENT, LONG, NOW

SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "\u2011"}
REAL = sorted(path.stem for path in CONTENT.glob("documenten/*.docx"))


def lines(docx_: bytes, left_out: str = "") -> list[str]:
    """Return the paragraphs of a file with its revisions accepted ("w:del" is left out) or rejected ("w:ins")."""
    root = copy.deepcopy(WordFile(docx_).document)
    if left_out:
        for mark in list(root.iter(qn(left_out))):
            holder = mark.getparent()
            if holder is None:
                continue
            if holder.tag == qn("w:trPr"):
                holder.getparent().getparent().remove(holder.getparent())
            elif holder.tag == qn("w:rPr") and holder.getparent().tag == qn("w:pPr"):
                _drop_end(holder.getparent().getparent())
            else:
                holder.remove(mark)
    return [text for paragraph in paragraphs(root) if (text := _text(paragraph))]


def _drop_end(paragraph: Any) -> None:
    left = [run for run in paragraph.iter(qn("w:r")) if not list(run.iterancestors(qn("w:ins"), qn("w:del")))]
    assert not left, "a paragraph that came or went holds words that did not"
    if paragraph.getparent() is not None:
        paragraph.getparent().remove(paragraph)


def _text(paragraph: Any) -> str:
    return "".join(
        SIGNS.get(node.tag) or node.text or ""
        for node in paragraph.iter(qn("w:t"), qn("w:delText"), *SIGNS)
        if next(node.iterancestors(qn("w:p"))) is paragraph and not list(node.iterancestors(qn("w:pPr")))
    )


def check(old: bytes, new: bytes) -> bytes:
    made = redline(old, new, author="Handboek", at=NOW)
    assert lines(made, "w:del") == lines(new)
    assert lines(made, "w:ins") == lines(old)
    assert made == redline(old, new, author="Handboek", at=NOW)
    root = WordFile(made).document
    marks = [mark.get(qn("w:id")) for mark in root.iter(qn("w:ins"), qn("w:del"))]
    assert len(marks) == len(set(marks))
    assert not list(root.iterfind(f".//{qn('w:del')}//{qn('w:t')}"))
    assert all(cell[-1].tag == qn("w:p") for cell in root.iter(qn("w:tc"))), "a cell ends with a paragraph"
    docx.Document(io.BytesIO(made))
    preview(made, "x")
    return made


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_can_be_accepted_and_rejected(name: str) -> None:
    old, new = (page_word("Contract", "ZC-01", parse(text)) for text in (CONTRACT, CHANGES[name]))
    check(old, new)
    check(new, old)


@pytest.mark.parametrize(("old", "new"), list(pairwise(REAL)) if LONG else [("HC-01", "HC-03"), ("FO-06", "ZC-01")])
def test_two_quite_different_files_of_the_handbook(old: str, new: str) -> None:
    check(*((CONTENT / "documenten" / f"{code}.docx").read_bytes() for code in (old, new)))


def test_a_file_compared_with_itself_has_no_revisions() -> None:
    data = (CONTENT / "documenten/HC-01.docx").read_bytes()
    assert not list(WordFile(check(data, data)).document.iter(qn("w:ins"), qn("w:del")))


def test_only_the_words_that_changed_are_marked_and_keep_their_looks() -> None:
    files = []
    for amount in ("€ 612,50", "€ 634,28"):
        document = docx.Document()
        paragraph = document.add_paragraph("De kale huurprijs is ")
        paragraph.add_run(f"{amount} per").bold = True
        paragraph.add_run(" maand.")
        target = io.BytesIO()
        document.save(target)
        files.append(target.getvalue())
    root = WordFile(check(*files)).document
    [came], [gone] = root.iter(qn("w:ins")), root.iter(qn("w:del"))
    assert ["".join(mark.itertext()) for mark in (gone, came)] == ["€ 612,50", "€ 634,28"]
    assert came.find(f".//{qn('w:b')}") is not None
    assert (came.get(qn("w:author")), came.get(qn("w:date"))) == ("Handboek", "2026-12-01T09:00:00Z")


def test_a_file_with_footnotes_and_one_with_revisions_of_its_own() -> None:
    old, new = contract_with_notes(["Prijspeil 2025.", None]), contract_with_notes(["Prijspeil 2026.", "De index."])
    check(old, new)
    once = redline(old, new, author="Iemand", at=NOW)
    assert lines(redline(old, once, author="Handboek", at=NOW), "w:del") == lines(new)


LINE = st.lists(st.sampled_from(["huur", "de", "per", "€ 612,50", "\t", "zorg- en", "."]), max_size=6).map(" ".join)


@given(st.lists(LINE, max_size=5), st.lists(LINE, max_size=5))
@settings(max_examples=200 if LONG else 8)
def test_any_two_files(old: list[str], new: list[str]) -> None:
    files = []
    for texts in (old, new):
        document = docx.Document()
        for text in texts:
            document.add_paragraph(text)
        target = io.BytesIO()
        document.save(target)
        files.append(target.getvalue())
    check(*files)
