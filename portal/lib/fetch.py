"""One call to somebody else's server: limited in time and size, not redirected, and never to an address inside.

On http.client, because the connection must go to the very address that was checked: a name may lead elsewhere a moment
later (DNS rebinding), and requests and httpx cannot be told an address without replacing what makes their connections.
"""

import contextlib
import ipaddress
import json
import queue
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Thread
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

SECONDS = 5.0
"""For the whole call: finding the address, connecting, sending and reading."""
LARGEST = 256 * 1024
SITE_LOCAL = ipaddress.ip_network("fec0::/10")
"""Once for use inside (RFC 3879); Python calls it global."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
"""Leads to the machine itself on Linux."""


class FetchError(Exception):
    """The call gave nothing to work with; ``code`` says why in one of our own words, never in those of the server."""

    def __init__(self, code: str) -> None:
        """Remember why."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    kind: str
    data: bytes

    def mapping(self) -> dict[str, Any]:
        """Return the JSON object it holds; raises FetchError when it does not hold one."""
        if self.kind not in ("application/json", "application/jwk-set+json"):
            raise FetchError("not-json")
        try:
            found = json.loads(self.data)
        except (ValueError, RecursionError) as error:
            raise FetchError("not-json") from error
        if not isinstance(found, dict):
            raise FetchError("not-json")
        return found


def fetch(
    url: str,
    *,
    allow_private: bool = False,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> Answer:
    """Return the answer to a GET, or to a POST when there is a form; raises FetchError.

    ``allow_private`` lets the address be a private or loopback one, and plain http go to loopback; ``seconds`` is for
    the whole call (``SECONDS``). It runs in a thread of its own, because nothing else limits how long a name server
    takes.
    """
    seconds = SECONDS if seconds is None else seconds
    call = _Call(url, allow_private, urlencode(form) if form is not None else None, dict(headers or {}), seconds)
    outcome: queue.SimpleQueue[Answer | FetchError] = queue.SimpleQueue()
    Thread(target=lambda: outcome.put(call.result()), daemon=True).start()
    try:
        found = outcome.get(timeout=seconds)
    except queue.Empty:
        call.cut()
        raise FetchError("timeout") from None
    if isinstance(found, FetchError):
        raise found
    return found


def is_web_address(url: object, *, allow_private: bool = False) -> bool:
    """Whether this is an https address, or with ``allow_private`` one on loopback by name; nothing is looked up."""
    if not isinstance(url, str) or len(url) > 2000 or not url.isprintable() or " " in url:
        return False
    try:
        parts = _parts(url)
    except FetchError:
        return False
    return parts.scheme == "https" or (allow_private and _is_loopback_name(parts.hostname or ""))


def may_call(address: str, *, allow_private: bool = False) -> bool:
    """Whether an IP address may be called: a public one, or with ``allow_private`` a private or loopback one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        found = inner or found
    if found.is_multicast or found.is_unspecified or found.is_link_local or found in THIS_NETWORK:
        return False
    is_public = found.is_global and not found.is_reserved and found not in SITE_LOCAL
    return is_public or (allow_private and (found.is_loopback or found.is_private))


@dataclass
class _Call:
    url: str
    allow_private: bool
    form: str | None
    headers: dict[str, str]
    seconds: float
    _sockets: list[socket.socket] = field(default_factory=list)

    def result(self) -> Answer | FetchError:
        """Give the answer, or what went wrong: an exception would end in this thread."""
        try:
            return self._answer()
        except FetchError as error:
            return error
        except TimeoutError:
            return FetchError("timeout")
        except ssl.SSLError:
            return FetchError("tls")
        except (OSError, HTTPException, ValueError):  # ValueError: a name that no name server can be asked for
            return FetchError("connection")
        finally:
            for one in self._sockets:
                one.close()

    def cut(self) -> None:
        """End the connection, so that the thread ends too."""
        for one in self._sockets:
            with contextlib.suppress(OSError):  # it was closed already
                one.shutdown(socket.SHUT_RDWR)

    def _answer(self) -> Answer:
        parts = _parts(self.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with contextlib.closing(self._connection(parts, port)) as connection:
            kind = {"Content-Type": "application/x-www-form-urlencoded"} if self.form is not None else {}
            path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
            sent = {"Accept": "application/json", "Accept-Encoding": "identity", **kind, **self.headers}
            connection.request("GET" if self.form is None else "POST", path, self.form, sent)
            with connection.getresponse() as answer:
                if 300 <= answer.status < 400:
                    raise FetchError("redirect")
                data = answer.read(LARGEST + 1)
                if len(data) > LARGEST:
                    raise FetchError("too-large")
                return Answer(answer.status, answer.headers.get_content_type(), data)

    def _connection(self, parts: SplitResult, port: int) -> HTTPConnection:
        host = parts.hostname or ""
        reached = self._reach(self._addresses(host, port, parts.scheme), port)
        if parts.scheme == "http":
            connection = HTTPConnection(host, port)
        else:
            context = ssl.create_default_context()
            connection = HTTPSConnection(host, port, context=context)
            reached = context.wrap_socket(reached, server_hostname=host)
            self._sockets.append(reached)
        connection.sock = reached
        return connection

    def _addresses(self, host: str, port: int, scheme: str) -> list[str]:
        """Return where a name leads; all of it must be allowed, since any of it may be what is called next time."""
        found = list(dict.fromkeys(str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        if not all(may_call(address, allow_private=self.allow_private) for address in found):
            raise FetchError("address")
        if scheme == "http" and not all(ipaddress.ip_address(a.partition("%")[0]).is_loopback for a in found):
            raise FetchError("not-https")
        return found

    def _reach(self, addresses: list[str], port: int) -> socket.socket:
        failed: OSError = OSError("no address")
        for address in addresses:
            try:
                reached = socket.create_connection((address, port), timeout=self.seconds)
            except OSError as error:
                failed = error
            else:
                self._sockets.append(reached)
                return reached
        raise failed


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.username
    except ValueError as error:
        raise FetchError("address") from error
    if not fine:
        raise FetchError("address")
    return parts


def _is_loopback_name(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
