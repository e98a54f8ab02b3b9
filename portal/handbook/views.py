"""The reading pages: an address in, a page out. What they show is composed in ``cards``."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import MultiDict

from portal import db, web
from portal.access import guard
from portal.access.permissions import Permission, allows, public
from portal.documents.models import KIND, KIND_PLURAL, DocumentKind, document_of
from portal.documents.queries import document as find_document
from portal.flow.models import Flow, Route, Step
from portal.flow.swimlane import Drawing, draw
from portal.handbook import lens, lookback
from portal.handbook.cards import by_letter, coming_step, documents_for, matching, route_cards, step_card
from portal.handbook.changes import SINGLE_PAGES, change_list
from portal.handbook.frame import blueprint, destroyed_page, document_page, give_copy, reading
from portal.handbook.paper import paper_for
from portal.lib.errors import Gone, NotFound, SearchDown
from portal.releases.models import ItemKind
from portal.releases.queries import (
    announced,
    changes,
    changes_since,
    history,
    preceding,
    release_by_number,
    releases,
    versions_of,
)
from portal.releases.view import View
from portal.revision import SchemaError, Tables, tables_of
from portal.search.engines.choice import engine_of
from portal.search.facets import Filters, facets_of
from portal.search.misses import misses, note_miss
from portal.search.queries import Results, nearest_titles
from portal.search.queries import search as find

HOME_DOCUMENTS = 4
HOME_CHANGES = 3
SHOWN_MISSES = 20
SEARCH_KINDS: Mapping[str, str] = {
    **{kind.value: KIND[kind] for kind in DocumentKind},
    "stap": "Stap",
    "traject": "Traject",
    "begrip": "Begrip",
    "bedrag": "Bedrag of termijn",
}


@blueprint.get("/")
@reading
def home() -> str:
    """What this reader needs now: routes, documents, what changed and the meldpunt."""
    view = lens.view()
    flow, documents = lens.flow(view), lens.documents(view)
    cards = route_cards(flow, view)
    return render_template(
        "handbook/home.html",
        start=flow.steps[flow.start],
        own=[card for card in cards if card.responsible_in],
        others=[card for card in cards if not card.responsible_in],
        documents=documents_for(flow, view, documents, HOME_DOCUMENTS),
        changes=changes(db.session(), view, HOME_CHANGES),
        releases=releases(db.session(), view)[:HOME_CHANGES],
        previous_visit=(previous := lens.previous_visit()),
        new_count=changes_since(db.session(), view, previous) if previous else 0,
        **lens.common(flow),
    )


@blueprint.get("/stroomschema")
@reading
def flow() -> str:
    """All routes, and how they follow each other."""
    view = lens.view()
    found = lens.flow(view)
    return render_template("handbook/stroomschema.html", cards=route_cards(found, view), **lens.common(found))


@blueprint.get("/stroomschema/<route_id>")
@reading
def route(route_id: str) -> str:
    """One route: the drawing and the same as a list."""
    view = lens.view()
    found = lens.flow(view)
    chosen = _route(found, route_id)
    drawing = _drawing(found, chosen, frozenset(found.own_roles(view.roles)), url_for("handbook.home"))
    svg = Markup(drawing.svg)  # noqa: S704 # our own drawing; every text in it is escaped
    return render_template(
        "handbook/traject.html",
        route=chosen,
        drawing=drawing,
        svg=svg,
        paper=paper_for(drawing, chosen),
        **lens.common(found),
    )


@blueprint.get("/stroomschema/<route_id>/<step_id>")
@reading
def step(route_id: str, step_id: str) -> str:
    """The step card."""
    view = lens.view()
    found = lens.flow(view)
    chosen = _step(found, route_id, step_id)
    known = lens.documents(view)
    missing = any(code not in known for code in chosen.documents_for(chosen.documents))
    card = step_card(found, chosen, known, view, lens.gone(view) if missing else {})
    points = {p["id"]: p for p in lens.data_of(view, ItemKind.OPEN_POINTS)["open_punten"]}
    return render_template(
        "handbook/stap.html",
        card=card,
        coming=coming_step(chosen, announced(db.session(), view, ItemKind.FLOW), lens.may_be_named),
        open_points=[points[code] for code in chosen.open_points if code in points],
        address=f"{web.config().base_url}{url_for('handbook.step', route_id=route_id, step_id=step_id, als=None)}",
        **lens.common(found),
    )


@blueprint.get("/documenten")
@reading
def documents() -> str:
    """The library, with filters."""
    view = lens.view()
    found = lens.flow(view)
    everything = list(lens.documents(view).values())
    filters = _filters(request.args)
    shown = matching(facets_of(found, lens.documents(view)), everything, filters, found.own_roles(view.roles))
    return render_template(
        "handbook/documenten.html",
        documents=shown,
        total=len(everything),
        filters=filters,
        kinds={kind: plural for kind, plural in KIND_PLURAL.items() if any(one.kind is kind for one in everything)},
        **lens.common(found),
    )


@blueprint.get("/documenten/<code>")
@reading
def document(code: str) -> str:
    """One document: what it says, where it is used, and its download; or that it is withdrawn or destroyed."""
    view = lens.view()
    found = lens.flow(view)
    known = lens.documents(view)
    if code not in known:
        return _gone(code)
    periods = reversed(history(db.session(), view, code))
    coming = next((period for period in periods if period.first and period.first > view.on), None)
    page = document_page(known[code], found)
    return render_template("handbook/document.html", day=view.on, coming=coming, **page, **lens.common(found))


@blueprint.get("/documenten/<code>/bestand")
@reading
def file(code: str) -> Any:
    """The stamped copy of the valid version. Of what is withdrawn or destroyed there is none, and its page says so."""
    chosen = find_document(db.session(), lens.view(), code)
    if chosen is None:
        return _gone(code), Gone.status
    return give_copy(chosen.version)


def _gone(code: str) -> str:
    """Return the page of a document that is withdrawn: since when, why, what to use instead, and how it read before.

    Or that of one whose text was destroyed. Raises NotFound when it is neither in this view.
    """
    view = lens.view()
    found = lens.flow(view)  # on a day without a handbook that is what to say
    version = lens.gone(view).get(code)
    if version is None:
        raise NotFound
    if version.destroyed_at:
        return destroyed_page(version, history(db.session(), view, code), found)
    return render_template(
        "handbook/ingetrokken.html",
        document=document_of(version),
        successor=lens.documents(view).get(version.successor or ""),
        periods=[p for p in history(db.session(), view, code) if p.first and p.status_on(view.on) == "vervangen"],
        **lens.common(found),
    )


@blueprint.get("/zoeken")
@reading
def search() -> str:
    """What answers a question; without a question the form, and for an editor what was asked in vain."""
    view = lens.view()
    found, known = lens.flow(view), lens.documents(view)
    chosen = _filters(request.args)
    typed = request.args.get("q", "")
    results = _ask(view, typed, chosen)
    nothing = bool(results.asked.terms) and not (results.hits or results.more)
    if nothing and not (chosen.kind or chosen.role or chosen.route or lookback.current()):
        with db.passing_note() as note:
            note_miss(note, results.asked, view.on)
    titles = {code: document.title for code, document in known.items()}
    titles |= {step.id: step.title for step in found.steps.values()}
    sees_misses = allows(guard.person().groups, Permission.SEARCH_SEE_MISSES) and not typed
    return render_template(
        "handbook/zoeken.html",
        results=results,
        documents=known,
        kinds=SEARCH_KINDS,
        role_choices=[(role.id, role.title) for role in found.roles.values() if role.in_portal],
        route_choices=[(route.id, route.title) for route in found.routes.values()],
        nearest=nearest_titles(titles, results.asked.typed) if nothing else (),
        misses=misses(db.session(), SHOWN_MISSES) if sees_misses else None,
        **lens.common(found),
    )


def _ask(view: View, typed: str, chosen: Filters) -> Results:
    session = db.session()
    facets = facets_of(lens.flow(view), lens.documents(view))
    try:
        engine = engine_of(session, web.config())
        return find(session, engine, view, typed, facets=facets, filters=chosen, page=lens.page_number())
    except SQLAlchemyError as error:
        session.rollback()
        raise SearchDown from error


@blueprint.get("/begrippen")
@reading
def glossary() -> str:
    """Terms, amounts and terms of time."""
    view = lens.view()
    return render_template(
        "handbook/begrippen.html",
        letters=by_letter(lens.data_of(view, ItemKind.GLOSSARY)["begrippen"]),
        versions=[lens.version(view, kind) for kind in (ItemKind.GLOSSARY, ItemKind.AMOUNTS)],
        amounts=lens.data_of(view, ItemKind.AMOUNTS),
        open_points={p["id"]: p for p in lens.data_of(view, ItemKind.OPEN_POINTS)["open_punten"]},
        **lens.common(lens.flow(view)),
    )


@blueprint.get("/uitgaven")
@reading
def release_list() -> str:
    """All published releases."""
    view = lens.view()
    found = releases(db.session(), view)
    return render_template(
        "handbook/uitgaven.html",
        releases=found,
        before=preceding(found),
        day=view.on,
        **lens.common(lens.flow(view)),
    )


@blueprint.get("/uitgaven/<int:number>")
@reading
def release(number: int) -> str:
    """One release: its dates, its note and what it holds."""
    view = lens.view()
    found = release_by_number(db.session(), view, number)
    if found is None:
        raise NotFound
    versions = versions_of(db.session(), view, found)
    singles = (one for one in versions if one.item.kind != ItemKind.DOCUMENT)
    return render_template(
        "handbook/uitgave.html",
        release=found,
        before=preceding(releases(db.session(), view)).get(number),
        versions=versions,
        holding={one.id for one in singles if one.id == lens.version(view, ItemKind(one.item.kind)).id},
        singles=SINGLE_PAGES,
        day=view.on,
        **lens.common(lens.flow(view)),
    )


blueprint.add_url_rule("/wijzigingen", view_func=reading(change_list))


@blueprint.get("/contact")
@reading
def contact() -> str:
    """How to reach the meldpunt, and what the partners still have to fill in."""
    view = lens.view()
    to_fill = lens.data_of(view, ItemKind.OPEN_POINTS)["in_te_vullen"]
    known = lens.documents(view)
    return render_template("handbook/contact.html", to_fill=to_fill, documents=known, **lens.common(lens.flow(view)))


@blueprint.get("/toegankelijkheid")
@public
def accessibility() -> str:
    """The accessibility statement (Besluit digitale toegankelijkheid overheid)."""
    return render_template("handbook/toegankelijkheid.html")


@blueprint.get("/privacy")
@public
def privacy() -> str:
    """What the portal keeps of its users, why and how long (AVG art. 13)."""
    return render_template("handbook/privacy.html")


@blueprint.get("/healthz")
@public
def healthz() -> tuple[str, int, dict[str, str]]:
    """Whether the process lives; it asks nothing of the database."""
    return _plain("ok", 200)


@blueprint.get("/readyz")
@public
def readyz() -> tuple[str, int, dict[str, str]]:
    """Whether readers can be helped: the database answers, has our tables, and holds a published handbook."""
    try:
        current = tables_of(db.database()) is Tables.CURRENT
        published = current and releases(db.session(), View.of_anyone(web.request_time()))
    except SchemaError:
        current = published = False
    except SQLAlchemyError:
        return _plain("de database antwoordt niet", 503)
    if not current:
        return _plain("de tabellen van de database passen niet bij dit programma", 503)
    return _plain("ok", 200) if published else _plain("er is nog geen handboek gepubliceerd", 503)


def _plain(line: str, status: int) -> tuple[str, int, dict[str, str]]:
    return f"{line}\n", status, {"Content-Type": "text/plain; charset=utf-8"}


def _route(flow: Flow, route_id: str) -> Route:
    if route_id not in flow.routes:
        raise NotFound
    return flow.routes[route_id]


def _step(flow: Flow, route_id: str, step_id: str) -> Step:
    if step_id not in flow.steps or flow.steps[step_id].route != route_id:
        raise NotFound
    return flow.steps[step_id]


def _filters(arguments: MultiDict[str, str]) -> Filters:
    return Filters(kind=arguments.get("soort", ""), role=arguments.get("rol", ""), route=arguments.get("traject", ""))


@lru_cache(maxsize=200)
def _drawing(flow: Flow, route: Route, own: frozenset[str], home: str) -> Drawing:
    """Return the drawing of a route; kept as long as this version of the flow is in use.

    Its links look as this page does, which the address of ``home`` tells: with what emphasis, on which day.
    """

    def address(step: Step) -> str:
        return url_for("handbook.step", route_id=step.route, step_id=step.id)

    return draw(flow, route, own_roles=own, href=address)
