"""Whether the time of an answer tells who exists: every way of coming in, for people who are known and who are not.

Run from the checkout: ``make bench``, or ``.venv/bin/python bench/signing_in.py N``, on a machine with no other work.
It asks a demonstration N times (default 200) in each way for an address with an account and one without, in turn, each
first as often as second. That both cost the same is counted in ``tests/access/test_same_for_everybody.py``.
"""

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from start import TOKEN, Demonstration

TRIES = 200
SIGN_IN = "/aanmelden"
Form = dict[str, str]


def portal(demonstration: Demonstration, *arguments: str) -> str:
    """Run a command on the installation of a demonstration and return what it prints."""
    command = [sys.executable, "-m", "portal", *arguments]
    done = subprocess.run(command, env=demonstration.settings, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def pressed(demonstration: Demonstration, path: str, form: Form, *, expected: int) -> float:
    """Send a form from its page and return how many milliseconds the answer took."""
    answer, text = demonstration.ask("GET", path)
    if made := answer.headers["Set-Cookie"]:
        demonstration.cookie = made.split(";")[0]
    token = TOKEN.search(text)
    body = urlencode({"csrf_token": token[1] if token else "", **form})
    begin = time.perf_counter()
    answer, _text = demonstration.ask("POST", path, body)
    taken = (time.perf_counter() - begin) * 1000
    if made := answer.headers["Set-Cookie"]:
        demonstration.cookie = made.split(";")[0]
    if answer.status != expected:
        raise SystemExit(f"{path} gaf {answer.status} op {form}")
    return taken


def asking(demonstration: Demonstration, path: str, expected: int, **more: str) -> Callable[[str], float]:
    """Return how to measure one answer to an address, typed in a browser that was never here."""

    def measure(address: str) -> float:
        demonstration.cookie = ""
        return pressed(demonstration, path, {"address": address, **more}, expected=expected)

    return measure


def wrong_code(demonstration: Demonstration) -> Callable[[str], float]:
    """Return how to measure the answer to a wrong code, in a browser that asked for one by mail."""
    ask = asking(demonstration, SIGN_IN, 303, stap="mail")

    def measure(address: str) -> float:
        ask(address)
        return pressed(demonstration, SIGN_IN, {"stap": "code", "code": "AAAA2222"}, expected=410)

    return measure


def in_turn(measure: Callable[[str], float], known: str, unknown: str, tries: int) -> tuple[list[float], list[float]]:
    """Return the times for a known and an unknown address, without those of the first tries, which fill caches."""
    times: dict[str, list[float]] = {known: [], unknown: []}
    orders = [(known, unknown), (unknown, known)] * ((tries + 1) // 2)
    random.shuffle(orders)
    for number, order in enumerate([(known, unknown)] * 3 + orders[:tries]):
        for address in order:
            taken = measure(address)
            if number >= 3:
                times[address].append(taken)
    return times[known], times[unknown]


def described(times: list[float]) -> str:
    """Return median and 95th percentile, in milliseconds."""
    return f"{statistics.median(times):.1f} / {statistics.quantiles(times, n=20)[-1]:.1f}".replace(".", ",")


def main() -> None:
    """Print a table of the ways in."""
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else TRIES
    with tempfile.TemporaryDirectory() as place:
        demonstration = Demonstration(Path(place) / "instance")
        secret = Path(place) / "geheim"
        secret.write_text("alleen om te meten")
        provider = ["sso", "add", "voorbeeldhof", "--organisation", "Woningcorporatie Voorbeeldhof"]
        provider += ["--issuer", "https://idp.voorbeeldhof.example", "--client-id", "handboek"]
        portal(demonstration, *provider, "--client-secret-file", str(secret), "--domain", "voorbeeldhof.example")
        invited = urlsplit(portal(demonstration, "link", "organisation", "Zorgaanbieder Voorbeeldzorg")).path
        ways = {
            "mail, domein zonder aanbieder": (asking(demonstration, SIGN_IN, 303), "uitvoeringsdienst@voorbeeldstad"),
            "werkadres, domein met aanbieder": (asking(demonstration, SIGN_IN, 200), "corporatie@voorbeeldhof"),
            "mail, domein met aanbieder": (asking(demonstration, SIGN_IN, 303, stap="mail"), "corporatie@voorbeeldhof"),
            "uitnodiging van een organisatie": (asking(demonstration, invited, 303), "zorgaanbieder@voorbeeldzorg"),
            "verkeerde code": (wrong_code(demonstration), "uitvoeringsdienst@voorbeeldstad"),
        }
        print("| manier | bekend p50 / p95 (ms) | onbekend p50 / p95 (ms) |\n|---|---|---|")
        for name, (measure, address) in ways.items():
            stranger = f"niemand@{address.partition('@')[2]}.example"
            known, unknown = in_turn(measure, f"{address}.example", stranger, tries)
            print(f"| {name} | {described(known)} | {described(unknown)} |", flush=True)
        demonstration.stop()


if __name__ == "__main__":
    main()
