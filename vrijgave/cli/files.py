"""The commands that work on one file, with no database and no server."""

from __future__ import annotations

import argparse
from pathlib import Path

from vrijgave.cli.output import Output
from vrijgave.domain.media import MediaInfo
from vrijgave.i18n import _
from vrijgave.machine import detectors, limits, workers
from vrijgave.media import probe
from vrijgave.redaction.styles import style_named
from vrijgave.services.redact import ShowPoint, redact_file
from vrijgave.settings import Settings


def redact(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Cover everything found but what is to be shown."""
    show = [ShowPoint.parse(text) for text in arguments.show]
    count = arguments.workers or settings.segment_workers
    with workers(settings, count) as others, output.progress(arguments.source.name) as progress:
        outcome = redact_file(
            arguments.source,
            arguments.output,
            show=show,
            plan_file=arguments.plan,
            manifest=arguments.manifest,
            style=style_named(arguments.style) if arguments.style else None,
            review=arguments.review,
            overwrite=arguments.overwrite,
            detectors=detectors(settings),
            limits=limits(settings),
            progress=progress,
            workers=others,
            segment_seconds=settings.segment_seconds,
            actor=settings.actor,
        )
    analysis = outcome.analysis
    output.say(
        _("{file}: {frames} frames, {tracks} tracks found, {shown} left visible.").format(
            file=arguments.output,
            frames=analysis.frame_count,
            tracks=len(analysis.tracks),
            shown=len(outcome.plan.shown_tracks()),
        )
    )
    output.data(
        {
            "output": str(arguments.output),
            "sha256": outcome.output_sha256,
            "frames": analysis.frame_count,
            "tracks": len(analysis.tracks),
            "shown": list(outcome.plan.shown_tracks()),
        }
    )
    return 0


def inspect(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """What a file says of itself."""
    path: Path = arguments.file
    info = probe(path, limits(settings))
    output.table(path.name, (_("what"), _("value")), _rows(info))
    output.data(info.to_dict())
    return 0


def _rows(info: MediaInfo) -> list[tuple[str, str]]:
    video = info.video
    rate = f"{video.average_rate} ({float(video.average_rate):.3f})" if video.average_rate else _("unknown")
    rows = [
        (_("container"), info.container),
        (_("size"), f"{info.size} B"),
        (_("picture"), f"{video.codec} {video.pixel_format} {video.width}×{video.height}"),
        (_("frames a second"), rate + (_(", variable") if video.variable_rate else "")),
        (_("frames"), str(video.frame_count)),
        (_("duration"), f"{float(video.duration):.3f} s"),
        (_("rotation"), f"{video.rotation}°"),
        (_("interlaced"), _("yes") if video.interlaced else _("no")),
    ]
    rows += [
        (_("sound"), f"{a.codec} {a.sample_rate} Hz, {a.channels} ch, {_('starts at')} {float(a.start):.3f} s")
        for a in info.audio
    ]
    rows += [(_("will be dropped"), stream) for stream in info.extra_streams]
    rows += [(_("would leak"), f"{name}: {value}") for name, value in info.metadata.items()]
    return rows
