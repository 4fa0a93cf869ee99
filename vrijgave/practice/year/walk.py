"""The way of one made-up release: lengths are drawn first, and what is recorded follows from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vrijgave.domain.cases import Case, Certainty
from vrijgave.domain.clock import Milestone
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import FlowName, State
from vrijgave.leadtime.stages import Stage
from vrijgave.practice.year.chance import Chance
from vrijgave.practice.year.facts import DETECTIVE, EDITOR, OFFICER, PACE, SECOND, SYSTEM, Before, certainty_of
from vrijgave.practice.year.lives import Approved, Decided, Event, Held, Leg, Moved, Read

NEVER = timedelta(days=3650)
"""Longer than any year that is made: what takes so long is still open at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is decided of a release's way before it begins."""

    stuck: Stage | None = None
    """The stage that does not end."""
    fails: Stage | None = None
    """The stage that fails; where it is ``stuck`` as well, nobody runs it again."""
    sent_back: tuple[Stage, ...] = ()
    """One for each round that was not the last: where it ended."""
    refused: bool = False
    hold: HoldReason | None = None
    hold_days: float = 0
    early_hold: bool = False
    """It begins while the release still waits for approval."""
    hurry: float = 1.0
    """How long people take, beside what is usual."""
    permission_hours: float = 50.0


@dataclass(slots=True)
class Walk:
    """Goes the way step by step; ``at`` is where the clock stands."""

    chance: Chance
    course: Course
    case: Case
    targets: tuple[Platform, ...]
    at: datetime
    revision: int = 1
    legs: list[Leg] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def go(self, before: Before) -> dict[Platform, datetime]:
        """From the incident to public; returns when each platform had it."""
        self._before(before)
        self._analysis()
        for ended_in in self.course.sent_back:
            self._round(ended_in)
        self._round(None)
        self._permission()
        return self._publish()

    def _before(self, before: Before) -> None:
        received, source = self.at, f"person:{DETECTIVE}"
        self.moved(State.RECEIVED, DETECTIVE, "Voorbeeld: beelden aangeleverd.")
        if before.incident:
            self._state(Milestone.INCIDENT, *before.incident, certainty_of(before))
        if before.reported:
            first = before.reported_first or before.reported
            self._state(Milestone.REPORTED, first, first, Certainty.ESTIMATED)
        if before.secured:
            self._state(Milestone.SECURED, before.secured, before.secured, Certainty.ESTIMATED)
        self.read(Milestone.RECEIVED, source=source)
        if before.reported and before.reported_first:
            self.events.append(
                Read(at=received + timedelta(seconds=90), milestone=Milestone.REPORTED, earliest=before.reported,
                     latest=before.reported, certainty=Certainty.ESTIMATED, source=f"person:{EDITOR}",
                     reason="Voorbeeld: uur van de aangifte verkeerd overgenomen.")
            )  # fmt: skip
        stated = [(at, at) if at else None for at in (before.reported, before.secured)]
        points: list[tuple[datetime, datetime] | None] = [before.incident, *stated, (received, received)]
        stages = (Stage.INCIDENT_TO_REPORTED, Stage.REPORTED_TO_SECURED, Stage.SECURED_TO_RECEIVED)
        for stage, start, end in zip(stages, points, points[1:], strict=False):
            low = seconds(end[0] - start[1]) if start and end else None
            high = seconds(end[1] - start[0]) if start and end else None
            self.legs.append(Leg(stage=stage, platform=None, start=received, end=received, low=low, high=high))

    def _state(self, milestone: Milestone, earliest: datetime, latest: datetime, certainty: Certainty) -> None:
        source = f"person:{DETECTIVE}"
        self.events.append(
            Read(at=self.at, milestone=milestone, earliest=earliest, latest=latest, certainty=certainty, source=source)
        )

    def _analysis(self) -> None:
        self._machine(Stage.RECEIVED_TO_ANALYSIS_STARTED, 0.03)
        self.moved(State.ANALYSING, SYSTEM, "De analyse is begonnen.")
        self.read(Milestone.ANALYSIS_STARTED, source="flow:prepare")
        self._machine(Stage.ANALYSIS_STARTED_TO_ANALYSED, 0.45)
        if self.course.fails is Stage.ANALYSIS_STARTED_TO_ANALYSED:
            self._fail(self.legs[-1], "Voorbeeld: de schijf was vol.", State.RECEIVED)
        self.moved(State.IN_REVIEW, SYSTEM, "De analyse is klaar.")
        self.read(Milestone.ANALYSED, source="flow:prepare")

    def _fail(self, leg: Leg, why: str, back_to: State) -> None:
        failed = leg.start + min(timedelta(minutes=20), (self.at - leg.start) / 2)
        failed = failed.replace(microsecond=0)
        self.events.append(Moved(at=failed, to=State.FAILED, actor=SYSTEM, reason=why))
        if self.at - leg.start < NEVER:
            self.events.append(Moved(at=self.at, to=back_to, actor=EDITOR, reason="Opnieuw gestart."))

    def _round(self, ended_in: Stage | None) -> None:
        """One round of review, covering and approval; ``ended_in``: where it was sent back."""
        self._people(Stage.ANALYSED_TO_REVIEW_STARTED, 9)
        if self.revision > 1:
            self.moved(State.IN_REVIEW, EDITOR, "De beoordeling is weer opgepakt.")
        self.read(Milestone.REVIEW_STARTED, source=f"person:{EDITOR}")
        self._people(Stage.REVIEW_STARTED_TO_REVIEW_DONE, 0.8)
        self.read(Milestone.REVIEW_DONE, source=f"person:{EDITOR}")
        self.moved(State.RENDERING, EDITOR, "Beoordeling klaar.")
        self._machine(Stage.REVIEW_DONE_TO_RENDER_STARTED, 0.03)
        self.read(Milestone.RENDER_STARTED, source="flow:render")
        self._machine(Stage.RENDER_STARTED_TO_RENDERED, 0.25)
        if ended_in is Stage.RENDER_STARTED_TO_RENDERED:
            self._back(SYSTEM, "De controle van de afgedekte video vond nog iets (voorbeeld).")
            return
        self.read(Milestone.RENDERED, source="flow:render")
        self.moved(State.AWAITING_APPROVAL, SYSTEM, "De afgedekte video is klaar.")
        self._people(Stage.RENDERED_TO_APPROVED, 13)
        if ended_in is Stage.RENDERED_TO_APPROVED:
            self._back(SECOND, "Voorbeeld: er is nog een kenteken te lezen.")
            return
        self.moved(State.APPROVED, SECOND, "Goedgekeurd.")
        self.read(Milestone.APPROVED, source=f"person:{SECOND}")
        self.events.append(Approved(at=self.at, revision=self.revision))

    def _back(self, actor: str, why: str) -> None:
        self.moved(State.CHANGES_REQUESTED, actor, why)
        self.revision += 1

    def _permission(self) -> None:
        """Between approval and the order to publish: a refusal, the permission, a hold."""
        approved, waited = self.at, self.legs[-1].start
        self._people(Stage.APPROVED_TO_AUTHORISED, 0.7 * self.course.permission_hours)
        decided = self.at
        if self.course.refused:
            refused = (approved + (decided - approved) * 0.5).replace(microsecond=0)
            self.events.append(Decided(at=refused, granted=False))
        self._people(Stage.AUTHORISED_TO_PUBLISH_ORDERED, 0.3 * self.course.permission_hours)
        hold = self._hold(waited, approved) if self.course.hold else None
        until = hold.ends.date() if hold and hold.ends and hold.reason is HoldReason.SELF_REPORT else None
        self.events.append(Decided(at=decided, granted=True, self_report_until=until))
        self.events.append(self._reading(Milestone.AUTHORISED, decided, f"person:{OFFICER}"))

    def _hold(self, waited: datetime, approved: datetime) -> Held:
        """A hold that lengthens the wait for the order to publish, whose leg was the last."""
        leg = self.legs.pop()
        begins = waited + (approved - waited) / 2 if self.course.early_hold else leg.start + (self.at - leg.start) / 3
        begins = begins.replace(microsecond=0)
        ends = max(begins, leg.start) + timedelta(days=self.course.hold_days)
        ends = ends.replace(microsecond=0)
        held = Held(at=begins, reason=self.course.hold or HoldReason.OTHER, ends=ends)
        self.events.append(held)
        self.at = max(leg.start, self.chance.at_work(ends + self.chance.length(2, 0.4)))
        self._leg(leg.stage, leg.start, self.at)
        return held

    def _publish(self) -> dict[Platform, datetime]:
        self.moved(State.PUBLISHING, EDITOR, "Publicatie gegeven.")
        self.read(Milestone.PUBLISH_ORDERED, source=f"person:{EDITOR}")
        ordered = self.at
        uploaded: dict[Platform, datetime] = {}
        for platform in self.targets:
            self.at = ordered
            self._machine(Stage.PUBLISH_ORDERED_TO_UPLOAD_STARTED, 0.02, platform)
            self.read(Milestone.UPLOAD_STARTED, source="flow:publish", platform=platform)
            self._machine(Stage.UPLOAD_STARTED_TO_UPLOADED, 0.12 if platform is Platform.YOUTUBE else 0.01, platform)
            if self.course.fails is Stage.UPLOAD_STARTED_TO_UPLOADED and platform is self.targets[0]:
                self._fail(self.legs[-1], "Voorbeeld: het platform gaf geen antwoord.", State.PUBLISHING)
            self.read(Milestone.UPLOADED, source="flow:publish", platform=platform)
            uploaded[platform] = self.at
        return self._go_live(uploaded)

    def _go_live(self, uploaded: dict[Platform, datetime]) -> dict[Platform, datetime]:
        """All platforms together, once all have it."""
        live = max(uploaded.values()) + self._drawn(Stage.UPLOADED_TO_PUBLIC, 0.2)
        public = {}
        for number, (platform, start) in enumerate(uploaded.items()):
            self.at = public[platform] = live + timedelta(seconds=2 * number)
            self._leg(Stage.UPLOADED_TO_PUBLIC, start, self.at, platform)
            self.read(Milestone.PUBLIC, source="flow:publish", platform=platform)
        self.moved(State.PUBLISHED, SYSTEM, "Openbaar op elk platform.")
        return public

    def take_down(self, ordered: datetime, why: str) -> None:
        """From the order until it is gone everywhere."""
        self.at = ordered
        self.read(Milestone.TAKE_DOWN_ORDERED, source=f"person:{EDITOR}")
        self.moved(State.TAKING_DOWN, EDITOR, why)
        gone = ordered
        for platform in self.targets:
            self.at = ordered
            self._machine(Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED, 0.15, platform)
            self.read(Milestone.TAKE_DOWN_CONFIRMED, source=f"flow:{FlowName.TAKE_DOWN.value}", platform=platform)
            gone = max(gone, self.at)
        self.at = gone
        self.moved(State.TAKEN_DOWN, SYSTEM, "Overal weg.")

    def moved(self, to: State, actor: str, reason: str) -> None:
        """The release changes its state now."""
        self.events.append(Moved(at=self.at, to=to, actor=actor, reason=reason))

    def read(self, milestone: Milestone, *, source: str, platform: Platform | None = None) -> None:
        """A milestone is reached now."""
        self.events.append(self._reading(milestone, self.at, source, platform))

    def _reading(self, milestone: Milestone, at: datetime, source: str, platform: Platform | None = None) -> Read:
        return Read(at=at, milestone=milestone, earliest=at, latest=at, certainty=Certainty.EXACT, source=source,
                    revision=self.revision, platform=platform)  # fmt: skip

    def _machine(self, stage: Stage, hours: float, platform: Platform | None = None) -> None:
        start = self.at
        self.at += self._drawn(stage, hours)
        self._leg(stage, start, self.at, platform)

    def _people(self, stage: Stage, hours: float) -> None:
        start = self.at
        pace = self.course.hurry * PACE[self.case.unit]
        self.at = self.chance.at_work(start + self._drawn(stage, hours * pace))
        self._leg(stage, start, self.at)

    def _drawn(self, stage: Stage, hours: float) -> timedelta:
        drawn = self.chance.length(hours, 0.75 if stage.nature.value == "waiting" else 0.45)
        return NEVER if stage is self.course.stuck else drawn

    def _leg(self, stage: Stage, start: datetime, end: datetime, platform: Platform | None = None) -> None:
        length = seconds(end - start)
        self.legs.append(Leg(stage=stage, platform=platform, start=start, end=end, low=length, high=length))


def seconds(length: timedelta) -> int:
    """Whole seconds."""
    return int(length.total_seconds())
