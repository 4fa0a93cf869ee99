"""Dashboards made by hand, for what is told of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from vrijgave.leadtime.stages import Stage
from vrijgave.leadtime.view import (
    AgeingStage,
    Bounds,
    Dashboard,
    Quality,
    Query,
    Results,
    Scatter,
    Share,
    Split,
    SplitLine,
    Spread,
    StageLine,
    Tiles,
    Waiting,
    Week,
)

HOUR = 3600
MONDAY = date(2026, 1, 5)
NOW = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)


def spread(n: int = 42, hours: int = 76) -> Spread:
    """``n`` known lengths around ``hours``; withheld under ten, as the contract asks."""
    told = n >= 10
    return Spread(
        n=n, n_open=5, n_stopped=2, n_unknown=3, n_contradictory=1,
        median=Bounds(low=hours * HOUR, high=hours * HOUR) if told else None,
        p85=Bounds(low=2 * hours * HOUR, high=2 * hours * HOUR + 60) if told else None,
        p90=Bounds(low=3 * hours * HOUR, high=3 * hours * HOUR) if told else None,
        p95=Bounds(low=4 * hours * HOUR, high=4 * hours * HOUR) if told else None,
        interval=Bounds(low=hours * HOUR - 3 * HOUR, high=hours * HOUR + 3 * HOUR) if told else None,
        kaplan_meier=(hours + 5) * HOUR if told else None,
    )  # fmt: skip


def tiles(n: int = 42, hours: int = 76) -> Tiles:
    return Tiles(
        received=n + 7, published=n, lead=spread(n, hours), within_target=Share(count=n // 2, of=n) if n else None,
        waiting=spread(n, 40), working=spread(n, 9), held=spread(n, 12),
    )  # fmt: skip


def dashboard(n: int = 42, hours: int = 76) -> Dashboard:
    """A whole answer; ``n`` releases became public."""
    lines = tuple(
        StageLine(
            stage=stage, nature=stage.nature, spread=spread(n, 1 + number), total=(number + 1) * 5 * HOUR, held=0,
            bottleneck=stage is Stage.ANALYSED_TO_REVIEW_STARTED,
        )
        for number, stage in enumerate(Stage)
    )  # fmt: skip
    waiting = Waiting(
        release_id="a" * 32, number="2026-1042", unit="Den Haag", stage=Stage.ANALYSED_TO_REVIEW_STARTED,
        since=NOW - timedelta(hours=30), age=30 * HOUR, total=50 * HOUR, held=False,
    )  # fmt: skip
    return Dashboard(
        query=Query(), now=NOW, tiles=tiles(n, hours), previous=None, stages=lines,
        ageing=(
            AgeingStage(
                stage=Stage.ANALYSED_TO_REVIEW_STARTED, spread=spread(n, 6), count=2, held=1,
                beyond_p85=1 if n >= 10 else None, beyond_p95=1 if n >= 10 else None,
                waiting=(waiting, replace(waiting, release_id="b" * 32, age=HOUR, held=True)),
            ),
            AgeingStage(
                stage=Stage.RENDERED_TO_APPROVED, spread=spread(n, 6), count=0, held=0,
                beyond_p85=None, beyond_p95=None, waiting=(),
            ),
        ),
        scatter=Scatter(points=(), of=0),
        weeks=tuple(
            Week(first=MONDAY + timedelta(weeks=w), received=9, published=8 + w % 3, spread=spread(60, 70 + w))
            for w in range(43)
        ),
        flow=(),
        splits=(
            (Split.UNIT, tuple(_line(unit, n) for unit in ("Den Haag", "Fryslân", ""))),
            (Split.PLATFORM, (_line("youtube", n), _line("press_kit", n))),
            (Split.OFFENCE, (_line("Woninginbraak", n),)),
            (Split.FOOTAGE, (_line("cctv", n), _line("doorbell", 4))),
            (Split.STAGE, (_line("recognisable", n),)),
        ),
        quality=Quality(
            reworked=Share(count=6, of=42), sent_back=Share(count=4, of=42), rescan=Share(count=1, of=42),
            refused=Share(count=2, of=42), withdrawn=Share(count=3, of=49), taken_down=Share(count=30, of=42),
            take_down=spread(30, 2),
        ),
        results=Results(
            tips=97, usable_tips=31, with_tip=Share(count=30, of=42), with_usable_tip=Share(count=17, of=42),
            identified=Share(count=11, of=42), first_tip=spread(30, 5), first_usable_tip=spread(17, 9),
            identification=spread(11, 120),
        ),
    )  # fmt: skip


def _line(value: str, n: int) -> SplitLine:
    return SplitLine(
        value=value, received=n + 2, published=n, open=2, lead=spread(n), within_target=Share(count=n // 2, of=n)
    )
