"""Recording tips and holds on the command line, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL

from vrijgave import cli
from vrijgave.bootstrap import build
from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.releases import Release, State
from vrijgave.services.context import Context
from vrijgave.settings import Settings

HOUR = timedelta(hours=1)


@pytest.fixture
def context(tmp_path: Path, database_url: URL, monkeypatch: pytest.MonkeyPatch) -> Context:
    address = database_url.render_as_string(hide_password=False)
    monkeypatch.setenv("VRIJGAVE_HOME", str(tmp_path))
    monkeypatch.setenv("VRIJGAVE_DATABASE_URL", address)
    monkeypatch.setenv("VRIJGAVE_ACTOR", "bas")
    return build(Settings(home=tmp_path, database_url=address))


@pytest.fixture
def public(context: Context, new_release: Callable[..., Release]) -> Release:
    came = context.now() - 40 * HOUR
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release(state=State.PUBLISHED, created_at=came))
        for milestone, platform, hours in ((Milestone.RECEIVED, None, 0), (Milestone.PUBLIC, "youtube", 30)):
            at = came + hours * HOUR
            uow.stamps.add(
                Stamp(
                    release_id=release.id, milestone=milestone, earliest=at, latest=at, certainty=Certainty.EXACT,
                    source="flow:test", recorded_at=at, platform=platform,
                )
            )  # fmt: skip
        uow.commit()
    return release


def say(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert cli.main(list(arguments)) == code
    said = capsys.readouterr()
    return said.out if code == 0 else said.err


def test_tips_and_holds_are_recorded(
    context: Context, public: Release, new_release: Callable[..., Release], capsys: pytest.CaptureFixture[str]
) -> None:
    at = (context.now() - HOUR).isoformat()
    say(capsys, "tip", "add", public.id, "--received-at", at, "--channel", "phone", "--content", "Het is Piet")
    [tip] = json.loads(say(capsys, "tip", "list", public.id, "--json"))
    assert "Piet" not in say(capsys, "tip", "list", public.id)
    number = str(tip["number"])
    say(capsys, "tip", "judge", public.id, number, "--usability", "usable", "--outcome", "identified")
    assert "Person identified" in say(capsys, "tip", "list", public.id)
    future = (context.now() + HOUR).isoformat()
    assert "in the future" in say(
        capsys, "tip", "add", public.id, "--received-at", future, "--channel", "phone", code=4
    )

    with context.unit_of_work() as uow:
        waits = uow.releases.add(new_release(state=State.APPROVED, reviewer="cor"))
        uow.commit()
    say(capsys, "hold", "begin", waits.id, "--reason", "relatives", "--note", "Familie bellen")
    assert "Familie bellen" in say(capsys, "hold", "list", waits.id)
    assert "held already" in say(capsys, "hold", "begin", waits.id, "--reason", "relatives", code=4)
    say(capsys, "hold", "end", waits.id)
    [hold] = json.loads(say(capsys, "hold", "list", waits.id, "--json"))
    assert hold["end"] is not None
