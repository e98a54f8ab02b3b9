"""Errors a person may meet. Each carries the HTTP status it becomes and a Dutch sentence that says what to do."""


class PortalError(Exception):
    """Something a person can understand and act on. ``field`` names which of several given things it is about."""

    status = 400
    title = "Dit lukt niet"

    def __init__(self, message: str = "", *, field: str = "") -> None:
        """Say what to do, and about which field of a form."""
        super().__init__(message)
        self.field = field


class OperatorError(Exception):
    """Something whoever runs the portal can mend: a setting, a file, a database. One line says what to do."""


class NotFound(PortalError):
    """The thing does not exist, or this person may not know that it does."""

    status = 404
    title = "Deze pagina is er niet"


class Forbidden(PortalError):
    """The thing exists, this person may know so, and may not do this."""

    status = 403
    title = "U hebt hier geen toegang toe"


class NotSignedIn(PortalError):
    """Nobody is signed in and this needs a person."""

    status = 401
    title = "U bent niet aangemeld"


class InvalidInput(PortalError):
    """What was typed or given cannot be used as it is."""

    status = 422
    title = "Dit kunnen we niet verwerken"


class Conflict(PortalError):
    """Someone or something else changed the thing first."""

    status = 409
    title = "Dit is intussen veranderd"


class Gone(PortalError):
    """The thing was there and is not any more, such as a used sign-in link."""

    status = 410
    title = "Dit is er niet meer"


class TooMany(PortalError):
    """Too many tries in too short a time."""

    status = 429
    title = "Te vaak geprobeerd"


class SearchDown(PortalError):
    """The search index cannot be asked; the rest of the handbook can be read."""

    status = 503
    title = "Zoeken werkt nu even niet"

    def __init__(self) -> None:
        """Say what a reader can do meanwhile."""
        super().__init__("Kies uw stap in het stroomschema, of uw document bij Documenten. Probeer zoeken later weer.")
