"""The command of the reviewer: what was found, where to look first, what stays visible, and when it is done."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from vrijgave.bootstrap import build
from vrijgave.cli.acting import actor, release_id
from vrijgave.cli.output import Output
from vrijgave.domain.regions import End, RegionRequest
from vrijgave.domain.spans import Sound
from vrijgave.domain.tracks import Action, Plan, Track
from vrijgave.i18n import _
from vrijgave.redaction.styles import style_named
from vrijgave.services import review as reviewing
from vrijgave.settings import Settings

LOOK_FIRST = 10
"""Doubtful moments in the table for a person; JSON has all of them."""


def review(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """List the tracks; with options decide about them, look at them, or end the review."""
    context = build(settings)
    who = actor(arguments, settings)
    with context.unit_of_work() as uow:
        id_ = release_id(uow, arguments.release)
    if arguments.sheet is not None:
        count = reviewing.contact_sheet(context, id_, arguments.sheet, reason=arguments.reason, actor=who)
        output.say(_("{count} tracks pictured in {file}.").format(count=count, file=arguments.sheet))
    if arguments.pictures is not None:
        count = reviewing.save_cutouts(context, id_, arguments.pictures, reason=arguments.reason, actor=who)
        output.say(_("{count} pictures written to {folder}.").format(count=count, folder=arguments.pictures))
    with context.unit_of_work() as uow:
        decisions = [(Action.SHOW, t) for t in arguments.show or ()] + [
            (Action.COVER, t) for t in arguments.cover or ()
        ]
        for action, track in decisions:
            reviewing.decide(
                uow, context.blobs, id_, track, action,
                reason=arguments.reason, actor=who, at=context.now(), anchor=arguments.frame,
            )  # fmt: skip
        if arguments.sound:
            sound = Sound(arguments.sound)
            reviewing.set_sound(uow, context.blobs, id_, sound, reason=arguments.reason, actor=who, at=context.now())
        if arguments.style:
            style = style_named(arguments.style)
            reviewing.set_style(uow, context.blobs, id_, style, reason=arguments.reason, actor=who, at=context.now())
        seen = reviewing.view(uow, context.blobs, id_)
        if arguments.done:
            reviewing.finish_review(uow, id_, who, context.now())
        uow.commit()
    _print_review(seen, output)
    if arguments.done:
        output.say(_("Review done; the covered video is being made."))
    return 0


def _print_review(seen: reviewing.ReviewView, output: Output) -> None:
    _print_moments(seen, output)
    _print_tracks(seen, output)
    _print_regions(seen.regions, output)
    output.say(_("Sound: {sound}.").format(sound=sounds_in_words(seen.plan)))
    if seen.plan.trim is not None:
        trim = seen.plan.trim
        output.say(_("Plays frames {first} to {last}.").format(first=trim.first, last=trim.last))
    output.say(_("Covered faces: {style}.").format(style=_(seen.plan.style.value)))
    output.data(
        {
            "release": seen.release.id,
            "sound": [[span.sound, span.start_ms, span.stop_ms] for span in seen.plan.sounds()],
            "trim": None if seen.plan.trim is None else [seen.plan.trim.first, seen.plan.trim.last],
            "version": seen.log.version,
            "style": seen.plan.style,
            "tracks": [
                {
                    "id": t.id,
                    "kind": t.kind,
                    "first": t.first,
                    "last": t.last,
                    "clearest": t.clearest,
                    "box": _clearest_box(t),
                    "risk": round(seen.data.risk(t.id), 3),
                    "keyframes": seen.data.keyframes[t.id].to_list(),
                    "decision": seen.plan.decision(t.id),
                }
                for t in seen.analysis.tracks
            ],
            "look_first": [span.to_dict() for span in seen.data.spans],
            "regions": [_region(request) for request in seen.regions],
        }
    )


def _print_moments(seen: reviewing.ReviewView, output: Output) -> None:
    spans = seen.data.spans
    if not spans:
        return
    rows = [
        (
            f"{span.risk:.2f}",
            str(span.frame),
            f"{span.first}-{span.last}",
            str(span.track_id) if span.other is None else f"{span.track_id}, {span.other}",
            _(span.cause.value),
        )
        for span in spans[:LOOK_FIRST]
    ]
    output.table(_("Look here first"), (_("risk"), _("frame"), _("frames"), _("track"), _("why")), rows)
    if len(spans) > LOOK_FIRST:
        output.say(_("{count} more doubtful moments; --json lists them all.").format(count=len(spans) - LOOK_FIRST))


def _print_tracks(seen: reviewing.ReviewView, output: Output) -> None:
    rows = []
    for track in seen.analysis.tracks:
        decision = seen.plan.decision(track.id)
        action = decision.action if decision else Action.COVER
        rows.append(
            (
                str(track.id),
                _(track.kind.value),
                f"{track.first}-{track.last}",
                str(track.clearest),
                f"{float(track.scores.max()):.2f}",
                f"{seen.data.risk(track.id):.2f}",
                _(action.value),
                decision.reason if decision else "",
                decision.actor if decision else "",
            )
        )
    columns = (
        _("track"), _("kind"), _("frames"), _("clearest"), _("score"), _("risk"), _("decision"), _("why"), _("who"),
    )  # fmt: skip
    output.table(_("Tracks of release {id}").format(id=seen.release.id[:10]), columns, rows)


def _print_regions(requests: Sequence[RegionRequest], output: Output) -> None:
    if not requests:
        return
    rows = [
        (
            str(request.number),
            ", ".join(str(box.frame) for box in request.region.boxes),
            _(request.state.value),
            "" if request.track_id is None else str(request.track_id),
            "" if request.begins is None else _(request.begins.value),
            "" if request.ends is None else _(request.ends.value),
            request.reason,
            request.actor,
        )
        for request in requests
    ]
    columns = (
        _("region"), _("frames"), _("state"), _("track"), _("begins"), _("ends"), _("why"), _("who"),
    )  # fmt: skip
    output.table(_("Drawn regions"), columns, rows)
    for request in requests:
        if End.LOST in (request.begins, request.ends):
            output.say(
                _(
                    "Track {track} of region {number} was lost on the way; look at its ends and draw another box."
                ).format(track=request.track_id, number=request.number)
            )


def _region(request: RegionRequest) -> dict[str, Any]:
    return {
        "number": request.number,
        "state": request.state,
        **request.region.to_dict(),
        "track": request.track_id,
        "begins": request.begins,
        "ends": request.ends,
        "reason": request.reason,
        "actor": request.actor,
    }


def _clearest_box(track: Track) -> list[float]:
    box = track.box_at(track.clearest)
    return [] if box is None else [round(float(v), 1) for v in box]


def sounds_in_words(plan: Plan) -> str:
    """What happens to the sound, stretch by stretch, in seconds after the first picture."""
    spans = plan.sounds()
    words = [_(span.sound.value) for span in spans]
    if len(words) == 1:
        return words[0]
    ends = ["" if span.stop_ms is None else f"{span.stop_ms / 1000:g}" for span in spans]
    return ", ".join(
        f"{span.start_ms / 1000:g}-{end} s {word}" for span, end, word in zip(spans, ends, words, strict=True)
    )
