"""Looking back: the handbook on another day, and as known at another moment (DESIGN section 3).

Every reading address has a second one, with ``/op/<on>`` before it, under the same endpoint: ``url_for`` takes that one
as soon as ``on`` is among the values. While a request looks back they are put there by themselves, so pages stay on
their day and their views need not know. ``?bekend=`` travels with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from portal import db, web
from portal.access.permissions import Permission, permission_of, requires
from portal.handbook.forms import DayForm
from portal.lib import clock
from portal.lib.errors import NotFound, PortalError
from portal.releases.queries import first_day, first_publication
from portal.releases.view import View

blueprint = Blueprint("lookback", __name__)

PREFIX = "/op/<on>"


@dataclass(frozen=True)
class Lookback:
    """On which day, and with the knowledge of which day, an address looks; at least one of both is given."""

    on: date | None
    known: date | None

    def through(self, view: View) -> View:
        """Return a view through which this is seen; everything published on the day of knowledge itself counts.

        Nothing is known of what is yet to be published, so a day to come means now.
        """
        known = view.known if self.known is None else min(view.known, clock.end_of(self.known))
        return replace(view, on=self.on or view.on, known=known)

    @property
    def values(self) -> Mapping[str, Any]:
        """What an address holds of it."""
        return {name: day.isoformat() for name, day in (("on", self.on), ("bekend", self.known)) if day}


class NoSuchDay(PortalError):
    """The address holds a day that is none. Its page asks for another one."""

    status = 404


class NoHandbookYet(NotFound):
    """The handbook had not begun on this day, or nothing was published by then."""

    title = "Er was nog geen handboek"

    def __init__(self, message: str, begins: Lookback) -> None:
        """Note what to say, and how to look to see the first of it."""
        super().__init__(message)
        self.begins = begins


def init_app(app: Flask) -> None:
    """Give every reading address its second one. Call when all views are registered."""
    for rule in list(app.url_map.iter_rules()):
        if rule.endpoint.startswith("handbook.") and _is_reading(app, rule.endpoint):
            app.add_url_rule(f"{PREFIX}{rule.rule}", rule.endpoint, methods=["GET"])
    app.url_value_preprocessor(_take_day)
    app.url_defaults(_carry)
    app.jinja_env.globals.update(terugblik=current, vandaag=today, adres_van_nu=address_of_now, deze_pagina=this_page)
    app.register_error_handler(NoSuchDay, _ask_again)
    app.register_error_handler(NoHandbookYet, _show_beginning)


def _is_reading(app: Flask, endpoint: str) -> bool:
    return permission_of(app.view_functions[endpoint]) is Permission.HANDBOOK_READ


def _take_day(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Take the day out of the address; it is read when somebody who may read wants to see something."""
    g.day_in_address = (values or {}).pop("on", None)


def _carry(endpoint: str, values: dict[str, Any]) -> None:
    if (looks := current()) and current_app.url_map.is_endpoint_expecting(endpoint, "on"):
        for name, value in looks.values.items():
            values.setdefault(name, value)


def read_address() -> Lookback | None:
    """Read how this request looks back, and remember it. Raises NoSuchDay when its address holds a day that is none."""
    expecting = request.endpoint and current_app.url_map.is_endpoint_expecting(request.endpoint, "on")
    g.lookback = _asked(g.day_in_address, request.args.get("bekend", "")) if expecting else None
    return current()


def current() -> Lookback | None:
    """Return how this request looks back; None when it shows the handbook as it is now, or has not looked yet."""
    found: Lookback | None = g.get("lookback")
    return found


def _asked(on: str | None, known: str) -> Lookback | None:
    days = [clock.day_typed(text, today()) if text else None for text in (on, known)]
    if any(text and day is None for text, day in zip((on, known), days, strict=True)):
        raise NoSuchDay
    return Lookback(*days) if any(days) else None


def today() -> date:
    """Return the day of this request."""
    return clock.day_of(web.request_time())


def address_of_now() -> str:
    """Return the address of this same page as it is now."""
    rest = [(key, value) for key, value in request.args.items(multi=True) if key != "bekend"]
    return _address(request.endpoint or "handbook.home", request.view_args or {}, rest, on=None)


def this_page() -> str:
    """Return the address of this page with its question, for a form that leads back to it."""
    return request.full_path.rstrip("?")


def no_handbook(session: Session, view: View, otherwise: str) -> NotFound:
    """Return the error for a view in which there is no handbook: with a way to its beginning, if there was one."""
    looks, begins = current(), first_day(session, view)
    if looks and begins:
        message = f"Op {clock.in_words(view.on)} gold er nog geen handboek. Het begon op {clock.in_words(begins)}."
        return NoHandbookYet(message, replace(looks, on=begins))
    if looks and (published := first_publication(session)):
        day = clock.day_of(published)
        known = clock.in_words(clock.day_of(view.known))
        message = f"Op {known} was er nog geen handboek gepubliceerd. Dat gebeurde op {clock.in_words(day)}."
        return NoHandbookYet(message, replace(looks, known=day))
    return NotFound(otherwise)


def _show_beginning(error: NoHandbookYet) -> tuple[str, int]:
    address = url_for("handbook.home", **error.begins.values)
    page = render_template("handbook/geen_handboek.html", title=error.title, message=str(error), address=address)
    return page, error.status


@blueprint.get("/andere-dag")
@requires(Permission.HANDBOOK_READ)
def another_day() -> Any:
    """Ask for another day, or go to the page ``van`` on the day that was typed."""
    origin = request.args.get("van", "")
    if "dag" not in request.args:
        return _day_page(DayForm(formdata=None), origin)
    form = DayForm(formdata=request.args)
    if not form.validate():
        return _day_page(form, origin), 422
    endpoint, values, rest = _page_at(origin)
    known = [("bekend", form.known.isoformat())] if form.known else []
    return redirect(_address(endpoint, values, [*rest, *known], on=form.on), code=303)


def _ask_again(error: NoSuchDay) -> tuple[str, int]:
    """Ask for another day than the one in the address. A wrong day is an unknown page, wrong knowledge wrong input."""
    in_address = g.day_in_address
    typed = MultiDict({"dag": in_address or clock.in_figures(today())})
    typed["bekend"] = request.args.get("bekend", "")
    form = DayForm(formdata=typed)
    form.validate()
    return _day_page(form, address_of_now()), error.status if form.dag.errors else 422


def _day_page(form: DayForm, origin: str) -> str:
    begins = first_day(db.session(), View.of_anyone(web.request_time()))
    return render_template("handbook/andere_dag.html", form=form, origin=origin, today=today(), begins=begins)


def _page_at(origin: str) -> tuple[str, Mapping[str, Any], list[tuple[str, str]]]:
    """Return endpoint, values and question of a reading address of ours, whatever its day; of home for any other."""
    try:
        parts = urlsplit(origin)
        endpoint, values = current_app.url_map.bind("").match(parts.path, method="GET")
    except (HTTPException, ValueError):  # no address of ours, or none at all
        return "handbook.home", {}, []
    if not current_app.url_map.is_endpoint_expecting(endpoint, "on"):
        return "handbook.home", {}, []
    return endpoint, values, [(key, value) for key, value in parse_qsl(parts.query) if key != "bekend"]


def _address(endpoint: str, values: Mapping[str, Any], rest: list[tuple[str, str]], *, on: date | None) -> str:
    path = url_for(endpoint, **{**values, "on": on, **dict.fromkeys(("bekend", "als", "concept", "buiten"))})
    return f"{path}?{urlencode(rest)}" if rest else path
