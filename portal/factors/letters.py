"""What we write to a person about their second factor.

Plain texts rather than templates: ``portal person reset-factor`` writes one too, without a page.
"""

from collections.abc import Sequence

from portal.access.models import Person
from portal.config import Config

END = "Handboek HMD/HOV"


def added(config: Config, person: Person, what: str) -> tuple[str, str]:
    """Tell that something was added to how a person signs in, as subject and text."""
    return _letter(
        config,
        person,
        f"{what} toegevoegd aan uw aanmelding",
        [f"Aan uw aanmelding bij het handboek is {_small(what)} toegevoegd."],
    )


def removed(config: Config, person: Person, what: str) -> tuple[str, str]:
    """Tell that something was removed from how a person signs in."""
    return _letter(
        config,
        person,
        f"{what} weggehaald bij uw aanmelding",
        [f"Bij uw aanmelding bij het handboek is {_small(what)} weggehaald."],
    )


def reset(config: Config, person: Person) -> tuple[str, str]:
    """Tell that somebody else took a person's second factor away."""
    lines = ["Een beheerder heeft uw tweede stap weggehaald. U bent in al uw browsers afgemeld."]
    if person.is_staff:
        lines.append("Bij de volgende keer aanmelden stelt u een nieuwe tweede stap in.")
    return _letter(config, person, "Uw tweede stap is weggehaald", lines)


def guessed(config: Config, person: Person) -> tuple[str, str]:
    """Tell that somebody who got past the first step typed wrong codes."""
    return _letter(
        config,
        person,
        "Verkeerde codes bij uw aanmelding",
        ["Iemand is met uw mailadres begonnen met aanmelden en vulde een paar keer een verkeerde code in."],
    )


def _small(what: str) -> str:
    return f"{what[0].lower()}{what[1:]}"


def _letter(config: Config, person: Person, subject: str, lines: Sequence[str]) -> tuple[str, str]:
    text = [
        f"Goedendag{' ' + person.name if person.name else ''},",
        *lines,
        "Was u dit zelf, of weet u hiervan? Dan hoeft u niets te doen.\n"
        "Weet u van niets? Bel dan meteen het info- en meldpunt. Het telefoonnummer staat op:",
        f"{config.base_url}/aanmelden",
        END,
    ]
    return subject, "\n\n".join(text) + "\n"
