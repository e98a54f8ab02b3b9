"""Secrets: made at random, kept only as a hash, sealed where they must travel."""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""No I, O, 0 or 1: people type a code over from a mail."""
CODE_LENGTH = 8


def new_token() -> str:
    """Return a random token of 256 bits, safe in an address (43 characters)."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Return a random code of 8 letters and digits (40 bits) that a person can type."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def tidy_code(typed: str) -> str:
    """Return a typed code without spaces and hyphens, in capitals."""
    return "".join(c for c in typed.upper() if c.isalnum())


def token_hash(token: str) -> str:
    """Return what is kept of a random token; a plain hash is enough for 256 random bits (ASVS V6.5.2)."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(key: str, *parts: str) -> str:
    """Return a hash that cannot be recomputed without the key, for short or guessable values (ASVS V6.5.2)."""
    return hmac.new(key.encode(), "\0".join(parts).encode(), "sha256").hexdigest()


class Seal:
    """Keeps a text unreadable in the database for whoever lacks the key of the installation."""

    def __init__(self, key: str) -> None:
        """Derive the sealing key from the secret key of the installation."""
        derived = hashlib.scrypt(key.encode(), salt=b"portal outbox", n=2**12, r=8, p=1, dklen=32)
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, text: str) -> str:
        """Return the sealed text."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the text; raises ValueError when it was sealed with another key or changed."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise ValueError("sealed with another key") from error
