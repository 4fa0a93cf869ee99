"""Writing made-up releases down, through the same repositories as real ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from vrijgave.domain.cases import Area, Certainty, Medium, Permission
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.publications import Evidence, EvidenceKind, LedgerState, Platform, Publication
from vrijgave.domain.reach import Reach
from vrijgave.domain.releases import Approval, FlowName, Release, State
from vrijgave.domain.tips import TipJudgement, answered
from vrijgave.practice.year import Life
from vrijgave.practice.year.facts import DETECTIVE, EDITOR, OFFICER, SECOND
from vrijgave.practice.year.lives import Approved, Counted, Decided, Held, Moved, Read, Tipped
from vrijgave.publishing.protocol import marker_for
from vrijgave.store.unit_of_work import UnitOfWork

NOTE = "Voorbeeld: met opzet uitgesteld."
_LEDGER = {
    Milestone.UPLOAD_STARTED: LedgerState.UPLOADING,
    Milestone.UPLOADED: LedgerState.STAGED,
    Milestone.PUBLIC: LedgerState.LIVE,
    Milestone.TAKE_DOWN_CONFIRMED: LedgerState.GONE,
}
_PROOF = {
    Milestone.UPLOADED: (EvidenceKind.UPLOADED, EvidenceKind.READ_BACK),
    Milestone.PUBLIC: (EvidenceKind.PUBLIC,),
    Milestone.TAKE_DOWN_CONFIRMED: (EvidenceKind.HIDDEN, EvidenceKind.DELETED),
}


def write(uow: UnitOfWork, lives: Iterable[Life]) -> None:
    """Record ``lives``. No flow is asked for: what is under way stays as it is."""
    for life in lives:
        _Writer(uow, life).write()


@dataclass(slots=True)
class _Writer:
    uow: UnitOfWork
    life: Life

    def write(self) -> None:
        first, *events = self.life.events
        release = self._add(first)
        for event in events:
            match event:
                case Moved():
                    release = self._move(release, event)
                case Read():
                    self._read(event)
                case Decided():
                    self._decide(event)
                case Approved():
                    self._approve(event)
                case Held():
                    self._hold(event)
                case Tipped():
                    self._tip(event)
                case Counted():
                    pass  # once the publications stand
        self._answers()
        self._publications(release)

    def _answers(self) -> None:
        for milestone, at in answered(self.uow.tips.for_release(self.life.id)).items():
            self.uow.stamps.add(
                Stamp(
                    release_id=self.life.id, milestone=milestone, earliest=at, latest=at, certainty=Certainty.EXACT,
                    source=f"person:{EDITOR}", recorded_at=at,
                )
            )  # fmt: skip

    def _add(self, first: object) -> Release:
        if not isinstance(first, Moved):
            raise TypeError("a life begins with coming in")
        life = self.life
        release = Release(
            id=life.id, case=life.case, state=State.RECEIVED, revision=1, attempt=0, version=1, submitted_by=DETECTIVE,
            created_at=first.at, targets=life.targets,
        )  # fmt: skip
        return self.uow.releases.add(release, reason=first.reason)

    def _move(self, release: Release, event: Moved) -> Release:
        message = event.reason if event.to in (State.FAILED, State.CHANGES_REQUESTED) else None
        if event.to is State.RENDERING:
            return self.uow.releases.move(
                release, event.to, at=event.at, actor=event.actor, reason=event.reason, reviewer=EDITOR
            )
        if event.to in (State.TAKING_DOWN, State.WITHDRAWN):
            self.uow.approvals.void(release.id, because=event.reason, at=event.at)
        return self.uow.releases.move(
            release, event.to, at=event.at, actor=event.actor, reason=event.reason, message=message
        )

    def _read(self, event: Read) -> None:
        self.uow.stamps.add(
            Stamp(
                release_id=self.life.id, milestone=event.milestone, earliest=event.earliest, latest=event.latest,
                certainty=event.certainty, source=event.source, recorded_at=event.at, revision=event.revision,
                platform=event.platform and event.platform.value, reason=event.reason,
            )
        )  # fmt: skip

    def _decide(self, event: Decided) -> None:
        self.uow.permissions.add(
            Permission(
                release_id=self.life.id,
                requester=EDITOR,
                zaaksofficier="voorbeeld-zaaksofficier",
                authoriser=OFFICER,
                mandate="Voorbeeldmandaat",
                platforms=frozenset(target.value for target in self.life.targets),
                stage=self.life.stage,
                area=Area.NATIONAL,
                medium=Medium.VIDEO,
                lighter_means="Voorbeeld: foto's zijn intern getoond; niemand herkende de persoon.",
                proportionality="Voorbeeld: het delict weegt zwaarder dan de inbreuk.",
                granted=event.granted,
                at=event.at,
                recorded_by=OFFICER,
                self_report_until=event.self_report_until,
                end_date=(event.at + timedelta(days=120)).date() if event.granted else None,
                conditions="Voorbeeld: verwijderen zodra het doel is bereikt." if event.granted else "",
                refusal_reason="" if event.granted else "Voorbeeld: een lichter middel is niet geprobeerd.",
            )
        )

    def _approve(self, event: Approved) -> None:
        covers = ((f"file:voorbeeld-{event.revision}.mp4", _hash(self.life.id)),)
        self.uow.approvals.add(
            Approval(
                release_id=self.life.id, revision=event.revision, reviewer=EDITOR, approver=SECOND, at=event.at,
                covers=covers,
            )
        )  # fmt: skip

    def _hold(self, event: Held) -> None:
        held = self.uow.holds.begin(
            self.life.id, event.reason, NOTE, event.at, actor=EDITOR, recorded_at=event.at
        )  # fmt: skip
        if event.ends is not None:
            self.uow.holds.finish(held, event.ends, actor=EDITOR, recorded_at=event.ends)

    def _tip(self, event: Tipped) -> None:
        tip = self.uow.tips.add(
            self.life.id, received_at=event.at, channel=event.channel, medium=event.medium,
            content="Voorbeeld van een tip; niemand heeft hem gegeven.", actor=EDITOR, recorded_at=event.at,
        )  # fmt: skip
        for judged in event.judged:
            self.uow.tips.judge(
                tip,
                TipJudgement(
                    tip=tip.number, usability=judged.usability, outcome=judged.outcome, attribution=judged.attribution,
                    follow_up="Voorbeeld: nagegaan.", at=judged.at, actor=DETECTIVE, recorded_at=judged.at,
                ),
            )  # fmt: skip

    def _publications(self, release: Release) -> None:
        if not any(isinstance(event, Moved) and event.to is State.PUBLISHING for event in self.life.events):
            return
        for target in self.life.targets:
            row = self._publication(release, target)
            self.uow.publications.plan(row)
            for evidence in self._evidence(row):
                self.uow.publications.add_evidence(evidence)
            for event in self.life.events:
                if isinstance(event, Counted) and event.platform is target:
                    source = "flow:reach"
                    self.uow.reach.add(Reach(publication_id=row.id, at=event.at, views=event.views, source=source))

    def _publication(self, release: Release, target: Platform) -> Publication:
        id_ = _hash(f"{release.id} {target.value}")[:32]
        passed = {e.milestone: e.at for e in self.life.events if isinstance(e, Read) and e.platform is target}
        state = LedgerState.PLANNED
        for milestone, then in _LEDGER.items():
            state = then if milestone in passed else state
        if release.state is State.TAKING_DOWN and state is LedgerState.LIVE:
            state = LedgerState.HIDING
        started = passed.get(Milestone.UPLOAD_STARTED)
        stuck = release.failed_flow is FlowName.PUBLISH and state is LedgerState.UPLOADING
        sent = Milestone.UPLOADED in passed
        return Publication(
            id=id_, release_id=release.id, revision=release.revision, platform=target, stage=self.life.stage,
            state=LedgerState.NEEDS_PERSON if stuck else state, version=1, marker=marker_for(id_),
            file_sha256=_hash(release.id), file_size=25_000_000, remote_id=f"voorbeeld-{id_[:8]}" if sent else None,
            url=f"https://voorbeeld.invalid/{target.value}/{id_[:8]}" if sent else None,
            message=release.message if stuck else None, intent_at=started,
        )  # fmt: skip

    def _evidence(self, row: Publication) -> Iterator[Evidence]:
        for event in self.life.events:
            if isinstance(event, Read) and event.platform is row.platform:
                for kind in _PROOF.get(event.milestone, ()):
                    yield Evidence(publication_id=row.id, kind=kind, at=event.at, detail="Voorbeeld")


def _hash(text: str) -> str:
    return sha256(f"vrijgave example {text}".encode()).hexdigest()
