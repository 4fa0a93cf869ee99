"""Accounts from the command line: the first administrator, and what an administrator does without a browser."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from vrijgave.cli import main

PASSWORD = "een lange zin als wachtwoord"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VRIJGAVE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VRIJGAVE_ACTOR", "root")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str = f"{PASSWORD}\n") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return main(["account", *arguments])


def test_the_first_administrator_and_after(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "add", "Anna", "--role", "beheer", typed="short\n") == 4
    assert "at least 12 characters" in capsys.readouterr().err
    assert run(monkeypatch, "add", "Anna", "--role", "beheer", "--role", "leiding", "--unit", "Beheer") == 0
    assert run(monkeypatch, "add", "anna", "--role", "beheer") == 4
    assert run(monkeypatch, "add", "bas", "--role", "communicatie", "--display-name", "Bas B.") == 0
    assert run(monkeypatch, "password", "bas") == 0
    assert run(monkeypatch, "disable", "bas") == 0
    assert run(monkeypatch, "disable", "anna") == 4, "somebody has to manage the accounts"
    assert run(monkeypatch, "password", "nobody") == 5
    capsys.readouterr()
    assert run(monkeypatch, "list", "--json") == 0
    printed = capsys.readouterr().out
    found = {account["name"]: account for account in json.loads(printed)}
    assert found["anna"]["roles"] == ["beheer", "leiding"]
    assert found["bas"]["enabled"] is False
    assert "argon2" not in printed
    assert run(monkeypatch, "enable", "bas") == 0


def test_a_password_is_typed_twice_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter([PASSWORD, "another long sentence", PASSWORD, PASSWORD])
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(answers))
    assert main(["account", "add", "anna", "--role", "beheer"]) == 4
    assert "differ" in capsys.readouterr().err
    assert main(["account", "add", "anna", "--role", "beheer"]) == 0
