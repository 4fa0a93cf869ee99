"""What is known of a made-up year, as JSON: the lengths as they were decided, not as anybody measured them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from vrijgave.domain.clock import Milestone
from vrijgave.domain.releases import State
from vrijgave.practice.year.lives import Decided, Held, Leg, Life, Moved, Read, Tipped
from vrijgave.practice.year.making import year_end


def truth(lives: Sequence[Life], *, seed: int, until: date, zone: ZoneInfo) -> dict[str, Any]:
    """Everything from which the figures of the year follow."""
    return {
        "example": True,
        "seed": seed,
        "until": until.isoformat(),
        "zone": zone.key,
        "end": year_end(until, zone).isoformat(),
        "releases": [_release(life) for life in lives],
    }


def _release(life: Life) -> dict[str, Any]:
    moves = [event for event in life.events if isinstance(event, Moved)]
    held = [event for event in life.events if isinstance(event, Held)]
    reads = [event for event in life.events if isinstance(event, Read)]
    case = life.case
    return {
        "id": life.id,
        "number": case.public_case_number,
        "unit": case.unit,
        "offence": case.offence,
        "footage": case.footage_kind.value,
        "stage": life.stage.value,
        "targets": [target.value for target in life.targets],
        "state": life.state.value,
        "received": life.received.isoformat(),
        "incident": None if case.incident_from is None else [_iso(case.incident_from), _iso(case.incident_to)],
        "stopped": _iso(life.stopped_at),
        "legs": [_leg(leg) for leg in life.legs],
        "uploaded": _each_platform(reads, Milestone.UPLOADED),
        "public": _each_platform(reads, Milestone.PUBLIC),
        "holds": [[_iso(hold.at), _iso(hold.ends)] for hold in held],
        "reviews_done": sum(read.milestone is Milestone.REVIEW_DONE for read in reads),
        "sent_back": [_iso(move.at) for move in moves if move.to is State.CHANGES_REQUESTED],
        "refusals": sum(isinstance(event, Decided) and not event.granted for event in life.events),
        "failures": sum(move.to is State.FAILED for move in moves),
        "tips": [_tip(event) for event in life.events if isinstance(event, Tipped)],
    }


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "stage": leg.stage.value,
        "platform": leg.platform and leg.platform.value,
        "start": leg.start.isoformat(),
        "end": _iso(leg.end),
        "low": leg.low,
        "high": leg.high,
    }


def _each_platform(reads: Sequence[Read], milestone: Milestone) -> dict[str, str]:
    return {r.platform.value: r.earliest.isoformat() for r in reads if r.milestone is milestone and r.platform}


def _tip(tip: Tipped) -> dict[str, Any]:
    last = tip.judged[-1] if tip.judged else None
    return {
        "at": tip.at.isoformat(),
        "judged": [{"at": j.at.isoformat(), "usability": j.usability.value, "outcome": j.outcome.value}
                   for j in tip.judged],
        "usability": last.usability.value if last else "not_judged",
        "outcome": last.outcome.value if last else "open",
    }  # fmt: skip


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
