"""The pages of an edition: plain HTML without a script, which opens from a folder as it does from a server."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from portal.documents.models import KIND_PLURAL, Document
from portal.documents.page_html import PageHtml, page_html
from portal.documents.pages import parse
from portal.documents.reading import file_preview
from portal.editions.book import Book
from portal.editions.places import GLOSSARY, OPEN_POINTS, START, Ways, document_page, route_page, step_page
from portal.editions.signing import in_groups
from portal.flow.models import Route, Step
from portal.flow.swimlane import draw
from portal.handbook.cards import by_letter, step_card
from portal.handbook.paper import paper_for
from portal.lib import clock
from portal.publishing.content import ACCORD_STATUS
from portal.releases.models import ItemKind
from portal.releases.view import View
from portal.web import ROOT, kilobytes

STYLES = ("thema", "basis", "onderdelen", "schema", "document", "paginas", "afdruk")
STATIC = ROOT / "portal/static"
LOOKS = (*(f"css/{name}.css" for name in STYLES), "img/favicon.svg", "img/logo.svg", "fonts/PublicSans.ttf")
"""Files the pages need to look as they do in the portal; the font only where it was set up."""


def pages(book: Book, fingerprint: str) -> dict[str, bytes]:
    """Return every page with what it looks like, by name. ``fingerprint`` is of the key that signs the edition."""
    writer = _Writer(book, fingerprint)
    made: dict[str, bytes] = {f"vormgeving/{name}": (STATIC / name).read_bytes() for name in LOOKS if _is_there(name)}
    made |= {name: text.encode() for name, text in writer.all()}
    return made


def _is_there(name: str) -> bool:
    return Path(STATIC, name).is_file()


class _Writer:
    def __init__(self, book: Book, fingerprint: str) -> None:
        self._book, self._flow = book, book.flow
        points = book.handbook.single(ItemKind.OPEN_POINTS)
        self._to_fill = points["in_te_vullen"]
        self._points = {point["id"]: point for point in points["open_punten"]}
        self._view = View(on=book.handbook.effective_on, known=book.stand, sees_regio=book.everything)
        self._environment = Environment(
            loader=FileSystemLoader(ROOT / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            dag=clock.in_words,
            datum=clock.data_in_words,
            op_dag=lambda moment: clock.in_words(clock.day_of(moment)),
            tijd=clock.time_in_words,
            kb=kilobytes,
            bekend=book.closed.words,
        )
        self._environment.globals.update(
            rolkleur=self._flow.colour_of,
            colofon=partial(book.handbook.single, ItemKind.COLOPHON),
            uitgave=book.handbook,
            release=book.release,
            flow=self._flow,
            roles=self._flow.roles,
            documents=book.documents,
            accord_status=ACCORD_STATUS,
            everything=book.everything,
            stand=book.stand,
            fingerprint=in_groups(fingerprint),
            styles=STYLES,
        )

    def all(self) -> Iterator[tuple[str, str]]:
        """Give every page with its name."""
        yield self._page(START, "index", kinds=self._kinds(), routes=list(self._flow.routes.values()))
        yield self._glossary()
        yield self._page(OPEN_POINTS, "open_punten", points=list(self._points.values()), to_fill=self._to_fill)
        for route in self._flow.routes.values():
            yield self._route(route)
        for step in self._flow.steps.values():
            yield self._step(step)
        for document in self._book.documents.values():
            yield self._document(document)

    def _page(self, name: str, template: str, **shown: Any) -> tuple[str, str]:
        text = self._environment.get_template(f"editions/{template}.html").render(naar=Ways(name), **shown)
        return name, f"{text}\n"

    def _kinds(self) -> list[tuple[str, str, list[Document]]]:
        """Return the kinds of documents there are, with theirs."""
        everything = self._book.documents.values()
        found = [(kind.value, name, [d for d in everything if d.kind is kind]) for kind, name in KIND_PLURAL.items()]
        return [(kind, name, documents) for kind, name, documents in found if documents]

    def _glossary(self) -> tuple[str, str]:
        handbook = self._book.handbook
        return self._page(
            GLOSSARY,
            "begrippen",
            letters=by_letter(handbook.single(ItemKind.GLOSSARY)["begrippen"]),
            amounts=handbook.single(ItemKind.AMOUNTS),
            open_points=self._points,
            versions=[self._book.version(kind) for kind in (ItemKind.GLOSSARY, ItemKind.AMOUNTS)],
        )

    def _route(self, route: Route) -> tuple[str, str]:
        name = route_page(route)
        drawing = draw(self._flow, route, own_roles=frozenset(), href=Ways(name).step)
        svg = Markup(drawing.svg)  # noqa: S704 # our own drawing; every text in it is escaped
        shown = {"drawing": drawing, "svg": svg, "paper": paper_for(drawing, route)}
        return self._page(name, "traject", route=route, flow_version=self._book.version(ItemKind.FLOW), **shown)

    def _step(self, step: Step) -> tuple[str, str]:
        return self._page(
            step_page(step),
            "stap",
            card=step_card(self._flow, step, self._book.documents, self._view),
            open_points=[self._points[code] for code in step.open_points if code in self._points],
            flow_version=self._book.version(ItemKind.FLOW),
        )

    def _document(self, document: Document) -> tuple[str, str]:
        name = document_page(document.code)
        return self._page(
            name,
            "document",
            document=document,
            content=self._content(document, Ways(name)),
            steps=self._flow.steps_of_document.get(document.code, ()),
            open_points=[self._points[number] for number in document.open_points if number in self._points],
        )

    def _content(self, document: Document, ways: Ways) -> Mapping[str, Any]:
        text = self._book.text(document.code)
        if text is not None:
            resolve = ways.resolver(self._flow, self._book.documents)
            made: PageHtml = page_html(parse(text), resolve, fields=document.fillable)
            return {"html": made.html, "contents": made.contents}
        preview = file_preview(document)
        words = self._book.closed.words
        sections = [section._replace(title=words(section.title)) for section in preview.contents]
        html = Markup(words(str(preview.html)))  # noqa: S704 # cleaned; codes became plain words
        return {"html": html, "contents": sections}
