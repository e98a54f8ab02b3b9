"""What comes out of the printer: the browser prints to PDF, and the PDF is read."""

import re
from contextlib import closing
from datetime import date, timedelta

import pypdfium2
import pytest
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.operations import SYSTEM
from portal.flow.models import Route, Step, read_flow
from portal.publishing.content import Handbook, read
from portal.publishing.operations import publish
from portal.releases.models import Item, ItemKind, Release, Version
from portal.releases.operations import add_version, content_of
from tests.browser.conftest import DESTROYED, WITHDRAWN, House, Open, sign_in
from tests.conftest import CONTENT, LONG, NOW, Site
from tests.handbook.test_visibility import CLOSED

FLOW = read_flow(read(CONTENT).single(ItemKind.FLOW))
STEPS = list(FLOW.steps.values()) if LONG else [FLOW.steps[code] for code in ("KAN-07", "INS-01", "AFR-03")]
ROUTES = list(FLOW.routes.values()) if LONG else [FLOW.routes[code] for code in ("KAN", "INS", "LOO")]
SHEETS = {"a4": (210, 297), "a3": (297, 420)}
ON_A3 = {"TER", "LOO"}
COLOPHON_POINTS = 7.5
LEAST_POINTS = 6.0
KINDS = ["/stroomschema/KAN/KAN-07", "/stroomschema/KAN", "/documenten/HC-01", "/documenten/PR-01", "/begrippen"]
CONTROLS = [
    *("Afmelden", "Mijn sessies", "Zoeken", "Bekijk als", "Direct naar de inhoud", "Kopieer", "Download", "Home"),
    *("Bekijk alle versies", "Vorige stap", "Volgende stap", "Vorig traject", "Volgend traject", "Toegankelijkheid"),
]
TOLD = """main => [...main.querySelectorAll(
    "article :is(p, li, td), .terms dd, .waarden :is(th, td), .bewijs dd"
)].map(part => {
    const copy = part.cloneNode(true);
    copy.querySelectorAll(".vh, .nummer").forEach(e => e.remove());
    return copy.textContent;
})"""
"""What a page tells, folded or not; without the numbers of clauses, which a PDF holds at another place."""


class Paper:
    """The pages of a PDF: the words on each, and its size in millimetres."""

    def __init__(self, page: Page, path: str) -> None:
        answer = page.goto(path)
        assert answer
        assert answer.status == 200
        colophon = bare("".join(page.locator(".afdruk").all_text_contents()))
        self.pages: list[str] = []
        self.sizes: list[tuple[int, ...]] = []
        self.smallest: list[float] = []
        """The size in points of the smallest letters of each page that has a colophon."""
        with closing(pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))) as pdf:
            for number in range(len(pdf)):
                with closing(pdf[number]) as sheet, closing(sheet.get_textpage()) as text:
                    self.pages.append(" ".join(text.get_text_range().split()))
                    self.sizes.append(tuple(round(side / 72 * 25.4) for side in sheet.get_size()))
                    if colophon:
                        self.smallest.append(min(points_in(text)))
        bodies = [bare(words).replace(colophon, "") for words in self.pages]
        numbers = [f"Bladzijde{number}van{len(bodies)}" for number in range(1, len(bodies) + 1)]
        self._whole = "".join(text.replace(number, "", 1) for text, number in zip(bodies, numbers, strict=True))

    def shows(self, words: str) -> bool:
        """Return whether these words are somewhere, whatever lines and pages do to spaces and hyphens."""
        return bare(words) in self._whole


def points_in(text: pypdfium2.PdfTextPage) -> list[float]:
    """Return how large each letter of a page is, measured against the colophon."""
    boxes = [text.get_charbox(place, loose=True) for place in range(text.count_chars())]
    heights = [top - bottom for left, bottom, right, top in boxes]
    with closing(text.search("Opgehaald op")) as found:
        place, _length = found.get_next()
    scale = COLOPHON_POINTS / heights[place]
    return [height * scale for height, (left, _bottom, right, _top) in zip(heights, boxes, strict=True) if right > left]


def bare(words: str) -> str:
    return re.sub(r"[\W_]", "", words)


# --- what every page says about itself -------------------------------------------------------------------------------


def new_version(session: Session, code: str, *, effective_on: date) -> None:
    """Publish a release that holds the same again of one item."""
    release = Release(title=f"Nieuw: {code}", created_at=NOW)
    item = session.scalars(select(Item).where(Item.code == code)).one()
    newest = session.scalars(select(Version).where(Version.item_id == item.id)).one()
    session.add(release)
    add_version(
        session,
        item=item,
        release=release,
        content=content_of(newest),
        change_note="",
        created_by=None,
        at=NOW,
        based_on=newest,
    )
    session.refresh(release)
    publish(
        session, release, decided_on=effective_on, effective_on=effective_on, by=SYSTEM, at=NOW, retroactive_reason="x"
    )


def test_every_printed_page_names_the_version_of_what_it_shows(live: Site, open_window: Open) -> None:
    with live.database.transaction() as session:
        for number, code in enumerate(("stroomschema", "bedragen", "HC-01")):
            new_version(session, code, effective_on=NOW.date() - timedelta(days=number))
    context = open_window()
    sign_in(context, live, "corporatie")
    page = context.new_page()
    flow = "Stroomschema: versie 2 · Uitgave 2 · geldig vanaf 1 december 2026"
    told = {
        "/stroomschema/KAN/KAN-07": ["KAN-07 Zorg inzetten en zorgcontract opstellen", flow],
        "/stroomschema/KAN": ["Traject 4: HOV kandidaat-huurder", flow],
        "/documenten/HC-01": ["HC-01 Huurcontract", "Versie 2 · Uitgave 4 · geldig vanaf 29 november 2026"],
        "/documenten/PR-01": ["PR-01 Procedure risicofonds", "Versie 1 · Uitgave 1 · geldig vanaf 20 november 2026"],
        "/begrippen": [
            "Begrippen: versie 1 · Uitgave 1 · geldig vanaf 20 november 2026",
            "Bedragen en termijnen: versie 2 · Uitgave 3 · geldig vanaf 30 november 2026",
        ],
    }
    assert list(told) == KINDS
    for path, lines in told.items():
        lines += [
            "Status: model, nog niet geaccordeerd",
            f"Opgehaald op 1 december 2026 van {live.config.base_url}{path}",
            "alleen voor partners",
            "Kijk in het portaal of dit nog de geldige versie is.",
        ]
        for number, text in enumerate(Paper(page, path).pages, 1):
            assert not [line for line in lines if bare(line) not in bare(text)], f"{path}, bladzijde {number}"


@pytest.mark.parametrize("path", [*KINDS, "/uitgaven"])
def test_paper_has_nothing_to_press(house: House, path: str) -> None:
    page = house.page("corporatie")
    paper = " ".join(Paper(page, path).pages)
    on_screen = page.locator("body").inner_text()
    assert {"Afmelden", "Home"} <= {word for word in CONTROLS if word in on_screen}
    assert not [word for word in CONTROLS if re.search(rf"\b{word}\b", paper)]


@pytest.mark.parametrize("path", KINDS)
def test_the_screen_has_nothing_that_is_for_paper(house: House, path: str) -> None:
    page = house.page("corporatie")
    page.goto(path)
    assert page.locator(".afdruk").count() == 1
    assert not page.locator(".afdruk, .op-papier").locator("visible=true").count()


# --- step cards ------------------------------------------------------------------------------------------------------


def wanted_of(step: Step, titles: dict[str, str]) -> list[str]:
    """Return what a printed step card must say: every role with its task, its way of working and its documents."""
    roles = [role for role in step.roles if role in step.tasks]
    said = [FLOW.roles[role].title for role in roles]
    said += [step.tasks[role] for role in roles]
    said += [line for role in roles for line in step.how.get(role, ())]
    codes = [code for code in step.documents_for(roles) if code not in {*CLOSED, WITHDRAWN, DESTROYED}]
    said += [words for code in codes for words in (titles[code], f"{code}, versie 1, geldig vanaf")]
    said += [answer.when for answer in step.answers]
    return [line for line in said if not any(code in line for code in CLOSED)]


@pytest.mark.parametrize("script", [True, False])
def test_a_step_card_is_printed_unfolded(house: House, handbook: Handbook, script: bool) -> None:
    page = house.page("corporatie", script=script)
    titles = {item.code: item.content.data["titel"] for item in handbook.of_kind(ItemKind.DOCUMENT)}
    folded = 0
    for step in STEPS:
        paper = Paper(page, f"/stroomschema/{step.route}/{step.id}")
        missing = [line for line in wanted_of(step, titles) if not paper.shows(line)]
        assert not missing, f"{step.id}: {missing}"
        assert set(paper.sizes) == {SHEETS["a4"]}
        shown = bare(page.locator("main").inner_text())
        folded += sum(bare(line) not in shown for line in wanted_of(step, titles))
    assert folded, "nothing is folded on screen, so unfolding was not tested"


# --- routes on the wall ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.id)
def test_a_route_is_one_sheet_with_readable_words(house: House, route: Route) -> None:
    paper = Paper(house.page("corporatie"), f"/stroomschema/{route.id}")
    assert paper.sizes == [SHEETS["a3" if route.id in ON_A3 else "a4"]]
    assert paper.smallest[0] >= LEAST_POINTS
    for step in route.steps:
        said = [step.title, step.question or "", step.term or "", FLOW.roles[step.responsible].title]
        assert not [words for words in said if not paper.shows(words)], step.id
    assert not paper.shows("De stappen als lijst")
    assert not paper.shows("uw rol")


# --- documents and glossary ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/documenten/HC-01", "/documenten/PR-01", "/begrippen"])
def test_paper_says_what_the_screen_says(house: House, path: str) -> None:
    page = house.page("corporatie")
    paper = Paper(page, path)
    told: list[str] = page.locator("main").evaluate(TOLD)
    assert len(told) > 20
    assert not [line for line in told if not paper.shows(line)]
    assert len(paper.pages) > 1
    for number, text in enumerate(paper.pages, 1):
        assert bare(f"Bladzijde {number} van {len(paper.pages)}") in bare(text)
