"""The command line as a person and a script meet it: help, exit codes, JSON, no tracebacks, without a terminal."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vrijgave.cli.parser import build_parser, loaded
from vrijgave.practice.footage import make_practice_clip

COMMANDS = (
    "submit", "releases", "show", "review", "track-region", "approve", "authorise", "publish", "take-down", "retry",
    "withdraw", "lead-times", "report", "redact", "inspect", "serve", "dispatch", "demo", "doctor", "audit", "account",
    "web", "clock", "tip", "hold",
)  # fmt: skip


def run(tmp_path: Path, *arguments: str, code: int, language: str = "en") -> str:
    result = subprocess.run(
        [sys.executable, "-m", "vrijgave.cli", *arguments],
        env=os.environ | {"VRIJGAVE_HOME": str(tmp_path / "home"), "VRIJGAVE_LANGUAGE": language, "COLUMNS": "120"},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in result.stdout + result.stderr
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout if code == 0 else result.stderr


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "-a camera.mp4"
    make_practice_clip(path, seconds=0.4)
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        build_parser().parse_args([command, "--help"])
    assert end.value.code == 0
    assert command in capsys.readouterr().out


def test_help_lists_every_command_and_the_exit_codes(tmp_path: Path) -> None:
    text = run(tmp_path, "--help", code=0)
    for command in COMMANDS:
        assert f"{command}" in text
    assert "75 try again later" in text


def test_help_speaks_dutch_by_default(tmp_path: Path) -> None:
    assert "opdrachten" in run(tmp_path, "--help", code=0, language="nl")


def test_wrong_usage(tmp_path: Path) -> None:
    assert "vrijgave" in run(tmp_path, "no-such-command", code=2)


def test_an_unknown_release(tmp_path: Path) -> None:
    assert "There is no release «abc»" in run(tmp_path, "show", "abc", code=5)


def test_an_empty_service(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "releases", "--json", code=0)) == []
    assert json.loads(run(tmp_path, "lead-times", "--json", code=0))["releases"] == []
    assert json.loads(run(tmp_path, "audit", "verify", "--json", code=0))["first_broken"] is None
    assert "0 releases were worked out anew" in run(tmp_path, "lead-times", "rebuild", code=0)
    assert json.loads(run(tmp_path, "lead-times", "verify", "--json", code=0)) == {"releases": 0, "wrong": []}


def test_inspect_tells_what_a_file_says_of_itself(tmp_path: Path, clip: Path) -> None:
    told = json.loads(run(tmp_path, "inspect", str(clip), "--json", code=0))
    assert (told["video"]["width"], told["video"]["height"], told["video"]["frame_count"]) == (1280, 720, 5)
    assert told["video"]["average_rate"] == "25/2"


def test_a_file_that_is_no_video_is_refused_and_nothing_is_kept(tmp_path: Path, clip: Path) -> None:
    text = tmp_path / "letter.mp4"
    text.write_text("geen video")
    message = run(
        tmp_path, "submit", str(clip), str(text), "--public-case-number", "1", "--unit", "u", "--offence", "o",
        "--public-place", "p", code=7,
    )  # fmt: skip
    assert "letter.mp4" in message
    assert json.loads(run(tmp_path, "releases", "--json", code=0)) == []


def test_a_case_that_lacks_a_fact_is_refused_by_name(tmp_path: Path, clip: Path) -> None:
    assert "unit" in run(tmp_path, "submit", str(clip), "--public-case-number", "1", code=4)


def test_a_title_that_is_too_long_is_refused_at_once_by_how_much(tmp_path: Path, clip: Path) -> None:
    message = run(
        tmp_path, "submit", str(clip), "--public-case-number", "1", "--unit", "u", "--offence", "o" * 200,
        "--public-place", "p", code=4,
    )  # fmt: skip
    assert "too long" in message
    assert "100" in message


def test_submit_then_releases_and_show(tmp_path: Path, clip: Path) -> None:
    arguments = (
        "submit", str(clip), "--public-case-number", "2026-1", "--registration-number", "geheim", "--unit", "u",
        "--offence", "diefstal", "--public-place", "p", "--incident-from", "2026-03-29T02:30+02:00", "--footage-kind",
        "bodycam", "--json",
    )  # fmt: skip
    (release,) = json.loads(run(tmp_path, *arguments, code=0))
    assert release["state"] == "received"
    shown = json.loads(run(tmp_path, "show", release["id"][:8], "--json", code=0))
    assert {f["kind"] for f in shown["files"]} == {"original", "probe"}
    assert "not ready" in run(tmp_path, "review", release["id"], "--done", code=75)


def test_redact_on_its_own(tmp_path: Path, clip: Path) -> None:
    out = tmp_path / "covered video.mp4"
    record = tmp_path / "m.json"
    told = json.loads(run(tmp_path, "redact", "--json", "--manifest", str(record), "--", str(clip), str(out), code=0))
    assert told["frames"] == 5
    assert out.exists()
    assert json.loads(record.read_text())["source"]["name"] == clip.name
    assert not (tmp_path / "home").exists(), "no database and no server"
    assert "exists" in run(tmp_path, "redact", "--", str(clip), str(out), code=4)
    assert "blur" in run(tmp_path, "redact", "--style", "blur", "--overwrite", "--", str(clip), str(out), code=4)


def test_the_dispatcher_asks_where_the_server_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert "PREFECT_API_URL" in run(tmp_path, "dispatch", code=3)


def test_settings_that_are_not_right_are_named(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "vrijgave.cli", "releases"],
        env=os.environ | {"VRIJGAVE_PREFECT_PORT": "many", "VRIJGAVE_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert "VRIJGAVE_PREFECT_PORT" in result.stderr


@pytest.mark.parametrize(
    ("name", "told"),
    [("missing.mp4", "missing.mp4"), ("folder.mp4", "folder.mp4"), ("empty.mp4", "empty"), ("text.mp4", "not a video")],
)
def test_redact_says_what_is_wrong_with_a_file_and_leaves_nothing(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("hello")
    before = sorted(tmp_path.iterdir())
    assert told in run(tmp_path, "redact", name, "out.mp4", code=7)
    assert sorted(tmp_path.iterdir()) == before


def test_covering_a_file_loads_neither_database_nor_server_nor_platforms():
    heavy = ("sqlalchemy", "alembic", "fastapi", "prefect", "googleapiclient", "moviepy")
    code = f"import sys, vrijgave.cli.files; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_command_names_a_function_that_is_there():
    def named(parser):
        if run := parser.get_default("run"):
            yield run
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for command in action.choices.values():
                    yield from named(command)

    commands = set(named(build_parser()))
    assert len(commands) > 15
    assert all(callable(loaded(run)) for run in commands)
