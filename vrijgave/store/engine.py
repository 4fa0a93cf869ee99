"""Connections to the two databases that the service runs on: SQLite on one machine, PostgreSQL for a force."""

from __future__ import annotations

from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.settings import Settings
from vrijgave.store.failures import ADMINISTRATOR, raise_own_errors

DATABASE_FILE = "vrijgave.db"
READ_ONLY = "vrijgave_read_only"
"""Execution option of a connection: its transactions only read, and take no write lock."""
LOCK_SECONDS = 15
"""How long a statement waits for another transaction before the caller is told to try again."""


def database_url(settings: Settings) -> URL:
    """The database that the settings name; by default an SQLite file in ``home``."""
    if settings.database_url is None:
        return sqlite_url(settings.home / DATABASE_FILE)
    return _parsed(settings.database_url.get_secret_value())


def sqlite_url(path: Path) -> URL:
    """Address of the SQLite database in the file ``path``."""
    return URL.create("sqlite", database=str(path))


def make_engine(url: URL | str) -> Engine:
    """An engine for ``url``; connects at first use. Parameters never appear in logs or errors.

    Raises ``ActionRequired`` when ``url`` is no address, is of another kind of database, or its driver is missing.
    """
    address = _parsed(url)
    match address.get_backend_name():
        case "sqlite":
            engine = _sqlite_engine(address)
        case "postgresql":
            engine = _postgres_engine(address)
        case _:
            raise ActionRequired(
                ADMINISTRATOR, _("Only SQLite and PostgreSQL can be used; change VRIJGAVE_DATABASE_URL.")
            )
    raise_own_errors(engine)
    return engine


def read_only_options(engine: Engine) -> dict[str, Any]:
    """Execution options of a connection that only reads, from one consistent state, and locks nothing."""
    if engine.dialect.name == "sqlite":
        return {READ_ONLY: True}
    return {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}


def _parsed(url: URL | str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # The cause is left out: it may quote the address with its password.
        raise ActionRequired(
            ADMINISTRATOR, _("That is no database address; see docs/operations.md for VRIJGAVE_DATABASE_URL.")
        ) from None


def _sqlite_engine(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": LOCK_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # ``_begin_sqlite`` opens transactions, not the driver
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")  # an intent must survive a power cut: bytes leave after it
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE would delete past the append-only triggers


def _use_wal(connection: SqliteConnection) -> None:
    """Switch to the write-ahead log. SQLite does not wait when two do so at once on a new file, so wait here."""
    deadline = monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except OperationalError:
            if monotonic() > deadline:
                raise
            sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start: a transaction that read first and writes later could not wait for it."""
    read_only = bool(connection.get_execution_options().get(READ_ONLY))
    connection.exec_driver_sql(f"PRAGMA query_only = {int(read_only)}")
    connection.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")


def _postgres_engine(url: URL) -> Engine:
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"options": f"-c lock_timeout={LOCK_SECONDS}s"},
        )
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise ActionRequired(
            ADMINISTRATOR, _("PostgreSQL needs its driver; install the package with «vrijgave[postgres]».")
        ) from error
