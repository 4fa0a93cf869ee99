"""The documents say nothing that the program does not know: commands, settings, files."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from vrijgave.cli.parser import build_parser
from vrijgave.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = re.compile(r"(?:^|`)(?:\.venv/bin/)?(vrijgave (?!is |«|--|OPDRACHT)[a-z][^`\n#]*)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)\)")


def commands() -> list[str]:
    found = {match.strip() for path in DOCUMENTS for match in COMMAND.findall(path.read_text(encoding="utf-8"))}
    return sorted(command for command in found if "…" not in command and "--help" not in command)


@pytest.mark.parametrize("command", commands())
def test_a_command_in_the_documents_is_understood(command: str) -> None:
    words = shlex.split(command)[1:]
    if len(words) > 1 or words[0] in ("releases", "serve", "dispatch", "doctor", "demo", "lead-times"):
        assert build_parser().parse_args(words).run is not None
    else:  # the name of a command in running text
        with pytest.raises(SystemExit) as end:
            build_parser().parse_args([*words, "--help"])
        assert end.value.code == 0


def test_the_documents_hold_commands() -> None:
    assert len(commands()) > 15


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_the_settings_of_the_operations_guide_exist() -> None:
    table = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("## From one machine")[0]
    named = {
        name.lower()
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert named <= set(Settings.model_fields)
    assert len(named) > 12
