"""The versions of a document: all of them, one of them, and what changed between two."""

import hashlib

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import db
from portal.compare.comparison import compare
from portal.compare.metadata import compare_facts
from portal.compare.redline import redline
from portal.documents.models import Document, document_of
from portal.documents.pdf import is_pdf
from portal.documents.stamp import stamp
from portal.handbook import lens
from portal.handbook.frame import WORD, blueprint, destroyed_page, document_page, give_copy, give_file, reading
from portal.handbook.timeline import has_text, what_brought
from portal.lib import clock
from portal.lib.errors import Gone, InvalidInput, NotFound
from portal.publishing.content import ACCORD_STATUS
from portal.releases.models import ItemKind, Version
from portal.releases.operations import content_of
from portal.releases.queries import Period, history

WHOLE_TEXT = "hele-tekst"


@blueprint.get("/documenten/<code>/versies")
@reading
def versions(code: str) -> str:
    """All versions of a document and the days on which each held."""
    view = lens.view()
    periods = _periods(code)
    return render_template(
        "handbook/versies.html",
        document=_current(periods),
        periods=periods,
        before={period.version.id: _before(periods, period) for period in periods},
        day=view.on,
        **lens.common(lens.flow(view)),
    )


@blueprint.get("/documenten/<code>/versies/<int:number>")
@reading
def version(code: str, number: int) -> str:
    """One version of a document, also when it does not hold now or was destroyed, with what it is said to be."""
    view = lens.view()
    periods = _periods(code)
    period = _period(periods, number, or_destroyed=True)
    found = lens.flow(view)
    if period.version.destroyed_at:
        return destroyed_page(period.version, periods, found)
    return render_template(
        "handbook/versie.html",
        period=period,
        status=period.status_on(view.on),
        valid=next((other for other in periods if other.status_on(view.on) == "geldig"), None),
        before=_before(periods, period),
        **document_page(document_of(period.version), found),
        **lens.common(found),
    )


@blueprint.get("/documenten/<code>/versies/<int:number>/bestand")
@reading
def version_file(code: str, number: int) -> Response:
    """The stamped copy of one version."""
    return give_copy(_period(_periods(code), number).version)


@blueprint.get("/documenten/<code>/vergelijk")
@reading
def comparison_choice(code: str) -> Response:
    """Where the form leads in which two versions are chosen: on to the comparison, which has an address of its own."""
    numbers = {period.version.number for period in _periods(code)}
    old, new = (request.args.get(name, type=int) for name in ("van", "naar"))
    if old not in numbers or new not in numbers or old == new:
        raise InvalidInput("Kies twee verschillende versies om te vergelijken. Ga terug en kies opnieuw.")
    return redirect(url_for("handbook.comparison", code=code, old=old, new=new), 303)


@blueprint.get("/documenten/<code>/vergelijk/<int:old>..<int:new>")
@reading
def comparison(code: str, old: int, new: int) -> str:
    """What changed between two versions, in the text and in the facts about the document."""
    view = lens.view()
    found = lens.flow(view)
    periods = _periods(code)
    before, after = _period(periods, old), _period(periods, new)
    titles = {role.id: role.title for role in found.roles.values()}
    return render_template(
        "handbook/vergelijking.html",
        document=document_of(after.version),
        old=before,
        new=after,
        day=view.on,
        comparison=compare(content_of(before.version), content_of(after.version)),
        facts=compare_facts(before.version.data, after.version.data, titles),
        reasons=what_brought(periods, before.version, after.version),
        redline=_is_word(before.version) and _is_word(after.version),
        whole=request.args.get("toon") == WHOLE_TEXT,
        **lens.common(found),
    )


@blueprint.get("/documenten/<code>/vergelijk/<int:old>..<int:new>/bestand")
@reading
def comparison_file(code: str, old: int, new: int) -> Response:
    """What changed between two versions as a Word file with revisions; a PDF has none."""
    periods = _periods(code)
    before, after = (_period(periods, number).version for number in (old, new))
    if not (_is_word(before) and _is_word(after)):
        raise NotFound("Van een PDF maken wij geen Word-bestand met revisies. Bekijk de verschillen op het scherm.")
    made = redline(
        *(version.stamped_copies[-1].blob.data for version in (before, after)),
        author=f"{code} versie {new}",
        at=after.release.published_at or after.created_at,
    )
    stamped = stamp(
        made,
        code=code,
        title=document_of(after).title,
        version=new,
        release=after.release.number or 0,
        status=f"{ACCORD_STATUS}, verschillen met versie {old}",
    )
    sha256 = hashlib.sha256(stamped).hexdigest()
    return give_file(stamped, f"{code}-v{old}-v{new}.docx", WORD, code, version=new, compared_with=old, sha256=sha256)


def _is_word(version: Version) -> bool:
    """Whether readers download a version as a Word file; a page of text they do."""
    return version.original is None or not is_pdf(version.original.data)


def _periods(code: str) -> list[Period]:
    """Return the published versions of a document that this view may know of, the newest first; NotFound if none."""
    found = history(db.session(), lens.view(), code)
    if not found or found[0].version.item.kind != ItemKind.DOCUMENT:
        raise NotFound
    return found


def _period(periods: list[Period], number: int, *, or_destroyed: bool = False) -> Period:
    """Return one version; raises NotFound when there is none, Gone when it has no text."""
    found = next((period for period in periods if period.version.number == number), None)
    if found is None:
        raise NotFound
    if found.version.withdrawn:
        reason = found.version.change_note
        raise Gone(f"Met versie {number} werd dit document ingetrokken, dus zij heeft geen tekst. {reason}")
    if found.version.destroyed_at and not or_destroyed:
        day = clock.in_words(clock.day_of(found.version.destroyed_at))
        raise Gone(
            f"Versie {number} is vernietigd op {day}. Er is geen tekst om te lezen, op te halen of te vergelijken."
        )
    return found


def _before(periods: list[Period], period: Period) -> Version | None:
    """Return the version that readers had before it; periods are in that order, the newest first.

    One that never took effect changed nothing for them.
    """
    earlier = (other.version for other in periods[periods.index(period) + 1 :] if other.first or other.shown)
    return next((version for version in earlier if has_text(version)), None)


def _current(periods: list[Period]) -> Document:
    """Return the document as it holds now, or its newest version when none does."""
    day = lens.view().on
    valid = (period for period in periods if period.status_on(day) == "geldig")
    return document_of(next(valid, periods[0]).version)
