"""The search index is derived: gone, damaged or of an older database, the next start makes it whole again."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from portal.db import Database
from portal.search.index import is_whole
from tests.conftest import LONG
from tests.running import Running, portal

DAMAGE = {
    "gone": ("DROP TABLE search_text",),
    "emptied": ("DELETE FROM search_text", "DELETE FROM search_section", "DELETE FROM search_entry"),
    "half": ("DELETE FROM search_text WHERE {row} IN (SELECT id FROM search_entry WHERE kind = 'stap')",),
    "of another program": ("UPDATE search_state SET recipe = 'een andere'",),
}


def carry_out(url: str, statements: tuple[str, ...]) -> None:
    row = "rowid" if url.startswith("sqlite") else "entry_id"
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement.format(row=row)))
    engine.dispose()


def whole(url: str) -> bool:
    database = Database(url)
    with database.transaction() as session:
        found = is_whole(session)
    database.engine.dispose()
    return found


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_seen(small_url: str, damage: str) -> None:
    assert whole(small_url)
    carry_out(small_url, DAMAGE[damage])
    assert not whole(small_url)


@pytest.mark.parametrize("damage", DAMAGE if LONG else ["gone"])
def test_the_next_start_makes_the_index_whole(small_url: str, tmp_path: Path, damage: str) -> None:
    carry_out(small_url, DAMAGE[damage])
    with Running(tmp_path / "i", "serve", "--workers", "1", PORTAL_DATABASE_URL=small_url) as server:
        printed = server.lines("Handboek draait op")
        assert any("zoekindex is opnieuw gemaakt" in line for line in printed)
        assert server.ask("GET", "/healthz")[0] == 200
        server.stop()
    assert whole(small_url)


def test_an_index_whose_pages_are_damaged(small_url: str, engine: str) -> None:
    """Only SQLite keeps its full text in pages of ours; a word is gone from them, though every row is there."""
    if engine == "sqlite":
        carry_out(small_url, ("UPDATE search_text_data SET block = x'00' WHERE id > 10",))
    else:
        carry_out(small_url, ("DELETE FROM search_text WHERE entry_id = (SELECT min(id) FROM search_entry)",))
    assert not whole(small_url)


def test_reindex_by_hand(small_url: str, tmp_path: Path) -> None:
    carry_out(small_url, DAMAGE["gone"])
    done = portal(tmp_path / "i", "reindex", PORTAL_DATABASE_URL=small_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert "zoekindex is opnieuw gemaakt" in done.stdout
    assert whole(small_url)
