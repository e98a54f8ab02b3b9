"""Everything that can go wrong on the way in by a provider: what happened, and what somebody can do about it."""

import enum
from dataclasses import dataclass

from portal.lib.errors import PortalError


class Again(enum.Enum):
    """What beginning again helps."""

    SAME = enum.auto()
    OTHER = enum.auto()
    """Only with another account: the provider still knows this one, and would give the same answer at once."""
    NOT = enum.auto()


@dataclass(frozen=True)
class Page:
    """What a refusal says, and what beginning again helps. ``{wie}`` is the organisation."""

    status: int
    title: str
    happened: str
    to_do: str
    again: Again = Again.SAME


class Reason(enum.Enum):
    """Why nobody was signed in. Each has a page of its own."""

    OFF = Page(
        403,
        "Aanmelden via {wie} staat niet aan",
        "Een beheerder heeft aanmelden via {wie} nog niet aangezet, of weer uitgezet.",
        "Meld u aan met een mail. Lukt dat niet? Bel het info- en meldpunt.",
        Again.NOT,
    )
    EXPIRED = Page(
        400,
        "Deze aanmelding is verlopen",
        "U was te lang onderweg, of u begon in een andere browser.",
        "Begin opnieuw. Blijf in dezelfde browser en rond het aanmelden binnen een half uur af.",
    )
    USED = Page(
        410,
        "Deze aanmelding is al gebruikt",
        "Elke aanmelding werkt één keer. Deze pagina is misschien opnieuw geladen.",
        "Begin opnieuw.",
    )
    MIXED_UP = Page(
        400,
        "Het antwoord kwam van een andere organisatie",
        "U begon met aanmelden via de ene organisatie en het antwoord kwam van een andere.",
        "Sluit de andere tabbladen en begin opnieuw. Gebeurt het weer? Meld het bij het info- en meldpunt.",
    )
    DENIED = Page(
        403,
        "{wie} liet u niet door",
        "U stopte met aanmelden, of u hebt bij {wie} geen toegang tot het handboek.",
        "Begin opnieuw. Gebeurt het weer? Vraag de ICT-afdeling van {wie} om toegang tot het handboek.",
    )
    UNREACHABLE = Page(
        503,
        "{wie} antwoordt nu niet",
        "De aanmeldpagina van {wie} geeft geen bruikbaar antwoord.",
        "Probeer het over een paar minuten opnieuw, of meld u aan met een mail.",
    )
    DESCRIPTION = Page(
        502,
        "De gegevens van {wie} kloppen niet",
        "De aanmeldpagina van {wie} noemt zichzelf anders dan afgesproken. Daarom laten wij niemand door.",
        "Meld dit bij het info- en meldpunt. U kunt u intussen aanmelden met een mail.",
    )
    SET_UP = Page(
        502,
        "De koppeling met {wie} is niet goed ingesteld",
        "{wie} herkent het handboek niet, bijvoorbeeld omdat een sleutel is verlopen.",
        "Meld dit bij het info- en meldpunt. U kunt u intussen aanmelden met een mail.",
    )
    ANSWER = Page(
        400,
        "Het antwoord van {wie} klopt niet",
        "Wij konden niet vaststellen dat dit antwoord echt van {wie} komt en voor u bedoeld is.",
        "Begin opnieuw. Gebeurt het weer? Meld het bij het info- en meldpunt.",
    )
    CLOCK = Page(
        400,
        "De tijd in het antwoord klopt niet",
        "Het antwoord van {wie} is verlopen, of de klok van {wie} loopt niet gelijk.",
        "Begin opnieuw. Gebeurt het weer? Meld het bij het info- en meldpunt.",
    )
    OTHER_PERSON = Page(
        400,
        "Het antwoord ging over iemand anders",
        "{wie} gaf gegevens van een andere persoon dan wie zich aanmeldde.",
        "Begin opnieuw. Gebeurt het weer? Meld het bij het info- en meldpunt.",
    )
    NO_ADDRESS = Page(
        403,
        "Wij kregen geen mailadres",
        "{wie} gaf uw werkmailadres niet door. Zonder dat adres kunnen wij geen account maken.",
        "Vraag de ICT-afdeling van {wie} om uw mailadres mee te sturen, of meld u aan met een mail.",
        Again.OTHER,
    )
    INCOMPLETE = Page(
        403,
        "{wie} vertelt ons niet alles",
        "{wie} gaf niet al uw groepen door, bijvoorbeeld omdat het er te veel zijn. Wij halen ze niet elders op. "
        "Daarom vervallen ook de rechten die u eerder via {wie} kreeg.",
        "Vraag de ICT-afdeling van {wie} om alleen de groepen mee te sturen die aan het handboek zijn toegewezen, of "
        "om app-rollen te gebruiken. U kunt u intussen aanmelden met een mail.",
        Again.OTHER,
    )
    UNVERIFIED = Page(
        403,
        "Uw mailadres is niet bevestigd",
        "{wie} zegt dat uw mailadres niet is bevestigd. Daarom maken wij er geen account mee.",
        "Bevestig uw mailadres bij {wie}, of vraag de ICT-afdeling om hulp.",
        Again.OTHER,
    )
    OUTSIDE = Page(
        403,
        "Uw mailadres hoort niet bij {wie}",
        "Via {wie} komen alleen mensen binnen met een mailadres van {wie}.",
        "Kies een ander account, of bij Aanmelden uw eigen organisatie. Klopt dit niet? Bel het info- en meldpunt.",
        Again.OTHER,
    )
    KNOWN_ADDRESS = Page(
        409,
        "U hebt al een account",
        "Met uw mailadres is er al een account. Dat koppelen wij nooit vanzelf aan {wie}.",
        "Meld u één keer aan met een mail en kies bij Mijn sessies voor koppelen. Of vraag uw beheerder om hulp.",
        Again.OTHER,
    )
    CLOSED = Page(
        403,
        "U hebt geen toegang meer",
        "Uw account of uw organisatie is afgesloten.",
        "Klopt dit niet? Bel het info- en meldpunt.",
        Again.OTHER,
    )
    OTHER_ACCOUNT = Page(
        409,
        "Koppelen kan niet",
        "Dit account van {wie} hoort al bij iemand anders in het handboek, of u hoort bij een andere organisatie.",
        "Vraag uw beheerder om hulp.",
        Again.OTHER,
    )
    OTHER_SESSION = Page(
        403,
        "U bent intussen niet meer aangemeld",
        "Dit begon terwijl iemand was aangemeld. Die persoon is dat in deze browser niet meer.",
        "Meld u aan en begin opnieuw.",
    )
    TOO_MANY = Page(
        429,
        "Te veel mislukte pogingen",
        "Vanaf uw netwerk mislukte het aanmelden heel vaak in korte tijd.",
        "Wacht een minuut en begin opnieuw.",
        Again.NOT,
    )


class Refused(PortalError):
    """Nobody was signed in. ``detail`` is for the log: one of our own words, never a value from an answer."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        """Say why, and for who looks after the portal exactly what."""
        super().__init__(reason.value.happened)
        self.reason, self.detail, self.status = reason, detail, reason.value.status
