"""Every command as someone at a terminal meets it."""

import os
import re
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from portal.cli import MODULES, main
from tests.conftest import demonstration as demonstration_in
from tests.running import Running
from tests.small import COUNT
from tests.visitor import TOKEN


@pytest.fixture
def run(blank_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Terminal":
    """Give a terminal on an installation whose tables are there and which holds nothing."""
    for name in list(os.environ):
        if name.startswith("PORTAL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / "instance"))
    monkeypatch.setenv("PORTAL_DATABASE_URL", blank_url)
    return Terminal()


class Terminal:
    """Runs commands and shows what came out."""

    def __call__(self, *arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, arguments)
        shown = f"{arguments}: {result.output} {result.exception!r}"
        assert result.exit_code == code, shown
        assert "Traceback" not in result.output
        if code == 1:
            assert result.stderr.strip(), shown
        return result


COMMANDS = [
    *([name] for name in ("serve", "demo", "init", "import", "export", "check", "reindex", "migrate")),
    *([name] for name in ("edition", "verify")),
    *(["person", name] for name in ("add", "list", "disable", "reset-factor")),
    *(["organisation", name] for name in ("add", "list", "disable")),
    *(["link", name] for name in ("person", "organisation", "share")),
    *(["sso", name] for name in ("add", "list", "test", "enable", "disable")),
    *(["outbox", "send"], ["audit", "verify"]),
]


@pytest.mark.parametrize("command", [[], *COMMANDS], ids=" ".join)
def test_every_command_explains_itself(command: list[str]) -> None:
    result = CliRunner().invoke(main, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_no_command_goes_unnamed_here() -> None:
    assert {name for [name, *_] in COMMANDS} == set(main.list_commands(Context(main)))
    for module, names in MODULES.items():
        assert tuple(import_module(f"portal.cli.{module}").COMMANDS) == names


def test_wrong_words_exit_with_two(run: Terminal) -> None:
    for words in (
        ["bestaat-niet"],
        ["person", "add"],
        ["organisation", "add", "X", "--kind", "winkel", "--domain", "x.nl"],
    ):
        run(*words, code=2)


def test_a_new_installation_from_nothing(run: Terminal) -> None:
    link = run("init", "--admin", "baas@regio.example", "--organisation", "Regio Hofstad").output.strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/toegang/[\w-]{43}", link)
    assert (
        "al een organisatie"
        in run("init", "--admin", "x@regio.example", "--organisation", "Regio Hofstad", code=1).stderr
    )
    run("organisation", "add", "Hofstad Wonen", "--kind", "corporatie", "--domain", "wonen.example")
    run("person", "add", "Anna@Wonen.example", "--organisation", "Hofstad Wonen", "--name", "Anna")
    run(
        "person", "add", "r@regio.example", "--organisation", "Regio Hofstad", "--group", "redacteur", "--role", "regio"
    )
    listed = run("person", "list").output
    assert "anna@wonen.example  Hofstad Wonen  corporatie  lezer" in listed
    assert "r@regio.example  Regio Hofstad  regio  lezer,redacteur" in listed
    assert "baas@regio.example  Regio Hofstad  info_meldpunt  beheerder,lezer" in listed
    assert "Hofstad Wonen  corporatie  wonen.example" in run("organisation", "list").output
    for whose in (["person", "anna@wonen.example"], ["organisation", "Hofstad Wonen"]):
        assert "/toegang/" in run("link", *whose).output
    run("person", "disable", "anna@wonen.example")
    assert "(afgesloten)" in run("person", "list").output
    run("link", "person", "anna@wonen.example", code=1)
    for last in (("person", "disable", "baas@regio.example"), ("organisation", "disable", "Regio Hofstad")):
        assert "geen enkele beheerder" in run(*last, code=1).stderr
    run("organisation", "disable", "Hofstad Wonen")
    assert "(afgesloten)" in run("organisation", "list").output
    assert re.match(r"Het logboek klopt: \d+ regels", run("audit", "verify").output)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["person", "add", "geen-adres", "--organisation", "Regio"], "e-mailadres"),
        (["person", "add", "a@b.example", "--organisation", "Bestaat niet"], "organisation add"),
        (["person", "disable", "a@b.example"], "geen persoon"),
        (["organisation", "disable", "Bestaat niet"], "geen organisatie"),
        (["organisation", "add", "X", "--kind", "regio", "--domain", "geen domein"], "geen maildomein"),
        (["organisation", "add", "X", "--kind", "regio", "--domain", "gmail.com"], "van de organisatie zelf"),
        (["init", "--admin", "baas@ziggo.nl", "--organisation", "Regio B"], "van de organisatie zelf"),
        (["link", "person", "a@b.example"], "geen persoon"),
        (["link", "organisation", "Bestaat niet"], "geen organisatie"),
        (["link", "organisation", "Regio", "--days", "0"], "1 tot 365 dagen"),
        (["link", "share", "ZC-01"], "geen document"),
        (["import", "bestaat-niet"], "ontbreekt"),
        (["export", "uit"], "nog geen uitgave"),
        (["check"], "nog geen uitgave"),
        (["outbox", "send"], "PORTAL_SMTP_URL"),
        (["demo", "--host", "0.0.0.0"], "alleen op deze computer"),  # noqa: S104 # it must be refused
    ],
)
def test_what_cannot_be_done_is_explained(run: Terminal, words: list[str], expected: str) -> None:
    run("organisation", "add", "Regio", "--kind", "regio", "--domain", "regio.example")
    assert expected in run(*words, code=1).stderr


def test_import_check_and_export(run: Terminal, small_folder: Path, tmp_path: Path) -> None:
    assert f"Uitgave 1 is ingelezen en gepubliceerd: {COUNT} onderdelen" in run("import", str(small_folder)).output
    assert "in orde" in run("check").output
    assert "Uitgave 1 staat in" in run("export", str(tmp_path / "uit"), "--release", "1").output
    for words in (["share", "OV-04"], ["share", "OV-04", "--version", "1", "--days", "3"]):
        assert re.fullmatch(r"http://127\.0\.0\.1:8000/toegang/[\w-]{43}", run("link", *words).output.strip())
    assert "geen versie 9" in run("link", "share", "OV-04", "--version", "9", code=1).stderr
    assert "geen document" in run("link", "share", "OV-03", code=1).stderr
    assert "concept-uitgave: 0 gewijzigde" in run("import", str(tmp_path / "uit")).output
    run("export", str(tmp_path / "uit"), code=1)
    run("export", str(tmp_path / "uit2"), "--release", "9", code=1)
    wrong = run("person", "add", "a@b.example", "--organisation", "X", "--role", "tovenaar", code=1)
    assert "kies uit: corporatie" in wrong.stderr


def test_an_edition_is_made_and_checked(
    run: Terminal, small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, everything = str(tmp_path / "uitgave.zip"), str(tmp_path / "alles.zip")
    assert "nog geen uitgave" in run("edition", file, code=1).stderr
    run("import", str(small_folder))
    assert "Uitgave 1 staat in" in run("edition", file).output
    first = Path(file).read_bytes()
    run("edition", file, "--release", "1")
    assert Path(file).read_bytes() == first
    run("edition", everything, "--all")
    assert "uitgave 9 is er niet" in run("edition", str(tmp_path / "x.zip"), "--release", "9", code=1).stderr
    assert "is er niet; maak haar eerst" in run("edition", str(tmp_path / "niets/x.zip"), code=1).stderr
    assert "geen gewoon bestand" in run("edition", str(tmp_path), code=1).stderr
    sound = run("verify", file).output
    assert "is heel en ondertekend met de sleutel van deze installatie" in sound
    assert "wat alle lezers mogen zien" in sound
    assert "alles)" in run("verify", everything).output
    fingerprint = sound.rpartition(": ")[2].strip().rstrip(".")
    assert "de sleutel die u noemt" in run("verify", file, "--key", fingerprint).output
    assert "maar niet ondertekend" in run("verify", file, "--key", "0" * 64, code=1).stderr
    assert "64 cijfers" in run("verify", file, "--key", fingerprint[:8], code=2).stderr
    Path(file).write_bytes(first.replace(b"Handboek", b"Handbork", 1))
    assert "vertrouw dit bestand niet" in run("verify", file, code=1).stderr
    run("verify", str(tmp_path / "niets.zip"), code=1)
    monkeypatch.setenv("PORTAL_SECRET_KEY", "de sleutel van een andere installatie, lang genoeg")
    assert "niet ondertekend met de sleutel van deze installatie" in run("verify", everything, code=1).stderr


def test_whoever_has_no_installation_checks_an_edition_by_its_key(
    run: Terminal, small_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", str(small_folder))
    run("edition", str(tmp_path / "uitgave.zip"))
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / "elders"))
    told = run("verify", str(tmp_path / "uitgave.zip")).output
    assert "is heel. Van wie zij is, is hier niet te zien" in told
    fingerprint = told.rpartition(", ")[2].strip().rstrip(".")
    run("verify", str(tmp_path / "uitgave.zip"), "--key", fingerprint)
    assert not (tmp_path / "elders").exists()


def test_a_red_import_stores_nothing(run: Terminal, small_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(small_folder, tmp_path / "in")
    page = tmp_path / "in/documenten/OV-04.md"
    page.write_text(page.read_text() + "\n<b>vet</b>\n")
    result = run("import", str(tmp_path / "in"), code=1)
    assert "OV-04" in result.stderr
    assert "er is niets veranderd" in result.stderr
    run("check", str(tmp_path / "in"), code=1)
    assert "nog geen uitgave" in run("check", code=1).stderr
    assert "OV-04" in run("import", "--as-published", str(tmp_path / "in"), code=1).stderr
    page.write_text(page.read_text().replace("<b>vet</b>", "Dat kost € 98.765."))
    assert "€ 98.765" in run("import", str(tmp_path / "in"), code=1).stderr
    run("import", "--as-published", str(tmp_path / "in"))
    run("export", str(tmp_path / "out"))
    assert (tmp_path / "out/documenten/OV-04.md").read_bytes() == page.read_bytes()


def test_a_wrong_setting_stops_with_one_line(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_PORT", "tachtig")
    result = run("person", "list", code=1)
    assert result.stderr.count("\n") == 1
    assert "PORTAL_PORT" in result.stderr


def test_a_database_that_is_away_is_named(run: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql://niemand@127.0.0.1:9/niets?connect_timeout=2")
    assert "database" in run("person", "list", code=1).stderr
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{tmp_path}/geen/map/portal.db")
    assert "database" in run("person", "list", code=1).stderr


def test_a_database_of_a_newer_program_is_left_alone(run: Terminal, blank_url: str) -> None:
    engine = create_engine(blank_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert "9999" in run("person", "list", code=1).stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "instance"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give the demonstration as it runs the second time; the first time is what made the folder."""
    with Running(demonstration_in(tmp_path_factory, tmp_path_factory.mktemp("demonstration")), "demo") as running:
        yield running
        running.stop()


KEYS = ["corporatie", "uitvoeringsdienst", "zorgaanbieder", "redacteur", "redacteur2", "beheerder", "auditor"]


def test_the_demonstration_lets_everybody_in_by_their_line(demonstration: Running) -> None:
    lines = demonstration.lines("auditor ")
    first = lines.index(f"Handboek draait op http://127.0.0.1:{demonstration.port}")
    people = [line.split() for line in lines[first + 1 : first + 8]]
    assert [key for key, _address, _link in people] == KEYS
    for _key, address, link in people:
        assert "@" in address
        path = link.removeprefix(f"http://127.0.0.1:{demonstration.port}")
        status, headers, body = demonstration.ask("GET", path)
        token = TOKEN.search(body)
        assert token
        form = {"Cookie": headers["Set-Cookie"].split(";")[0], "Content-Type": "application/x-www-form-urlencoded"}
        status, headers, _body = demonstration.ask("POST", path, body=f"csrf_token={token[1]}", headers=form)
        assert (status, headers["Location"]) == (303, "/")
        status, _headers, body = demonstration.ask("GET", "/", headers={"Cookie": headers["Set-Cookie"].split(";")[0]})
        assert status == 200
        assert "Demonstratie" in body
    assert demonstration.ask("GET", "/healthz", host="localhost")[0] == 200
    assert "stap" in demonstration.ask("GET", "/aanmelden", host="localhost")[2]


def test_mail_of_the_demonstration_comes_out_of_the_terminal(demonstration: Running) -> None:
    demonstration.lines("auditor ")
    _status, headers, body = demonstration.ask("GET", "/aanmelden")
    token = TOKEN.search(body)
    assert token
    form = {"Cookie": headers["Set-Cookie"].split(";")[0], "Content-Type": "application/x-www-form-urlencoded"}
    data = f"csrf_token={token[1]}&stap=adres&address=corporatie%40voorbeeldhof.example"
    assert demonstration.ask("POST", "/aanmelden", body=data, headers=form)[0] == 303
    printed = demonstration.lines("--- mail aan corporatie@voorbeeldhof.example")
    assert not [line for line in printed if "rule=/toegang" in line and len(line) > 300]


def test_serving_says_what_is_not_ready_and_answers(folder: Path) -> None:
    running = Running(folder, "serve", "--workers", "1")
    lines = running.lines("PORTAL_SMTP_URL")
    assert not any("PORTAL_SECOND_FACTOR" in line for line in lines)
    assert running.ask("GET", "/healthz")[0] == 200
    status, headers, _body = running.ask("GET", "/documenten")
    assert (status, headers["Location"]) == (303, "/aanmelden")
    assert "demonstratie" not in running.ask("GET", "/aanmelden")[2].lower()
    running.stop()
    assert running.process.returncode == 0
