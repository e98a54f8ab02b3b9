"""What every page shares: the time of the request, security headers, error pages, templates and the request log."""

import hashlib
import itertools
import json
import logging
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request
from jinja2 import StrictUndefined
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import db
from portal.config import Config
from portal.faults import fault_of
from portal.lib import clock
from portal.lib.errors import PortalError

ROOT = Path(__file__).resolve().parent.parent
log = logging.getLogger("portal.request")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-src 'none'",
        "frame-ancestors 'none'",
    )
)
ERROR_TEXTS = {
    400: (
        "Dit kunnen we niet verwerken",
        "De gegevens die uw browser stuurde kloppen niet. Ga terug en probeer het opnieuw.",
    ),
    401: ("U bent niet aangemeld", "Meld u aan en probeer het opnieuw."),
    403: ("U hebt hier geen toegang toe", "Denkt u dat dit niet klopt? Bel het info- en meldpunt."),
    404: ("Deze pagina is er niet", "Controleer het adres, of begin opnieuw bij Home of Documenten."),
    405: ("Dit kan hier niet", "Ga terug en gebruik de knoppen op de pagina."),
    413: ("Dit is te groot", "Stuur een kleiner bestand."),
    429: ("Te vaak geprobeerd", "Wacht even en probeer het dan opnieuw."),
    503: (
        "Het handboek is even niet bereikbaar",
        "Er is niets veranderd of verloren. Probeer het over een paar minuten opnieuw.",
    ),
    500: ("Er ging bij ons iets mis", "Er is niets veranderd of verloren. Probeer het over een paar minuten opnieuw."),
}

NO_WRITING = (
    "Er kan nu niets worden opgeslagen",
    "Lezen kan wel. Er is niets veranderd of verloren. Probeer het over een paar minuten opnieuw.",
)


def request_time() -> datetime:
    """Return the moment of this request: one moment, however long it takes."""
    if "request_time" not in g:
        g.request_time = current_app.config["CLOCK"]()
    moment: datetime = g.request_time
    return moment


def config() -> Config:
    """Return the settings of the running application."""
    found: Config = current_app.config["PORTAL"]
    return found


def init_app(app: Flask, settings: Config) -> None:
    """Set up what every page shares."""
    app.config["PORTAL"] = settings
    app.config.setdefault("CLOCK", clock.now)
    app.config["TRUSTED_HOSTS"] = settings.hosts
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        dag=clock.in_words,
        datum=clock.data_in_words,
        dag_kort=clock.in_figures,
        tijd=clock.time_in_words,
        tijdvak=clock.span_in_words,
        op_dag=lambda m: clock.in_words(clock.day_of(m)),
        kb=kilobytes,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign] # Flask's own way to wrap it
    app.url_defaults(_stamp_static)
    app.before_request(_start_clock)
    app.before_request(_refuse_nul)
    app.after_request(_add_headers)
    app.after_request(_log_request)
    app.register_error_handler(PortalError, _portal_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(Exception, _crash)


def kilobytes(size: int) -> str:
    """Return a file size as readers know it: 84 kB, and from a million bytes on 3,4 MB."""
    if size >= 1_000_000:
        return f"{size / 1_000_000:.1f} MB".replace(".", ",")
    return f"{max(1, round(size / 1000))} kB"


def _stamp_static(endpoint: str, values: dict[str, Any]) -> None:
    """Put a fingerprint in the address of a static file, so that browsers may keep it for a year."""
    if endpoint == "static" and "v" not in values:
        stamps = current_app.extensions.setdefault("portal_static_stamps", {})
        name = values["filename"]
        if name not in stamps:
            data = Path(str(current_app.static_folder), name).read_bytes()
            stamps[name] = hashlib.sha256(data).hexdigest()[:12]
        values["v"] = stamps[name]


def _start_clock() -> None:
    g.started = time.perf_counter()
    if isinstance(request.routing_exception, BadRequest):  # a host name that is not ours
        raise request.routing_exception


def _refuse_nul() -> None:
    """Refuse the character that PostgreSQL keeps in no text; nobody types it (a search simply leaves it out)."""
    if "\0" in request.path:
        raise BadRequest


def refuse_nul_in_form() -> None:
    """Refuse it in a form too; the guard asks this once it is known who sends the form, and how large it may be."""
    if any("\0" in text for text in itertools.chain.from_iterable(request.form.listvalues())):
        raise BadRequest


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer" if request.path.startswith("/toegang/") else "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers["X-Robots-Tag"] = "noindex, nofollow"
    if request.endpoint == "static" and response.status_code == 200:
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        headers["Cache-Control"] = "no-store"
    if config().https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response


def _log_request(response: Response) -> Response:
    """Log the rule of the address, never the address itself: it may hold a sign-in token."""
    rule = request.url_rule.rule if request.url_rule else "-"
    milliseconds = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
    log.info(
        "request", extra={"method": request.method, "rule": rule, "status": response.status_code, "ms": milliseconds}
    )
    return response


def error_page(status: int, title: str, message: str) -> tuple[str, int]:
    """Return an error page with the status it stands for; a bare one when the real one cannot be made."""
    try:
        return render_template("errors/fout.html", status=status, title=title, message=message), status
    except (
        Exception
    ):  # whatever broke the request may break its page too: the database, or a host name that is not ours
        log.exception("error page failed")
        return f'<!doctype html><html lang="nl"><title>{title}</title><h1>{title}</h1><p>{message}</p></html>', status


def _portal_error(error: PortalError) -> tuple[str, int]:
    _title, fallback = ERROR_TEXTS.get(error.status, ERROR_TEXTS[400])
    return error_page(error.status, error.title, str(error) or fallback)


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    title, message = ERROR_TEXTS.get(error.code, ERROR_TEXTS[400] if error.code < 500 else ERROR_TEXTS[500])
    return error_page(error.code, title, message)


def _database_error(error: DBAPIError) -> tuple[str, int]:
    """Answer 503 when disk or database is at fault: trying again later helps, unlike with a mistake of this program."""
    fault = fault_of(error)
    if fault is None:
        return _crash(error)
    log.error("database fault", extra={"fault": fault.name})
    db.give_up_writing()
    return error_page(503, *(NO_WRITING if fault.stops_writing_only else ERROR_TEXTS[503]))


def _crash(error: Exception) -> tuple[str, int]:
    log.exception("crash", exc_info=error)
    return error_page(500, *ERROR_TEXTS[500])


class JsonLines(logging.Formatter):
    """One JSON object a line, with only the fields we put there ourselves."""

    KNOWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "name": record.name,
            "event": record.getMessage(),
        }
        line |= {key: value for key, value in record.__dict__.items() if key not in self.KNOWN}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class TextLines(JsonLines):
    """The same fields, readable in a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = json.loads(super().format(record))
        trace = line.pop("trace", "")
        head = f"{line.pop('at')} {line.pop('level')} {line.pop('event')}"
        return " ".join([head, *(f"{key}={value}" for key, value in line.items())]) + (f"\n{trace}" if trace else "")


def set_up_logging(log_format: str, level: int = logging.INFO) -> None:
    """Send the log of the portal to standard error, as text or as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    root = logging.getLogger("portal")
    root.handlers[:], root.propagate = [handler], False
    root.setLevel(level)
