"""What goes wrong outside the program: a full disk, a damaged file, a database that is away. In words that help.

The words are for whoever runs the installation. What a reader sees instead is in ``web``.
"""

import enum
import errno
import sqlite3

from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError


class Fault(enum.Enum):
    """A fault of disk or database, with the line that says what is wrong and what to do."""

    FULL = "de schijf is vol; er is niets veranderd. Maak ruimte en probeer het opnieuw"
    DISK = (
        "de schijf weigert te schrijven of te lezen; er is niets veranderd. "
        "Controleer of er ruimte is en of de schijf gezond is, en probeer het opnieuw"
    )
    READ_ONLY = (
        "de database is alleen-lezen; er is niets veranderd. "
        "Geef dit programma schrijfrechten op de database en op de map waarin zij staat, en probeer het opnieuw"
    )
    CLOSED = (
        "het databasebestand kan niet worden geopend; controleer PORTAL_DATABASE_URL en PORTAL_DATA_DIR, "
        "en de rechten op de map"
    )
    DAMAGED = (
        "de database is beschadigd of geen database; stop het portaal, bewaar het bestand zoals het nu is, "
        "en zet uw reservekopie terug"
    )
    BUSY = "een andere opdracht is in de database bezig; er is niets veranderd. Probeer het over een minuut opnieuw"
    AWAY = (
        "de database antwoordt niet of laat ons niet binnen; controleer of de databaseserver draait en of "
        "PORTAL_DATABASE_URL klopt"
    )
    RIGHTS = "deze gebruiker van de database mist rechten; er is niets veranderd. Geef die en probeer het opnieuw"

    @property
    def stops_writing_only(self) -> bool:
        """Whether reading can go on."""
        return self in (Fault.FULL, Fault.DISK, Fault.READ_ONLY, Fault.BUSY, Fault.RIGHTS)


SQLITE_FAULTS = {
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_IOERR: Fault.DISK,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_PERM: Fault.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Fault.CLOSED,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_NOTADB: Fault.DAMAGED,
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
}
"""By primary result code (https://www.sqlite.org/rescode.html)."""
POSTGRESQL_FAULTS = {
    "53100": Fault.FULL,
    "58030": Fault.DISK,
    "25006": Fault.READ_ONLY,
    "XX001": Fault.DAMAGED,
    "XX002": Fault.DAMAGED,
    "55P03": Fault.BUSY,
    "40P01": Fault.BUSY,
    "42501": Fault.RIGHTS,
    "3D000": Fault.AWAY,
    "53300": Fault.AWAY,
}
"""By SQLSTATE (PostgreSQL manual, appendix A)."""
POSTGRESQL_CLASSES = {"08": Fault.AWAY, "28": Fault.AWAY, "57": Fault.AWAY}
"""By the first two characters of the SQLSTATE: connection, authorization and operator intervention."""


def fault_of(error: BaseException) -> Fault | None:
    """Return the fault behind an error of the database, or None when it is a mistake of this program."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)  # only there when SQLite itself gave the error
        return None if code is None else SQLITE_FAULTS.get(code & 0xFF)  # the low byte is the primary code
    if cause is None:
        return None
    state = getattr(cause, "sqlstate", None)
    if state is None:  # psycopg gives none when there is no connection to get it from
        return Fault.AWAY if type(cause).__name__ in ("OperationalError", "ConnectionTimeout") else None
    return POSTGRESQL_FAULTS.get(state) or POSTGRESQL_CLASSES.get(state[:2])


def database_line(error: SQLAlchemyError) -> str:
    """Return one line for a terminal about an error of the database. It never holds the address: that has a password.

    The name of the error is given too, for whoever must look further.
    """
    name = type(getattr(error, "orig", None) or error).__name__
    if isinstance(error, ArgumentError):
        return "PORTAL_DATABASE_URL is geen adres van een database"
    found = fault_of(error)
    return f"{found.value} ({name})" if found else f"de database werkt niet mee ({name}); er is niets veranderd"


OS_LINES = {
    errno.ENOSPC: Fault.FULL.value,
    errno.EDQUOT: Fault.FULL.value,
    errno.EFBIG: Fault.FULL.value,
    errno.EIO: Fault.DISK.value,
    errno.EROFS: "hier mag alleen worden gelezen; geef schrijfrechten of kies een andere plaats",
    errno.EACCES: "geen rechten; geef dit programma toegang of kies een andere plaats",
    errno.EPERM: "geen rechten; geef dit programma toegang of kies een andere plaats",
    errno.ENOENT: "bestaat niet",
    errno.ENOTDIR: "is geen map",
    errno.EEXIST: "bestaat al",
    errno.EISDIR: "is een map en geen bestand",
}


def os_line(error: OSError) -> str:
    """Return one line for a terminal about a file or folder that cannot be used."""
    words = OS_LINES.get(error.errno or 0) or error.strerror or str(error)
    return f"{error.filename}: {words}" if error.filename else words
