"""Passkeys (WebAuthn level 3): where they work, what we ask of them, and judging what they answer.

The library judges; this file says by which rules: our own name and origin, a challenge of 256 bits that is used once
and only by the browser that asked, the person verified by their device, no attestation, a counter that only rises.
"""

import ipaddress
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.access.models import Person
from portal.config import Config
from portal.factors.models import Passkey, PasskeyChallenge, Purpose
from portal.lib.errors import Conflict, InvalidInput
from portal.lib.tokens import keyed_hash, token_hash

ISSUER = "Handboek HMD/HOV"
CHALLENGE_LIFE = timedelta(minutes=5)
"""As long as a browser waits for a person with a passkey (WebAuthn 15.1 recommends 5 to 10 minutes)."""
MILLISECONDS = int(CHALLENGE_LIFE.total_seconds() * 1000)
LONGEST_ANSWER = 20_000
NAME_LENGTH = 60
NOT_RIGHT = "De passkey is niet herkend. Probeer het opnieuw, of kies een andere manier."
TAKEN = "Deze passkey is hier al bekend. Kies een ander apparaat of een andere sleutel."
NUMBER = re.compile(r"[\w-]{1,1400}", re.ASCII)
"""A credential or a challenge in base64url."""
NOTHING: dict[str, Any] = {"id": "", "response": {}}
KNOWN_TRANSPORTS = frozenset(one.value for one in AuthenticatorTransport)


@dataclass(frozen=True)
class RelyingParty:
    """Who asks: the name a passkey is bound to, and the exact origin of the page that asks."""

    name: str
    origin: str


def relying_party(config: Config, host: str) -> RelyingParty | None:
    """Return who asks on pages at this host (``Request.host``); None where passkeys cannot work.

    They are bound to a name, so an IP address has none (WebAuthn 5.1.3). An installation at 127.0.0.1 answers at
    ``localhost`` too, and there they work.
    """
    own = urlsplit(config.base_url)
    name = own.hostname or ""
    if _is_address(name):
        if not localhost_of(config) or host.partition(":")[0] != "localhost":
            return None
        name = "localhost"
    return RelyingParty(name, f"{own.scheme}://{name}{_port(own.port, own.scheme)}")


def localhost_of(config: Config) -> str:
    """Return the address by which an installation at a loopback address is reached by name; empty for any other."""
    own = urlsplit(config.base_url)
    name = own.hostname or ""
    if _is_address(name) and ipaddress.ip_address(name).is_loopback:
        return f"{own.scheme}://localhost{_port(own.port, own.scheme)}"
    return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _port(port: int | None, scheme: str) -> str:
    """Return the port as browsers write it in an origin: not the usual one of the scheme (RFC 6454, 6.2)."""
    return f":{port}" if port and port != {"http": 80, "https": 443}[scheme] else ""


def handle_of(config: Config, person: Person, known: Sequence[Passkey]) -> bytes:
    """Return the name by which authenticators know a person: the one they have, or one that tells nothing of them."""
    if known:
        return base64url_to_bytes(known[0].user_handle)
    return bytes.fromhex(keyed_hash(config.secret_key, "passkey", str(person.id)))


def ask_to_make(
    session: Session,
    party: RelyingParty,
    person: Person,
    handle: bytes,
    known: Sequence[Passkey],
    *,
    browser: str,
    at: datetime,
) -> str:
    """Return what a browser needs to make a passkey for a person, as JSON; what they have already is left out."""
    options = generate_registration_options(
        rp_id=party.name,
        rp_name=ISSUER,
        user_id=handle,
        user_name=person.email,
        user_display_name=person.name or person.email,
        challenge=_new_challenge(session, Purpose.MAKE, browser, at),
        timeout=MILLISECONDS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_described(known),
    )
    return options_to_json(options)


def ask_to_show(session: Session, party: RelyingParty, known: Sequence[Passkey], *, browser: str, at: datetime) -> str:
    """Return what a browser needs to show one of these passkeys, or without any given whichever it has, as JSON."""
    options = generate_authentication_options(
        rp_id=party.name,
        challenge=_new_challenge(session, Purpose.SHOW, browser, at),
        timeout=MILLISECONDS,
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def read_answer(typed: str) -> dict[str, Any]:
    """Return what a browser sent about a passkey.

    What cannot be that becomes an answer to nothing, which is refused further on: every wrong answer costs the same.
    """
    try:
        answer = json.loads(typed[: LONGEST_ANSWER + 1])
        if (
            len(typed) > LONGEST_ANSWER
            or not isinstance(answer["response"], dict)
            or not NUMBER.fullmatch(answer["id"])
        ):
            return NOTHING
    except (ValueError, KeyError, TypeError, RecursionError):
        return NOTHING
    return dict(answer)


def challenge_used(
    session: Session, answer: dict[str, Any], purpose: Purpose, *, browser: str, at: datetime
) -> bytes | None:
    """Return the challenge that an answer was made for, and never again for it.

    Commit this whatever comes of the answer. None when it was not asked by this browser for this purpose in the last
    minutes, or was used.
    """
    used = session.execute(
        delete(PasskeyChallenge)
        .where(PasskeyChallenge.challenge == _challenge_in(answer), PasskeyChallenge.purpose == purpose.value)
        .where(PasskeyChallenge.browser_hash == token_hash(browser), PasskeyChallenge.made_at > at - CHALLENGE_LIFE)
        .returning(PasskeyChallenge.challenge)
    ).first()
    return base64url_to_bytes(used.challenge) if used else None


def _challenge_in(answer: dict[str, Any]) -> str:
    """Return the challenge that an answer names; empty when it names none that can be."""
    try:
        told = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))["challenge"]
        return str(told) if NUMBER.fullmatch(told) else ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""


def keep(
    session: Session,
    party: RelyingParty,
    person: Person,
    answer: dict[str, Any],
    *,
    challenge: bytes | None,
    handle: bytes,
    name: str,
    at: datetime,
) -> Passkey:
    """Keep a new passkey. Raises InvalidInput when the answer is not right, Conflict when it is known already."""
    if challenge is None:
        raise InvalidInput(NOT_RIGHT)
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.name,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:  # whatever a browser sends: the library reads CBOR and keys in it, and names no limit
        raise InvalidInput(NOT_RIGHT) from error
    number = bytes_to_base64url(made.credential_id)
    if session.scalars(select(Passkey.id).where(Passkey.credential_id == number)).first():
        raise Conflict(TAKEN)
    transports = answer["response"].get("transports")
    told = {str(one) for one in transports} & KNOWN_TRANSPORTS if isinstance(transports, list) else set()
    passkey = Passkey(
        person_id=person.id,
        credential_id=number,
        user_handle=bytes_to_base64url(handle),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=",".join(sorted(told)),
        may_be_backed_up=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        is_backed_up=made.credential_backed_up,
        name=" ".join(name.split())[:NAME_LENGTH] or "Passkey",
        made_at=at,
        used_at=at,
    )
    session.add(passkey)
    session.flush()
    return passkey


def shown(
    session: Session, party: RelyingParty, answer: dict[str, Any], *, challenge: bytes | None, at: datetime
) -> tuple[Passkey, Person]:
    """Return the passkey that was shown and whose it is, and note its use.

    Raises InvalidInput when the answer is not right, and when that person was closed off: whatever is wrong, it took
    one question. A counter that does not rise means that there may be a copy of the passkey: that is refused too, by
    the library and by the update, so that of two answers with one number one wins. Passkeys that do not count stay at
    zero.
    """
    query = select(Passkey, Person).join(Person, Person.id == Passkey.person_id)
    known = session.execute(query.where(Passkey.credential_id == answer["id"])).first()
    if challenge is None or known is None or not known.Person.is_active:
        raise InvalidInput(NOT_RIGHT)
    passkey, person = known.Passkey, known.Person
    if answer["response"].get("userHandle") not in (None, "", passkey.user_handle):
        raise InvalidInput(NOT_RIGHT)
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.name,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception as error:  # whatever a browser sends: the library reads CBOR and keys in it, and names no limit
        raise InvalidInput(NOT_RIGHT) from error
    rises = Passkey.sign_count < found.new_sign_count
    never_counts = Passkey.sign_count == (0 if found.new_sign_count == 0 else -1)
    noted = session.execute(
        update(Passkey)
        .where(Passkey.id == passkey.id, or_(rises, never_counts))
        .values(sign_count=found.new_sign_count, is_backed_up=found.credential_backed_up, used_at=at)
        .returning(Passkey.id)
    ).first()
    if noted is None:
        raise InvalidInput(NOT_RIGHT)
    return passkey, person


def _new_challenge(session: Session, purpose: Purpose, browser: str, at: datetime) -> bytes:
    """Return a new challenge, kept until it is used; those whose time is over are forgotten on the way."""
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.made_at < at - CHALLENGE_LIFE))
    challenge = secrets.token_bytes(32)
    session.add(
        PasskeyChallenge(
            challenge=bytes_to_base64url(challenge), purpose=purpose.value, browser_hash=token_hash(browser), made_at=at
        )
    )
    session.flush()
    return challenge


def _described(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(one.credential_id),
            transports=[AuthenticatorTransport(name) for name in one.transports.split(",") if name],
        )
        for one in known
    ]
