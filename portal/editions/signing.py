"""The key with which an installation signs its editions.

It is derived from the secret key and not a file of its own. So every web server of an installation signs with the same
key, whoever restores a backup with its secret key signs as before, and there is nothing more to lose or to copy. When
the secret key is lost or replaced the signing key changes too: older editions can still be checked, against the
fingerprint that people wrote down and that stands in the log with every edition that was handed out.
"""

import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

FINGERPRINT_LENGTH = 64
"""Hexadecimal digits of a fingerprint: the SHA-256 of the 32 bytes of the public key (RFC 8032)."""


class PublicKey:
    """What anybody may have: it tells whether a signature is of this key."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        """Take the key."""
        self._key = key

    @classmethod
    def read(cls, pem: bytes) -> "PublicKey":
        """Return the key in a PEM file. Raises ValueError unless it is exactly what ``pem`` writes."""
        try:
            key = load_pem_public_key(pem)
        except UnsupportedAlgorithm as error:
            raise ValueError("a key of another kind") from error
        if not isinstance(key, Ed25519PublicKey) or cls(key).pem != pem:
            raise ValueError("a key of another kind")
        return cls(key)

    @property
    def pem(self) -> bytes:
        """The key as other programs read it, such as openssl."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def fingerprint(self) -> str:
        """The short name by which people compare keys."""
        return hashlib.sha256(self._key.public_bytes_raw()).hexdigest()

    def signed(self, data: bytes, signature: bytes) -> bool:
        """Whether this is the signature of this key over these bytes."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """The key of an installation."""

    def __init__(self, secret_key: str) -> None:
        """Derive it, slowly: its public half goes out, and must not help anyone to guess a secret key that is weak."""
        seed = hashlib.scrypt(secret_key.encode(), salt=b"portal edition signature", n=2**14, r=8, p=1, dklen=32)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(self._key.public_key())

    def sign(self, data: bytes) -> bytes:
        """Return the signature over these bytes (64 bytes); the same bytes always get the same one (RFC 8032)."""
        return self._key.sign(data)


@lru_cache(maxsize=4)
def signing_key(secret_key: str) -> SigningKey:
    """Return the key of the installation with this secret key, derived once."""
    return SigningKey(secret_key)


def tidy(typed: str) -> str:
    """Return a fingerprint as it was typed or pasted, without spaces and colons and in small letters."""
    return "".join(typed.split()).replace(":", "").lower()


def in_groups(fingerprint: str) -> str:
    """Return a fingerprint in groups of eight, which people can compare."""
    return " ".join(fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8))
