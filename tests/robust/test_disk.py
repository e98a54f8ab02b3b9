"""A full disk and a read-only one: one line, nothing lost, reading goes on, and it works again afterwards."""

import os
import re
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.access.models import OrganisationKind
from portal.access.organisations import add_organisation
from portal.audit.operations import SYSTEM
from portal.audit.queries import verify
from portal.db import Database
from portal.lib import clock
from portal.releases.queries import versions_in_force
from portal.releases.view import View
from portal.search.index import is_whole
from tests.conftest import LONG
from tests.running import Running, portal, refused
from tests.small import COUNT
from tests.visitor import TOKEN

AS_ORDINARY_USER = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
"""Root may write whatever the rights say; without these capabilities it may not (capabilities(7))."""
ADD = ("organisation", "add", "Nieuw Wonen", "--kind", "corporatie", "--domain", "nieuw.example")


def no_file_beyond(size: int) -> Callable[[], None]:
    """Return what makes a process unable to let a file grow beyond this many bytes, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.fixture(scope="module")
def imported(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an installation with a handbook."""
    folder = tmp_path_factory.mktemp("imported") / "instance"
    assert portal(folder, "import", str(small_folder)).returncode == 0
    return folder


@pytest.fixture
def folder(imported: Path, tmp_path: Path) -> Iterator[Path]:
    """Give a copy of that installation, with rights that let it be removed afterwards."""
    copy = tmp_path / "instance"
    copy.mkdir()
    for file in ("secret_key", "portal.db"):
        (copy / file).write_bytes((imported / file).read_bytes())
    yield copy
    copy.chmod(0o700)


def whole(folder: Path) -> None:
    """Check that nothing was lost and that everything works."""
    database = Database(f"sqlite:///{folder}/portal.db")
    with database.transaction() as session:
        assert len(versions_in_force(session, View.of_everything(clock.now()))) == COUNT
        assert verify(session).faults == []
        assert is_whole(session)
        kind, domains = OrganisationKind.CORPORATIE, ["nieuw.example"]
        add_organisation(session, name="Nieuw Wonen", kind=kind, domains=domains, by=SYSTEM, at=clock.now())
    database.engine.dispose()


@pytest.mark.parametrize("size", [0, 5_000])
def test_a_command_on_a_full_disk(folder: Path, size: int) -> None:
    refused(portal(folder, *ADD, before=no_file_beyond(size)), "schijf", "niets veranderd")
    whole(folder)


@pytest.mark.parametrize("size", [0, 10, 4096, 100_000, 1_000_000] if LONG else [0, 4096, 1_000_000])
def test_a_first_command_on_a_full_disk(tmp_path: Path, small_folder: Path, size: int) -> None:
    folder = tmp_path / "instance"
    refused(portal(folder, "import", str(small_folder), before=no_file_beyond(size)), "schijf")
    assert "Uitgave 1" in portal(folder, "import", str(small_folder)).stdout
    whole(folder)


def test_an_export_to_a_full_disk(folder: Path, tmp_path: Path) -> None:
    refused(portal(folder, "export", str(tmp_path / "uit"), before=no_file_beyond(33_000)), "schijf is vol")
    whole(folder)


@pytest.fixture
def small_disk(folder: Path, tmp_path: Path) -> Iterator[Path]:
    """Give the installation on a disk of its own with some room left."""
    place = tmp_path / "small"
    place.mkdir()
    size = (folder / "portal.db").stat().st_size + 200_000
    mount, umount = (shutil.which(name) or name for name in ("mount", "umount"))
    mounted = subprocess.run([mount, "-t", "tmpfs", "-o", f"size={size}", "none", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("een schijfje koppelen mag hier niet; een volle schijf is wel nagebootst met een grens per bestand")
    for file in ("secret_key", "portal.db"):
        (place / file).write_bytes((folder / file).read_bytes())
    yield place
    subprocess.run([umount, place], check=True)


def test_a_real_full_disk(small_disk: Path, small_folder: Path) -> None:
    filler = small_disk / "vulling"
    with pytest.raises(OSError, match="No space"):
        fill_up(filler)
    refused(portal(small_disk, *ADD), "schijf")
    refused(portal(small_disk, "import", str(small_folder)), "schijf")
    filler.unlink()
    whole(small_disk)


def fill_up(file: Path) -> None:
    with file.open("wb", buffering=0) as target:
        while True:
            target.write(bytes(4096))


def test_a_read_only_folder(folder: Path) -> None:
    folder.chmod(0o500)
    refused(portal(folder, *ADD, through=AS_ORDINARY_USER), "rechten")
    refused(portal(folder, "serve", through=AS_ORDINARY_USER), "portal.lock", "rechten")
    folder.chmod(0o700)
    whole(folder)


def test_a_read_only_database_file(folder: Path) -> None:
    (folder / "portal.db").chmod(0o400)
    refused(portal(folder, *ADD, through=AS_ORDINARY_USER), "alleen-lezen", "schrijfrechten")
    (folder / "portal.db").chmod(0o600)
    whole(folder)


def test_a_read_only_place_for_a_new_installation(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    refused(portal(tmp_path / "instance", *ADD, through=AS_ORDINARY_USER), "PORTAL_DATA_DIR", "rechten")
    tmp_path.chmod(0o700)
    assert portal(tmp_path / "instance", *ADD).returncode == 0


def test_readers_go_on_while_the_disk_is_full(folder: Path) -> None:
    with Running(folder, "demo") as running:
        link = next(line.split()[2] for line in running.lines("auditor ") if line.startswith("corporatie "))
        path = link.removeprefix(f"http://127.0.0.1:{running.port}")
        cookie, form = form_at(running, path)
        status, headers, _body = running.ask("POST", path, body=form, headers=form_headers(cookie))
        assert status == 303
        signed_in = headers["Set-Cookie"].split(";")[0]

        for child in running.children():
            resource.prlimit(child, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        for address in ("/", "/stroomschema/KAN/KAN-07", "/documenten/FO-06"):
            assert running.ask("GET", address, headers={"Cookie": signed_in})[0] == 200
        assert running.ask("GET", "/documenten")[0] == 303  # where to go after signing in is only a convenience
        status, _headers, body = running.ask("GET", "/documenten/FO-06/bestand", headers={"Cookie": signed_in})
        assert (status, "Er kan nu niets worden opgeslagen" in body) == (503, True)  # no line in the log, no file
        cookie, form = form_at(running, "/aanmelden")
        form += "&stap=adres&address=corporatie%40voorbeeldhof.example"
        status, _headers, body = running.ask("POST", "/aanmelden", body=form, headers=form_headers(cookie))
        assert (status, "Er kan nu niets worden opgeslagen" in body) == (503, True)
        assert "Lezen kan wel" in body
        assert re.search(r'class="brand"', body), "a whole page, with the way back"

        for child in running.children():
            resource.prlimit(child, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert running.ask("POST", "/aanmelden", body=form, headers=form_headers(cookie))[0] == 303
        assert running.ask("GET", "/documenten/FO-06/bestand", headers={"Cookie": signed_in})[0] == 200
        running.lines("--- mail aan corporatie@voorbeeldhof.example")
        running.stop()
        assert "Traceback" not in running.log.read_text()
        whole(folder)


def form_at(running: Running, path: str) -> tuple[str, str]:
    """Return the cookie and the token of the form on a page."""
    _status, headers, body = running.ask("GET", path)
    token = TOKEN.search(body)
    assert token
    return headers["Set-Cookie"].split(";")[0], f"csrf_token={token[1]}"


def form_headers(cookie: str) -> dict[str, str]:
    return {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
