"""A mail scanner: it follows every link it sees, more than once, and must change nothing by it."""

from sqlalchemy import text

from tests.conftest import Site

REQUESTS = 20


def rows(site: Site) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    with site.database.engine.connect() as connection:
        names = [n for n in site.database.engine.dialect.get_table_names(connection) if n not in ("blob",)]
        return {n: [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{n}"'))] for n in names}  # noqa: S608 # names come from the database


def scanned(site: Site, path: str) -> list[str]:
    """Ask for a link 20 times with GET and with HEAD; return the tables that changed."""
    before = rows(site)
    for number in range(REQUESTS):
        visitor = site.visitor()
        assert visitor.client.open(path, method=("GET", "HEAD")[number % 2]).status_code == 200
        assert visitor.get("/").status_code == 303
    after = rows(site)
    return [name for name in before if name != "arrival" and before[name] != after[name]]
