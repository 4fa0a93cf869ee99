"""The account of one publication, from recorded facts only. What is not recorded is said, and never filled in.

No registration number, exact place, team, source of the footage, or content of a tip comes in: readers of an account
need none of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from vrijgave import words
from vrijgave.domain.cases import Case, Certainty, Permission, PermissionRequest
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.holds import Hold
from vrijgave.domain.publications import Evidence, Platform, Publication, proof_of_absence
from vrijgave.domain.reach import Reach
from vrijgave.domain.releases import Approval, Release, State, Transition
from vrijgave.domain.tips import Outcome, Tip, Usability
from vrijgave.domain.tracks import Action, SubjectKind
from vrijgave.i18n import _
from vrijgave.leadtime import Headline, ReleaseLeadTimes, Stage, label, spoken
from vrijgave.leadtime.durations import Kind
from vrijgave.leadtime.stages import Result
from vrijgave.reports.document import Column, Document, Group, Pairs, Section, Table, document, facts
from vrijgave.reports.summary import length
from vrijgave.reports.tips import tips_section
from vrijgave.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that is recorded of one release and that an account is made of; each list is oldest first."""

    release: Release
    request: PermissionRequest | None
    permissions: tuple[Permission, ...]
    approvals: tuple[Approval, ...]
    steps: tuple[Transition, ...]
    stamps: tuple[Stamp, ...]
    holds: tuple[Hold, ...]
    ledger: tuple[tuple[Publication, tuple[Evidence, ...]], ...]
    reach: tuple[Reach, ...]
    tips: tuple[Tip, ...]
    manifest: Mapping[str, Any] | None
    """As ``redaction.manifest`` wrote it; None where the video was not made yet."""
    times: ReleaseLeadTimes


def account(record: Record, settings: Settings, now: datetime, *, example: bool) -> Document:
    """What is known of the use of this footage."""
    case = record.release.case
    sections = (
        _case(case, settings),
        _why(record),
        _permission(record, settings),
        _covered(record, settings),
        _published(record, settings),
        _reach(record, settings),
        tips_section(record.tips),
        _outcome(record, settings),
        _taken_down(record, settings),
        _lead_times(record, settings),
    )
    return document(
        _("Account of a publication"), _("case {number}").format(number=case.public_case_number), settings, now,
        period=_period(record, settings), summary=(_in_short(record, settings),), sections=sections, example=example,
    )  # fmt: skip


def reading(stamps: Iterable[Stamp], milestone: Milestone, platform: str | None = None) -> Stamp | None:
    """The reading of a milestone that holds: the one recorded last. None where there is none, or it was withdrawn."""
    found = [s for s in stamps if s.milestone is milestone and (platform is None or s.platform == platform)]
    last = max(found, key=lambda stamp: stamp.recorded_at, default=None)
    return None if last is None or last.certainty is Certainty.UNKNOWN else last


def first_public(stamps: Sequence[Stamp]) -> Stamp | None:
    """The reading at which the release first was public somewhere."""
    platforms = {stamp.platform for stamp in stamps if stamp.milestone is Milestone.PUBLIC}
    readings = (reading([s for s in stamps if s.platform == p], Milestone.PUBLIC) for p in platforms)
    return min((r for r in readings if r is not None), key=lambda stamp: stamp.latest, default=None)


def strongest(tips: Iterable[Tip]) -> Outcome:
    """The best that came of the tips."""
    return max((tip.outcome for tip in tips), key=list(Outcome).index, default=Outcome.OPEN)


def _at(stamp: Stamp | None, settings: Settings) -> str:
    if stamp is None:
        return ""
    low, high = (words.moment(at, settings) for at in (stamp.earliest, stamp.latest))
    return low if low == high else _("{start} to {end}").format(start=low, end=high)


def _day(day: date | None) -> str:
    return words.day(day) if day else _("none")


def _period(record: Record, settings: Settings) -> str:
    begun = words.moment(record.release.created_at, settings)
    return _("from {begin} until now").format(begin=begun)


def _in_short(record: Record, settings: Settings) -> str:
    public = first_public(record.stamps)
    state = words.spoken(record.release.state)
    if public is None:
        return _("This release is «{state}»; nothing of it is recorded as public.").format(state=state)
    told = _("Public since {at}; it is «{state}» now. {tips} tips came in, of which {usable} usable. {outcome}.")
    usable = sum(tip.usability is Usability.USABLE for tip in record.tips)
    return told.format(
        at=_at(public, settings), state=state, tips=len(record.tips), usable=usable,
        outcome=words.outcome(strongest(record.tips)),
    )  # fmt: skip


def _case(case: Case, settings: Settings) -> Section:
    incident = ""
    if case.incident_from is not None and case.incident_to is not None:
        start, end = (words.moment(at, settings) for at in (case.incident_from, case.incident_to))
        incident = start if start == end else _("{start} to {end}").format(start=start, end=end)
    if incident and case.incident_certainty is Certainty.ESTIMATED:
        incident = _("{time} (estimated)").format(time=incident)
    pairs = (
        (_("Case number"), case.public_case_number),
        (_("Offence"), case.offence),
        (_("Place, as the public reads it"), case.public_place),
        (_("Unit"), case.unit),
        (_("Incident"), incident),
        (_("Kind of camera"), words.footage_kind(case.footage_kind)),
    )
    return Section(title=_("The case"), facts=facts(pairs))


def _why(record: Record) -> Section:
    asked: Permission | PermissionRequest | None = record.permissions[-1] if record.permissions else record.request
    pairs = (
        (_("Question to the public"), record.release.case.question),
        (_("What is to be seen"), record.release.case.scene),
        (_("Why it is proportionate"), asked.proportionality if asked else ""),
        (_("Lighter means tried"), asked.lighter_means if asked else ""),
        (_("Chosen means"), words.medium(asked.medium) if asked else ""),
    )
    return Section(title=_("Why this footage"), facts=facts(pairs))


def _permission(record: Record, settings: Settings) -> Section:
    if not record.permissions:
        return Section(title=_("Permission"), text=(_("Nobody has recorded a permission yet."),))
    groups = tuple(
        Group(
            title=(_("Granted, {at}") if given.granted else _("Refused, {at}")).format(
                at=words.moment(given.at, settings)
            ),
            facts=facts(_decision(given)),
        )
        for given in record.permissions
    )
    return Section(title=_("Permission"), groups=groups)


def _decision(given: Permission) -> Pairs:
    pairs = [
        (_("By"), given.authoriser),
        (_("Mandate"), given.mandate),
        (_("Public prosecutor"), given.zaaksofficier),
        (_("Asked by"), given.requester),
    ]
    if not given.granted:
        return [*pairs, (_("Reason of refusal"), given.refusal_reason)]
    return [
        *pairs,
        (_("Platforms"), ", ".join(words.platform_name(p) for p in Platform if p.value in given.platforms)),
        (_("As far as"), words.spoken(given.stage)),
        (_("How widely"), words.spoken(given.area)),
        (_("Stills or video"), words.medium(given.medium)),
        (_("Term to report until"), _day(given.self_report_until)),
        (_("Last day"), _day(given.end_date)),
        (_("Conditions"), given.conditions or _("none")),
    ]


def _covered(record: Record, settings: Settings) -> Section:
    title, manifest = _("What was covered and shown"), record.manifest
    if manifest is None:
        return Section(title=title, text=(_("The covered video was not made yet."),))
    covered = sum(last - first + 1 for first, last in manifest["frames_covered"])
    found = len(manifest["second_look"])
    look = _("{count} finds").format(count=found) if found else _("nothing recognisable found")
    models = ", ".join(dict.fromkeys(str(model["name"]) for model in manifest["second_look_models"]))
    pairs = [
        (_("Faces"), _counts(manifest, SubjectKind.FACE)),
        (_("Plates"), _counts(manifest, SubjectKind.PLATE)),
        (_("Frames with a cover"), _("{covered} of {all}").format(covered=covered, all=manifest["frames"])),
        (_("Second look at the covered video"), _("{result} (by {models})").format(result=look, models=models)),
    ]
    for approval in record.approvals:
        pairs.append((_("Reviewed by"), approval.reviewer))
        at = words.moment(approval.at, settings)
        pairs.append((_("Approved by"), _("{who}, {at}").format(who=approval.approver, at=at)))
    if not record.approvals:
        pairs += [(_("Reviewed by"), record.release.reviewer or ""), (_("Approved by"), "")]
    return Section(title=title, facts=facts(pairs))


def _counts(manifest: Mapping[str, Any], kind: SubjectKind) -> str:
    actions = [track["action"] for track in manifest["tracks"] if track["kind"] == kind.value]
    shown = actions.count(Action.SHOW.value)
    return _("{covered} covered, {shown} shown").format(covered=len(actions) - shown, shown=shown)


def _published(record: Record, settings: Settings) -> Section:
    title = _("Where and when it was published")
    if not record.ledger:
        return Section(title=title, text=(_("Nothing was published."),))
    groups = []
    for row, _evidence in record.ledger:
        public = reading(record.stamps, Milestone.PUBLIC, row.platform.value)
        pairs = [
            (_("State"), words.spoken(row.state)),
            (_("Public since"), _at(public, settings)),
            *([(_("Address"), row.address)] if row.address else []),
            (_("How people are to be seen"), words.spoken(row.stage)),
            (_("Checksum of the video (SHA-256)"), row.file_sha256),
        ]
        groups.append(Group(title=words.platform_name(row.platform), facts=facts(pairs)))
    return Section(title=title, groups=tuple(groups))


def _reach(record: Record, settings: Settings) -> Section:
    names = {row.id: row for row, _evidence in record.ledger}
    rows = []
    for read in record.reach:
        row = names[read.publication_id]
        public = reading(record.stamps, Milestone.PUBLIC, row.platform.value)
        after = words.age(read.at - public.latest) if public and read.at >= public.latest else _("unknown")
        at, source = words.moment(read.at, settings), read.source.partition(":")[2] or read.source
        rows.append((words.platform_name(row.platform), after, str(read.views), at, source))
    if not rows:
        return Section(title=_("Reach"), text=(_("No figures of the reach are recorded."),))
    columns = (
        Column(title=_("Platform")), Column(title=_("After publication"), figure=True),
        Column(title=_("Views"), figure=True), Column(title=_("Read at"), figure=True), Column(title=_("Read by")),
    )  # fmt: skip
    table = Table(title=_("Views as the platform told them"), columns=columns, rows=tuple(rows))
    return Section(title=_("Reach"), tables=(table,))


def _outcome(record: Record, settings: Settings) -> Section:
    found = Counter(tip.outcome for tip in record.tips)
    pairs = [(words.outcome(what), str(found[what])) for what in reversed(Outcome) if found[what]]
    stamps = [(m, reading(record.stamps, m)) for m in _RESULTS]
    pairs += [(words.spoken(milestone), _at(stamp, settings)) for milestone, stamp in stamps if stamp]
    if not pairs:
        return Section(title=_("Outcome"), text=(_("No outcome is recorded."),))
    return Section(title=_("Outcome"), facts=facts(pairs))


_RESULTS = (Milestone.FIRST_TIP, Milestone.FIRST_USABLE_TIP, Milestone.IDENTIFIED)


def _taken_down(record: Record, settings: Settings) -> Section:
    title = _("Take-down")
    orders = [step for step in record.steps if step.to_state is State.TAKING_DOWN]
    if not orders:
        return Section(title=title, text=(_("It was not taken down."),))
    order = orders[0]
    pairs = [
        (_("Ordered"), words.moment(order.at, settings)),
        (_("By"), order.actor),
        (_("Reason"), order.reason),
    ]
    rows = []
    for row, evidence in record.ledger:
        gone = reading(record.stamps, Milestone.TAKE_DOWN_CONFIRMED, row.platform.value)
        pairs.append(
            (_("Seen to be gone: {platform}").format(platform=words.platform_name(row.platform)), _at(gone, settings))
        )
        rows += [
            (words.platform_name(row.platform), words.moment(proof.at, settings), row.told(proof.detail))
            for proof in proof_of_absence(row, evidence)
        ]  # fmt: skip
    columns = (Column(title=_("Platform")), Column(title=_("Looked at"), figure=True), Column(title=_("What was seen")))
    tables = (Table(title=_("Proof that it is gone"), columns=columns, rows=tuple(rows)),) if rows else ()
    notes = () if rows else (_("No proof that it is gone is recorded."),)
    return Section(title=title, facts=facts(pairs), tables=tables, notes=notes)


def _lead_times(record: Record, settings: Settings) -> Section:
    times = record.times
    shown = [
        t
        for t in times.times
        if t.platform is None
        and (isinstance(t.measure, Headline) or (isinstance(t.measure, Result) and t.duration.kind.known))
    ]
    pairs = [(label(t.measure), spoken(t.duration)) for t in shown]
    rows = tuple(
        (_named(t.measure, t.platform), label(t.measure.nature), str(t.rounds), spoken(t.duration), _held(t.held))
        for t in times.times
        if isinstance(t.measure, Stage) and t.duration.kind is not Kind.NOT_BEGUN
    )
    columns = (
        Column(title=_("Stage")), Column(title=_("Nature")), Column(title=_("Rounds"), figure=True),
        Column(title=_("Took"), figure=True), Column(title=_("Held on purpose"), figure=True),
    )  # fmt: skip
    tables = [Table(title=_("Time in each stage"), columns=columns, rows=rows)] if rows else []
    if record.holds:
        tables.append(_holds(record.holds, settings))
    return Section(title=_("Lead times"), facts=facts(pairs), tables=tuple(tables))


def _held(time: timedelta) -> str:
    return length(int(time.total_seconds())) if time else "–"


def _named(measure: Stage, platform: str | None) -> str:
    return label(measure) if platform is None else f"{label(measure)} ({words.platform_name(Platform(platform))})"


def _holds(holds: Sequence[Hold], settings: Settings) -> Table:
    rows = tuple(
        (
            words.hold_reason(hold.reason),
            words.moment(hold.begins, settings),
            words.moment(hold.ends, settings) if hold.ends else _("not ended"),
        )
        for hold in holds
    )
    columns = (Column(title=_("Reason")), Column(title=_("From"), figure=True), Column(title=_("Until"), figure=True))
    return Table(title=_("Deliberate holds: waiting on purpose, no delay"), columns=columns, rows=rows)
