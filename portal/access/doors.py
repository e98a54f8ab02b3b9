"""Other ways in than by mail, as the pages of coming in and going out know them; ``portal.sso`` keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import current_app
from flask import session as cookie

from portal.access.models import Person, SignedInSession

ASK_AGAIN = "ask_again"


@dataclass(frozen=True)
class Door:
    """A way in by the organisation of this name; ``is_linked`` tells of a signed-in person whether it is theirs."""

    name: str
    organisation: str
    is_linked: bool = False


class Doors(Protocol):
    """Who keeps the other ways in."""

    def open_now(self) -> Sequence[Door]:
        """Return every way in that is open, by organisation."""

    def of_address(self, address: str) -> Sequence[Door]:
        """Return the ways in of the mail domain of an address; whether anybody has the address plays no part."""

    def of_person(self, person: Person) -> Sequence[Door]:
        """Return the ways in of the organisation of a person."""

    def of_session(self, signed_in: SignedInSession) -> Door | None:
        """Return the way in by which a session began, when it was one of these."""

    def way_out(self, signed_in: SignedInSession) -> str | None:
        """Return the page to show after signing out, when the session began at one of these doors."""


def doors() -> Doors:
    """Return who keeps the other ways in to this installation."""
    found: Doors = current_app.extensions["portal_doors"]
    return found


def ask_again() -> None:
    """Let the door to which this browser goes next ask who it is and for a password, whomever it still knows."""
    cookie[ASK_AGAIN] = True


def asks_again() -> bool:
    """Whether the door to which this browser goes now must ask again; the next one need not."""
    return bool(cookie.pop(ASK_AGAIN, False))
