"""The production server: gunicorn's web processes with one small worker beside them."""

import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from portal.access.sign_in import forget_old
from portal.config import Config
from portal.db import Database
from portal.lib import clock
from portal.lib.mail import SmtpTransport, TerminalTransport
from portal.lib.tokens import Seal
from portal.notifications.operations import Transport, deliver_due

POLL_SECONDS = 2.0
FORGET_SECONDS = 3600.0
log = logging.getLogger("portal.worker")


def transport_of(config: Config) -> Transport | None:
    """Return what carries mail here: the terminal in the demonstration, a mail server, or nothing."""
    if config.demonstration:
        return TerminalTransport(sys.stdout)
    return SmtpTransport(config.smtp_url, config.mail_from) if config.smtp_url else None


def work(config: Config, parent: int) -> None:
    """Deliver mail and forget what is over, until the parent process is gone.

    An error of one round is logged and the next round tries again: a database away for a minute must not end it.
    """
    for number in (signal.SIGTERM, signal.SIGINT):  # the web server's own handlers came along with the fork
        signal.signal(number, signal.SIG_DFL)
    database, seal, transport = Database(config.database_url), Seal(config.secret_key), transport_of(config)
    next_forget = 0.0
    while os.getppid() == parent:
        try:
            if transport:
                deliver_due(database, transport, seal, clock.now())
            if time.monotonic() >= next_forget:
                with database.transaction() as session:
                    forget_old(session, clock.now())
                next_forget = time.monotonic() + FORGET_SECONDS
        except Exception:  # whatever one round runs into, the next one tries again
            log.exception("worker round failed")
        time.sleep(POLL_SECONDS)


class Server(BaseApplication):
    """Gunicorn, set up by this program instead of by a file."""

    def __init__(self, build: Callable[[], Flask], options: Mapping[str, Any]) -> None:
        """Remember how to build the application; each web process builds its own."""
        self._build, self._options = build, options
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn its settings."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application of one web process."""
        return self._build()


def serve(config: Config, build: Callable[[], Flask], *, host: str, workers: int, announce: Callable[[], None]) -> None:
    """Serve until stopped. ``announce`` is called once the address answers."""
    beside: list[multiprocessing.Process] = []

    def ready(_server: Any) -> None:
        beside.append(multiprocessing.Process(target=work, args=(config, os.getpid()), daemon=True))
        beside[0].start()
        announce()

    def stop(_server: Any) -> None:
        for process in beside:
            process.terminate()

    Server(
        build,
        {
            "bind": f"{host}:{config.port}",
            "workers": workers,
            "worker_class": "gthread",
            "threads": 4,
            "accesslog": None,  # its lines hold whole addresses, and those can hold sign-in tokens
            "loglevel": "warning",
            "when_ready": ready,
            "on_exit": stop,
            "forwarded_allow_ips": "",  # the number of trusted proxies is counted by the application itself
            "limit_request_line": 4094,
        },
    ).run()
