"""The releases behind the figures as files: typed, with the dashboard's own figures, marked, and harmless."""

from __future__ import annotations

import csv
import io
import os
import shutil
import statistics
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from web_clients import HOST, Browser, Clock, make_context

from vrijgave.cli import main
from vrijgave.cli.export import _put
from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release
from vrijgave.leadtime import Kind, Stage
from vrijgave.leadtime.packing import MEASURES
from vrijgave.leadtime.tables import PARTS
from vrijgave.leadtime.view import Hours, Query
from vrijgave.services import accounts, example
from vrijgave.services.context import Context
from vrijgave.services.dashboard import dashboard
from vrijgave.services.export import Format, export
from vrijgave.services.hours import working_hours
from vrijgave.services.lead_times import records
from vrijgave.services.sign_in import open_session
from vrijgave.store import sqlite_url
from vrijgave.web import cookies
from vrijgave.web.app import create_app

NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
PATH = "/lead-times/releases"
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def year(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Context:
    """An installation with a made-up year."""
    home = tmp_path_factory.mktemp("export")
    shutil.copyfile(sqlite_template, home / "vrijgave.db")
    context = make_context(sqlite_url(home / "vrijgave.db"), home, Clock(NOW))
    example.fill(context, seed=7, releases=90, until=date(2026, 10, 1))
    return context


@pytest.fixture(scope="module")
def leiding(year: Context) -> Browser:
    """Management, signed in there."""
    with year.unit_of_work() as uow:
        account = accounts.add(
            uow, name="lea", display_name="Lea", unit="Den Haag", roles=[Role.LEIDING],
            password_hash=accounts.prepare_password("een lange zin als wachtwoord"), actor="system", at=NOW,
        )  # fmt: skip
        token = open_session(uow, account, NOW).token
        uow.commit()
    client = Browser(create_app(year), follow_redirects=False)
    client.cookies.set(cookies.SESSION, token, domain=HOST)
    return client


def parquet(content: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(content))


def table(client: TestClient, query: str = "period=all") -> pa.Table:
    answer = client.get(f"{PATH}.parquet?{query}")
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    return parquet(answer.content)


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_columns_have_their_types(leiding: Browser) -> None:
    schema = table(leiding).schema
    types = {field.name: field.type for field in schema}
    moments = [name for name in types if name.endswith("_at") or name == "in_stage_since"]
    assert len(moments) == 8
    assert all(types[name] == pa.timestamp("ms", tz="UTC") for name in moments)
    lengths = [name for name in types if "_seconds" in name]
    assert len(lengths) > 3 * len(MEASURES)
    assert all(types[name] == pa.duration("s") for name in lengths)
    assert types["held_now"] == types["identified"] == pa.bool_()
    assert types["tips"] == pa.int32()
    for measure in MEASURES:
        assert pa.types.is_dictionary(types[f"{measure.value}_kind"])
    for name in ("registration", "place", "team", "submitted", "reviewer", "actor", "question", "scene"):
        assert not any(name in column for column in types)


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(since=date(2026, 3, 1), until=date(2026, 6, 30), hours=Hours.OFFICE),
        Query(platform="youtube"),
        Query(platform="press_kit", since=date(2026, 2, 1)),
        Query(platform="radio"),
    ],
)
def test_the_file_holds_the_figures_of_the_dashboard(year: Context, query: Query) -> None:
    shown = dashboard(year, query)
    content, count = export(year, query, Format.PARQUET)
    rows: Rows = parquet(content).to_pylist()
    assert len(rows) == count
    assert sum(row["published_at"] is not None for row in rows) == shown.tiles.published
    lead = [row["incident_to_public_seconds"] for row in rows if row["incident_to_public_seconds"] is not None]
    assert len(lead) == shown.tiles.lead.n
    if shown.tiles.lead.median is not None:
        assert statistics.median(lead) // timedelta(seconds=1) == shown.tiles.lead.median.high
    opened = sum(row["incident_to_public_kind"] == "open" for row in rows)
    assert opened == shown.tiles.lead.n_open
    for line in shown.stages:
        name = line.stage.value
        known = [row for row in rows if row[f"{name}_seconds"] is not None]
        assert len(known) == line.spread.n
        held = sum((row[f"{name}_held_seconds"] for row in known), timedelta(0))
        total = sum((row[f"{name}_seconds"] for row in known), timedelta(0))
        assert (total - held, held) == (timedelta(seconds=line.total), timedelta(seconds=line.held))


def test_each_row_is_that_of_its_release(year: Context) -> None:
    rows = {row["release_id"]: row for row in parquet(export(year, Query(), Format.PARQUET)[0]).to_pylist()}
    with year.reading() as uow:
        found = list(records(uow, NOW, working_hours(year.settings)))
    assert set(rows) == {record.release_id for record in found}
    there = parquet(export(year, Query(platform="press_kit"), Format.PARQUET)[0]).to_pylist()
    public = {record.release_id: record.published("press_kit") for record in found if "press_kit" in record.platforms}
    assert {row["release_id"]: row["published_at"] for row in there} == {
        id_: moment and moment.replace(microsecond=0) for id_, moment in public.items()
    }
    for record in found:
        row = rows[record.release_id]
        assert (row["case_number"], row["unit"], row["offence"]) == (record.number, record.unit, record.offence)
        assert (row["state"], row["footage"]) == (record.state.value, record.footage.value)
        assert row["publication_stage"] == (record.stage and record.stage.value)
        for name in ("received", "analysed", "reviewed", "rendered", "approved", "published", "ended"):
            moment = getattr(record.way, name)
            assert row[f"{name}_at"] == (moment and moment.replace(microsecond=0))
        standing = record.standing
        assert row["in_stage"] == (standing and standing.stage.value)
        assert row["in_stage_since"] == (standing and standing.since.replace(microsecond=0))
        assert row["held_now"] == (standing is not None and standing.held)
        assert (row["review_rounds"], row["times_refused"], row["tips"]) == (
            record.rounds,
            record.refusals,
            record.tips,
        )
        assert (row["usable_tips"], row["identified"]) == (record.usable_tips, record.identified)
        assert (row["times_sent_back"], row["times_returned_by_check"]) == (record.sent_back, record.rescans)
        for measure in (Stage.RENDERED_TO_APPROVED, Stage.UPLOADED_TO_PUBLIC):
            duration = record.times[Hours.ELAPSED].of(measure)
            assert row[f"{measure.value}_kind"] == duration.kind.value
            low, high = (bound // timedelta(seconds=1) * timedelta(seconds=1) for bound in duration.bounds)
            known, cut_off = duration.kind.known, duration.kind in (Kind.OPEN, Kind.STOPPED)
            assert row[f"{measure.value}_seconds_low"] == (low if known else None)
            assert row[f"{measure.value}_seconds"] == (high if known else None)
            assert row[f"{measure.value}_so_far_seconds"] == (high if cut_off else None)


def test_csv_tells_the_same_as_parquet(leiding: Browser) -> None:
    answer = leiding.get(f"{PATH}.csv?period=all&hours=office")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    told, typed = lines(answer.text), table(leiding, "period=all&hours=office")
    assert list(told[0]) == typed.column_names
    assert len(told) == typed.num_rows == 90
    for line, row in zip(told, typed.to_pylist(), strict=True):
        for name, value in row.items():
            assert line[name] == _spelled(value), name


def _spelled(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, timedelta):
        return str(value // timedelta(seconds=1))
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value)


def test_the_address_of_the_page_is_that_of_its_files(leiding: Browser, year: Context) -> None:
    unit = next(iter(table(leiding).column("unit").to_pylist()))
    page = leiding.get("/lead-times", params={"period": "all", "unit": unit}).text
    for kind in Format:
        assert f'href="{PATH}.{kind}?period=all&amp;unit={unit.replace(" ", "+")}"' in page
    rows = table(leiding, f"period=all&unit={unit}")
    assert set(rows.column("unit").to_pylist()) == {unit}
    assert 0 < rows.num_rows < 90
    assert leiding.get(f"{PATH}.xlsx").status_code == 404
    assert table(leiding, "since=2020-01-01&until=2020-02-01").num_rows == 0


def test_all_that_leaves_a_made_up_year_says_so(
    leiding: Browser, signed_in: Callable[..., Browser], capsys: pytest.CaptureFixture[str]
) -> None:
    real = signed_in(Role.LEIDING)
    paths = [f"/lead-times/{part}.csv" for part in PARTS] + [f"{PATH}.csv"]
    for path in paths:
        answer = leiding.get(f"{path}?period=all")
        assert {line["example"] for line in lines(answer.text)} == {"Example"}
        assert answer.headers["content-disposition"].startswith('attachment; filename="example-lead-times-')
        answer = real.get(f"{path}?period=all")
        assert {line["example"] for line in lines(answer.text)} <= {""}
        assert answer.headers["content-disposition"].startswith('attachment; filename="lead-times-')
    made_up = table(leiding)
    assert made_up.schema.metadata[b"vrijgave.example"] == b"Example"
    assert set(made_up.column("example").to_pylist()) == {"Example"}
    assert table(real).schema.metadata[b"vrijgave.example"] == b""
    assert capsys.readouterr().out == ""


def test_nothing_in_a_file_is_a_formula(
    context: Context, signed_in: Callable[..., Browser], new_release: Callable[..., Release]
) -> None:
    attacks = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＠x", '=cmd|"/c calc"!A0', "a\n=1,b", "1=1"]
    with context.unit_of_work() as uow:
        for attack in attacks:
            release = new_release(created_at=context.now())
            uow.releases.add(replace(release, case=replace(release.case, unit=attack, offence=attack)))
        uow.commit()
    client = signed_in(Role.LEIDING)
    found = sorted(line["unit"] for line in csv.DictReader(io.StringIO(client.get(f"{PATH}.csv").text, newline="")))
    assert found == sorted(f"'{a}" if a[0] in "=+-@\t\r＝＠" else a for a in attacks)
    assert sorted(table(client).column("unit").to_pylist()) == sorted(attacks)


@pytest.fixture
def home(year: Context, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VRIJGAVE_HOME", str(year.settings.home))
    return year.settings.home


def test_the_command_writes_the_file_whole_or_not_at_all(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.parquet"
    path.write_bytes(b"before")
    asked = ["lead-times", "export", "--format", "parquet", "--out", str(path), "--platform", "youtube"]
    assert main([*asked, "--since", "2026-03-01", "--until", "2026-06-30", "--json"]) == 0
    rows = parquet(path.read_bytes())
    assert f'"releases": {rows.num_rows}' in capsys.readouterr().out
    assert rows.num_rows > 0
    assert rows.schema.metadata[b"vrijgave.platform"] == b"youtube"
    assert rows.schema.metadata[b"vrijgave.since"] == b"2026-03-01"
    assert os.listdir(tmp_path) == ["out.parquet"]

    def broken(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    before = path.read_bytes()
    assert main(asked) == 1
    with pytest.raises(OSError, match="No space"):
        _put(path, b"after")
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["out.parquet"]
    assert "Traceback" not in capsys.readouterr().err


def test_the_command_says_how_it_is_used(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.csv"
    assert main(["lead-times", "export", "--out", str(out)]) == 0
    assert {line["example"] for line in lines(out.read_text(encoding="utf-8"))} == {"Example"}
    assert "90 releases" in capsys.readouterr().out
    assert main(["lead-times", "export", "--out", str(tmp_path / "none" / "x.csv")]) == 1
    for wrong in (["--out", "x", "--format", "xlsx"], ["--format", "csv"], ["--out", "x", "--since", "May"]):
        with pytest.raises(SystemExit) as end:
            main(["lead-times", "export", *wrong])
        assert end.value.code == 2
    with pytest.raises(SystemExit) as end:
        main(["lead-times", "export", "--help"])
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert all(option in told for option in ("--format", "--out", "--since", "--until", "--unit", "--hours"))


def test_the_old_list_says_so_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lead-times", "--csv"]) == 0
    assert {line["example"] for line in lines(capsys.readouterr().out)} == {"Example"}
