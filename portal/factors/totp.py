"""Codes that follow from a shared secret and the time (RFC 6238, RFC 4226).

Own code and not pyotp: refusing a code that was used before needs to know which time step it belongs to, and pyotp only
says whether a code is right. The test vectors of the RFC are in the tests.
"""

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

STEP = 30
"""Seconds one code is shown; the only value that all apps know."""
DIGITS = 6
DRIFT = 1
"""Steps a clock may be off, either way (RFC 6238, 5.2)."""
SECRET_BYTES = 20
"""As long as what SHA-1 gives (RFC 4226, 4, R6)."""


def new_secret() -> bytes:
    """Return a random secret."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, counter: int, digits: int = DIGITS) -> str:
    """Return the code of a time step (RFC 4226, 5.3)."""
    digest = hmac.new(secret, struct.pack(">Q", counter), hashlib.sha1).digest()
    [number] = struct.unpack_from(">I", digest, digest[-1] & 0x0F)
    return f"{(number & 0x7FFFFFFF) % 10**digits:0{digits}}"


def counter_of(moment: datetime) -> int:
    """Return the time step that a moment lies in."""
    return int(moment.timestamp()) // STEP


def step_of(secret: bytes, typed: str, moment: datetime) -> int | None:
    """Return the time step that a typed code belongs to, now or one step away; None when it is no such code.

    Takes as long for any code.
    """
    now, found = counter_of(moment), None
    for counter in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, counter).encode(), typed.encode()):
            found = counter
    return found


def in_groups(secret: bytes) -> str:
    """Return a secret as people type it: base32 in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address_of(secret: bytes, *, issuer: str, account: str) -> str:
    """Return what an app reads from the QR code (Key URI Format of Google Authenticator, known by all apps)."""
    label = quote(f"{issuer}:{account}", safe="@:")
    return f"otpauth://totp/{label}?" + urlencode(
        {"secret": base64.b32encode(secret).decode(), "issuer": issuer}, quote_via=quote
    )
