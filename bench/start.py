"""How fast the demonstration starts and answers, and how much memory one web process takes.

Run from the checkout: ``make bench``. It starts ``portal demo`` twice on a data folder of its own: the first start
brings the handbook in, the second one is what a warm machine sees.
"""

import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection, HTTPResponse
from os import environ
from pathlib import Path

ROUNDS = 200
PAGES = {"home": "/", "traject": "/stroomschema/KAN", "stapkaart": "/stroomschema/KAN/KAN-07"}
PAGES |= {"pagina": "/documenten/WI-01", "document": "/documenten/ZC-01"}
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
MOST_START_SECONDS, MOST_MEGABYTES = 3.0, 150.0


class Demonstration:
    """``portal demo`` as a process, with a browser in which a demonstration person is signed in."""

    def __init__(self, folder: Path) -> None:
        """Start it and wait for the first answer; ``seconds`` is how long that took from the start of the process."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.settings = {name: value for name, value in environ.items() if not name.startswith("PORTAL_")}
        self.settings |= {"PORTAL_DATA_DIR": str(folder), "PORTAL_PORT": str(self.port)}
        self.output = folder.parent / "uitvoer"
        begin = time.perf_counter()
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal", "demo"], env=self.settings, stdout=output, stderr=subprocess.STDOUT
            )
        while not self._answers():
            if self.process.poll() is not None:
                raise SystemExit(self.output.read_text())
            time.sleep(0.01)  # the server is a process of its own: there is nothing to wait on but its port
        self.seconds = time.perf_counter() - begin
        self.cookie = ""

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/readyz")[0].status == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[HTTPResponse, str]:
        """Return the answer to one request over a connection of its own, and its text."""
        headers = {"Cookie": self.cookie} if method == "GET" and self.signed_in else {}
        if body:
            headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    @property
    def signed_in(self) -> bool:
        """Whether a cookie of a signed-in person is there."""
        return bool(getattr(self, "cookie", ""))

    def sign_in(self) -> None:
        """Come in by the line the demonstration printed for the corporatie."""
        path = re.search(r"^corporatie \S+ http://[^/]+(\S+)", self.output.read_text(), re.MULTILINE)
        answer, text = self.ask("GET", path[1] if path else "")
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        token = TOKEN.search(text)
        answer, _text = self.ask("POST", path[1] if path else "", f"csrf_token={token[1] if token else ''}")
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]

    def latencies(self, path: str) -> list[float]:
        """Return how many milliseconds each of ``ROUNDS`` answers took, after one that fills caches."""
        taken = []
        for _round in range(ROUNDS + 1):
            begin = time.perf_counter()
            answer, _text = self.ask("GET", path)
            taken.append((time.perf_counter() - begin) * 1000)
            if answer.status != 200:
                raise SystemExit(f"{path} gaf {answer.status}")
        return taken[1:]

    def web_process(self) -> int:
        """Return the process id of the web process: of the two children the one with the listening port in use."""
        own = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return max(int(child) for child in own)  # the worker beside it is started first

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


def memory(process: int) -> dict[str, float]:
    """Return megabytes of a process: resident, and its fair share of what it has in common with others (PSS)."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("Rss:", "Pss:"))}
    return {name: size / 1024 for name, size in sizes.items()}


def measured(folder: Path) -> tuple[list[tuple[str, str]], bool]:
    """Return the lines of the table, and whether start and memory stay within what was agreed."""
    first = Demonstration(folder)
    first.stop()
    warm = Demonstration(folder)
    warm.sign_in()
    rows = [("eerste start (s)", f"{first.seconds:.2f}"), ("warme start (s)", f"{warm.seconds:.2f}")]
    for name, path in PAGES.items():
        taken = sorted(warm.latencies(path))
        p95 = statistics.quantiles(taken, n=20)[-1]
        rows.append((f"{name} p50 / p95 (ms)", f"{statistics.median(taken):.1f} / {p95:.1f}"))
    used = memory(warm.web_process())
    warm.stop()
    rows.append(("webproces RSS / PSS (MB)", f"{used['Rss']:.0f} / {used['Pss']:.0f}"))
    return rows, warm.seconds < MOST_START_SECONDS and used["Rss"] < MOST_MEGABYTES


def main() -> None:
    """Print the table; exit 1 when start or memory is over the limit."""
    with tempfile.TemporaryDirectory() as place:
        rows, within = measured(Path(place) / "instance")
    for name, value in rows:
        print(f"{name:<28}{value:>16}")
    print(f"afgesproken: warme start onder {MOST_START_SECONDS:.0f} s, webproces onder {MOST_MEGABYTES:.0f} MB RSS")
    sys.exit(not within)


if __name__ == "__main__":
    main()
