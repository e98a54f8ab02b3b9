"""Where the links in a text lead."""

from collections.abc import Callable, Container, Mapping

from flask import url_for

from portal.documents.models import Document
from portal.documents.pages import Link
from portal.flow.models import Flow


def resolver(flow: Flow, known: Mapping[str, Document], gone: Container[str] = ()) -> Callable[[Link], str | None]:
    """Return what gives the address of a link; None when its target is not there, or may not be known.

    What is ``gone``, withdrawn or destroyed, has a page that says so.
    """

    def resolve(link: Link) -> str | None:
        if link.kind == "doc":
            there = link.target in known or link.target in gone
            return url_for("handbook.document", code=link.target) if there else None
        if link.kind == "stap":
            step = flow.steps.get(link.target)
            return url_for("handbook.step", route_id=step.route, step_id=step.id) if step else None
        return url_for("handbook.glossary", _anchor=f"begrip-{link.target}")

    return resolve
