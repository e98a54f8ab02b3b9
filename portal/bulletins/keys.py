"""The address that stops the mail of one person, signed out, for ever: its key follows from the installation's own."""

import hmac
from datetime import UTC

from sqlalchemy.orm import Session

from portal.access.models import Person
from portal.config import Config
from portal.lib.tokens import keyed_hash

LENGTH = 40
"""Of the hash in a key: 160 bits."""
MOST_DIGITS = 9
"""Of the number in a key: what a column for whole numbers keeps."""


def stop_address(config: Config, person: Person) -> str:
    """Return the address that stops mail about changes to a person; in no log, and under 200 characters."""
    return f"{config.base_url}/toegang/berichten/{key_of(config, person)}"


def key_of(config: Config, person: Person) -> str:
    """Return the key of a person. It holds when they were added too: a number may be given out again one day."""
    added = person.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{person.id}-{keyed_hash(config.secret_key, 'bulletins', str(person.id), added)[:LENGTH]}"


def person_of(session: Session, config: Config, key: str) -> Person | None:
    """Return whose key this is; None for one that is damaged or made up."""
    number = key.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS):
        return None
    person = session.get(Person, int(number))
    if person is None or not hmac.compare_digest(key_of(config, person).encode(), key.encode()):
        return None
    return person
