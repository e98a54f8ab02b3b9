"""What every command shares: the installation, and one line instead of a traceback."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError

from portal.config import Config, from_environment
from portal.db import Database
from portal.faults import database_line, os_line
from portal.lib.errors import OperatorError, PortalError
from portal.revision import SchemaError, Tables, tables_of

P = ParamSpec("P")
R = TypeVar("R")
FIRST_FINDINGS = 50


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and stop with 1."""
    click.echo(f"portal: {message}", err=True)
    sys.exit(1)


def clear_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors a person can act on into one line without a traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (OperatorError, PortalError) as error:
            fail(str(error))
        except SQLAlchemyError as error:
            fail(database_line(error))
        except BrokenPipeError:  # 'portal person list | head': click ends quietly by itself
            raise
        except OSError as error:
            fail(os_line(error))

    return wrapped


@contextmanager
def installation(config: Config | None = None, *, upgrade: bool = False) -> Iterator[tuple[Config, Database]]:
    """Give settings and database of this installation, with its tables ready.

    An empty database gets its tables; those of an older program are brought up only with ``upgrade``, else SchemaError
    says how. Raises SchemaError too when they are not ours.
    """
    config = config or from_environment()
    database = Database(config.database_url)
    try:
        tables = tables_of(database)
        if tables is Tables.NONE or (upgrade and tables is Tables.OLDER):
            database.engine.dispose()  # the other process must not find the database in use
            portal("migrate", quiet=True)
        elif tables is Tables.OLDER:
            raise SchemaError("de database is van een oudere versie van dit programma; voer 'portal migrate' uit")
        yield config, database
    finally:
        database.engine.dispose()


def portal(*words: str, quiet: bool = False, stop: bool = True) -> None:
    """Run another command on this installation in a process of its own.

    When it fails it said why, and we stop too, unless we can do without it (``stop``).
    What such a command loads and uses goes away with it: a server keeps its processes small by this.
    """
    done = subprocess.run([sys.executable, "-m", "portal", *words], stdout=subprocess.DEVNULL if quiet else None)
    if done.returncode and stop:
        sys.exit(1)
