"""A real server around one installation, on a free port of this machine."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler, make_server

from portal.config import Config
from tests.conftest import Site, make_site


class QuietHandler(WSGIRequestHandler):
    """Answers without a line per request."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


def whole(app: Callable[..., Any], environ: Any, start: Any) -> list[bytes]:
    """Answer a request in one piece: this server leaves a file open when the browser goes away while it is sent."""
    with closing(app(environ, start)) as answer:
        return list(answer)


@contextmanager
def running(
    config: Config, database_url: str, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Site]:
    """Serve an installation until the block ends; its ``base_url`` is where it answers.

    Close every browser context first: the end waits for requests that are still under way.
    """
    server = make_server(
        "127.0.0.1", 0, lambda environ, start: [], threaded=True, request_handler=QuietHandler, ssl_context=tls
    )
    assert isinstance(server, ThreadedWSGIServer)
    server.daemon_threads = False
    site = make_site(config, database_url, base_url=f"{'https' if tls else 'http'}://{host}:{server.port}")
    server.app = lambda environ, start: whole(site.app, environ, start)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        site.database.engine.dispose()
