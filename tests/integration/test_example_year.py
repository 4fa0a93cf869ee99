"""A made-up year whose truth is known: the figures that management is told are those that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL

from vrijgave.bootstrap import build
from vrijgave.domain.releases import Release
from vrijgave.errors import ActionRequired, Rejected
from vrijgave.leadtime import Stage
from vrijgave.leadtime.view import Dashboard, Query, Split, Spread
from vrijgave.services import example
from vrijgave.services.context import Context
from vrijgave.services.dashboard import dashboard
from vrijgave.settings import Settings

UNTIL = date(2026, 10, 1)
RELEASES = 120
ZONE = ZoneInfo("Europe/Amsterdam")
Truth = list[dict[str, Any]]
ONCE = (
    Stage.INCIDENT_TO_REPORTED, Stage.REPORTED_TO_SECURED, Stage.SECURED_TO_RECEIVED,
    Stage.RECEIVED_TO_ANALYSIS_STARTED,
)  # fmt: skip
"""What happens once in a release, and is over where it ended."""


@pytest.fixture
def context(tmp_path: Path, database_url: URL) -> Context:
    return build(Settings(home=tmp_path, database_url=database_url.render_as_string(hide_password=False)))


def filled(context: Context) -> tuple[Truth, Dashboard]:
    known = example.fill(context, seed=7, releases=RELEASES, until=UNTIL)
    return known["releases"], dashboard(context, Query())


def first(release: dict[str, Any]) -> str | None:
    """The platform that was public first."""
    public: dict[str, str] = release["public"]
    return min(public, key=lambda platform: (public[platform], platform), default=None)


def lasted(release: dict[str, Any], stage: str, platform: str | None) -> tuple[int, int] | None:
    """Seconds that a release spent in ``stage``, all rounds together; None where it did not end or is not known."""
    legs = [leg for leg in release["legs"] if leg["stage"] == stage and leg["platform"] == platform]
    if not legs or any(leg["end"] is None or leg["low"] is None for leg in legs):
        return None
    return sum(leg["low"] for leg in legs), sum(leg["high"] for leg in legs)


def same(spread: Spread, lengths: Iterable[tuple[int, int]]) -> None:
    """The spread is that of ``lengths``: their number, and the middle one of each bound."""
    known = list(lengths)
    assert spread.n == len(known)
    if len(known) < 10:
        assert spread.median is None
        return
    assert spread.median is not None
    for told, bound in ((spread.median.low, 0), (spread.median.high, 1)):
        ordered = sorted(length[bound] for length in known)
        assert told == (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) // 2


def test_the_figures_are_those_that_follow_from_what_is_known(context: Context) -> None:
    truth, shown = filled(context)
    public = [release for release in truth if release["public"]]
    assert (shown.tiles.received, shown.tiles.published) == (RELEASES, len(public))

    leads = []
    for release in public:
        if release["incident"] is not None:
            begins, ends = (datetime.fromisoformat(at) for at in release["incident"])
            out = min(datetime.fromisoformat(at) for at in release["public"].values())
            leads.append(((out - ends) // timedelta(seconds=1), (out - begins) // timedelta(seconds=1)))
    same(shown.tiles.lead, leads)

    for line in shown.stages:
        if line.stage in ONCE:
            same(line.spread, [length for r in truth if (length := lasted(r, line.stage.value, None)) is not None])
        elif line.stage is not Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED:
            # What was sent back may have ended a stage and have it before itself again: of the public ones all is over.
            each = [lasted(r, line.stage.value, first(r) if line.stage.per_platform else None) for r in public]
            whole = [length for length in each if length is not None]
            assert line.spread.n >= len(whole), line.stage
            assert line.total + line.held >= sum(high for _low, high in whole), line.stage

    units = dict(shown.splits)[Split.UNIT]
    assert {u.value: (u.received, u.published) for u in units} == {
        unit: (sum(r["unit"] == unit for r in truth), sum(r["unit"] == unit for r in public))
        for unit in {r["unit"] for r in truth}
    }
    tips = [tip for release in public for tip in release["tips"]]
    assert (shown.results.tips, shown.results.usable_tips) == (
        len(tips), sum(tip["usability"] == "usable" for tip in tips)
    )  # fmt: skip
    named = [r for r in public if any(t["outcome"] in ("identified", "arrested") for t in r["tips"])]
    assert (shown.results.identified.count, shown.results.identified.of) == (len(named), len(public))
    reviewed = [r for r in truth if r["reviews_done"]]
    assert (shown.quality.reworked.count, shown.quality.reworked.of) == (
        sum(r["reviews_done"] > 1 for r in reviewed), len(reviewed)
    )  # fmt: skip
    assert shown.quality.refused.count == sum(r["refusals"] > 0 for r in truth)
    over = {"published", "taken_down", "withdrawn"}
    assert sum(stage.count for stage in shown.ageing) == sum(r["state"] not in over for r in truth)


def test_the_same_seed_makes_the_same_year(tmp_path: Path) -> None:
    one, other = (
        example.fill(build(Settings(home=tmp_path / name)), seed=3, releases=20, until=UNTIL) for name in ("a", "b")
    )
    assert one == other


def test_a_made_up_year_is_kept_apart_from_real_work(
    context: Context, new_release: Callable[..., Release], tmp_path: Path
) -> None:
    with context.reading() as uow:
        assert not example.is_example(uow)
    with pytest.raises(Rejected, match="earlier"):
        example.fill(context, seed=1, releases=5, until=context.now().date() + timedelta(days=3))
    with context.unit_of_work() as uow:
        uow.releases.add(new_release())
        uow.commit()
    with pytest.raises(Rejected, match="releases here already"):
        example.fill(context, seed=1, releases=5, until=UNTIL)
    home = tmp_path / "example"
    made = build(Settings(home=home))
    example.fill(made, seed=1, releases=5, until=UNTIL)
    with made.reading() as uow:
        assert example.is_example(uow)
    with pytest.raises(ActionRequired, match="VRIJGAVE_PRACTICE"):
        build(Settings(home=home, practice=False))
