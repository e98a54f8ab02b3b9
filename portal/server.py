"""The production server: gunicorn's web processes with one small worker beside them."""

import errno
import fcntl
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from sqlalchemy.exc import DBAPIError

from portal.access.sign_in import forget_old
from portal.config import Config, make_folder
from portal.db import Database
from portal.editions.traces import clear
from portal.faults import fault_of
from portal.lib import clock
from portal.lib.errors import OperatorError
from portal.lib.mail import SmtpTransport, TerminalTransport
from portal.lib.tokens import Seal
from portal.links.shares import forget_shares
from portal.notifications.operations import Transport, deliver_due
from portal.search.misses import forget_misses
from portal.sso.attempts import forget_attempts

POLL_SECONDS = 2.0
FORGET_SECONDS = 3600.0
CLEAR_SECONDS = 60.0
BACKLOG = 2048
"""Connections that may wait to be accepted; gunicorn's own default, which it does not set on a socket it is given."""
log = logging.getLogger("portal.worker")


class StartError(OperatorError):
    """The server cannot start here; the message says why and what to do."""


@contextmanager
def only_server(data_dir: Path) -> Iterator[None]:
    """Be the only server on this installation. Raises StartError when there is one already.

    The lock is flock(2)'s: the processes of this server share it, and the kernel drops it when the last of them is
    gone, however it ended. Nothing is written, so that a full disk does not keep the server from starting.
    """
    make_folder(data_dir)
    with (data_dir / "portal.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartError(
                f"op de installatie in {data_dir} draait al een portaal; stop dat eerst, "
                "of kies met PORTAL_DATA_DIR een andere map. Andere opdrachten werken ernaast"
            ) from error
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises StartError when the port is taken or the address is not of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"poort {port} is al in gebruik; stop wat daar draait, of kies een andere met PORTAL_PORT of --port"
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM):
            raise StartError(f"poort {port} mag dit programma niet openen; kies PORTAL_PORT vanaf 1024") from error
        raise StartError(f"het adres {host} is er niet op deze computer; kies met --host een ander") from error


def transport_of(config: Config) -> Transport | None:
    """Return what carries mail here: the terminal in the demonstration, a mail server, or nothing."""
    if config.demonstration:
        return TerminalTransport(sys.stdout)
    return SmtpTransport(config.smtp_url, config.mail_from) if config.smtp_url else None


@dataclass(frozen=True)
class Lifeline:
    """A pipe whose writing end only the master keeps open: its children see at once that it is gone, even by kill -9.

    Without it they would hold the port and the lock for seconds, or as long as a mail server lets them wait, and the
    next start would be refused.
    """

    reading: int
    writing: int

    @classmethod
    def new(cls) -> "Lifeline":
        """Return one, in the master before it forks."""
        return cls(*os.pipe())

    def hold(self) -> None:
        """In a child: end together with the master. What was under way is rolled back by the database."""
        os.close(self.writing)
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        os.read(self.reading, 1)
        os._exit(1)


def work(config: Config) -> None:
    """Deliver mail and forget what is over, for as long as the process lives.

    An error of one round is logged and the next round tries again: a database away for a minute must not end it.
    """
    database, seal, transport = Database(config.database_url), Seal(config.secret_key), transport_of(config)
    next_forget = next_clear = 0.0
    trouble: str | None = None
    while True:
        try:
            if transport:
                deliver_due(database, transport, seal, clock.now())
            if time.monotonic() >= next_forget:
                with database.transaction() as session:
                    forget_old(session, clock.now())
                    forget_shares(session, clock.now())
                    forget_attempts(session, clock.now())
                    forget_misses(session, clock.day_of(clock.now()))
                next_forget = time.monotonic() + FORGET_SECONDS
            if time.monotonic() >= next_clear:
                clear(database, config, clock.now())
                next_clear = time.monotonic() + CLEAR_SECONDS
            trouble = None
        except Exception as error:  # whatever one round runs into, the next one tries again
            known = fault_of(error) if isinstance(error, DBAPIError) else None
            if known is None:
                log.exception("worker round failed")
            elif known.name != trouble:  # said once, not every round for as long as the disk is full
                log.error("worker waits", extra={"fault": known.name})
            trouble = known and known.name
        time.sleep(POLL_SECONDS)  # the outbox is a table: there is nothing to wait on


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
        """Return the application of one web process.

        What it is made of stays for good: the garbage collector need not look at it again during each request.
        """
        application = self._build()
        gc.collect()
        gc.freeze()
        return application


def serve(config: Config, build: Callable[[], Flask], *, host: str, workers: int, announce: Callable[[], None]) -> None:
    """Serve until stopped. ``announce`` is called once the address answers. Raises StartError as ``listen`` does."""
    lifeline = Lifeline.new()
    beside: list[int] = []

    def ready(_server: Any) -> None:
        beside.append(_fork_beside(config, lifeline))
        announce()

    def stop(_server: Any) -> None:
        for process in beside:
            with suppress(ProcessLookupError):  # it may have ended by itself
                os.kill(process, signal.SIGTERM)

    listener = listen(host, config.port)  # gunicorn itself would try five times, each with log lines
    Server(
        build,
        {
            "bind": f"fd://{listener.detach()}",
            "workers": workers,
            "worker_class": "gthread",
            "threads": 4,
            "accesslog": None,  # its lines hold whole addresses, and those can hold sign-in tokens
            "loglevel": "warning",
            "when_ready": ready,
            "post_fork": lambda _server, _worker: lifeline.hold(),
            "on_exit": stop,
            "forwarded_allow_ips": "",  # the number of trusted proxies is counted by the application itself
            "limit_request_line": 4094,
            "control_socket_disable": True,  # a socket in the home folder that nobody here uses
        },
    ).run()


def _fork_beside(config: Config, lifeline: Lifeline) -> int:
    """Start the worker beside the web processes and return its process id."""
    process = os.fork()
    if process:
        return process
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):  # the web server's own came with the fork
            signal.signal(number, signal.SIG_DFL)
        lifeline.hold()
        work(config)
    finally:
        os._exit(1)  # never back into the copy of the web server
