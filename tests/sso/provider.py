"""An identity provider of our own on loopback, whose every answer can be made wrong."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey
from joserfc.jws import JWSRegistry
from werkzeug.test import TestResponse

from tests.visitor import Visitor

CLIENT = "handboek"
SECRET = "geheim van het handboek"
ALL_ALGORITHMS = ["RS256", "PS256", "ES256"]
Change = Callable[[dict[str, Any]], Any]


@cache
def rsa(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name})


@cache
def ec(name: str) -> Key:
    return ECKey.generate_key("P-256", {"kid": name})


@dataclass
class Reply:
    """A whole answer, in place of the right one."""

    status: int = 200
    body: bytes = b"{}"
    kind: str = "application/json"
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Provider:
    """The provider, right in everything until a test changes something.

    ``claims``, ``metadata``, ``header``, ``userinfo`` and ``tokens`` change the right ones before they are sent;
    ``replies`` has whole answers by path.
    """

    port: int
    now: Callable[[], datetime]
    key: Key = field(default_factory=lambda: rsa("eerste"))
    signing: Key | None = None
    algorithm: str = "RS256"
    published: list[Key] | None = None
    claims: Change | None = None
    header: Change | None = None
    metadata: Change | None = None
    userinfo: Change | None = None
    tokens: Change | None = None
    has_userinfo: bool = True
    replies: dict[str, Reply] = field(default_factory=dict)
    person: dict[str, Any] = field(default_factory=lambda: person())
    secret: str = SECRET
    asked: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def describe(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/inloggen",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/uitloggen",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        if self.has_userinfo:
            found["userinfo_endpoint"] = f"{self.issuer}/userinfo"
        return _changed(found, self.metadata)

    def id_token(self, access_token: str) -> str:
        at = int(self.now().timestamp())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 300,
            "nonce": self.asked["nonce"],
            "at_hash": _text(half),
            **self.person,
        }
        header = _changed({"alg": self.algorithm, "kid": (self.signing or self.key).kid}, self.header)
        registry = JWSRegistry(algorithms=ALL_ALGORITHMS, strict_check_header=False)
        return jwt.encode(header, _changed(claims, self.claims), self.signing or self.key, registry=registry)

    def answer(self, path: str, form: dict[str, str], headers: dict[str, str]) -> Reply:
        self.calls.append(path)
        if path in self.replies:
            return self.replies[path]
        if path == "/.well-known/openid-configuration":
            return _json(self.describe())
        if path == "/jwks":
            published = self.published if self.published is not None else [self.key]
            return _json({"keys": [key.as_dict(private=False) for key in published]})
        if path == "/userinfo":
            assert headers["Authorization"].startswith("Bearer ")
            return _json(_changed(dict(self.person), self.userinfo))
        return self._tokens(form)

    def sign_in_page(self, asked: dict[str, str]) -> Reply:
        """Return the page at which a browser signs in: by one click."""
        self.asked = asked
        back = urlencode({"code": "een-code", "state": asked["state"]})
        page = f'<!doctype html><title>IdP</title><a href="{asked["redirect_uri"]}?{escape(back)}">Log in</a>'
        return Reply(body=page.encode(), kind="text/html")

    def _tokens(self, form: dict[str, str]) -> Reply:
        self.forms.append(form)
        if form.get("client_secret", self.secret) != self.secret:
            return _json({"error": "invalid_client"}, 401)
        assert _text(hashlib.sha256(form["code_verifier"].encode()).digest()) == self.asked["code_challenge"]
        found = {"access_token": "toegang", "token_type": "Bearer", "id_token": self.id_token("toegang")}
        return _json(_changed(found, self.tokens))


def person(key: str = "nieuw", sub: str = "s-1", **more: Any) -> dict[str, Any]:
    return {"sub": sub, "email": f"{key}@hofstad.example", "email_verified": True, **more}


def signed_with_secret(token: str, kid: str, secret: bytes) -> str:
    """Return a token signed anew with HS256, for which no secret is secret enough: an old trick no library does."""
    parts = [_text(json.dumps({"alg": "HS256", "kid": kid}).encode()), token.split(".")[1]]
    return ".".join([*parts, _text(hmac.digest(secret, ".".join(parts).encode(), "sha256"))])


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _changed(found: dict[str, Any], change: Change | None) -> dict[str, Any]:
    if change:
        change(found)
    return found


def _json(data: dict[str, Any], status: int = 200) -> Reply:
    return Reply(status, json.dumps(data).encode())


@contextmanager
def running(now: Callable[[], datetime]) -> Iterator[Provider]:
    """Run a provider whose clock is that of the test."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._reply(dict(parse_qsl(text)))

        def _reply(self, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/inloggen":
                reply = provider.sign_in_page(dict(parse_qsl(parts.query)))
            else:
                reply = provider.answer(parts.path, form, dict(self.headers))
            time.sleep(reply.seconds)  # a slow provider is one of the faults
            self.send_response(reply.status)
            for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(reply.body)
            except OSError:  # the portal hung up: too slow or too large
                return

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = Provider(server.server_address[1], now)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield provider
    server.shutdown()
    server.server_close()


@dataclass
class Journey:
    """One tab on its way through a provider."""

    visitor: Visitor
    name: str
    asked: dict[str, str]

    def back(self, **arguments: str | None) -> TestResponse:
        """Come back with a code; arguments change or, with None, leave out what stands in the address."""
        given = {"code": "een-code", "state": self.asked["state"], **arguments}
        return self.visitor.get(
            f"/sso/{self.name}/terug", query_string={name: value for name, value in given.items() if value is not None}
        )


def depart(visitor: Visitor, provider: Provider, name: str = "hofstad") -> Journey:
    """Go to the provider, which remembers what it was asked."""
    answer = visitor.get(f"/sso/{name}/start")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return arrive(visitor, provider, answer.headers["Location"], name)


def arrive(visitor: Visitor, provider: Provider, address: str, name: str = "hofstad") -> Journey:
    """Be at the provider, at this address."""
    parts = urlsplit(address)
    assert parts._replace(query="").geturl() == f"{provider.issuer}/inloggen"
    asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
    provider.asked = asked
    return Journey(visitor, name, asked)
