"""Two versions of a Word file as one, with what changed as revisions that Word can show, accept and reject.

The new file is the base, so its layout stays; what went is put back in as deleted words (ECMA-376 part 1, section
17.13.5). Headers, footers, notes and images are those of the new file.
"""

import copy
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count, pairwise
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

from portal.compare.alignment import align
from portal.compare.models import Op, Pieces
from portal.compare.words import Budget, compare_words, likeness, replaced, words
from portal.documents.controls import WordFile, by_id, value

ALIKE = 0.45
SIGNS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "\u2011"}
"""What counts as one sign in the text of a run."""
EMPHASIS = ("w:b", "w:i", "w:caps", "w:smallCaps", "w:u")
"""What deleted words keep of how they looked; a style of the old file may not exist in the new one."""
REVISIONS = ("w:pPrChange", "w:rPrChange", "w:tblPrChange", "w:trPrChange", "w:tcPrChange", "w:sectPrChange")
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
FIRST_ID = 1_000_000
"""Revisions are numbered from here: the numbers share one row with those of bookmarks and comments."""


def redline(old: bytes, new: bytes, *, author: str, at: datetime) -> bytes:
    """Return the new Word file with its differences from the old one as revisions; the same input gives the same bytes.

    Revisions that either file already held count as accepted. Raises WordError when a file cannot be read.
    """
    before, after = WordFile(old), WordFile(new)
    for file in (before, after):
        _accept_all(file.document)
    styles = set(by_id(after.part("styles"), "w:style", "w:styleId"))
    _Redliner(author, at, styles).container(before.document.find(qn("w:body")), after.document.find(qn("w:body")))
    after.put(after.main, after.document)
    return after.to_bytes()


class _Redliner:
    """Marks the elements of the new file in place."""

    def __init__(self, author: str, at: datetime, styles: set[str]) -> None:
        self._author, self._at, self._styles = author, at.strftime("%Y-%m-%dT%H:%M:%SZ"), styles
        self._ids = count(FIRST_ID)
        self._budget = Budget()

    def container(self, old: Any, new: Any) -> None:
        """Mark what changed between two bodies or two cells."""
        olds, news = list(_units(old)), list(_units(new))
        end = new.find(qn("w:sectPr"))
        found = align(
            [_key(unit) for unit in olds],
            [_key(unit) for unit in news],
            lambda i, k: _gain(olds[i[0]], news[k[0]]),
            self._budget,
        )
        following: list[Any] = []
        after = end
        for _, k in reversed(found):
            after = _child_of(new, news[k[0]]) if k else after
            following.append(after)
        for (i, k), place in zip(found, reversed(following), strict=True):
            if i and k:
                self._changed(olds[i[0]], news[k[0]])
            elif k:
                self._came(news[k[0]])
            else:
                for element in self._gone(olds[i[0]]):
                    _insert(new, place, element)

    def _changed(self, old: Any, new: Any) -> None:
        if old.tag == qn("w:tbl"):
            self._table(old, new)
            return
        was, now = _text(old), _text(new)
        if was != now:
            self._paragraph(new, compare_words(was, now, self._budget) if was and now else replaced(was, now))

    def _came(self, unit: Any) -> None:
        if unit.tag == qn("w:tbl"):
            for row in unit.iterchildren(qn("w:tr")):
                self._row_came(row)
        else:
            self._paragraph_came(unit)

    def _gone(self, unit: Any) -> Iterator[Any]:
        """Give what shows a paragraph or table of the old file as deleted."""
        if unit.tag == qn("w:p"):
            yield self._paragraph_gone(unit)
            return
        table = etree.Element(qn("w:tbl"))
        properties = etree.SubElement(table, qn("w:tblPr"))
        if value(unit, "w:tblPr", "w:tblStyle") in self._styles:
            properties.append(copy.deepcopy(unit.find(f"{qn('w:tblPr')}/{qn('w:tblStyle')}")))
        for name in ("w:tblW", "w:tblBorders", "w:tblLayout"):
            properties.extend(copy.deepcopy(found) for found in unit.iterfind(f"{qn('w:tblPr')}/{qn(name)}"))
        table.extend(copy.deepcopy(grid) for grid in unit.iterfind(qn("w:tblGrid")))
        table.extend(self._row_gone(row) for row in unit.iterchildren(qn("w:tr")))
        yield table
        yield self._paragraph_gone(etree.Element(qn("w:p")))  # else Word would join it with a table after it

    def _table(self, old: Any, new: Any) -> None:
        olds, news = list(old.iterchildren(qn("w:tr"))), list(new.iterchildren(qn("w:tr")))
        keys = [[tuple(_all_text(cell) for cell in _cells(row)) for row in rows] for rows in (olds, news)]

        def gain(i: tuple[int, ...], k: tuple[int, ...]) -> float:
            a, b = keys[0][i[0]], keys[1][k[0]]
            alike = likeness(" ".join(a), " ".join(b))
            alike = max(alike, ALIKE) if a[0:1] == b[0:1] and any(a[:1]) else alike
            return alike * len(words(" ".join((*a, *b)))) if len(a) == len(b) and alike >= ALIKE else 0

        place = 0
        for i, k in align(keys[0], keys[1], gain, self._budget):
            if i and k:
                for was, now in zip(_cells(olds[i[0]]), _cells(news[k[0]]), strict=True):
                    self.container(was, now)
            elif k:
                self._row_came(news[k[0]])
            else:
                _insert(new, news[place] if place < len(news) else None, self._row_gone(olds[i[0]]))
            place = k[0] + 1 if k else place

    def _row_came(self, row: Any) -> None:
        self._mark_row(row, "w:ins")
        for paragraph in list(row.iter(qn("w:p"))):
            self._paragraph_came(paragraph)

    def _row_gone(self, old: Any) -> Any:
        row = etree.Element(qn("w:tr"))
        self._mark_row(row, "w:del")
        for was in _cells(old):
            cell = etree.SubElement(row, qn("w:tc"))
            properties = etree.SubElement(cell, qn("w:tcPr"))
            for name in ("w:tcW", "w:gridSpan", "w:vMerge"):
                properties.extend(copy.deepcopy(found) for found in was.iterfind(f"{qn('w:tcPr')}/{qn(name)}"))
            paragraphs = list(was.iter(qn("w:p"))) or [etree.Element(qn("w:p"))]
            cell.extend(self._paragraph_gone(paragraph) for paragraph in paragraphs)
        return row

    def _mark_row(self, row: Any, kind: str) -> None:
        properties = row.find(qn("w:trPr"))
        if properties is None:
            properties = etree.Element(qn("w:trPr"))
            row.insert(1 if len(row) and row[0].tag == qn("w:tblPrEx") else 0, properties)
        properties.append(self._revision(kind))

    def _paragraph_came(self, paragraph: Any) -> None:
        self._mark_end(paragraph, "w:ins")
        for run in _runs(paragraph):
            _wrap(run, self._revision("w:ins"))

    def _paragraph_gone(self, old: Any) -> Any:
        paragraph = etree.Element(qn("w:p"))
        style = value(old, "w:pPr", "w:pStyle")
        if style in self._styles:
            properties = etree.SubElement(paragraph, qn("w:pPr"))
            etree.SubElement(properties, qn("w:pStyle")).set(qn("w:val"), style)
        self._mark_end(paragraph, "w:del")
        for run in _runs(old):
            if text := _run_text(run):
                paragraph.append(self._deleted(text, run))
        return paragraph

    def _mark_end(self, paragraph: Any, kind: str) -> None:
        """Mark that the end of a paragraph came or went with it (section 17.13.5.13 and 17.13.5.20)."""
        properties = paragraph.find(qn("w:pPr"))
        if properties is None:
            properties = etree.Element(qn("w:pPr"))
            paragraph.insert(0, properties)
        run = properties.find(qn("w:rPr"))
        if run is None:
            run = etree.Element(qn("w:rPr"))
            after = [child for child in properties if child.tag in (qn("w:sectPr"), qn("w:pPrChange"))]
            _insert(properties, after[0] if after else None, run)
        run.insert(0, self._revision(kind))

    def _paragraph(self, paragraph: Any, pieces: Pieces) -> None:
        """Mark the pieces in a paragraph of the new file, whose runs keep their place and their looks."""
        ends, at = [], 0
        for piece in pieces:
            at += 0 if piece.op is Op.DELETED else len(piece.text)
            ends.append(at)
        runs = [run for run in _split(paragraph, set(ends)) if _run_text(run)]
        ahead = iter(runs)
        run = next(ahead, None)
        last: Any = None
        for piece in pieces:
            if piece.op is Op.DELETED:
                self._put_deleted(paragraph, piece.text, last, run)
                continue
            left = len(piece.text)
            while left > 0 and run is not None:
                left -= len(_run_text(run))
                last = run
                if piece.op is Op.INSERTED:
                    _wrap(run, self._revision("w:ins"))
                run = next(ahead, None)

    def _put_deleted(self, paragraph: Any, text: str, last: Any | None, following: Any | None) -> None:
        looks = last if last is not None else following
        deleted = self._deleted(text, looks)
        if last is not None:
            (last.getparent() if last.getparent().tag == qn("w:ins") else last).addnext(deleted)
        elif following is not None:
            following.addprevious(deleted)
        else:
            paragraph.append(deleted)

    def _deleted(self, text: str, looks: Any | None) -> Any:
        deleted = self._revision("w:del")
        run = etree.SubElement(deleted, qn("w:r"))
        source = None if looks is None else looks.find(qn("w:rPr"))
        if source is not None:
            properties = etree.SubElement(run, qn("w:rPr"))
            for name in EMPHASIS:
                properties.extend(copy.deepcopy(found) for found in source.iterfind(qn(name)))
        for number, line in enumerate(text.split("\n")):
            if number:
                etree.SubElement(run, qn("w:br"))
            for place, part in enumerate(line.split("\t")):
                if place:
                    etree.SubElement(run, qn("w:tab"))
                if part:
                    words_ = etree.SubElement(run, qn("w:delText"))
                    words_.text = part
                    words_.set(SPACE, "preserve")
        return deleted

    def _revision(self, kind: str) -> Any:
        mark = etree.Element(qn(kind))
        mark.set(qn("w:id"), str(next(self._ids)))
        mark.set(qn("w:author"), self._author)
        mark.set(qn("w:date"), self._at)
        return mark


def _accept_all(root: Any) -> None:
    """Take revisions that a file holds already as accepted."""
    for row in [mark.getparent().getparent() for mark in root.iterfind(f".//{qn('w:trPr')}/{qn('w:del')}")]:
        row.getparent().remove(row)
    for tag in ("w:del", "w:moveFrom", *REVISIONS):
        for element in list(root.iter(qn(tag))):
            element.getparent().remove(element)
    for tag in ("w:ins", "w:moveTo"):
        for element in list(root.iter(qn(tag))):
            parent, place = element.getparent(), element.getparent().index(element)
            parent[place : place + 1] = list(element)


def _units(container: Any) -> Iterator[Any]:
    """Give the paragraphs and tables of a body or cell in order, also those in a field around several of them."""
    for child in container:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml")):
            yield from _units(child)


def _cells(row: Any) -> list[Any]:
    return [cell for cell in row.iter(qn("w:tc")) if next(cell.iterancestors(qn("w:tr"))) is row]


def _runs(paragraph: Any) -> list[Any]:
    """Return the runs of a paragraph, without those of text boxes in it."""
    return [run for run in paragraph.iter(qn("w:r")) if next(run.iterancestors(qn("w:p")), None) is paragraph]


def _run_text(run: Any) -> str:
    return "".join(
        SIGNS.get(child.tag, "") or ((child.text or "") if child.tag == qn("w:t") else "")
        for child in run
        if child.tag != qn("w:rPr")
    )


def _text(paragraph: Any) -> str:
    return "".join(_run_text(run) for run in _runs(paragraph))


def _all_text(element: Any) -> str:
    return " ".join(_text(paragraph) for paragraph in element.iter(qn("w:p")))


def _key(unit: Any) -> tuple[str, str]:
    return str(unit.tag), _text(unit) if unit.tag == qn("w:p") else etree.tostring(unit, encoding="unicode")


def _gain(old: Any, new: Any) -> float:
    if old.tag != new.tag:
        return 0
    was, now = _all_text(old), _all_text(new)
    alike = likeness(was, now)
    return alike * (1 + len(words(was)) + len(words(now))) if alike >= ALIKE else 0


def _child_of(container: Any, element: Any) -> Any:
    """Return the child of a container in which an element stands: nothing is put inside a field."""
    while element.getparent() is not container:
        element = element.getparent()
    return element


def _insert(parent: Any, before: Any | None, element: Any) -> None:
    if before is None:
        parent.append(element)
    else:
        before.addprevious(element)


def _wrap(run: Any, mark: Any) -> None:
    run.getparent().replace(run, mark)
    mark.append(run)


def _split(paragraph: Any, ends: set[int]) -> Sequence[Any]:
    """Cut the runs of a paragraph so that none goes on past one of these places in the text, and return them."""
    made: list[Any] = []
    at = 0
    for run in _runs(paragraph):
        for part in _parts(run):
            text = _run_text(part)
            cuts = sorted({0, len(text), *(end - at for end in ends if at < end < at + len(text))})
            if len(cuts) > 2:  # a sign is never cut, so these are words
                for start, end in pairwise(cuts):
                    made.append(_with_words(part, text[start:end]))
                    part.addprevious(made[-1])
                part.getparent().remove(part)
            else:
                made.append(part)
            at += len(text)
    return made


def _parts(run: Any) -> list[Any]:
    """Cut a run into runs with one thing in each, in its place."""
    things = [child for child in run if child.tag != qn("w:rPr")]
    if len(things) < 2:
        return [run]
    parts = []
    for thing in things:
        part = _bare(run)
        part.append(thing)
        run.addprevious(part)
        parts.append(part)
    run.getparent().remove(run)
    return parts


def _with_words(run: Any, text: str) -> Any:
    part = _bare(run)
    words_ = etree.SubElement(part, qn("w:t"))
    words_.text = text
    words_.set(SPACE, "preserve")
    return part


def _bare(run: Any) -> Any:
    part = etree.Element(qn("w:r"))
    part.extend(copy.deepcopy(properties) for properties in run.iterfind(qn("w:rPr")))
    return part
