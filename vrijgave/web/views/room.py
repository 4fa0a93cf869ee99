"""What the review room draws, as JSON of the typed dictionaries of ``room_types``."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from vrijgave.domain.edits import FIRST_MADE, AddBox, EditLog
from vrijgave.domain.frame_map import FrameMap
from vrijgave.domain.notes import Note
from vrijgave.domain.people import Account
from vrijgave.domain.regions import RegionRequest, RegionState
from vrijgave.domain.releases import Release
from vrijgave.domain.tracks import Action, Decision, Track
from vrijgave.redaction.keyframes import Keyframes
from vrijgave.redaction.plan import ranges
from vrijgave.redaction.review_data import UncertainSpan
from vrijgave.services.room import OPEN_IN, Glimpse, Room
from vrijgave.settings import Settings
from vrijgave.web import words
from vrijgave.web.room_drawing import Drawing
from vrijgave.web.room_words import cause_words, edit_words
from vrijgave.web.views import room_types as t

LATEST_EDITS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """For whom a room is drawn: who it is, how times are said, and where the pictures of tracks are."""

    account: Account
    settings: Settings
    thumb: Callable[[int], str]
    drawing: Drawing[TrackFacts]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFacts:
    """All that the entry of a track is made from; tracks and keyframes are the same only when they are one object."""

    track: Track
    keys: Keyframes
    doubts: tuple[UncertainSpan, ...]
    origin: str
    decision: Decision | None
    shown_in: tuple[tuple[int, int], ...]
    placed: tuple[int, ...]
    pictured: bool


def room_state(room: Room, reader: Reader) -> str:
    """All of the room, as the JSON of ``RoomState``."""
    more = {"me": reader.account.name, "video": _video(room)}
    return _joined(room, reader, "", more)


def room_changes(room: Room, reader: Reader, mark: str) -> str:
    """What is new to a page whose last answer had ``mark``, as the JSON of ``RoomChanges``."""
    return _joined(room, reader, mark.partition(".")[2], {})


def room_same(seen: Glimpse, mark: str, reader: Reader) -> str:
    """Nothing changed but, perhaps, who looks along; as the JSON of ``RoomSame``."""
    same: t.RoomSame = {"same": True, "version": seen.version, "mark": mark, "others": _others(seen, reader)}
    return _text(same)


def is_same(seen: Glimpse, mark: str) -> bool:
    """Whether a page whose last answer had ``mark`` knows all."""
    return mark.partition(".")[0] == _digest(seen)


def _digest(seen: Glimpse) -> str:
    """Names all that a room shows, save who else is there."""
    shown = (
        seen.analysis.sha256, seen.version, seen.release.state, seen.release.revision, seen.release.message,
        [(note.number, len(note.entries)) for note in seen.notes],
        [(request.number, request.state) for request in seen.regions],
    )  # fmt: skip
    return sha256(repr(shown).encode()).hexdigest()[:16]


def _joined(room: Room, reader: Reader, known: str, more: Mapping[str, object]) -> str:
    told = reader.drawing.tell(_facts(room), lambda facts: _text(_entry(facts, reader)), known)
    mark = {"mark": f"{_digest(room.seen)}.{told.upto}", "whole": told.whole, "gone": told.gone}
    rest = _text({**_shared(room, reader), **mark, **more})
    return f'{rest[:-1]},"tracks":[{",".join(told.tracks)}]}}'


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shared(room: Room, reader: Reader) -> t.RoomFacts:
    plan, release, name = room.now.plan, room.seen.release, reader.account.name
    changeable = release.state in OPEN_IN
    return {
        "version": room.seen.version,
        "state": release.state.value,
        "revision": release.revision,
        "notes": [_note(note, reader) for note in room.seen.notes],
        "regions": [_region(request, release) for request in room.seen.regions],
        "sound": [
            {"start_ms": span.start_ms, "stop_ms": span.stop_ms, "sound": span.sound.value} for span in plan.sounds()
        ],
        "trim": None if plan.trim is None else {"first": plan.trim.first, "last": plan.trim.last},
        "style": plan.style.value,
        "can": {
            "undo": changeable and room.log.next_undo(name, release.revision) is not None,
            "redo": changeable and room.log.next_redo(name, release.revision) is not None,
        },
        "edits": _edits(room.log, reader),
        "others": _others(room.seen, reader),
    }


def _video(room: Room) -> t.VideoFacts:
    mapped = room.frame_map
    seconds = float(mapped.frame_count / mapped.rate)
    return {
        "width": room.now.analysis.width,
        "height": room.now.analysis.height,
        "rate": [mapped.rate.numerator, mapped.rate.denominator],
        "frames": mapped.frame_count,
        "duration": f"{int(seconds) // 60}:{int(seconds) % 60:02d}",
        "duration_s": round(seconds, 3),
        "times_ms": _times(mapped),
        "silent": mapped.sound is None,
        "sound_whole": mapped.sound is None or mapped.sound.is_whole,
        "unreadable": list(mapped.unreadable),
    }


def _times(mapped: FrameMap) -> list[int] | None:
    """When each frame was, in milliseconds after the first; None where they are evenly apart."""
    if len({after - before for before, after in pairwise(mapped.pts)}) <= 1:
        return None
    return [round((pts - mapped.pts[0]) * mapped.time_base * 1000) for pts in mapped.pts]


def _facts(room: Room) -> Iterator[tuple[int, TrackFacts]]:
    """What the entry of each track is made from."""
    shown = room.shown
    decisions = {decision.track_id: decision for decision in room.now.plan.decisions}  # the latest of each
    drawn = {request.track_id for request in room.seen.regions}
    for track in room.now.analysis.tracks:
        yield (
            track.id,
            TrackFacts(
                track=track,
                keys=room.data.keyframes[track.id],
                doubts=room.data.spans_of.get(track.id, ()),
                origin=_origin(track.id, room.log, drawn),
                decision=decisions.get(track.id),
                shown_in=shown.get(track.id, ()),
                placed=room.now.placed.get(track.id, ()),
                pictured=track.id in room.pictured,
            ),
        )


def _entry(facts: TrackFacts, reader: Reader) -> t.TrackEntry:
    track, decision = facts.track, facts.decision
    shows = decision is not None and decision.action is Action.SHOW
    return {
        "id": track.id,
        "kind": track.kind.value,
        "origin": facts.origin,
        "first": track.first,
        "last": track.last,
        "parts": [list(run) for run in ranges(track.frames)],
        "shown": shows,
        "shown_in": [list(run) for run in facts.shown_in],
        "anchor": decision.anchor if decision is not None and shows else None,
        "reason": decision.reason if decision is not None else "",
        "risk": round(max((span.risk for span in facts.doubts), default=0.0), 3),
        "clearest": track.clearest,
        "placed": list(facts.placed),
        "thumb": reader.thumb(track.id) if facts.pictured else None,
        "keys": facts.keys.to_list(),
        "doubts": [_doubt(span) for span in facts.doubts],
    }


def _origin(number: int, log: EditLog, drawn: Collection[int | None]) -> str:
    """Found by a detector, drawn by a person, or made of another track."""
    if number < FIRST_MADE:
        return "drawn" if number in drawn else "found"
    made_by = log.get(number - FIRST_MADE)
    return "drawn" if made_by is not None and isinstance(made_by.change, AddBox) else "made"


def _doubt(span: UncertainSpan) -> t.Doubt:
    return {
        "track": span.track_id,
        "first": span.first,
        "last": span.last,
        "frame": span.frame,
        "why": span.cause.value,
        "words": cause_words(span.cause),
        "risk": round(span.risk, 3),
        "other": span.other,
    }


def _note(note: Note, reader: Reader) -> t.NoteFacts:
    return {
        "number": note.number,
        "frame": note.frame,
        "box": None if note.box is None else list(note.box),
        "text": note.text,
        "author": note.author,
        "at": words.moment(note.at, reader.settings),
        "open": note.is_open,
        "answers": [
            {"text": entry.text, "author": entry.author, "at": words.moment(entry.at, reader.settings)}
            for entry in note.answers
        ],
    }


def _region(request: RegionRequest, release: Release) -> t.RegionFacts:
    drawn = request.region.boxes[0]
    return {
        "number": request.number,
        "state": request.state.value,
        "kind": request.region.kind.value,
        "frame": drawn.frame,
        "box": list(drawn.xyxy),
        "track": request.track_id,
        "reason": request.reason,
        "author": request.actor,
        "message": (release.message or "") if request.state is RegionState.FAILED else "",
    }


def _edits(log: EditLog, reader: Reader) -> list[t.EditFacts]:
    return [
        {
            "number": edit.number,
            "actor": edit.actor,
            "at": words.moment(edit.at, reader.settings),
            "words": edit_words(log, edit),
            "reason": edit.reason,
            "holds": edit.number not in log.taken_back,
        }
        for edit in log.edits[-LATEST_EDITS:]
    ]


def _others(seen: Glimpse, reader: Reader) -> list[t.Watcher]:
    return [{"name": one.actor, "at": words.moment(one.seen_at, reader.settings)} for one in seen.others]
