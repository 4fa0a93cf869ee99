"""Making the year: when each release comes in, and what is decided of its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from vrijgave.domain.holds import HoldReason
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import State
from vrijgave.leadtime.stages import Stage
from vrijgave.practice.year.aftermath import draw_aftermath
from vrijgave.practice.year.chance import Chance
from vrijgave.practice.year.facts import EDITOR, STAGES, TARGETS, draw_before, draw_case
from vrijgave.practice.year.lives import Decided, Life, Moved
from vrijgave.practice.year.walk import NEVER, Course, Walk

DAYS = 365
SENT_BACK = (
    ((), 0.79),
    ((Stage.RENDER_STARTED_TO_RENDERED,), 0.1),
    ((Stage.RENDERED_TO_APPROVED,), 0.08),
    ((Stage.RENDER_STARTED_TO_RENDERED, Stage.RENDERED_TO_APPROVED), 0.03),
)
HOLDS = ((HoldReason.SELF_REPORT, 0.4), (HoldReason.INVESTIGATION, 0.35), (HoldReason.RELATIVES, 0.2),
         (HoldReason.OTHER, 0.05))  # fmt: skip
SHORT, LONG = timedelta(minutes=25), timedelta(days=8)
WAITING: tuple[tuple[Course, timedelta], ...] = (
    (Course(stuck=Stage.RECEIVED_TO_ANALYSIS_STARTED), SHORT),
    (Course(stuck=Stage.ANALYSIS_STARTED_TO_ANALYSED), timedelta(hours=2)),
    (Course(stuck=Stage.ANALYSIS_STARTED_TO_ANALYSED, fails=Stage.ANALYSIS_STARTED_TO_ANALYSED), LONG),
    *((Course(stuck=stage, hurry=0.04, permission_hours=20), LONG) for stage in (
        Stage.ANALYSED_TO_REVIEW_STARTED, Stage.REVIEW_STARTED_TO_REVIEW_DONE, Stage.REVIEW_DONE_TO_RENDER_STARTED,
        Stage.RENDER_STARTED_TO_RENDERED, Stage.RENDERED_TO_APPROVED, Stage.APPROVED_TO_AUTHORISED,
        Stage.AUTHORISED_TO_PUBLISH_ORDERED,
        Stage.PUBLISH_ORDERED_TO_UPLOAD_STARTED, Stage.UPLOAD_STARTED_TO_UPLOADED, Stage.UPLOADED_TO_PUBLIC,
        Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED,
    )),
    (Course(stuck=Stage.UPLOAD_STARTED_TO_UPLOADED, fails=Stage.UPLOAD_STARTED_TO_UPLOADED, hurry=0.04,
            permission_hours=20), LONG),
    (Course(hold=HoldReason.INVESTIGATION, hold_days=NEVER.days, hurry=0.04, permission_hours=20), LONG),
)  # fmt: skip
"""What is under way at the end of the year, and how long before it came in: every stage has something in it."""


def year_end(until: date, zone: ZoneInfo) -> datetime:
    """The last moment of the year: where the day ``until`` begins."""
    return datetime.combine(until, time(), tzinfo=zone).astimezone(UTC)


def make_year(seed: int, releases: int, until: date, zone: ZoneInfo) -> tuple[Life, ...]:
    """That many releases of the year before ``until``, as they stand when it begins, in the order of coming in.

    The same arguments give the same lives.
    """
    end = year_end(until, zone)
    plans = _plans(Chance(f"{seed}", zone), releases, end)
    return tuple(
        _life(seed, number, course, received, end, zone) for number, (received, course) in enumerate(plans, start=1)
    )


def _plans(chance: Chance, releases: int, end: datetime) -> list[tuple[datetime, Course | None]]:
    """When each comes in; with a course where it has to be somewhere at the end."""
    copies = max(1, releases // 150)
    waiting = [(end - before * chance.between(1, 1.2), course) for course, before in WAITING for _copy in range(copies)]
    plans: list[tuple[datetime, Course | None]] = [*waiting[:releases]]
    while len(plans) < releases:
        day = end - timedelta(days=chance.between(0.5, DAYS))
        if chance.happens(1.0 if day.month in (1, 2, 10, 11, 12) else 0.7):  # more happens in the dark months
            plans.append((chance.at_work(day) if chance.happens(0.85) else day, None))
    whole = [(min(received, end - SHORT).replace(microsecond=0), course) for received, course in plans]
    return sorted(whole, key=lambda plan: plan[0])


def _life(seed: int, number: int, planned: Course | None, received: datetime, end: datetime, zone: ZoneInfo) -> Life:
    chance = Chance(f"{seed}:{number}", zone)
    before = draw_before(chance, received)
    case = draw_case(chance, number, before)
    stage = chance.pick(STAGES)
    targets: tuple[Platform, ...] = chance.pick(TARGETS)
    course = _course(chance, received, end) if planned is None else planned
    walk = Walk(chance=chance, course=course, case=case, targets=targets, at=received)
    public = walk.go(before)
    after = draw_aftermath(chance, public, stage)
    taking_down = planned is not None and planned.stuck is Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED
    ordered = max(public.values()) + timedelta(hours=3) if taking_down else after.taken_down
    walk.take_down(ordered, after.why or "Voorbeeld: op last van de officier.")
    events = sorted((*walk.events, *after.tips, *after.views), key=lambda event: event.at)
    life = Life(
        id=sha256(f"vrijgave example {seed} {number}".encode()).hexdigest()[:32],
        case=case,
        targets=targets,
        stage=stage,
        received=received,
        legs=tuple(walk.legs),
        events=tuple(events),
        stopped_at=ordered,
    )
    if planned is None:
        life = _withdrawn(chance, life, course)
    return life.cut(end)


def _course(chance: Chance, received: datetime, end: datetime) -> Course:
    """The story of the year: a summer with too few hands, and permission quicker since it is given daily."""
    summer = received.month in (7, 8)
    daily = received > end - timedelta(days=DAYS // 3)
    course = Course(
        sent_back=chance.pick(SENT_BACK),
        refused=chance.happens(0.09),
        hurry=1.7 if summer else 1.0,
        permission_hours=16 if daily else 40,
        fails=Stage.UPLOAD_STARTED_TO_UPLOADED if chance.happens(0.04) else None,
    )
    if not chance.happens(0.16):
        return course
    return replace(
        course,
        hold=chance.pick(HOLDS),
        hold_days=chance.between(1, 12),
        early_hold=chance.happens(0.3),
    )


def _withdrawn(chance: Chance, life: Life, course: Course) -> Life:
    """Some are withdrawn while they wait; half of the refused ones stay refused."""
    if course.refused and chance.happens(0.5):
        refused = next(event for event in life.events if isinstance(event, Decided) and not event.granted)
        return life.withdrawn(_withdrawal(refused.at + timedelta(seconds=60), "Voorbeeld: geen toestemming."))
    if chance.happens(0.05):
        waits = (Stage.ANALYSED_TO_REVIEW_STARTED, Stage.RENDERED_TO_APPROVED)
        legs = [leg for leg in life.legs if leg.stage in waits and leg.end is not None]
        leg = legs[-1]
        middle = leg.start + ((leg.end or leg.start) - leg.start) / 2
        return life.withdrawn(_withdrawal(middle.replace(microsecond=0), "Voorbeeld: verdachte al bekend."))
    return life


def _withdrawal(at: datetime, why: str) -> Moved:
    return Moved(at=at, to=State.WITHDRAWN, actor=EDITOR, reason=why)
