"""Every setting with a wrong value: one line that names it, and nothing is made."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal import config
from portal.cli import main

WRONG = {
    "PORTAL_DATA_DIR": ["/dev/null", "/dev/null/map"],
    "PORTAL_PORT": ["", "tachtig", "0", "65536", "-1", "8000 ", "8" * 5000],
    "PORTAL_BASE_URL": ["voorbeeld.nl", "https://", "https://a b:c", "https://[::1", "https://a:99999", "https://a/?b"],
    "PORTAL_SMTP_URL": ["mail.voorbeeld.nl", "smtp://", "smtp://geheim@a:poort", "http://a"],
    "PORTAL_MAIL_FROM": ["niemand", "a@b\nBcc: c@d", "@b", "a@"],
    "PORTAL_TRUSTED_PROXIES": ["een", "-1", "11"],
    "PORTAL_LOG_FORMAT": ["", "xml"],
    "PORTAL_SEARCH_ENGINE": ["", "solr"],
    "PORTAL_CLAMD_URL": ["localhost:3310", "tcp://localhost", "tcp://:3310", "tcp://a:0", "unix://clamd", "http://a:1"],
    "PORTAL_MAX_UPLOAD": ["", "0", "101", "20MB", "-1"],
    "PORTAL_SECOND_FACTOR": ["", "uit"],
    "PORTAL_SSO_ALLOW_PRIVATE": ["", "misschien", "10.0.0.1"],
    "PORTAL_DATABASE_URL": [
        *(
            "mysql://a@b/c",
            "sqlite:///",
            "sqlite:///:memory:",
            "portal.db",
            "postgresql://b",
            "postgresql://a:geheim@b",
        ),
        "postgresql://a:geheim@b:poort/c",
    ],
    "PORTAL_SECRET_KEY": ["kort"],
    "PORTAL_SECRET_KEY_FILE": ["/bestaat/niet", "/dev", "/bin/sh", "/dev/null"],
    "PORTAL_READER_IDLE_MINUTES": ["0", "lang"],
    "PORTAL_READER_TOTAL_MINUTES": ["0", "lang"],
    "PORTAL_STAFF_IDLE_MINUTES": ["0", "lang"],
    "PORTAL_STAFF_TOTAL_MINUTES": ["0", "lang"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
@pytest.mark.parametrize("command", [("person", "list"), ("serve",)], ids=" ".join)
def test_a_wrong_setting_is_one_line(
    name: str, value: str, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / "instance"))
    monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert result.stderr.startswith("portal: ")
    assert result.stderr.count("\n") == 1
    assert name in result.stderr
    assert "geheim" not in result.stderr
    assert not (tmp_path / "instance/portal.db").exists()


def test_no_setting_goes_untried() -> None:
    named = set(re.findall(r'"(PORTAL_[A-Z_]+)"', Path(config.__file__).read_text()))
    both = {f"PORTAL_{who}_{what}_MINUTES" for who in ("READER", "STAFF") for what in ("IDLE", "TOTAL")}
    assert set(WRONG) == named | both
