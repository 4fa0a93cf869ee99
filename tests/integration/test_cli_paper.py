"""``vrijgave report``: PDFs in a file, and a look at a case that is logged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL

from vrijgave.bootstrap import build
from vrijgave.cli import main
from vrijgave.domain.releases import Release
from vrijgave.settings import Settings


@pytest.fixture
def home(sqlite_database: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VRIJGAVE_HOME", str(tmp_path))
    monkeypatch.setenv("VRIJGAVE_DATABASE_URL", sqlite_database.render_as_string())
    return tmp_path


def test_the_account_of_a_release_is_written_and_logged(
    home: Path, new_release: Callable[..., Release], capsys: pytest.CaptureFixture[str]
) -> None:
    context, release, path = build(Settings()), new_release(), home / "account.pdf"
    with context.unit_of_work() as uow:
        uow.releases.add(release)
        uow.commit()
    assert main(["report", "release", release.id[:12], "--output", str(path), "--actor", "petra"]) == 0
    assert path.read_bytes().startswith(b"%PDF")
    assert str(path) in capsys.readouterr().out.replace("\n", "")
    with context.reading() as uow:
        last = list(uow.audit.entries())[-1]
    assert (last.actor, last.action, last.subject) == ("petra", "consulted", f"release:{release.id}")
    assert main(["report", "release", "nothing", "--output", str(path)]) == 5


def test_the_account_of_a_year_is_written(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = home / "year.pdf"
    assert main(["report", "year", "--output", str(path)]) == 0
    assert path.read_bytes().startswith(b"%PDF")
    assert main(["report", "year", "--year", "1", "--output", str(path)]) == 4
    assert main(["report", "year", "--output", str(home / "none" / "year.pdf")]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_a_month_is_written_from_what_is_kept(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = home / "one.pdf", home / "other.pdf"
    for path in (one, other):
        assert main(["report", "monthly", "--month", "2026-01", "--output", str(path)]) == 0
    assert one.read_bytes() == other.read_bytes()
    assert main(["report", "monthly", "--month", "2999-01", "--output", str(one)]) == 4
    assert main(["report", "monthly", "--month", "January", "--output", str(one)]) == 4
    assert "Write a month as 2026-10" in capsys.readouterr().err
