"""The ID token: who the provider says has signed in, believed only when everything about it is right.

Authlib checks what OpenID Connect Core 3.1.3.7 asks. What it leaves to its user is checked here as well: the type and
the size of a token, an empty subject, a token that is older than the attempt, and our own leeway for clocks.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from portal.sso.refusals import Reason, Refused

LARGEST = 64 * 1024
LONGEST_SUBJECT = 255
TIMES = ("exp", "iat", "nbf")
ALGORITHMS = ("RS256", "PS256", "ES256")
"""What a new provider may sign with. All are asymmetric: a shared secret would let whoever holds it make tokens."""
KNOWN_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""What may be chosen for a provider; never none and never HS256."""
Claims = Mapping[str, Any]


ELSEWHERE = ("_claim_names", "hasgroups")


def is_incomplete(claims: Claims) -> bool:
    """Whether a provider says that some claims are to be had elsewhere (OpenID Connect Core 5.6.2).

    Entra does so for whoever is in more than 200 groups; ``hasgroups`` is how it says it where there is little room.
    The portal fetches nothing from an address that an answer names, so it cannot know what is missing.
    """
    return any(claims.get(name) for name in ELSEWHERE)


class _Registry(JWSRegistry):
    max_header_length = 8 * 1024
    max_payload_length = LARGEST


@dataclass(frozen=True)
class Expected:
    """What a token must say to be the answer to one attempt. ``leeway`` is in seconds, either way."""

    issuer: str
    client_id: str
    algorithms: tuple[str, ...]
    nonce: str
    since: datetime
    now: datetime
    leeway: int


def read_id_token(
    token: object, access_token: str, expected: Expected, key_for: Callable[[str | None, str], Key]
) -> Claims:
    """Return the claims of an ID token; raises Refused when anything about it is not right.

    ``key_for`` gives the key of the provider for a key id and an algorithm.
    """
    if not isinstance(token, str) or not token:
        raise Refused(Reason.ANSWER, "no-id-token")
    if len(token) > LARGEST:
        raise Refused(Reason.ANSWER, "id-token-size")
    header, claims = _verified(token, expected, key_for)
    _check(CodeIDToken(claims, header, _options(expected), _params(expected, access_token)), expected)
    return claims


def _verified(
    token: str, expected: Expected, key_for: Callable[[str | None, str], Key]
) -> tuple[dict[str, Any], dict[str, Any]]:
    registry = _Registry(algorithms=list(expected.algorithms), strict_check_header=False)
    try:
        header = jws.extract_compact(token.encode(), registry=registry).headers()
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in expected.algorithms:
            raise Refused(Reason.ANSWER, "alg")
        if str(header.get("typ", "JWT")).upper() != "JWT":
            raise Refused(Reason.ANSWER, "typ")
        if kid is not None and not isinstance(kid, str):
            raise Refused(Reason.ANSWER, "kid")
        signed = jws.deserialize_compact(token.encode(), key_for(kid, algorithm), registry=registry)
        claims = json.loads(signed.payload or b"")
    except JoseError as error:
        raise Refused(Reason.ANSWER, f"token:{error.error}") from error
    except (ValueError, RecursionError) as error:
        raise Refused(Reason.ANSWER, "token:unreadable") from error
    if not isinstance(claims, dict):
        raise Refused(Reason.ANSWER, "token:unreadable")
    return header, claims


def _options(expected: Expected) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": expected.issuer},
        "sub": {"essential": True},
        "aud": {"essential": True, "value": expected.client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
        "nonce": {"essential": True},
    }


def _params(expected: Expected, access_token: str) -> dict[str, str]:
    return {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": access_token}


def _check(token: CodeIDToken, expected: Expected) -> None:
    try:
        token.validate(now=int(expected.now.timestamp()), leeway=expected.leeway)
    except ExpiredTokenError as error:
        raise Refused(Reason.CLOCK, "exp") from error
    except ClaimError as error:
        name = error.claim if error.claim.isidentifier() else "claim"
        raise Refused(Reason.CLOCK if name in TIMES else Reason.ANSWER, name) from error
    except (JoseError, ValueError, TypeError, OverflowError) as error:
        raise Refused(Reason.ANSWER, "claims") from error
    subject = token["sub"]
    if not subject.strip() or len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise Refused(Reason.ANSWER, "sub")
    if not hmac.compare_digest(str(token["nonce"]).encode(), expected.nonce.encode()):
        raise Refused(Reason.ANSWER, "nonce")
    if token["iat"] < expected.since.timestamp() - expected.leeway:
        raise Refused(Reason.CLOCK, "iat")
    if "at_hash" in token and not (isinstance(token["at_hash"], str) and token["at_hash"]):
        raise Refused(Reason.ANSWER, "at_hash")
