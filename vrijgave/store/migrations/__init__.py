"""The schema of the database, step by step; ``python -m vrijgave.store.migrations`` applies and checks it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Engine, text

from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.store.engine import make_engine, sqlite_url
from vrijgave.store.failures import ADMINISTRATOR
from vrijgave.store.tables import metadata

UPGRADE_LOCK = 0x7672696A
"""Number of PostgreSQL's advisory lock for the time of an upgrade."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to the newest schema, in one transaction; safe when several processes start at once.

    Another ``revision`` than the newest is for tests of what a step makes of the data.

    Raises ``ActionRequired`` when the database was made by a newer version of the program.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise ActionRequired(
                ADMINISTRATOR, _("The database belongs to a newer version of Vrijgave; install that version.")
            ) from error


def differences(engine: Engine) -> list[str]:
    """What the tables of the program have that an upgraded database lacks, or the other way round."""
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    return [repr(difference) for difference in found]


def check() -> list[str]:
    """``differences`` of a fresh SQLite database after all migrations; empty when none is missing."""
    with tempfile.TemporaryDirectory(prefix="vrijgave-") as folder:
        engine = make_engine(sqlite_url(Path(folder) / "check.db"))
        try:
            upgrade(engine)
            return differences(engine)
        finally:
            engine.dispose()
