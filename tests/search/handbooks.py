"""Small handbooks for the tests of the search: random ones from few words, so that much of it meets, and plain ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import docx
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.operations import SYSTEM
from portal.publishing.operations import publish
from portal.releases.models import Item, ItemKind, Release, Version, Visibility
from portal.releases.operations import Content, add_version
from portal.search.facets import Facets, Filters
from portal.search.queries import NO_FILTERS
from tests.conftest import NOW
from tests.search.reference import Phrase, Text, Written

DAY = date(2026, 12, 1)
TERMS = {f"begrippen-{number}": ItemKind.GLOSSARY for number in range(1, 6)}
ITEMS = {**TERMS, "bedragen": ItemKind.AMOUNTS, "ZC-01": ItemKind.DOCUMENT, "synoniemen": ItemKind.SYNONYMS}
"""Kinds by code. Amounts and documents are there for their kinds, documents for their codes and headings too."""
CHEAP = [code for code, kind in ITEMS.items() if kind is not ItemKind.DOCUMENT]
SEARCHED = frozenset(code for code, kind in ITEMS.items() if kind is not ItemKind.SYNONYMS)
INFLECTED = "verhuisd verhuisde verhuizing schade schaden geschaad contracten huizen huis melding"
COMPOUND = "huur huurschade huurschaderegeling urgentie urgentieaanvraag zorg zorgcontract overlastmelding"
ACCENTED = "Coördinator coo\u0308rdinator beëindiging beeindigen"
OTHERS = "de na 14 gele kaart kaarten zc 01 ZC-01 zc01"
WORDS = [*INFLECTED.split(), *COMPOUND.split(), *ACCENTED.split(), *OTHERS.split()]
SECRETS = [f"sleutel{one}{other}" for one in "abcdef" for other in "abcdefgh"]
"""Each version of an entry has one of its own, so that nothing of it can come out unseen."""
KINDS, ROLES, ROUTES = ("begrip", "bedrag", "brief"), ("corporatie", "gemeente"), ("KAN", "INS")
FACETS = {
    "begrip-1-0": Facets("begrip", frozenset(ROLES), frozenset({"KAN"})),
    "begrip-2-0": Facets("begrip", frozenset({"gemeente"}), frozenset(ROUTES)),
    "begrip-3-0": Facets("begrip", frozenset({"corporatie"}), frozenset()),
    "ZC-01": Facets("brief", frozenset({"corporatie"}), frozenset({"INS"})),
}
"""The other entries have none, so that they pass by their kind only."""


@dataclass(frozen=True)
class Change:
    """What a release brings of an item: texts as (title, keywords, text), and synonyms as groups of expressions."""

    texts: tuple[tuple[str, Phrase, str], ...] = ()
    synonyms: tuple[Phrase, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A release: publication in days after the one before, effective in days after DAY, and the items it changes."""

    wait: int
    effective: int
    changes: Mapping[str, Change]


@dataclass(frozen=True)
class Look:
    """Somebody asks something, in a view, while some items are for the regio only."""

    closed: frozenset[str]
    regio: bool
    on: int
    known: int
    drafted: bool
    typed: str
    filters: Filters = NO_FILTERS


def plain(text: str) -> Change:
    """Return a change with one text without keywords: its title and the rest divided by a bar."""
    title, _, rest = text.partition("|")
    return Change(((title.strip(), (), rest.strip()),))


class Shelf:
    """The handbook as it is written, in the database and beside it for the reference."""

    def __init__(self, session: Session) -> None:
        """Make the items; nothing is written yet."""
        self.session = session
        self.written: list[Written] = []
        self.draft: int | None = None
        self._secrets = iter(SECRETS)
        self._items = {code: Item(code=code, kind=kind.value) for code, kind in ITEMS.items()}
        session.add_all(self._items.values())
        session.flush()

    def carry_out(self, plans: Iterable[Plan], *, last_is_draft: bool = False) -> None:
        plans, at = list(plans), NOW
        for number, plan in enumerate(plans, 1):
            at += timedelta(days=plan.wait)
            release = Release(title=f"uitgave {number}", created_at=at)
            self.session.add(release)
            self.session.flush()
            drafted = last_is_draft and number == len(plans)
            for code, change in plan.changes.items():
                texts = tuple(self._texts(code, change))
                self._add(release, code, content_of(code, texts, change.synonyms))
                day = DAY + timedelta(days=plan.effective)
                self.written.append(
                    Written(code, release.id, None if drafted else number, at, day, texts, change.synonyms)
                )
            self.session.refresh(release)
            if drafted:
                self.draft = release.id
            else:
                day = DAY + timedelta(days=plan.effective)
                publish(
                    self.session,
                    release,
                    decided_on=DAY,
                    effective_on=day,
                    by=SYSTEM,
                    at=at,
                    number=number,
                )

    def close(self, codes: Iterable[str]) -> None:
        """Make these items, and no others, for the regio only."""
        for code, item in self._items.items():
            item.visibility = (Visibility.REGIO if code in set(codes) else Visibility.ALLE).value
        self.session.flush()

    def _texts(self, code: str, change: Change) -> Iterable[Text]:
        kind = ITEMS[code]
        for number, (title, keywords, text) in enumerate(change.texts):
            secret = next(self._secrets)
            if kind is ItemKind.GLOSSARY:
                yield Text(f"begrip-{code[-1]}-{number}", "begrip", title, (*keywords, secret), (("", text),))
            elif kind is ItemKind.AMOUNTS:
                yield Text(f"waarde-{number}", "bedrag", f"{title} {secret}", (), (("", text),))
            else:
                yield Text(code, "brief", f"{title} {secret}", keywords, (("Kop", text),) if text else ())

    def _add(self, release: Release, code: str, content: Content) -> None:
        item = self._items[code]
        newest = select(Version).where(Version.item_id == item.id).order_by(Version.number.desc()).limit(1)
        add_version(
            self.session,
            item=item,
            release=release,
            content=content,
            change_note="",
            created_by=None,
            at=release.created_at,
            based_on=self.session.scalars(newest).first(),
        )


def content_of(code: str, texts: Iterable[Text], synonyms: Iterable[Phrase]) -> Content:
    """Return texts as the content of an item, in the form that files of the handbook have."""
    kind, rows = ITEMS[code], [(text, "".join(body for _heading, body in text.sections)) for text in texts]
    if kind is ItemKind.GLOSSARY:
        terms = [
            {"id": text.code.removeprefix("begrip-"), "term": text.title, "ook": list(text.keywords), "uitleg": body}
            for text, body in rows
        ]
        return Content({"begrippen": terms})
    if kind is ItemKind.AMOUNTS:
        amounts = [
            {"id": text.code.removeprefix("waarde-"), "omschrijving": text.title, "waarde": body} for text, body in rows
        ]
        return Content({"bedragen": amounts})
    if kind is ItemKind.SYNONYMS:
        return Content({"synoniemen": [{"id": str(n), "woorden": list(one)} for n, one in enumerate(synonyms)]})
    [(text, body)] = rows
    data = {**_metadata(text.title), "zoekwoorden": list(text.keywords)}
    return Content(data, f"## Kop\n\n{body}\n") if body else Content(data, original=blank_word())


def blank_word() -> bytes:
    """Return a file without a word in it."""
    file = BytesIO()
    docx.Document().save(file)
    return file.getvalue()


def _metadata(title: str) -> dict[str, Any]:
    nothing: list[str] = []
    known = {"code": "ZC-01", "titel": title, "soort": "brief", "grond": "deels", "invulbaar": False}
    return {**known, "doelgroep": nothing, "convenant": nothing}


def _several(words: st.SearchStrategy[str], least: int, most: int, between: str = " ") -> st.SearchStrategy[str]:
    return st.lists(words, min_size=least, max_size=most).map(between.join)


words = st.sampled_from(WORDS)
expressions = _several(words, 1, 2)
bodies = st.tuples(_several(words, 1, 8), st.sampled_from((" ", ", ", "-")), st.sampled_from((1, 1, 1, 12))).map(
    lambda given: " ".join([given[0].replace(" ", given[1])] * given[2])
)
"""Some are longer than a snippet."""
texts = st.tuples(_several(words, 1, 3), st.lists(expressions, max_size=1).map(tuple), bodies)
synonyms = st.lists(st.lists(expressions, min_size=2, max_size=3).map(tuple), max_size=2).map(tuple)


def _change(code: str) -> st.SearchStrategy[Change]:
    if ITEMS[code] is ItemKind.SYNONYMS:
        return st.builds(Change, synonyms=synonyms)
    most = 1 if ITEMS[code] is ItemKind.DOCUMENT else 3
    return st.builds(Change, st.lists(texts, min_size=1, max_size=most).map(tuple))


changes = (
    st.tuples(*(st.one_of(_change(code), st.none(), _change(code)) for code in CHEAP))
    .map(lambda given: {code: change for code, change in zip(CHEAP, given, strict=True) if change})
    .filter(bool)  # a release without changes is not published
)
plans = st.lists(st.builds(Plan, st.integers(0, 3), st.sampled_from((-2, -6, 2, 6)), changes), min_size=1, max_size=3)
with_document = st.tuples(st.booleans(), st.booleans(), _change("ZC-01")).map(
    lambda given: {"ZC-01": given[2]} if given[0] and given[1] else {}
)
"""One in four: making a document takes ten times as long as all the rest."""


@st.composite
def misspelled(draw: st.DrawFn) -> str:
    """Give a word with one or two typing errors, or one that stands in a single text only."""
    word = draw(st.sampled_from([*WORDS, *SECRETS[:12]]))
    for _error in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(word) - 1))
        letter = draw(st.sampled_from("aeknrs"))
        ways = {
            "missing": word[:at] + word[at + 1 :],
            "other": word[:at] + letter + word[at + 1 :],
            "more": word[:at] + letter + word[at:],
            "swapped": word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
        }
        word = draw(st.sampled_from(sorted(ways.values()))) or word
    return word


phrases = _several(words, 1, 3).map(lambda phrase: f'"{phrase}"')
signs = st.sampled_from(("-", "?", '"', "„", "ZC 1", "zc-01", "KAN7", "begrip-1-0", "na 14", "*", "AND"))
questions = _several(st.one_of(words, words, words, words, misspelled(), phrases, signs), 1, 3)
filters = st.builds(
    Filters,
    *(st.sampled_from(("", "", "", *values)) for values in (KINDS, ROLES, ROUTES)),
)
looks = st.builds(
    Look,
    closed=st.frozensets(st.sampled_from(sorted(ITEMS)), max_size=4),
    regio=st.sampled_from((False, False, True)),
    on=st.sampled_from((-7, -3, 0, 3, 7, 7)),
    known=st.sampled_from((-1, 0, 2, 4, 9, 9, 9)),
    drafted=st.booleans(),
    typed=questions,
    filters=filters,
)
