"""Where everything is in an edition, and how one page leads to another: by names relative to its own."""

from collections.abc import Callable, Collection

from portal.documents.models import Document
from portal.documents.pages import Link
from portal.documents.pdf import is_pdf
from portal.documents.stamp import stamped_name
from portal.editions.book import downloaded
from portal.flow.models import Flow, Route, Step

START, GLOSSARY, OPEN_POINTS = "index.html", "begrippen.html", "open-punten.html"


def route_page(route: Route) -> str:
    """Return the name of a page; not that of the route alone, for Windows makes no file called CON."""
    return f"trajecten/traject-{route.id}.html"


def step_page(step: Step) -> str:
    """Return the name of the page of a step."""
    return f"stappen/{step.id}.html"


def document_page(code: str) -> str:
    """Return the name of the page of a document."""
    return f"documenten/{code}.html"


def file_name(document: Document) -> str:
    """Return the name of the file of a document, the same as that of its download in the portal."""
    suffix = ".pdf" if is_pdf(downloaded(document)) else ".docx"
    return f"bestanden/{stamped_name(document.code, document.version.number, suffix)}"


class Ways:
    """The ways from one page to the others, as addresses that work from a folder on any disk."""

    def __init__(self, page: str) -> None:
        """Take the name of the page they begin at."""
        self._up = "../" * page.count("/")

    def to(self, name: str) -> str:
        """Return the address of any file."""
        return f"{self._up}{name}"

    def start(self) -> str:
        """Return the address of the first page."""
        return self.to(START)

    def glossary(self) -> str:
        """Return the address of terms, amounts and terms of time."""
        return self.to(GLOSSARY)

    def open_points(self) -> str:
        """Return the address of what is not agreed yet."""
        return self.to(OPEN_POINTS)

    def route(self, route: Route) -> str:
        """Return the address of a route."""
        return self.to(route_page(route))

    def step(self, step: Step) -> str:
        """Return the address of a step."""
        return self.to(step_page(step))

    def document(self, code: str) -> str:
        """Return the address of a document."""
        return self.to(document_page(code))

    def file(self, document: Document) -> str:
        """Return the address of the file of a document."""
        return self.to(file_name(document))

    def resolver(self, flow: Flow, known: Collection[str]) -> Callable[[Link], str | None]:
        """Return what gives the address of a link in a text; None when its target is not in this edition."""

        def resolve(link: Link) -> str | None:
            if link.kind == "doc":
                return self.document(link.target) if link.target in known else None
            if link.kind == "stap":
                return self.step(flow.steps[link.target]) if link.target in flow.steps else None
            return f"{self.glossary()}#begrip-{link.target}"

        return resolve
