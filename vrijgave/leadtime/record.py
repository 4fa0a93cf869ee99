"""One release as management counts it: its facts, its lead times, and how far it got when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from vrijgave.domain.cases import FootageKind, PublicationStage
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.holds import Hold
from vrijgave.domain.releases import Release, State, Transition
from vrijgave.domain.tips import Tip, Usability
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.durations import ZERO, in_utc
from vrijgave.leadtime.path import Clock, Point, read_holds, read_stamps, read_transitions
from vrijgave.leadtime.release import ReleaseLeadTimes, lead_times
from vrijgave.leadtime.stages import EACH_REVISION, STAGE_FROM, Nature, Stage
from vrijgave.leadtime.view import Hours

BY_A_PERSON = frozenset({State.AWAITING_APPROVAL, State.APPROVED})
"""From these a person sends a release back; from rendering the second look does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a release stands now. ``ages``: how long it has been in ``stage``, without holds, by each kind of hours."""

    stage: Stage
    since: datetime
    held: bool
    ages: Mapping[Hours, timedelta]
    totals: Mapping[Hours, timedelta]
    """How long ago it came in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """When a release had first got so far (aware UTC); None: not yet. Each is at most the one after it."""

    received: datetime
    analysed: datetime | None
    reviewed: datetime | None
    rendered: datetime | None
    approved: datetime | None
    published: datetime | None
    ended: datetime | None
    """Withdrawn, or taken down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A release with all that ``Query`` asks about. ``times`` are its lead times by each kind of hours.

    ``public`` has the platforms where it is or was public, and since when (the later bound). ``rounds`` counts reviews
    that were done.
    """

    release_id: str
    number: str
    unit: str
    offence: str
    footage: FootageKind
    stage: PublicationStage | None
    platforms: frozenset[str]
    state: State
    times: Mapping[Hours, ReleaseLeadTimes]
    public: Mapping[str, datetime]
    way: Way
    standing: Standing | None
    rounds: int
    render_begun: bool
    sent_back: int
    rescans: int
    refusals: int
    tips: int
    usable_tips: int
    identified: bool

    def published(self, platform: str | None) -> datetime | None:
        """Since when it was public on ``platform``, or on the first of its platforms."""
        return self.way.published if platform is None else self.public.get(platform)


def record(
    release: Release,
    stamps: Iterable[Stamp],
    transitions: Iterable[Transition],
    *,
    now: datetime,
    hours: WorkingHours,
    stage: PublicationStage | None = None,
    holds: Iterable[Hold] = (),
    tips: Iterable[Tip] = (),
    refusals: int = 0,
) -> Record:
    """Everything about ``release`` as it stands at ``now``. ``stage``: in which it was published or is meant to be."""
    stamps, transitions, holds, tips = tuple(stamps), tuple(transitions), tuple(holds), tuple(tips)
    targets = [target.value for target in release.targets]
    times = {
        kind: lead_times(release.id, stamps, transitions, now=now, targets=targets, holds=holds, hours=asked)
        for kind, asked in ((Hours.ELAPSED, None), (Hours.OFFICE, hours))
    }
    clock = Clock(read_stamps(stamps), read_transitions(transitions), in_utc(now), read_holds(holds, now))
    public = _public(clock, transitions, {*targets, *clock.platforms()})
    way = _way(release, clock, transitions, public)
    done = [m for m in transitions if m.to_state is State.CHANGES_REQUESTED]
    return Record(
        release_id=release.id,
        number=release.case.public_case_number,
        unit=release.case.unit,
        offence=release.case.offence,
        footage=release.case.footage_kind,
        stage=stage,
        platforms=frozenset({*targets, *clock.platforms()}),
        state=release.state,
        times=times,
        public=public,
        way=way,
        standing=_standing(release, clock, times[Hours.ELAPSED].first, way, hours),
        rounds=_times(clock, Milestone.REVIEW_DONE),
        render_begun=_times(clock, Milestone.RENDER_STARTED) > 0,
        sent_back=sum(move.from_state in BY_A_PERSON for move in done),
        rescans=sum(move.from_state is State.RENDERING for move in done),
        refusals=refusals,
        tips=len(tips),
        usable_tips=sum(tip.usability is Usability.USABLE for tip in tips),
        identified=clock.point(Milestone.IDENTIFIED).moment is not None,
    )


def _revisions(clock: Clock) -> range:
    stamped = [revision for milestone, _platform, revision in clock.readings if milestone in EACH_REVISION]
    return range(1, 1 + max((len(clock.history.changes) + 1, *stamped)))


def _times(clock: Clock, milestone: Milestone) -> int:
    return sum(clock.point(milestone, revision=revision).reached for revision in _revisions(clock))


def _first(clock: Clock, milestone: Milestone) -> datetime | None:
    found = [clock.point(milestone, revision=revision).moment for revision in _revisions(clock)]
    return min((moment.latest for moment in found if moment is not None), default=None)


def _public(clock: Clock, transitions: Iterable[Transition], platforms: Iterable[str]) -> dict[str, datetime]:
    """A platform whose reading is missing was public when the release was declared so."""
    declared = min((in_utc(t.at) for t in transitions if t.to_state is State.PUBLISHED), default=None)
    found = {}
    for platform in platforms:
        moment = clock.point(Milestone.PUBLIC, platform).moment
        since = declared if moment is None else moment.latest
        if since is not None:
            found[platform] = since
    return found


def _way(release: Release, clock: Clock, transitions: Iterable[Transition], public: Mapping[str, datetime]) -> Way:
    """A reading that is missing, or later than the next one, is taken as that of the next."""
    over = (State.WITHDRAWN, State.TAKEN_DOWN)
    steps = (Milestone.ANALYSED, Milestone.REVIEW_DONE, Milestone.RENDERED, Milestone.APPROVED)
    published = min(public.values(), default=_first(clock, Milestone.PUBLIC))
    reached: list[datetime | None] = [published]
    for milestone in reversed(steps):
        own, later = _first(clock, milestone), reached[0]
        reached.insert(0, min((m for m in (own, later) if m is not None), default=None))
    came = clock.point(Milestone.RECEIVED).moment
    received = min(m for m in (came.latest if came else in_utc(release.created_at), reached[0]) if m is not None)
    return Way(
        received=received,
        analysed=reached[0],
        reviewed=reached[1],
        rendered=reached[2],
        approved=reached[3],
        published=published,
        ended=min((in_utc(t.at) for t in transitions if t.to_state in over), default=None),
    )


def _standing(release: Release, clock: Clock, first: str | None, way: Way, hours: WorkingHours) -> Standing | None:
    """Where it waits or is worked on; None where it is public and nobody took it down, or where it is over.

    On the first platform, or where that is done on the next by name that is not: one that hangs is not forgotten.
    """
    if release.state in (State.TAKEN_DOWN, State.WITHDRAWN, State.PUBLISHED):
        return None
    targets = {target.value for target in release.targets} | clock.platforms()
    ways = (_reached(clock, platform) for platform in (first, *sorted(targets - {first})))
    passed = next((points for points in ways if points), None)
    if passed is None:
        return None
    stage = STAGE_FROM[passed[-1].what]
    known = [point.moment.latest for point in passed if point.moment is not None]
    since = min(clock.now, known[-1] if known else way.received)
    flat = clock.flattened(hours)
    return Standing(
        stage=stage,
        since=since,
        held=any(ends == clock.now for _begins, ends in clock.holds),
        ages={
            Hours.ELAPSED: _age(stage, since, clock),
            Hours.OFFICE: _age(stage, hours.flattened(since), flat),
        },
        totals={
            Hours.ELAPSED: max(ZERO, clock.now - way.received),
            Hours.OFFICE: max(ZERO, flat.now - hours.flattened(way.received)),
        },
    )


def _reached(clock: Clock, platform: str | None) -> tuple[Point, ...]:
    """What lies behind it on the way to public, or to gone where that was ordered; nothing where it got there."""
    down = clock.take_down(platform)
    points = down if down[0].reached else clock.to_public(platform)
    at = max((i for i, point in enumerate(points) if point.reached), default=0)
    return () if at == len(points) - 1 else points[: at + 1]


def _age(stage: Stage, since: datetime, clock: Clock) -> timedelta:
    """How long it is there, without holds; a hold while somebody works holds nothing up."""
    holds = clock.holds if stage.nature is Nature.WAITING else ()
    return clock.now - since - sum((max(ZERO, ends - max(since, begins)) for begins, ends in holds), ZERO)
