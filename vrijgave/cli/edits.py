"""The commands of a reviewer without a browser: edits as JSON, taken back and done again, and notes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from vrijgave.bootstrap import build
from vrijgave.cli.acting import actor, release_id
from vrijgave.cli.output import Output
from vrijgave.domain.edits import EditLog, change_from_dict, change_to_dict
from vrijgave.domain.notes import Note
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services import edits, notes
from vrijgave.settings import Settings


def edit(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """List the edits of a release; with options add to them, take the last one back, or do it again."""
    context = build(settings)
    who = actor(arguments, settings)
    proposals = [edits.Proposal(change_from_dict(_parsed(text)), arguments.reason) for text in arguments.change or ()]
    with context.unit_of_work() as uow:
        id_ = release_id(uow, arguments.release)
        version = edits.log(uow, id_).version
        at = context.now()
        if proposals:
            edits.apply(uow, context.blobs, id_, proposals, version, actor=who, at=at)
        if arguments.undo:
            edits.undo(uow, context.blobs, id_, version + len(proposals), actor=who, at=at)
        if arguments.redo:
            edits.redo(uow, context.blobs, id_, version + len(proposals), actor=who, at=at)
        log = edits.log(uow, id_)
        uow.commit()
    _print_log(log, output)
    return 0


def note(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """List the notes of a release; with options write, answer, resolve or reopen one."""
    context = build(settings)
    who = actor(arguments, settings)
    with context.unit_of_work() as uow:
        id_ = release_id(uow, arguments.release)
        at = context.now()
        if arguments.frame is not None:
            notes.add(uow, context.blobs, id_, arguments.frame, arguments.text, author=who, at=at)
        if arguments.answer is not None:
            notes.answer(uow, id_, arguments.answer, arguments.text, author=who, at=at)
        if arguments.resolve is not None:
            notes.resolve(uow, id_, arguments.resolve, author=who, at=at)
        if arguments.reopen is not None:
            notes.reopen(uow, id_, arguments.reopen, author=who, at=at)
        found = uow.notes.list(id_)
        uow.commit()
    _print_notes(found, output)
    return 0


def _parsed(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Rejected(
            "edit", _("«{text}» is no JSON; see docs/handleiding.md for examples.").format(text=text)
        ) from error
    if not isinstance(value, dict):
        raise Rejected("edit", _("«{text}» is no JSON; see docs/handleiding.md for examples.").format(text=text))
    return value


def _print_log(log: EditLog, output: Output) -> None:
    rows = [
        (
            str(each.number),
            json.dumps(change_to_dict(each.change), sort_keys=True),
            "" if each.number not in log.taken_back else _("taken back"),
            each.reason,
            each.actor,
        )
        for each in log.edits
    ]
    output.table(_("Edits"), (_("edit"), _("change"), _("state"), _("why"), _("who")), rows)
    output.data({"version": log.version, "edits": [each.to_dict() for each in log.edits]})


def _print_notes(found: Sequence[Note], output: Output) -> None:
    rows = []
    for each in found:
        rows.append(
            (str(each.number), str(each.frame), _("open") if each.is_open else _("resolved"), each.text, each.author)
        )
        rows += [("", "", "", f"↳ {answer.text}", answer.author) for answer in each.answers]
    output.table(_("Notes"), (_("note"), _("frame"), _("state"), _("text"), _("who")), rows)
    output.data({"notes": found})
