"""Coming in by a provider that somebody else wrote, oidc-provider-mock: real HTTP, and a clock of its own."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from portal.access.queries import person_by_address
from portal.lib import clock
from portal.sso.refusals import Reason
from tests.conftest import Site
from tests.running import free_port
from tests.sso.connecting import connect
from tests.visitor import Visitor

PEOPLE: dict[str, dict[str, object]] = {
    "s-1": {"email": "noor@hofstad.example", "email_verified": True, "groups": ["hh-redactie"]},
    "s-2": {"email": "elders@gemeente-hofstad.example"},
}
PATIENCE = 30


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Run the provider in a process of its own: it uses parts of Authlib that warn of their end."""
    port = free_port()
    people = [word for sub, claims in PEOPLE.items() for word in ("--user-claims", json.dumps({"sub": sub, **claims}))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *people]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(PATIENCE * 10):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)  # it has no other way to tell that it listens
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


def through(visitor: Visitor, sub: str) -> str:
    """Go to the provider, be this person there, and return the address it sends the browser back to."""
    address = urlsplit(visitor.get("/sso/hofstad/start").headers["Location"])
    connection = HTTPConnection(address.netloc, timeout=PATIENCE)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"{address.path}?{address.query}", urlencode({"sub": sub}), form)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 302
    return str(answer.headers["Location"])


def test_a_real_provider_lets_its_people_in(partner_site: Site, issuer: str) -> None:
    partner_site.clock.moment = clock.now()
    connect(partner_site, issuer, "hofstad", mapping={"hh-redactie": ["redacteur"]})
    visitor = partner_site.visitor()
    back = through(visitor, "s-1")
    assert back.startswith("http://localhost/sso/hofstad/terug?")
    path = back.removeprefix("http://localhost")
    assert visitor.get(path).headers["Location"] == "/"
    assert visitor.get("/mijn-sessies").status_code == 200
    assert visitor.get(path).status_code == Reason.USED.value.status
    with partner_site.database.reading() as session:
        assert person_by_address(session, "noor@hofstad.example")
    stranger = partner_site.visitor()
    refused = stranger.get(through(stranger, "s-2").removeprefix("http://localhost"))
    assert Reason.OUTSIDE.value.title.format(wie="Hofstad Wonen") in refused.get_data(as_text=True)
    visitor.post("/afmelden", token_from="/mijn-sessies")
    [out] = visitor.page("/sso/hofstad/afgemeld").xpath("//main//a[@class='btn']/@href")
    assert parse_qs(urlsplit(out).query)["client_id"] == ["handboek"]
    assert out.startswith(f"{issuer}/oauth2/end_session?")
