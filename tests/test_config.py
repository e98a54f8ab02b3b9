"""Settings: typed, with defaults, refused with a clear line."""

import stat
from pathlib import Path

import pytest

from portal.config import ConfigError, from_environment


def settings(folder: Path, **values: str) -> dict[str, str]:
    return {"PORTAL_DATA_DIR": str(folder), **values}


def test_without_settings_everything_lies_in_the_data_folder(tmp_path: Path) -> None:
    config = from_environment(settings(tmp_path / "instance"))
    assert config.database_url == f"sqlite:///{tmp_path}/instance/portal.db"
    assert (config.base_url, config.port) == ("http://127.0.0.1:8000", 8000)
    assert config.search_engine == "database"
    assert config.second_factor
    assert not config.https
    key = tmp_path / "instance/secret_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert from_environment(settings(tmp_path / "instance")).secret_key == config.secret_key


def test_a_filled_folder_without_its_key_stops(tmp_path: Path) -> None:
    (tmp_path / "portal.db").touch()
    with pytest.raises(ConfigError, match="secret_key"):
        from_environment(settings(tmp_path))
    assert not (tmp_path / "secret_key").exists()


def test_a_key_may_come_from_a_setting_or_a_file(tmp_path: Path) -> None:
    key = "k" * 40
    (tmp_path / "key").write_text(key + "\n")
    assert from_environment(settings(tmp_path, PORTAL_SECRET_KEY=key)).secret_key == key
    assert from_environment(settings(tmp_path, PORTAL_SECRET_KEY_FILE=str(tmp_path / "key"))).secret_key == key


def test_https_is_known_from_the_address(tmp_path: Path) -> None:
    config = from_environment(settings(tmp_path / "i", PORTAL_BASE_URL="https://handboek.regio.example/"))
    assert config.https
    assert config.base_url == "https://handboek.regio.example"
    assert "handboek.regio.example" in config.hosts


def test_postgresql_gets_its_driver(tmp_path: Path) -> None:
    config = from_environment(settings(tmp_path / "i", PORTAL_DATABASE_URL="postgresql://a@b/c"))
    assert config.database_url == "postgresql+psycopg://a@b/c"


def test_the_search_engine_can_be_chosen(tmp_path: Path) -> None:
    assert from_environment(settings(tmp_path / "i", PORTAL_SEARCH_ENGINE="whoosh")).search_engine == "whoosh"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_PORT", "tachtig"),
        ("PORTAL_PORT", "0"),
        ("PORTAL_PORT", "70000"),
        ("PORTAL_BASE_URL", "handboek.regio.example"),
        ("PORTAL_BASE_URL", "ftp://handboek.regio.example"),
        ("PORTAL_BASE_URL", "https://handboek.regio.example/pad"),
        ("PORTAL_SMTP_URL", "mail.regio.example"),
        ("PORTAL_DATABASE_URL", "mysql://a@b/c"),
        ("PORTAL_LOG_FORMAT", "xml"),
        ("PORTAL_SEARCH_ENGINE", "solr"),
        ("PORTAL_SECOND_FACTOR", "misschien"),
        ("PORTAL_TRUSTED_PROXIES", "-1"),
        ("PORTAL_SECRET_KEY", "kort"),
        ("PORTAL_SECRET_KEY_FILE", "/bestaat/niet"),
        ("PORTAL_READER_IDLE_MINUTES", "0"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        from_environment(settings(tmp_path / "i", **{name: value}))


def test_the_demonstration_never_asks_a_second_factor(tmp_path: Path) -> None:
    assert not from_environment(settings(tmp_path / "i"), demonstration=True).second_factor


def test_files_are_limited_and_scanned_when_there_is_a_scanner(tmp_path: Path) -> None:
    plain = from_environment(settings(tmp_path / "i"))
    assert (plain.clamd_url, plain.max_upload) == (None, 20 * 1024 * 1024)
    assert from_environment(settings(tmp_path / "i", PORTAL_MAX_UPLOAD="5")).max_upload == 5 * 1024 * 1024
    for url in ("tcp://127.0.0.1:3310", "tcp://clamd.voorbeeld.nl:3310", "unix:///run/clamav/clamd.ctl"):
        assert from_environment(settings(tmp_path / "i", PORTAL_CLAMD_URL=url)).clamd_url == url
