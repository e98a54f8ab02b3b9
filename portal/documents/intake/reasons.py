"""Why a file is not taken in. Each reason is a Dutch sentence that says what to do."""

import enum

from portal.documents import controls, pdf
from portal.lib.errors import PortalError

AS_PLAIN_WORD = "Sla het in Word op als gewoon Word-document (.docx) en upload het opnieuw."
AS_PLAIN_PDF = "Maak de PDF opnieuw uit Word, met 'Opslaan als PDF', en upload die."
NO_DEVELOPERS_TAB = (
    "Ziet u het tabblad Ontwikkelaars niet? Kies Bestand, Opties, Lint aanpassen en vink Ontwikkelaars aan."
)


class Reason(enum.Enum):
    """All reasons. The parser names one by its key; the sentence comes from here, never from the parser."""

    EMPTY = "Dit bestand is leeg. Kies het goede bestand en upload het opnieuw."
    OVERSIZE = "Dit bestand is te groot: {most} MB is het meeste. Maak de afbeeldingen kleiner en upload het opnieuw."
    BUSY = "Er worden nu veel bestanden tegelijk gelezen. Dit bestand is niet bewaard. Upload het over een minuut."
    UNKNOWN = "Dit is geen Word-bestand (.docx) en geen PDF. Sla het op als .docx of als PDF en upload het opnieuw."
    RICH_TEXT = f"Dit is een RTF-bestand. {AS_PLAIN_WORD}"
    OPEN_DOCUMENT = "Dit is een LibreOffice-bestand. Sla het op als Word-document (.docx) en upload het opnieuw."
    OTHER_OFFICE = "Dit is een Excel- of PowerPoint-bestand. Upload een Word-bestand (.docx) of een PDF."
    WRONG_NAME = (
        "De naam van dit bestand eindigt op {ending}, maar het is een {kind}. "
        "Geef het een naam die eindigt op {extension} en upload het opnieuw."
    )
    VIRUS = (
        "De virusscanner heeft dit bestand afgekeurd. Het is niet bewaard. "
        "Meld het bij uw eigen ICT en open het bestand niet meer."
    )
    SCANNER_AWAY = (
        "De virusscanner antwoordt niet, dus we nemen nu geen bestanden aan. Dit bestand is niet bewaard. "
        "Probeer het over een paar minuten opnieuw en bel het info- en meldpunt als het dan nog niet lukt."
    )
    TOO_SLOW = (
        "Dit bestand lezen duurt te lang. Splits het of maak het eenvoudiger, "
        "bijvoorbeeld met kleinere tabellen en minder afbeeldingen, en upload het opnieuw."
    )
    TOO_MUCH_TEXT = "Dit bestand heeft te veel tekst voor één document. Splits het en upload de delen."

    BROKEN_WORD = controls.BROKEN
    LOCKED_WORD = controls.LOCKED
    STRICT = controls.STRICT
    LARGE_WORD = controls.TOO_LARGE
    TEMPLATE = f"Dit is een Word-sjabloon (.dotx). {AS_PLAIN_WORD}"
    MACROS = "Dit Word-bestand bevat macro's. Sla het in Word op als .docx zonder macro's en upload het opnieuw."
    OUTSIDE_TEMPLATE = (
        "Dit Word-bestand hangt aan een sjabloon buiten het bestand. Kies in Word bij Ontwikkelaars, Documentsjabloon "
        "het sjabloon Normal, sla het bestand op en upload het opnieuw. "
        f"{NO_DEVELOPERS_TAB}"
    )
    OUTSIDE_CONTENT = (
        "Dit Word-bestand haalt iets van buiten op, zoals een afbeelding of gegevens op een andere plaats. "
        "Kies in Word bij Bestand, Info 'Koppelingen naar bestanden bewerken', verbreek ze en upload het opnieuw."
    )
    OUTSIDE_FIELD = (
        "Dit Word-bestand bevat een veldcode die iets van buiten ophaalt, zoals DDE, INCLUDETEXT of INCLUDEPICTURE. "
        "Zet in Word met Ctrl+A en Ctrl+Shift+F9 alle velden om in tekst, sla het op en upload het opnieuw."
    )
    UNSAFE_LINK = (
        "Dit bestand bevat een koppeling naar een bestand of map. Alleen koppelingen naar een website "
        "(https) of een mailadres kunnen. Haal de andere weg en upload het opnieuw."
    )
    EMBEDDED = (
        "In dit Word-bestand zit een ander bestand, zoals een Excel-blad, een grafiek of een lettertype dat we niet "
        "kennen. Plak het als afbeelding of als tabel en upload het opnieuw."
    )
    CONTROLS = (
        "Dit Word-bestand bevat actieve onderdelen (ActiveX of een invoegtoepassing). "
        "Haal ze weg, sla het op als .docx en upload het opnieuw."
    )
    PICTURE = (
        "Een afbeelding in dit Word-bestand is van een soort die we niet aannemen, of is stuk. "
        "Vervang die door een PNG of JPEG en upload het opnieuw."
    )
    HUGE_PICTURE = (
        "Een afbeelding of bladzijde in dit bestand is veel te groot van afmeting. Maak die kleiner en upload opnieuw."
    )

    BROKEN_PDF = pdf.BROKEN
    LOCKED_PDF = "Deze PDF is beveiligd of heeft een wachtwoord. Sla de PDF zonder beveiliging op en upload die."
    LARGE_PDF = f"Deze PDF is uitgepakt te groot of te ingewikkeld. {AS_PLAIN_PDF}"
    SCRIPT = f"Deze PDF bevat actieve inhoud, zoals JavaScript, geluid of film. {AS_PLAIN_PDF}"
    ACTION = f"Deze PDF start iets, verstuurt iets of opent een ander bestand. {AS_PLAIN_PDF}"
    ATTACHMENT = f"In deze PDF zit een ander bestand. {AS_PLAIN_PDF}"
    XFA = f"Deze PDF is een XFA-formulier, dat niet elk programma kan tonen. {AS_PLAIN_PDF}"

    @property
    def status(self) -> int:
        """The HTTP status it becomes: most files are refused for what is in them."""
        return {Reason.OVERSIZE: 413, Reason.BUSY: 503, Reason.SCANNER_AWAY: 503}.get(self, 422)


class FileRefused(PortalError):
    """A file is not taken in; the message says why and what to do."""

    title = "We kunnen dit bestand niet aannemen"

    def __init__(self, reason: Reason, **words: object) -> None:
        """Take the reason, and the words that its sentence leaves open."""
        super().__init__(reason.value.format(**words))
        self.reason, self.status = reason, reason.status
