"""Settings: read from the environment once, typed, refused with a clear line when wrong."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit


class ConfigError(Exception):
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
    second_factor: bool
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
    data_dir = Path(environ.get("PORTAL_DATA_DIR", "instance")).absolute()
    port = port or _whole_number(environ, "PORTAL_PORT", 8000, 1, 65535)
    return Config(
        data_dir=data_dir,
        secret_key=_secret_key(environ, data_dir),
        database_url=_database_url(environ, data_dir),
        base_url=_base_url(environ.get("PORTAL_BASE_URL") or f"http://127.0.0.1:{port}"),
        port=port,
        smtp_url=_smtp_url(environ.get("PORTAL_SMTP_URL")),
        mail_from=environ.get("PORTAL_MAIL_FROM", "handboek@localhost"),
        trusted_proxies=_whole_number(environ, "PORTAL_TRUSTED_PROXIES", 0, 0, 10),
        log_format=_choice(environ, "PORTAL_LOG_FORMAT", ("text", "json")),
        second_factor=not demonstration and _choice(environ, "PORTAL_SECOND_FACTOR", ("required", "off")) == "required",
        reader_session=_life(environ, "READER", idle=12 * 60, total=14 * 24 * 60),
        staff_session=_life(environ, "STAFF", idle=30, total=8 * 60),
        demonstration=demonstration,
    )


def _whole_number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
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
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ConfigError(f"PORTAL_BASE_URL is '{text}'; geef een adres als https://handboek.voorbeeld.nl")
    return f"{parts.scheme}://{parts.netloc}"


def _smtp_url(text: str | None) -> str | None:
    if text and (urlsplit(text).scheme not in ("smtp", "smtps") or not urlsplit(text).hostname):
        raise ConfigError("PORTAL_SMTP_URL moet beginnen met smtp:// of smtps:// en een server noemen")
    return text or None


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    url = environ.get("PORTAL_DATABASE_URL") or f"sqlite:///{data_dir / 'portal.db'}"
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigError("PORTAL_DATABASE_URL moet beginnen met sqlite:/// of postgresql://")
    return url


def _secret_key(environ: Mapping[str, str], data_dir: Path) -> str:
    if key := environ.get("PORTAL_SECRET_KEY"):
        return _long_enough(key, "PORTAL_SECRET_KEY")
    if named := environ.get("PORTAL_SECRET_KEY_FILE"):
        try:
            return _long_enough(Path(named).read_text().strip(), "PORTAL_SECRET_KEY_FILE")
        except OSError as error:
            raise ConfigError(f"PORTAL_SECRET_KEY_FILE kan niet worden gelezen: {error.strerror}") from error
    return _own_key(data_dir)


def _own_key(data_dir: Path) -> str:
    file = data_dir / "secret_key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if file.exists():
            return _long_enough(file.read_text().strip(), str(file))
        if any(data_dir.iterdir()):
            raise ConfigError(
                f"de map {data_dir} is gevuld maar heeft geen bestand secret_key; "
                "zet de sleutel terug uit uw reservekopie of kies met PORTAL_DATA_DIR een lege map"
            )
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            target.write(secrets.token_urlsafe(48) + "\n")
        return file.read_text().strip()
    except OSError as error:
        raise ConfigError(f"de map {data_dir} kan niet worden gebruikt: {error.strerror}") from error


def _long_enough(key: str, source: str) -> str:
    if len(key) < 32:
        raise ConfigError(f"de sleutel in {source} is te kort; geef minstens 32 tekens")
    return key
