"""``python -m vrijgave.store.migrations upgrade [URL]`` and ``… check``."""

from __future__ import annotations

from typing import Annotated

import typer

from vrijgave.errors import VrijgaveError
from vrijgave.i18n import _
from vrijgave.settings import Settings
from vrijgave.store import migrations
from vrijgave.store.engine import database_url, make_engine

app = typer.Typer(
    help="Applies and checks the steps of the database schema.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@app.command()
def upgrade(
    url: Annotated[str | None, typer.Argument(help="Database; by default the one that the settings name.")] = None,
) -> None:
    """Bring the database to the newest schema."""
    try:
        engine = make_engine(url or database_url(Settings()))
        migrations.upgrade(engine)
    except VrijgaveError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error
    engine.dispose()
    typer.echo(_("The database has the newest schema."))


@app.command()
def check() -> None:
    """Fail when the program's tables have changed without a migration."""
    missing = migrations.check()
    for difference in missing:
        typer.echo(difference, err=True)
    if missing:
        raise typer.Exit(1)
    typer.echo(_("The migrations make exactly the tables that the program uses."))


if __name__ == "__main__":
    app()
