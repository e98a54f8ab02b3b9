"""A second server on the same installation or port is refused, and a server that is killed leaves nothing behind."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import demonstration
from tests.running import Running, portal, refused


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Running]]:
    """Give an installation on which the demonstration runs."""
    folder = demonstration(tmp_path_factory, tmp_path_factory.mktemp("served"))
    with Running(folder, "demo") as running:
        running.lines("auditor ")
        yield folder, running


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_second_server_on_the_installation_is_refused(served: tuple[Path, Running], command: str) -> None:
    folder, running = served
    refused(portal(folder, command), str(folder), "draait al een portaal", "PORTAL_DATA_DIR")
    assert running.ask("GET", "/readyz")[0] == 200


def test_other_commands_work_beside_it(served: tuple[Path, Running]) -> None:
    folder, running = served
    assert "auditor" in portal(folder, "person", "list").stdout
    assert portal(folder, "organisation", "add", "Ernaast", "--kind", "regio", "--domain", "e.example").returncode == 0
    assert portal(folder, "audit", "verify").returncode == 0
    assert running.ask("GET", "/readyz")[0] == 200


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use_is_named_before_anything_changes(
    served: tuple[Path, Running], command: str, tmp_path: Path
) -> None:
    port = str(served[1].port)
    refused(portal(tmp_path / "other", command, PORTAL_PORT=port), port, "PORTAL_PORT")
    refused(portal(tmp_path / "other", command, "--port", port), port, "--port")
    assert not (tmp_path / "other/portal.db").exists()


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    refused(portal(tmp_path / "i", "serve", "--host", "192.0.2.1"), "192.0.2.1", "--host")


def test_after_kill_9_the_same_installation_starts_on_the_same_port(demonstrated: Path) -> None:
    with Running(demonstrated, "demo") as first:
        first.lines("auditor ")
        assert first.ask("GET", "/readyz")[0] == 200
        children = first.children()
    assert len(children) == 2
    assert first.process.returncode == -signal.SIGKILL
    with Running(demonstrated, "demo", port=first.port) as second:
        second.lines("auditor ")
        assert second.ask("GET", "/readyz")[0] == 200
        assert not [child for child in children if is_running(child)]
        second.stop()
        assert second.process.returncode == 0


def is_running(process: int) -> bool:
    """Whether a process runs; one that ended and was not waited for does not."""
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] not in "ZX"


def test_a_web_process_that_is_killed_is_replaced(demonstrated: Path) -> None:
    with Running(demonstrated, "serve", "--workers", "1", PORTAL_SECOND_FACTOR="off") as running:
        running.lines("PORTAL_SMTP_URL")
        assert running.ask("GET", "/healthz")[0] == 200
        for child in running.children():
            os.kill(child, signal.SIGKILL)
        assert running.ask("GET", "/readyz")[0] == 200
        running.stop()
        assert running.process.returncode == 0
