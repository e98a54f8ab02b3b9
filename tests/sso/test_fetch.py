"""A call to somebody else's server: where it may go, how long it takes and how much it takes in."""

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from portal.lib import fetch
from portal.lib.fetch import FetchError, is_web_address, may_call
from tests.conftest import NOW
from tests.sso.provider import Reply, running

PUBLIC = ("93.184.216.34", "2606:2800:220:1::1")
INSIDE = ("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "::1", "fd00::1", "::ffff:10.0.0.1", "100.64.0.1")
NEVER = ("0.1.2.3", "169.254.169.254", "224.0.0.1", "fe80::1%eth0", "::", "ff02::1", "::ffff:169.254.169.254")


def look_up_slowly(*_: object, **__: object) -> list[Any]:
    time.sleep(1)  # a name server that takes its time is what is tried
    return []


def code_of(url: str, **options: Any) -> str:
    with pytest.raises(FetchError) as error:
        fetch.fetch(url, **options)
    return error.value.code


def test_only_public_addresses_are_called_unless_the_setting_says_so() -> None:
    assert all(may_call(address) and may_call(address, allow_private=True) for address in PUBLIC)
    hidden = ("64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::", "::10.0.0.1", "::ffff:0:a00:1", "fec0::1")
    assert not any(may_call(address) for address in (*INSIDE, *NEVER, *hidden))
    assert all(may_call(address, allow_private=True) for address in INSIDE if address != "100.64.0.1")
    assert not any(may_call(address, allow_private=True) for address in NEVER)


def test_an_address_is_https_and_nothing_else() -> None:
    assert is_web_address("https://inloggen.example/realms/a")
    for url in (
        "http://inloggen.example",
        "javascript:alert(1)",
        "//a",
        "",
        None,
        7,
        "https://",
        "https://a b",
        "https:a",
    ):
        assert not is_web_address(url), url
        assert not is_web_address(url, allow_private=True), url
    for url in ("https://ik:geheim@a", "https://[::1", "https://a:99999", "https://a/\n"):
        assert not is_web_address(url), url
    assert is_web_address("http://localhost:8080", allow_private=True)
    assert not is_web_address("http://localhost:8080")


def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads outside when checked and inside a moment later (DNS rebinding) gains nothing."""
    asked: list[str] = []

    def look_up(answers: list[str]) -> Callable[..., list[Any]]:
        def getaddrinfo(host: str, port: int, **_: object) -> list[Any]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers]

        return getaddrinfo

    called: list[tuple[str, int]] = []

    def create_connection(address: tuple[str, int], **_: object) -> socket.socket:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    monkeypatch.setattr(socket, "getaddrinfo", look_up(["93.184.216.34"]))
    assert code_of("https://inloggen.example/a") == "connection"
    assert (asked, called) == (["inloggen.example"], [("93.184.216.34", 443)])
    for inside in (["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["169.254.169.254"]):
        monkeypatch.setattr(socket, "getaddrinfo", look_up(inside))
        assert code_of("https://inloggen.example/a") == "address"
    monkeypatch.setattr(socket, "getaddrinfo", look_up(["10.0.0.1"]))
    assert code_of("http://inloggen.example/a", allow_private=True) == "not-https"
    assert len(called) == 1


def test_a_call_ends_in_time_whatever_the_server_does(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(lambda: NOW) as server:
        server.replies = {
            "/slow": Reply(seconds=3),
            "/huge": Reply(body=b"a" * (fetch.LARGEST + 1)),
            "/away": Reply(status=302, headers={"Location": "http://127.0.0.1/"}),
            "/html": Reply(kind="text/html"),
            "/deep": Reply(body=b"[" * 100_000),
        }
        for path, code in {"/slow": "timeout", "/huge": "too-large", "/away": "redirect"}.items():
            assert code_of(f"{server.issuer}{path}", allow_private=True, seconds=1.0) == code
        for path in ("/html", "/deep"):
            answer = fetch.fetch(f"{server.issuer}{path}", allow_private=True)
            with pytest.raises(FetchError, match="not-json"):
                answer.mapping()
        assert code_of(f"{server.issuer.replace('http', 'https')}/html", allow_private=True) == "tls"
    assert code_of(f"{server.issuer}/html", allow_private=True) == "connection"
    monkeypatch.setattr(socket, "getaddrinfo", look_up_slowly)
    assert code_of("https://inloggen.example", seconds=0.2) == "timeout"
