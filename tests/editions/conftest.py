"""Editions made once for all tests that only read them."""

from pathlib import Path

import pytest

from portal.publishing.content import Handbook
from tests.conftest import Templates, fill, made_once
from tests.editions.editions import made_of, unpacked
from tests.small import small

Files = dict[str, bytes]


@pytest.fixture(scope="session")
def for_readers(templates: Templates, handbook: Handbook, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Give the files in the edition of the starter handbook that any reader gets."""
    url = templates.copy("sqlite", "filled", lambda database: fill(database, handbook))
    file = made_once(tmp_path_factory, "lezers.zip", lambda place: _write(place, made_of(url)))
    return unpacked(file.read_bytes())


@pytest.fixture(scope="session")
def for_editors(templates: Templates, handbook: Handbook) -> Files:
    """Give the files in the edition of a small handbook with everything in it."""
    return unpacked(
        made_of(templates.copy("sqlite", "small", lambda database: fill(database, small(handbook))), everything=True)
    )


def _write(place: Path, data: bytes) -> None:
    place.write_bytes(data)
