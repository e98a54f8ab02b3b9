"""Settings: read from the environment once, typed, refused with a clear line when wrong."""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from portal.faults import os_line
from portal.lib.errors import OperatorError

KEY_FILE = "secret_key"
MEGABYTE = 1024 * 1024
SWITCH = ("off", "on", "0", "1", "false", "true", "nee", "ja")
SWITCH_ON = SWITCH[1::2]


class ConfigError(OperatorError):
    """A setting is missing or wrong; the message says which and what to do."""


@dataclass(frozen=True)
class SessionLife:
    """How long a session lasts without use, and in all (ASVS V7.3.1, V7.3.2)."""

    idle: timedelta
    total: timedelta


@dataclass(frozen=True)
class Config:
    """All settings of one installation."""

    data_dir: Path
    secret_key: str
    database_url: str
    base_url: str
    port: int
    smtp_url: str | None
    mail_from: str
    trusted_proxies: int
    log_format: str
    search_engine: str
    clamd_url: str | None
    max_upload: int
    """Bytes of one file."""
    second_factor: bool
    sso_allow_private: bool
    """Whether identity providers may stand on private and loopback addresses, and use http on loopback."""
    reader_session: SessionLife
    staff_session: SessionLife
    demonstration: bool = False

    @property
    def https(self) -> bool:
        """Whether readers reach the portal over https, which decides cookie names and HSTS."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> list[str]:
        """The names by which the portal may be called; loopback always, for health checks on the machine itself."""
        return [urlsplit(self.base_url).hostname or "", "127.0.0.1", "localhost"]


def from_environment(
    environ: Mapping[str, str] = os.environ, *, demonstration: bool = False, port: int | None = None
) -> Config:
    """Return the settings; raises ConfigError naming the setting and the way out.

    On an empty data folder the secret key is made (mode 0600); a filled folder without its key is refused, since a new
    key would make every outstanding link and sealed message useless without anyone noticing.
    """
    data_dir = Path(environ.get("PORTAL_DATA_DIR") or "instance").absolute()
    port = port or _whole_number(environ, "PORTAL_PORT", 8000, 1, 65535)
    return Config(
        data_dir=data_dir,
        secret_key=_secret_key(environ, data_dir),
        database_url=_database_url(environ, data_dir),
        base_url=_base_url(environ.get("PORTAL_BASE_URL") or f"http://127.0.0.1:{port}"),
        port=port,
        smtp_url=_smtp_url(environ.get("PORTAL_SMTP_URL")),
        mail_from=_mail_from(environ.get("PORTAL_MAIL_FROM") or "handboek@localhost"),
        trusted_proxies=_whole_number(environ, "PORTAL_TRUSTED_PROXIES", 0, 0, 10),
        log_format=_choice(environ, "PORTAL_LOG_FORMAT", ("text", "json")),
        search_engine=_choice(environ, "PORTAL_SEARCH_ENGINE", ("database", "whoosh")),
        clamd_url=_clamd_url(environ.get("PORTAL_CLAMD_URL")),
        max_upload=_whole_number(environ, "PORTAL_MAX_UPLOAD", 20, 1, 100) * MEGABYTE,
        second_factor=not demonstration and _choice(environ, "PORTAL_SECOND_FACTOR", ("required", "off")) == "required",
        sso_allow_private=_choice(environ, "PORTAL_SSO_ALLOW_PRIVATE", SWITCH) in SWITCH_ON,
        reader_session=_life(environ, "READER", idle=12 * 60, total=14 * 24 * 60),
        staff_session=_life(environ, "STAFF", idle=30, total=8 * 60),
        demonstration=demonstration,
    )


def _whole_number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > len(str(high)) or not low <= int(text) <= high:
        raise ConfigError(f"{name} is '{text}'; geef een heel getal van {low} tot en met {high}")
    return int(text)


def _choice(environ: Mapping[str, str], name: str, options: tuple[str, ...]) -> str:
    text = environ.get(name, options[0])
    if text not in options:
        raise ConfigError(f"{name} is '{text}'; kies uit: {', '.join(options)}")
    return text


def _life(environ: Mapping[str, str], who: str, *, idle: int, total: int) -> SessionLife:
    year = 366 * 24 * 60
    minutes = _whole_number(environ, f"PORTAL_{who}_IDLE_MINUTES", idle, 1, year)
    in_all = _whole_number(environ, f"PORTAL_{who}_TOTAL_MINUTES", total, 1, year)
    return SessionLife(timedelta(minutes=minutes), timedelta(minutes=in_all))


def _base_url(text: str) -> str:
    parts = _address(text)
    if parts is None or parts.scheme not in ("http", "https") or parts.username or parts.path.strip("/"):
        raise ConfigError(f"PORTAL_BASE_URL is '{text}'; geef een adres als https://handboek.voorbeeld.nl")
    if parts.query or parts.fragment:
        raise ConfigError(f"PORTAL_BASE_URL is '{text}'; laat alles achter de servernaam weg")
    return f"{parts.scheme}://{parts.netloc}"


def _smtp_url(text: str | None) -> str | None:
    """Return the address of the mail server. It may hold a password, so a wrong one is not repeated."""
    if not text:
        return None
    parts = _address(text)
    if parts is None or parts.scheme not in ("smtp", "smtps"):
        raise ConfigError("PORTAL_SMTP_URL klopt niet; geef een adres als smtp://mail.voorbeeld.nl:587")
    return text


def _clamd_url(text: str | None) -> str | None:
    """Return the address of the virus scanner. Without one, files are not scanned; a wrong one is never "without"."""
    if not text:
        return None
    parts = _address(text)
    by_network = parts is not None and parts.scheme == "tcp" and parts.port is not None and not parts.path.strip("/")
    by_file = re.fullmatch(r"unix:///[^?#\0]+", text) is not None
    if not by_network and not by_file:
        raise ConfigError(f"PORTAL_CLAMD_URL is '{text}'; geef tcp://server:3310 of unix:///run/clamav/clamd.ctl")
    return text


def make_folder(data_dir: Path) -> None:
    """Make the data folder when it is not there, for its owner only. Raises ConfigError when that cannot be."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(f"PORTAL_DATA_DIR kan niet worden gebruikt: {os_line(error)}") from error


def _address(text: str) -> SplitResult | None:
    """Return the parts of an address with a server in it, or None when it is not one."""
    try:
        parts = urlsplit(text)
        return parts if parts.hostname and (parts.port is None or parts.port > 0) else None
    except ValueError:  # a port that is no number, a bracket that is not closed
        return None


def _mail_from(text: str) -> str:
    local, _, domain = parseaddr(text)[1].rpartition("@")
    if not text.isprintable() or not local or not domain:
        raise ConfigError(f"PORTAL_MAIL_FROM is {text!r}; geef één mailadres, zoals handboek@voorbeeld.nl")
    return text


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    """Return the address of the database. It may hold a password, so a wrong one is not repeated."""
    url = environ.get("PORTAL_DATABASE_URL")
    if not url:
        make_folder(data_dir)
        url = f"sqlite:///{data_dir / 'portal.db'}"
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise ConfigError("PORTAL_DATABASE_URL is geen adres van een database") from error
    if parts.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ConfigError("PORTAL_DATABASE_URL moet beginnen met sqlite:/// of postgresql://")
    if parts.database in (None, "", ":memory:"):
        raise ConfigError(
            "PORTAL_DATABASE_URL noemt geen database; geef een bestand (sqlite:////pad/portal.db) of naam"
        )
    return url


def _secret_key(environ: Mapping[str, str], data_dir: Path) -> str:
    if key := environ.get("PORTAL_SECRET_KEY"):
        return _long_enough(key, "PORTAL_SECRET_KEY")
    if named := environ.get("PORTAL_SECRET_KEY_FILE"):
        try:
            return _long_enough(Path(named).read_text().strip(), "PORTAL_SECRET_KEY_FILE")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"PORTAL_SECRET_KEY_FILE ({named}) kan niet worden gelezen") from error
    return _own_key(data_dir)


def secret_key_if_any(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the secret key of the installation that is here, or None; unlike ``from_environment`` it makes nothing.

    Raises ConfigError when there is one that cannot be read.
    """
    data_dir = Path(environ.get("PORTAL_DATA_DIR") or "instance").absolute()
    named = environ.get("PORTAL_SECRET_KEY") or environ.get("PORTAL_SECRET_KEY_FILE")
    return _secret_key(environ, data_dir) if named or (data_dir / KEY_FILE).is_file() else None


def _own_key(data_dir: Path) -> str:
    """Return the key of the data folder, made when the folder is empty."""
    make_folder(data_dir)
    file = data_dir / KEY_FILE
    try:
        names = os.listdir(data_dir)  # read once: whoever else begins here now makes the key before anything else
        if KEY_FILE not in names and all(name.startswith(KEY_FILE) for name in names):
            _make_key(file)
        return _long_enough(file.read_text().strip(), str(file))
    except FileNotFoundError as error:
        raise ConfigError(
            f"de map {data_dir} is gevuld maar heeft geen bestand {KEY_FILE}; "
            "zet de sleutel terug uit uw reservekopie of kies met PORTAL_DATA_DIR een lege map"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        words = os_line(error) if isinstance(error, OSError) else f"{file}: dit is geen sleutel"
        raise ConfigError(f"PORTAL_DATA_DIR kan niet worden gebruikt: {words}") from error


def _make_key(file: Path) -> None:
    """Make the key whole or not at all, with mode 0600; nothing happens when another command was first.

    A process that is killed here, or a full disk, leaves a file beside it that the next try does not mind.
    """
    descriptor, name = tempfile.mkstemp(prefix=f"{KEY_FILE}.", dir=file.parent)
    fresh = Path(name)
    try:
        with open(descriptor, "w") as target:
            target.write(secrets.token_urlsafe(48) + "\n")
            target.flush()
            os.fsync(descriptor)
        os.link(fresh, file)  # unlike a rename this never takes the place of a key that is in use
    except FileExistsError:
        return
    finally:
        fresh.unlink()


def _long_enough(key: str, source: str) -> str:
    if len(key) < 32:
        raise ConfigError(f"de sleutel in {source} is te kort; geef minstens 32 tekens")
    return key
