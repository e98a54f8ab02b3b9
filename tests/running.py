"""The portal as processes of its own, as ``make run`` and a terminal start it."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

PORTAL = (sys.executable, "-m", "portal")


def environment_of(folder: Path, **settings: str) -> dict[str, str]:
    """Return the environment of an installation in a folder, without settings of whoever runs the tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return environment | {"PORTAL_DATA_DIR": str(folder), **settings}


def portal(
    folder: Path,
    *words: str,
    before: Callable[[], None] | None = None,
    through: Sequence[str] = (),
    **settings: str,
) -> subprocess.CompletedProcess[str]:
    """Run one command until it ends. ``before`` runs in its process first; ``through`` is a program that starts it."""
    return subprocess.run(
        [*through, *PORTAL, *words],
        env=environment_of(folder, **settings),
        preexec_fn=before,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str], *expected: str) -> None:
    """Check that a command ended with 1 and one line on standard error that holds these words."""
    assert done.returncode == 1, done
    assert done.stderr.startswith("portal: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    for words in expected:
        assert words in done.stderr


def free_port() -> int:
    """Return a port on which nobody listens, below those that the system gives to connections by itself."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 # no secret
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Running:
    """A real process of the portal, as ``make run`` starts it."""

    def __init__(self, folder: Path, *arguments: str, port: int | None = None, **settings: str) -> None:
        self.port = port or free_port()
        self.log = folder.parent / f"{folder.name}.uitvoer"
        environment = environment_of(folder, PORTAL_PORT=str(self.port), **settings)
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [*PORTAL, *arguments], env=environment, stdout=output, stderr=subprocess.STDOUT
            )

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_error: object) -> None:
        """End it, whatever came of the test: a server that stays behind holds its port and its database."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def lines(self, until: str) -> list[str]:
        """Return what was printed, once a line with these words is there."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            printed = self.log.read_text()
            if until in printed:
                return printed.splitlines()
            assert self.process.poll() is None, printed
            time.sleep(0.2)  # a process of its own: there is nothing to wait on but its output
        raise AssertionError(self.log.read_text())

    def ask(
        self, method: str, path: str, host: str = "127.0.0.1", **options: object
    ) -> tuple[int, dict[str, str], str]:
        connection = HTTPConnection(host, self.port, timeout=30)
        connection.request(method, path, **options)  # type: ignore[arg-type] # body and headers
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace")
        connection.close()
        return answer.status, dict(answer.getheaders()), body

    def children(self) -> list[int]:
        """Return the process ids of web processes and the worker beside them (Linux)."""
        return [
            int(word) for word in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(90)  # a server that is still starting lets its workers finish first, which may take 30
