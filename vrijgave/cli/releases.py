"""The commands that move a release: hand in, review, approve, authorise, publish, take down."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from vrijgave import words
from vrijgave.bootstrap import build
from vrijgave.cli.acting import actor, release_id
from vrijgave.cli.output import Output
from vrijgave.domain.cases import Area, Medium, Permission, PublicationStage
from vrijgave.domain.releases import Release, State
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services import (
    approval,
    preflight,
    publication,
    stages,
)
from vrijgave.services import (
    take_down as taking_down,
)
from vrijgave.services.context import Context
from vrijgave.settings import Settings
from vrijgave.store.unit_of_work import UnitOfWork

NEXT = {
    State.RECEIVED: "wait: the analysis starts by itself",
    State.ANALYSING: "wait: the analysis runs",
    State.IN_REVIEW: "communication staff: vrijgave review",
    State.RENDERING: "wait: the covered video is made",
    State.AWAITING_APPROVAL: "a second person: vrijgave approve",
    State.CHANGES_REQUESTED: "communication staff: vrijgave review",
    State.APPROVED: "communication staff: vrijgave authorise, vrijgave publish",
    State.PUBLISHING: "wait: publication runs",
    State.PUBLISHED: "watch; vrijgave take-down when the goal is reached",
    State.TAKING_DOWN: "wait: take-down runs",
    State.TAKEN_DOWN: "nothing: it is gone",
    State.WITHDRAWN: "nothing: it was withdrawn",
    State.FAILED: "mend the cause, then vrijgave retry",
}


@contextmanager
def committed(settings: Settings) -> Iterator[tuple[Context, UnitOfWork]]:
    """A unit of work that is committed when the body ends well: the one commit of a command."""
    context = build(settings)
    with context.unit_of_work() as uow:
        yield context, uow
        uow.commit()


def list_releases(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """All releases, newest first, with who has to act."""
    context = build(settings)
    with context.reading() as uow:
        found = uow.releases.list([State(arguments.state)] if arguments.state else None)
    rows = [
        (
            r.id[:10],
            r.case.public_case_number,
            r.case.unit,
            _(r.state.value),
            str(r.revision),
            _age(context.now() - r.created_at),
            r.message or _(NEXT[r.state]),
        )
        for r in sorted(found, key=lambda r: r.created_at, reverse=True)
    ]
    columns = (_("release"), _("case"), _("unit"), _("state"), _("revision"), _("age"), _("next"))
    output.table(_("Releases"), columns, rows)
    output.data([summary(r) for r in found])
    return 0


def show(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """One release with its history, files and publications."""
    context = build(settings)
    with context.reading() as uow:
        release = uow.releases.get(release_id(uow, arguments.release))
        history = list(uow.releases.transitions(release.id))
        files = list(uow.assets.list(release.id))
        ledger = list(uow.publications.for_release(release.id))
        evidence = [e for p in ledger for e in uow.publications.evidence(p.id)]
    output.say(f"{release.id}  {release.case.public_case_number}  {release.case.offence}, {release.case.public_place}")
    output.say(
        _("State: {state}, revision {revision}.").format(state=_(release.state.value), revision=release.revision)
    )
    output.say(_("Next: {next}.").format(next=_(NEXT[release.state])))
    if release.message:
        output.say(release.message)
    output.table(
        _("History"),
        (_("when"), _("state"), _("who"), _("why")),
        [(_local(t.at), _(t.to_state.value), t.actor, t.reason) for t in history],
    )
    output.table(
        _("Files"),
        (_("revision"), _("kind"), _("name"), _("bytes"), "SHA-256"),
        [(str(a.revision), _(a.kind.value), a.name, str(a.size), a.sha256[:16]) for a in files],
    )
    if ledger:
        output.table(
            _("Publications"),
            (_("platform"), _("stage"), _("state"), _("address"), _("message")),
            [(p.platform.value, _(p.stage.value), _(p.state.value), p.url or "", p.message or "") for p in ledger],
        )
        output.table(
            _("Evidence"),
            (_("when"), _("what"), _("detail")),
            [(_local(e.at), _(e.kind.value), e.detail) for e in evidence],
        )
    output.data(
        {
            **summary(release),
            "history": history,
            "files": files,
            "publications": [_publication(p) for p in ledger],
            "evidence": evidence,
        }
    )
    return 0


def approve(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Approve or send back; --save lays the exact files out to be watched first."""
    who = actor(arguments, settings)
    context = build(settings)
    with context.reading() as uow:
        id_ = release_id(uow, arguments.release)
        lies_before = approval.dossier(uow, id_)
    if arguments.save is not None:
        _lay_out(context, lies_before, arguments.save)
        output.say(_("{count} files written to {folder}.").format(count=len(lies_before.files), folder=arguments.save))
    proven = () if arguments.send_back or arguments.look else approval.prove_files(context, id_)
    with context.unit_of_work() as uow:
        if arguments.send_back:
            approval.send_back(uow, id_, who, arguments.reason, context.now())
            output.say(_("Sent back for changes."))
        elif not arguments.look:
            approval.approve(uow, id_, who, proven, context.now())
            output.say(_("Approved."))
        release = uow.releases.get(id_)
        uow.commit()
    output.table(
        _("What goes out ({stage})").format(stage=_(lies_before.stage.value)),
        (_("kind"), _("name"), _("bytes"), "SHA-256"),
        [(_(f.kind.value), f.name, str(f.size), f.sha256) for f in lies_before.files],
    )
    output.data({**summary(release), "files": lies_before.files})
    return 0


def _lay_out(context: Context, lies_before: approval.Dossier, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in lies_before.files:
        with context.blobs.open_local(file.sha256) as path:
            shutil.copyfile(path, folder / file.name)


def authorise(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Record a permission or a refusal."""
    who = actor(arguments, settings)
    with committed(settings) as (context, uow):
        release = uow.releases.get(release_id(uow, arguments.release))
        platforms = arguments.platform or [t.value for t in release.targets]
        permission = Permission(
            release_id=release.id,
            requester=arguments.requester or who,
            zaaksofficier=arguments.zaaksofficier,
            authoriser=arguments.authoriser,
            mandate=arguments.mandate,
            platforms=frozenset(platforms),
            stage=PublicationStage(arguments.stage),
            area=Area(arguments.area),
            medium=Medium(arguments.medium),
            lighter_means=arguments.lighter_means,
            proportionality=arguments.proportionality,
            granted=arguments.refused is None,
            at=context.now(),
            recorded_by=who,
            self_report_until=arguments.self_report_until,
            end_date=arguments.end_date,
            conditions=arguments.conditions,
            refusal_reason=arguments.refused or "",
        )
        approval.authorise(uow, permission)
    output.say(_("Permission recorded.") if permission.granted else _("Refusal recorded."))
    output.data(permission)
    return 0


def publish(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Order publication; the dispatcher starts it. ``--check`` asks the platforms and orders nothing."""
    context = build(settings)
    with context.reading() as uow:
        id_ = release_id(uow, arguments.release)
    if arguments.check:
        return _checked(preflight.preflight(context, id_), output)
    preflight.demand(context, id_)
    with committed(settings) as (context, uow):
        release = publication.order(uow, id_, actor(arguments, settings), context.now())
    return _ordered(release, _("Publication ordered."), output)


def _checked(found: Sequence[preflight.Preflight], output: Output) -> int:
    rows = [
        (
            words.platform_name(each.platform),
            each.account,
            _("does not fit") if each.problems else _("fits"),
            " ".join((*each.problems, *each.warnings, *each.costs, *each.cannot)),
        )
        for each in found
    ]
    output.table(_("What the platforms say"), (_("platform"), _("account"), _("verdict"), _("message")), rows)
    output.data(list(found))
    return Rejected.exit_code if any(each.problems for each in found) else 0


def take_down(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Order take-down; the dispatcher starts it."""
    with committed(settings) as (context, uow):
        id_ = release_id(uow, arguments.release)
        release = taking_down.order(uow, id_, actor(arguments, settings), arguments.reason, context.now())
    return _ordered(release, _("Take-down ordered."), output)


def retry(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Run the failed stage again."""
    with committed(settings) as (context, uow):
        id_ = release_id(uow, arguments.release)
        release = stages.retry(uow, id_, actor(arguments, settings), context.now())
    return _ordered(release, _("The stage will be run again."), output)


def withdraw(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Stop a release of which nothing has gone out."""
    with committed(settings) as (context, uow):
        id_ = release_id(uow, arguments.release)
        release = stages.withdraw(uow, id_, actor(arguments, settings), arguments.reason, context.now())
    return _ordered(release, _("Withdrawn."), output)


def _ordered(release: Release, sentence: str, output: Output) -> int:
    output.say(sentence)
    output.data(summary(release))
    return 0


def summary(release: Release) -> dict[str, Any]:
    """A release in JSON, without its internal case number."""
    return {
        "id": release.id,
        "public_case_number": release.case.public_case_number,
        "unit": release.case.unit,
        "state": release.state,
        "revision": release.revision,
        "created_at": release.created_at,
        "targets": [t.value for t in release.targets],
        "message": release.message,
        "next": NEXT[release.state],
    }


def _publication(row: Any) -> dict[str, Any]:
    """A ledger row without its upload session, which is a secret."""
    names = ("id", "platform", "stage", "state", "marker", "file_sha256", "remote_id", "url", "message", "intent_at")
    return {name: getattr(row, name) for name in names}


def _age(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    return f"{hours // 24} d {hours % 24} u" if hours >= 24 else f"{hours} u {int(span.total_seconds() // 60) % 60} min"


def _local(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
