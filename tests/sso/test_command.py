"""Providers from a terminal."""

from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from portal.audit.operations import SYSTEM
from portal.config import Config
from portal.db import Database
from portal.lib import clock
from portal.sso.client import Told
from portal.sso.entering import come_in
from portal.sso.models import Provider as Row
from tests.sso.provider import rsa, running
from tests.test_cli import Terminal, run  # noqa: F401 # a fixture of the other commands

ORGANISATION = ("organisation", "add", "Hofstad Wonen", "--kind", "corporatie", "--domain", "hofstad.example")


def test_a_provider_from_a_terminal(
    run: Terminal,  # noqa: F811 # the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    blank_url: str,
    config: Config,
) -> None:
    secret, key, weak = tmp_path / "geheim", tmp_path / "sleutel.pem", tmp_path / "zwak.pem"
    secret.write_text("het geheim\n")
    key.write_bytes(rsa("eigen").as_pem(private=True))
    weak.write_bytes(ECKey.generate_key("P-521").as_pem(private=True))
    run(*ORGANISATION)
    run("organisation", "add", "Zorg", "--kind", "zorgaanbieder", "--domain", "zorg.example")
    who = ("--organisation", "Hofstad Wonen", "--client-id", "handboek", "--domain", "hofstad.example")
    issuer = ("--issuer", "https://inloggen.hofstad.example")
    sealed = ("--client-secret-file", str(secret))
    told = run(
        "sso", "add", "hofstad", *who, *issuer, *sealed, "--group-claim", "groups", "--map", "a=b=redacteur"
    ).output
    assert "http://127.0.0.1:8000/sso/hofstad/terug" in told
    run("sso", "add", "sleutel", *who, *issuer, "--private-key-file", str(key))
    database = Database(blank_url)
    with database.reading() as session:
        rows = {row.name: row for row in session.query(Row)}
    assert rows["hofstad"].mapping == {"a=b": ["redacteur"]}
    assert rows["hofstad"].enabled_at
    assert rows["sleutel"].auth_method == "private_key_jwt"
    assert "geheim" not in rows["hofstad"].sealed_secret
    assert run("sso", "list").output.splitlines()[0] == (
        "hofstad  Hofstad Wonen  https://inloggen.hofstad.example  hofstad.example  aan"
    )
    wrong: dict[tuple[str, ...], str] = {
        ("hofstad", *who, *issuer, *sealed): "Er is al een aanbieder",
        ("Hof Stad", *who, *issuer, *sealed): "korte naam",
        ("nieuw", *who, *issuer, *sealed): "korte naam",
        ("b", *who, "--issuer", "http://inloggen.hofstad.example", *sealed): "https-adres",
        ("b", *who, "--issuer", "http://127.0.0.1:99", *sealed): "https-adres",
        ("b", *who, *issuer, *sealed, "--domain", "zorg.example"): "hoort al bij Zorg",
        ("b", *who, *issuer, *sealed, "--domain", "gmail.com"): "waar iedereen een adres kan krijgen",
        ("b", *who, *issuer, *sealed, "--domain", "geen domein"): "geen maildomein",
        ("b", *who, *issuer, *sealed, "--map", "a=baas"): "'a=baas' kan niet",
        ("b", *who, *issuer, *sealed, "--map", "redacteur"): "kan niet",
        ("b", *who, *issuer, "--private-key-file", str(secret)): "geen privésleutel",
        ("b", *who, *issuer, "--private-key-file", str(weak)): "geen privésleutel",
        ("b", *who, *issuer, "--client-secret-file", str(tmp_path / "weg")): "weg",
        ("b", *who[2:], "--organisation", "Niemand", *issuer, *sealed): "geen organisatie 'Niemand'",
    }
    for words, message in wrong.items():
        result = run("sso", "add", *words, code=1)
        assert message in result.stderr, words
        assert "het geheim" not in result.stderr
    run("sso", "add", "b", *who, *issuer, code=2)
    run("sso", "add", "b", *who, *issuer, *sealed, "--private-key-file", str(key), code=2)
    with database.transaction() as session:
        somebody = Told({"sub": "s-1", "email": "nieuw@hofstad.example"})
        come_in(session, config, rows["hofstad"].id, somebody, target="/", by=SYSTEM, at=clock.now())
    assert run("sso", "disable", "hofstad").output == "hofstad staat uit; 1 sessie is beëindigd.\n"
    assert "; 0 sessies zijn beëindigd" in run("sso", "disable", "hofstad").output
    for verb, state in (("disable", "uit"), ("enable", "aan")):
        run("sso", verb, "hofstad")
        assert run("sso", "list").output.splitlines()[0].endswith(state)
        assert "geen aanbieder 'weg'" in run("sso", verb, "weg", code=1).stderr
    database.engine.dispose()


def test_a_terminal_tells_whether_a_provider_answers(
    run: Terminal,  # noqa: F811 # the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "geheim").write_text("het geheim")
    run(*ORGANISATION)
    with running(clock.now) as provider:
        words = ("--organisation", "Hofstad Wonen", "--issuer", provider.issuer, "--client-id", "handboek")
        sealed = ("--client-secret-file", str(tmp_path / "geheim"), "--domain", "hofstad.example")
        run("sso", "add", "hofstad", *words, *sealed, code=1)
        monkeypatch.setenv("PORTAL_SSO_ALLOW_PRIVATE", "1")
        run("sso", "add", "hofstad", *words, *sealed)
        assert "1 sleutel, staat aan" in run("sso", "test", "hofstad").output
        provider.metadata = lambda found: found.update(issuer=f"{provider.issuer}/")
        assert "discovery:issuer" in run("sso", "test", "hofstad", code=1).stderr
        provider.metadata, provider.published = None, []
        assert "geen sleutels" in run("sso", "test", "hofstad", code=1).stderr
        monkeypatch.setenv("PORTAL_SSO_ALLOW_PRIVATE", "0")
        assert "discovery:address" in run("sso", "test", "hofstad", code=1).stderr
