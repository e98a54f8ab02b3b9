"""What reading pages share: their place in the application, and how a document is shown and given."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, request, send_file
from werkzeug.wrappers import Response

from portal import db, web
from portal.access import guard
from portal.access.models import Person
from portal.access.permissions import Permission, requires
from portal.audit.models import Action
from portal.audit.operations import record
from portal.documents.models import Document, document_of
from portal.documents.page_html import PageHtml, page_html
from portal.documents.pages import parse
from portal.documents.pdf import is_pdf
from portal.documents.preview import Preview
from portal.documents.reading import file_preview
from portal.documents.stamp import stamped_name
from portal.flow.models import Flow
from portal.handbook import lens
from portal.handbook.links import resolver
from portal.publishing.operations import download_of
from portal.releases.models import ItemKind, Version
from portal.releases.queries import Period

blueprint = Blueprint("handbook", __name__)
reading = requires(Permission.HANDBOOK_READ)

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def document_page(document: Document, flow: Flow) -> dict[str, Any]:
    """Return what a page about one version of a document shows beside its frame."""
    view = lens.view()
    points = {p["id"]: p for p in lens.data_of(view, ItemKind.OPEN_POINTS)["open_punten"]}
    return {
        "document": document,
        "content": _content(document, flow, lens.documents(view)),
        "steps": flow.steps_of_document.get(document.code, ()),
        "open_points": [points[number] for number in document.open_points if number in points],
        "publisher": _publisher(document.version),
    }


def destroyed_page(version: Version, periods: Sequence[Period], flow: Flow) -> str:
    """Return the page of a version whose text was destroyed: since when, what to read now, and its receipt."""
    day = lens.view().on
    by_day = sorted((period for period in periods if period.first), key=lambda period: period.first or day)
    return render_template(
        "handbook/vernietigd.html",
        document=document_of(version),
        last=next((p for p in reversed(by_day) if p.first and p.first <= day), None),
        coming=next((p for p in by_day if p.status_on(day) == "aangekondigd"), None),
        readable=[p for p in by_day if p.status_on(day) == "vervangen" and not p.version.withdrawn][::-1],
        publisher=_publisher(version),
        **lens.common(flow),
    )


def give_copy(version: Version, **details: int) -> Response:
    """Answer with the stamped copy of a version. Getting it leaves a line in the log, with details, or it is not given.

    What is still in a draft is made on the spot for the editor who looks through it: no copy to rely on, and no line.
    """
    if version.release.number is None:
        data, code = download_of(document_of(version)), version.item.code
        kind, name = ("application/pdf", f"{code}-concept.pdf") if is_pdf(data) else (WORD, f"{code}-concept.docx")
        return send_file(BytesIO(data), mimetype=kind, as_attachment=True, download_name=name, etag=False)
    copy = version.stamped_copies[-1]
    data, code = copy.blob.data, version.item.code
    pdf = is_pdf(data)
    name = stamped_name(code, version.number, ".pdf") if pdf else stamped_name(code, version.number)
    kind = "application/pdf" if pdf else WORD
    return give_file(data, name, kind, code, version=version.number, sha256=copy.sha256, **details)


def give_file(data: bytes, name: str, kind: str, code: str, **details: str | int) -> Response:
    """Answer with a file of a document after writing in the log what was given; HEAD writes nothing."""
    if request.method == "GET":
        with db.side_note() as note:
            record(
                note,
                Action.FILE_DOWNLOADED,
                by=guard.actor(),
                subject=f"document:{code}",
                at=web.request_time(),
                **details,
            )
    return send_file(BytesIO(data), mimetype=kind, as_attachment=True, download_name=name, etag=False)


def _content(document: Document, flow: Flow, known: Mapping[str, Document]) -> PageHtml | Preview:
    version = document.version
    if version.text is None:
        return file_preview(document)
    return page_html(parse(version.text), resolver(flow, known, lens.gone(lens.view())), fields=document.fillable)


def _publisher(version: Version) -> Person | None:
    number = version.release.published_by
    return db.session().get(Person, number) if number else None
