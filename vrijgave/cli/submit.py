"""Handing in from the command line: the files, and the facts of the case from options or a JSON file."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vrijgave.bootstrap import build
from vrijgave.cli.acting import actor
from vrijgave.cli.output import Output
from vrijgave.cli.releases import summary
from vrijgave.domain.cases import Case, Certainty, FootageKind, Urgency
from vrijgave.domain.publications import Platform
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.rendition import shaped_for
from vrijgave.services import intake, texts
from vrijgave.settings import Settings

TIMES = ("incident_from", "incident_to", "reported_at", "secured_at")


def submit(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Hand in each file; nothing is kept when one of them cannot be read or the texts would not fit."""
    case = _case(arguments)
    who = actor(arguments, settings)
    context = build(settings)
    targets = [Platform(target) for target in arguments.target or ()] or list(shaped_for(context.platforms()))
    footage = []
    for path in arguments.file:
        found = intake.inspect(path, context.limits)
        texts.draft(context.settings, case, found.info.video.duration, silent=True, targets=targets)
        footage.append(found)
    kept = []
    for found in footage:
        with output.progress(found.path.name):
            kept.append(intake.keep(context.blobs, found))
    with context.unit_of_work() as uow:
        releases = [intake.submit(uow, k, case, targets=targets, actor=who, at=context.now()) for k in kept]
        uow.commit()
    for release, found in zip(releases, footage, strict=True):
        output.say(_("{file}: handed in as release {id}.").format(file=found.path.name, id=release.id))
    output.data([summary(r) for r in releases])
    return 0


def _case(arguments: argparse.Namespace) -> Case:
    facts: dict[str, Any] = _case_file(arguments.case) if arguments.case else {}
    for field in fields(Case):
        given = getattr(arguments, field.name, None)
        if given is not None:
            facts[field.name] = given
    if facts.get("incident_from") and not facts.get("incident_to"):
        facts["incident_to"] = facts["incident_from"]
    if facts.get("incident_from") and not facts.get("incident_certainty"):
        facts["incident_certainty"] = Certainty.ESTIMATED
    for name in TIMES:
        if isinstance(facts.get(name), datetime):
            facts[name] = facts[name].astimezone(UTC)
    facts["incident_certainty"] = Certainty(facts.get("incident_certainty", Certainty.UNKNOWN))
    facts["footage_kind"] = FootageKind(facts.get("footage_kind", FootageKind.UNKNOWN))
    facts["urgency"] = Urgency(facts.get("urgency", Urgency.NORMAL))
    for name in ("registration_number", "public_case_number", "unit", "offence", "public_place"):
        facts.setdefault(name, "")
    return Case(**facts)


def _case_file(path: Path) -> dict[str, Any]:
    """Facts from a JSON object; unknown names and wrong types are refused by name."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise Rejected("case", _("{file} is no JSON: {reason}.").format(file=path.name, reason=error)) from error
    known = {f.name for f in fields(Case)}
    if not isinstance(facts, dict) or not all(isinstance(v, str) for v in facts.values()):
        raise Rejected("case", _("{file} must hold one JSON object with texts.").format(file=path.name))
    if unknown := sorted(set(facts) - known):
        raise Rejected("case", _("{file} has unknown facts: {names}.").format(file=path.name, names=", ".join(unknown)))
    for name in TIMES:
        if name in facts:
            try:
                facts[name] = datetime.fromisoformat(facts[name])
            except ValueError as error:
                raise Rejected("case", _("«{name}» is no time.").format(name=name)) from error
            if facts[name].tzinfo is None:
                raise Rejected("case", _("A time needs its time zone, for instance 2026-03-01T22:15+01:00."))
    return facts
