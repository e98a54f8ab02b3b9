"""What a provider says of itself: its addresses and its keys, fetched once and kept for an hour by each process."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from portal.lib.fetch import Answer, FetchError, fetch, is_web_address
from portal.sso.models import AuthMethod, Provider
from portal.sso.refusals import Reason, Refused

KEPT = timedelta(hours=1)
REFETCHES = 5
"""How often a minute keys are fetched again because a token names one we do not know: keys do rotate."""
FEWEST_RSA_BITS = 2048
KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
"""Of each family of algorithms the kind of key it works with. None of them works with a shared secret."""


@dataclass(frozen=True)
class Description:
    """The addresses of a provider and what it promises (OpenID Connect Discovery, RFC 8414, RFC 9207)."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    names_issuer: bool
    """Whether every answer names its issuer, so that one without is refused."""
    auth_methods: tuple[str, ...]

    @property
    def secret_method(self) -> AuthMethod:
        """How a client secret travels: in the form where that is taken, else as OpenID Connect has it by default."""
        return AuthMethod.POST if AuthMethod.POST in self.auth_methods else AuthMethod.BASIC


@dataclass(frozen=True)
class _Kept:
    description: Description
    keys: tuple[Key, ...]
    at: datetime


class Directory:
    """The descriptions and keys of all providers, as this process knows them."""

    def __init__(self, *, allow_private: bool) -> None:
        """Begin with nothing; ``allow_private`` is the setting ``PORTAL_SSO_ALLOW_PRIVATE``."""
        self.allow_private = allow_private
        self._kept: dict[tuple[int, str], _Kept] = {}
        self._refetched: dict[int, deque[datetime]] = {}
        self._silent: dict[str, Lock] = {}

    def description(self, provider: Provider, at: datetime) -> Description:
        """Return what a provider says of itself; raises Refused when it says nothing or something else than agreed."""
        return self._get(provider, at).description

    def key(self, provider: Provider, kid: str | None, algorithm: str, at: datetime) -> Key:
        """Return the key for a token; keys are fetched again when it is a new one. Raises Refused when it is none."""
        found = _pick(self._get(provider, at).keys, kid, algorithm)
        if found is None and self._may_refetch(provider, at):
            found = _pick(self._get(provider, at, fresh=True).keys, kid, algorithm)
        if found is None:
            raise Refused(Reason.ANSWER, "kid")
        return found

    def look_again(self, provider: Provider, at: datetime) -> Description:
        """Fetch everything anew, for a beheerder who tests; raises Refused."""
        return self._get(provider, at, fresh=True).description

    def keys(self, provider: Provider, at: datetime) -> tuple[Key, ...]:
        """Return the keys with which a provider signs; raises Refused."""
        return self._get(provider, at).keys

    def _get(self, provider: Provider, at: datetime, *, fresh: bool = False) -> _Kept:
        place = (provider.id, provider.issuer)
        kept = self._kept.get(place)
        if kept is None or fresh or not timedelta() <= at - kept.at < KEPT:
            description = _described(self._fetch(_address(provider.issuer), "discovery"), provider, self.allow_private)
            kept = _Kept(description, _keys(self._fetch(description.keys, "jwks")), at)
            self._kept[place] = kept
        return kept

    def ask(
        self, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return what a server of a provider answers; raises FetchError.

        Of a server that did not answer in time, one request at a time waits again; all others are refused at once.
        This process has few threads, and whoever reads the handbook needs one.
        """
        server = urlsplit(url).netloc
        turn = self._silent.get(server)
        if turn and not turn.acquire(blocking=False):
            raise FetchError("timeout-before")
        try:
            answer = fetch(url, allow_private=self.allow_private, form=form, headers=headers)
        except FetchError as error:
            if error.code == "timeout":
                self._silent.setdefault(server, Lock())
            raise
        else:
            self._silent.pop(server, None)
            return answer
        finally:
            if turn:
                turn.release()

    def _fetch(self, url: str, what: str) -> Mapping[str, Any]:
        try:
            answer = self.ask(url)
            if answer.status != 200:
                raise FetchError(f"status-{answer.status}")
            return answer.mapping()
        except FetchError as error:
            raise Refused(Reason.UNREACHABLE, f"{what}:{error.code}") from error

    def _may_refetch(self, provider: Provider, at: datetime) -> bool:
        moments = self._refetched.setdefault(provider.id, deque(maxlen=REFETCHES))
        if len(moments) == REFETCHES and timedelta() <= at - moments[0] < timedelta(minutes=1):
            return False
        moments.append(at)
        return True


def _address(issuer: str) -> str:
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def _described(found: Mapping[str, Any], provider: Provider, allow_private: bool) -> Description:
    if found.get("issuer") != provider.issuer:
        raise Refused(Reason.DESCRIPTION, "discovery:issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"):
        needed = name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if (needed or found.get(name)) and not is_web_address(found.get(name), allow_private=allow_private):
            raise Refused(Reason.DESCRIPTION, f"discovery:{name}")
    methods = found.get("token_endpoint_auth_methods_supported")
    return Description(
        authorization=found["authorization_endpoint"],
        token=found["token_endpoint"],
        keys=found["jwks_uri"],
        userinfo=found.get("userinfo_endpoint") or None,
        end_session=found.get("end_session_endpoint") or None,
        names_issuer=found.get("authorization_response_iss_parameter_supported") is True,
        auth_methods=tuple(str(method) for method in methods) if isinstance(methods, list) else (),
    )


def _keys(found: Mapping[str, Any]) -> tuple[Key, ...]:
    """Return the keys that can verify a signature; what we do not understand is left out (RFC 7517, section 5)."""
    rows = found.get("keys")
    if not isinstance(rows, list):
        raise Refused(Reason.DESCRIPTION, "jwks:keys")
    return tuple(key for row in rows[:50] if isinstance(row, dict) and (key := _key(row)) is not None)


def _key(row: Mapping[str, Any]) -> Key | None:
    if row.get("kty") not in KINDS.values() or row.get("use", "sig") != "sig":
        return None
    public = {name: value for name, value in row.items() if name not in ("d", "p", "q", "dp", "dq", "qi", "oth")}
    if row["kty"] == "RSA" and len(str(row.get("n", ""))) * 6 < FEWEST_RSA_BITS:
        return None
    try:
        return JWKRegistry.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):  # whatever a stranger may write in a key
        return None


def _pick(keys: tuple[Key, ...], kid: str | None, algorithm: str) -> Key | None:
    """Return the key with this id. Without an id there must be only one that fits (OpenID Connect Core 10.1)."""
    fit = [
        key
        for key in keys
        if key.key_type == KINDS.get(algorithm[:2]) and key.as_dict(private=False).get("alg", algorithm) == algorithm
    ]
    if kid is None:
        return fit[0] if len(fit) == 1 else None
    return next((key for key in fit if key.kid == kid), None)
