"""The manifest of a covered video in words: what was covered and shown, cut, muted and edited, and the second look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vrijgave.domain.edits import (
    AddBox,
    Change,
    Delete,
    Extend,
    Hide,
    Merge,
    MoveBox,
    SetSound,
    SetStyle,
    SetTrim,
    Show,
    Split,
    Undo,
    change_from_dict,
)
from vrijgave.domain.spans import Sound
from vrijgave.domain.tracks import Action, CoverStyle, SubjectKind
from vrijgave.i18n import _
from vrijgave.settings import Settings
from vrijgave.web import words
from vrijgave.web.views.release import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTrack:
    """Somebody or something that stays visible, and why."""

    name: str
    frames: str
    reason: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditLine:
    """One edit of the review that holds."""

    words: str
    reason: str
    who: str
    uncovers: bool
    """It made the cover smaller than what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    """What the scan of the covered video saw."""

    clean: bool
    found: tuple[str, ...]
    models: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestView:
    """All of it."""

    facts: tuple[Fact, ...]
    shown: tuple[ShownTrack, ...]
    edits: tuple[EditLine, ...]
    second_look: SecondLook


def manifest_view(manifest: Mapping[str, Any], settings: Settings) -> ManifestView:
    """Of ``manifest`` as ``redaction.manifest`` wrote it."""
    return ManifestView(
        facts=_facts(manifest),
        shown=tuple(_shown(track) for track in manifest["tracks"] if track["action"] == Action.SHOW.value),
        edits=tuple(_edit(edit, settings) for edit in manifest["edits"]),
        second_look=_second_look(manifest),
    )


def _facts(manifest: Mapping[str, Any]) -> tuple[Fact, ...]:
    frames = int(manifest["frames"])
    covered = sum(last - first + 1 for first, last in manifest["frames_covered"])
    pairs = [
        *((_("Faces"), _counts(manifest, SubjectKind.FACE)), (_("Plates"), _counts(manifest, SubjectKind.PLATE))),
        (_("Frames with a cover"), _("{covered} of {all}").format(covered=covered, all=frames)),
        (_("Covered whole, since they could not be read"), str(len(manifest["frames_covered_whole"]) or "")),
        (_("How covers look"), _style(manifest)),
        (_("Sound"), sound_words(manifest["sound"])),
        (_("Plays"), _plays(manifest["trim"], frames)),
    ]
    return tuple(Fact(label=label, value=value) for label, value in pairs if value)


def _counts(manifest: Mapping[str, Any], kind: SubjectKind) -> str:
    actions = [track["action"] for track in manifest["tracks"] if track["kind"] == kind.value]
    shown = actions.count(Action.SHOW.value)
    return _("{covered} covered, {shown} shown").format(covered=len(actions) - shown, shown=shown)


def _style(manifest: Mapping[str, Any]) -> str:
    mosaic = "faces" in manifest["cover"]
    return words.spoken(CoverStyle.MOSAIC if mosaic else CoverStyle.OPAQUE)


def _plays(trim: Sequence[int] | None, frames: int) -> str:
    if trim is None:
        return _("all {frames} frames").format(frames=frames)
    return _("frames {first} to {last} of {frames}").format(first=trim[0], last=trim[1], frames=frames)


def sound_words(spans: Sequence[Sequence[Any]]) -> str:
    """Stretches of [sound, start in ms, stop in ms or None] after the first picture, in words."""
    if len(spans) == 1:
        return words.spoken(Sound(spans[0][0]))
    return ", ".join(f"{clock(start)}–{clock(stop)} {words.spoken(Sound(sound))}" for sound, start, stop in spans)


def clock(milliseconds: int | None) -> str:
    """Minutes and seconds of a video; None is its end."""
    if milliseconds is None:
        return _("end")
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes}:{seconds:02d}"


def _shown(track: Mapping[str, Any]) -> ShownTrack:
    return ShownTrack(
        name=_("{kind}, track {track}").format(kind=words.spoken(SubjectKind(track["kind"])), track=track["id"]),
        frames=", ".join(f"{first}–{last}" for first, last in track["exempt"]),
        reason=track["reason"],
        actor=track["actor"],
    )


def _edit(edit: Mapping[str, Any], settings: Settings) -> EditLine:
    at = words.moment(datetime.fromisoformat(edit["at"]), settings)
    return EditLine(
        words=edit_words(change_from_dict(edit["change"])),
        reason=edit["reason"],
        who=f"{edit['actor']}, {at}",
        uncovers=bool(edit["uncovers"]),
    )


def edit_words(change: Change) -> str:
    """What an edit does."""
    match change:
        case Show(track=track):
            return _("track {track} shown").format(track=track)
        case Hide(track=track):
            return _("track {track} covered").format(track=track)
        case MoveBox(track=track, box=box):
            return _("track {track} moved at frame {frame}").format(track=track, frame=box.frame)
        case Split(track=track, frame=frame):
            return _("track {track} split at frame {frame}").format(track=track, frame=frame)
        case Merge(track=track, other=other):
            return _("track {other} made part of track {track}").format(other=other, track=track)
        case Delete(track=track):
            return _("track {track} removed: a false find").format(track=track)
        case Extend(track=track, frame=frame):
            return _("track {track} goes on up to frame {frame}").format(track=track, frame=frame)
        case AddBox(region=region):
            return _("{kind} drawn at frame {frame}").format(
                kind=words.spoken(region.kind), frame=region.boxes[0].frame
            )
        case SetSound(span=span):
            return _("sound: {sound}").format(sound=sound_words([[span.sound, span.start_ms, span.stop_ms]]))
        case SetTrim(trim=trim):
            if trim is None:
                return _("plays all of the footage")
            return _("plays from frame {first} to {last}").format(first=trim.first, last=trim.last)
        case SetStyle(style=style):
            return _("covers look like: {style}").format(style=words.spoken(style))
        case Undo(edit=number):
            return _("edit {number} taken back").format(number=number)


def _second_look(manifest: Mapping[str, Any]) -> SecondLook:
    hits = manifest["second_look"]
    return SecondLook(
        clean=not hits,
        found=tuple(
            _("{kind} at frame {frame}").format(kind=words.spoken(SubjectKind(hit["kind"])), frame=hit["frame"])
            for hit in hits
        ),
        models=", ".join(dict.fromkeys(model["name"] for model in manifest["second_look_models"])),
    )
