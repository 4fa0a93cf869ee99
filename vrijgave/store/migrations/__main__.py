"""``python -m vrijgave.store.migrations upgrade [URL]`` and ``… check``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from vrijgave.errors import VrijgaveError
from vrijgave.i18n import _
from vrijgave.settings import Settings
from vrijgave.store import migrations
from vrijgave.store.engine import database_url, make_engine


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m vrijgave.store.migrations",
        description=_("Applies and checks the steps of the database schema."),
    )
    commands = parser.add_subparsers(required=True)
    bring = commands.add_parser("upgrade", help=_("bring the database to the newest schema"))
    bring.add_argument("url", nargs="?", help=_("the database; by default the one that the settings name"))
    bring.set_defaults(run=upgrade)
    look = commands.add_parser("check", help=_("fail when the program's tables have changed without a migration"))
    look.set_defaults(run=check)
    arguments = parser.parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except VrijgaveError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


def upgrade(arguments: argparse.Namespace) -> int:
    """Bring the database to the newest schema."""
    engine = make_engine(arguments.url or database_url(Settings()))
    migrations.upgrade(engine)
    engine.dispose()
    sys.stdout.write(_("The database has the newest schema.") + "\n")
    return 0


def check(_arguments: argparse.Namespace) -> int:
    """Fail when the program's tables have changed without a migration."""
    missing = migrations.check()
    for difference in missing:
        sys.stderr.write(f"{difference}\n")
    if not missing:
        sys.stdout.write(_("The migrations make exactly the tables that the program uses.") + "\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
