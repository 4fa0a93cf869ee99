"""The command with which a person has something covered that was not found: a box drawn on a frame, then followed."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from vrijgave.bootstrap import build
from vrijgave.cli.acting import actor, release_id
from vrijgave.cli.output import Output
from vrijgave.domain.regions import DrawnBox, End, Region
from vrijgave.domain.tracks import SubjectKind
from vrijgave.errors import ActionRequired, Rejected
from vrijgave.i18n import _
from vrijgave.machine import limits
from vrijgave.services import regions
from vrijgave.services.region_file import follow_in_file
from vrijgave.settings import Settings

BOX = re.compile(r"(\d+(?:\.\d+)?),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)")


def track_region(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """In a file, or in the review of a release."""
    if arguments.drop is not None:
        return _drop(arguments, settings, output)
    region = Region(
        kind=SubjectKind(arguments.kind), boxes=_boxes(arguments), first=arguments.first, last=arguments.last
    )
    if arguments.out is not None:
        return _in_file(arguments, region, settings, output)
    return _in_release(arguments, region, settings, output)


def _in_file(arguments: argparse.Namespace, region: Region, settings: Settings, output: Output) -> int:
    source = Path(arguments.target)
    with output.progress(source.name) as progress:
        followed = follow_in_file(
            source, region, arguments.out, reason=arguments.reason, limits=limits(settings), progress=progress
        )
    first, last = followed.frames[0], followed.frames[-1]
    output.say(_("Covered from frame {first} to {last}.").format(first=first, last=last))
    for frame, end in ((first, followed.begins), (last, followed.ends)):
        if end is End.LOST:
            output.say(
                _("At frame {frame} it could no longer surely be followed; look there, and draw another box.").format(
                    frame=frame
                )
            )
    output.data({"plan": arguments.out, "first": first, "last": last, "begins": followed.begins, "ends": followed.ends})
    return 0


def _in_release(arguments: argparse.Namespace, region: Region, settings: Settings, output: Output) -> int:
    if Path(arguments.target).is_file():
        raise ActionRequired("user", _("Say where the plan of this file has to be written: give --out FILE."))
    context = build(settings)
    with context.unit_of_work() as uow:
        id_ = release_id(uow, arguments.target)
        who = actor(arguments, settings)
        asked = regions.ask(
            uow, context.blobs, id_, region, reason=arguments.reason, actor=who, at=context.now()
        )  # fmt: skip
        uow.commit()
    output.say(_("Region {number} will be followed; «vrijgave review» shows its track.").format(number=asked.number))
    output.data({"release": id_, "region": asked.number, "state": asked.state})
    return 0


def _drop(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    context = build(settings)
    with context.unit_of_work() as uow:
        id_ = release_id(uow, arguments.target)
        who = actor(arguments, settings)
        regions.drop(uow, id_, arguments.drop, reason=arguments.reason, actor=who, at=context.now())
        uow.commit()
    output.say(_("Region {number} is dropped.").format(number=arguments.drop))
    output.data({"release": id_, "region": arguments.drop})
    return 0


def _boxes(arguments: argparse.Namespace) -> tuple[DrawnBox, ...]:
    """Each --frame with its --box, by frame."""
    frames, boxes = arguments.frame, arguments.box
    if not frames or len(frames) != len(boxes):
        raise Rejected("region", _("Give a --box for each --frame, for instance --frame 120 --box 600,200,40,50."))
    drawn = [DrawnBox(frame=frame, xyxy=_corners(text)) for frame, text in zip(frames, boxes, strict=True)]
    return tuple(sorted(drawn, key=lambda box: box.frame))


def _corners(text: str) -> tuple[float, float, float, float]:
    match = BOX.fullmatch(text.strip())
    if match is None:
        raise Rejected("region", _("«{text}» is no X,Y,W,H, for instance 600,200,40,50.").format(text=text))
    x, y, width, height = (float(value) for value in match.groups())
    return x, y, x + width, y + height
