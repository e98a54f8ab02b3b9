"""The page of what changed: releases and their changes, the newest first."""

from datetime import datetime

from flask import render_template, request

from portal import db
from portal.flow.models import Flow
from portal.handbook import lens
from portal.handbook.timeline import Chapter, changes_of
from portal.releases.models import ItemKind, Release, Version
from portal.releases.queries import releases, versions_of

ON_PAGE = 10
"""Releases on a page."""
SINCE_VISIT = "vorig-bezoek"
SINGLE_PAGES = {
    ItemKind.FLOW.value: ("Stroomschema", "handbook.flow"),
    ItemKind.GLOSSARY.value: ("Begrippen", "handbook.glossary"),
    ItemKind.SYNONYMS.value: ("Synoniemen voor het zoeken", None),
    ItemKind.AMOUNTS.value: ("Bedragen en termijnen", "handbook.glossary"),
    ItemKind.OPEN_POINTS.value: ("Open punten", None),
    ItemKind.COLOPHON.value: ("Colofon en meldpunt", "handbook.contact"),
}
"""What each item of which the handbook has one is called, and the page that shows it."""


def change_list() -> str:
    """What changed, release by release: for everybody or for one role, of all time or since the previous visit."""
    view = lens.view()
    flow, previous = lens.flow(view), lens.previous_visit()
    role = request.args.get("rol", "")
    since = previous if request.args.get("sinds") == SINCE_VISIT else None
    every = releases(db.session(), view)
    wanted = [one for one in every if since is None or _is_after(one, since)]
    pages = max(1, -(-len(wanted) // ON_PAGE))
    page = min(lens.page_number(), pages)
    return render_template(
        "handbook/wijzigingen.html",
        chapters=[
            _chapter(release, flow, is_first=release is every[-1], previous=previous)
            for release in wanted[(page - 1) * ON_PAGE : page * ON_PAGE]
        ],
        role=role if role in flow.roles else "",
        since=since,
        previous_visit=previous,
        page=page,
        pages=pages,
        readable=lens.documents(view),
        gone=lens.gone(view),
        singles=SINGLE_PAGES,
        day=view.on,
        **lens.common(flow),
    )


def _is_after(release: Release, moment: datetime) -> bool:
    return release.published_at is not None and release.published_at > moment


def _chapter(release: Release, flow: Flow, *, is_first: bool, previous: datetime | None) -> Chapter:
    session = db.session()
    versions = versions_of(session, lens.view(), release)
    changes = () if is_first else changes_of(versions, flow, lambda v: session.get(Version, v.based_on or 0))
    is_new = previous is not None and _is_after(release, previous)
    return Chapter(release, changes, len(versions), is_first, is_new)
