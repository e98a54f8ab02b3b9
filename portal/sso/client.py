"""The portal as a client of one provider: the address to send a browser to, and the answer it comes back with."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from portal.lib.errors import InvalidInput
from portal.lib.fetch import Answer, FetchError
from portal.lib.tokens import Seal
from portal.sso.attempts import Secrets
from portal.sso.discovery import FEWEST_RSA_BITS, Description, Directory
from portal.sso.models import AuthMethod, Provider
from portal.sso.refusals import Reason, Refused
from portal.sso.tokens import ELSEWHERE, Claims, Expected, read_id_token

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60
NOT_A_KEY = "Dit is geen privésleutel. Geef een RSA-sleutel van minstens 2048 bits of een EC-sleutel (P-256), als PEM."
WORD = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Told:
    """What a provider told of somebody, and whether our second secret was the one that worked."""

    claims: Claims
    with_next_secret: bool = False


def authorization_address(
    provider: Provider, description: Description, redirect: str, secrets: Secrets, *, ask_again: bool
) -> str:
    """Return where to send the browser; ``ask_again`` lets the provider ask for a password even to who is signed in."""
    more = {"prompt": "login"} if ask_again else {}
    address: str = prepare_grant_uri(
        description.authorization,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=redirect,
        scope=provider.scopes,
        state=secrets.state,
        nonce=secrets.nonce,
        code_challenge=create_s256_code_challenge(secrets.verifier),
        code_challenge_method="S256",
        **more,
    )
    return address


def check_response(arguments: Mapping[str, str], provider: Provider, description: Description) -> str:
    """Return the code of an authorization response; raises Refused when it is another provider's or holds none."""
    issuer = arguments.get("iss")
    if issuer is not None and issuer != provider.issuer:
        raise Refused(Reason.MIXED_UP, "response:iss")
    if issuer is None and description.names_issuer:
        raise Refused(Reason.MIXED_UP, "response:no-iss")
    if "error" in arguments:
        told = arguments["error"] if WORD.fullmatch(arguments["error"]) else "other"
        reasons = {"access_denied": Reason.DENIED, "login_required": Reason.DENIED, "consent_required": Reason.DENIED}
        temporary = ("server_error", "temporarily_unavailable")
        fallback = Reason.UNREACHABLE if told in temporary else Reason.SET_UP
        raise Refused(reasons.get(told, fallback), f"response:{told}")
    code = arguments.get("code", "")
    if not code or len(code) > 4096:
        raise Refused(Reason.ANSWER, "response:no-code")
    return code


@dataclass(frozen=True)
class Exchange:
    """One attempt that came back with a code."""

    provider: Provider
    directory: Directory
    seal: Seal
    redirect: str
    secrets: Secrets
    since: datetime
    now: datetime

    def told(self, code: str) -> Told:
        """Return what the provider tells of the person for this code; raises Refused."""
        description = self.directory.description(self.provider, self.now)
        tokens, with_next = self._tokens(description, code)
        access = tokens.get("access_token")
        if not isinstance(access, str) or not access or not access.isascii() or not access.isprintable():
            raise Refused(Reason.ANSWER, "no-access-token")
        expected = Expected(
            issuer=self.provider.issuer,
            client_id=self.provider.client_id,
            algorithms=tuple(self.provider.algorithms),
            nonce=self.secrets.nonce,
            since=self.since,
            now=self.now,
            leeway=self.provider.leeway,
        )
        claims = read_id_token(
            tokens.get("id_token"),
            access,
            expected,
            lambda kid, algorithm: self.directory.key(self.provider, kid, algorithm, self.now),
        )
        more = self._userinfo(description, access, claims["sub"])
        elsewhere = {name: more[name] for name in ELSEWHERE if more.get(name)}  # an ID token may not hush it up
        return Told({**more, **claims, **elsewhere}, with_next)

    def _tokens(self, description: Description, code: str) -> tuple[Mapping[str, Any], bool]:
        """Return the answer of the token address; with the second secret when the first is no longer taken."""
        sealed = [self.provider.sealed_secret, self.provider.sealed_next_secret]
        for number, secret in enumerate(one for one in sealed if one):
            answer = self._ask(description, code, _opened(self.seal, secret))
            if answer.status == 200:
                try:
                    return answer.mapping(), number > 0
                except FetchError as error:
                    raise Refused(Reason.UNREACHABLE, f"token:{error.code}") from error
            told = _error_of(answer)
            if told not in ("invalid_client", "unauthorized_client"):
                reason = Reason.UNREACHABLE if answer.status >= 500 else Reason.ANSWER
                raise Refused(reason, f"token:{told or f'status-{answer.status}'}")
        raise Refused(Reason.SET_UP, "token:invalid_client")

    def _ask(self, description: Description, code: str, secret: str) -> Answer:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect,
            "code_verifier": self.secrets.verifier,
        }
        headers = {}
        client_id = self.provider.client_id
        if self.provider.auth_method == AuthMethod.PRIVATE_KEY:
            form |= {"client_id": client_id, "client_assertion_type": ASSERTION}
            form["client_assertion"] = _assertion(client_id, description.token, secret, self.now)
        elif description.secret_method is AuthMethod.POST:
            form |= {"client_id": client_id, "client_secret": secret}
        else:
            pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"  # RFC 6749, 2.3.1: as in a form, then in base64
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        try:
            return self.directory.ask(description.token, form=form, headers=headers)
        except FetchError as error:
            raise Refused(Reason.UNREACHABLE, f"token:{error.code}") from error

    def _userinfo(self, description: Description, access_token: str, subject: str) -> Claims:
        """Return what the userinfo address adds; it must be about the same person (OpenID Connect Core 5.3.2)."""
        if not description.userinfo:
            return {}
        headers = {"Authorization": f"Bearer {access_token}"}
        try:
            answer = self.directory.ask(description.userinfo, headers=headers)
            if answer.status != 200:
                raise FetchError(f"status-{answer.status}")
            claims = answer.mapping()
        except FetchError as error:
            raise Refused(Reason.UNREACHABLE, f"userinfo:{error.code}") from error
        if claims.get("sub") != subject:
            raise Refused(Reason.OTHER_PERSON, "userinfo:sub")
        return claims


def signing_key(pem: str) -> RSAKey | ECKey:
    """Return a private key from its PEM text; raises InvalidInput when it is none we can sign with."""
    for kind in ("RSA", "EC"):
        try:
            key = JWKRegistry.import_key(pem, kind)
        except (JoseError, ValueError, TypeError):  # not of this kind, or protected by a password
            continue
        strong = isinstance(key, ECKey) and key.curve_name == "P-256"
        strong = strong or (isinstance(key, RSAKey) and key.public_key.key_size >= FEWEST_RSA_BITS)
        if isinstance(key, RSAKey | ECKey) and key.is_private and strong:
            key.ensure_kid()
            return key
    raise InvalidInput(NOT_A_KEY, field="secret")


def _assertion(client_id: str, token_address: str, pem: str, now: datetime) -> str:
    """Return a signed statement that it is us (RFC 7523); valid for a minute."""
    key = signing_key(pem)
    signed: str = private_key_jwt_sign(
        key,
        client_id,
        token_address,
        alg="RS256" if isinstance(key, RSAKey) else "ES256",
        header={"kid": key.kid},
        issued_at=int(now.timestamp()),
        expires_in=ASSERTION_SECONDS,
    )
    return signed


def _opened(seal: Seal, sealed: str) -> str:
    try:
        return seal.open(sealed)
    except ValueError as error:
        raise Refused(Reason.SET_UP, "secret:sealed-with-another-key") from error


def _error_of(answer: Answer) -> str:
    """Return the error a token address names, when it is one of the known kind of words."""
    try:
        told = str(answer.mapping().get("error", ""))
    except FetchError:
        return "invalid_client" if answer.status == 401 else ""
    return told if WORD.fullmatch(told) else ""
