"""What the review room draws, as the typed dictionaries of ``room_types``."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from vrijgave.domain.edits import FIRST_MADE, AddBox, Aspect, EditLog
from vrijgave.domain.frame_map import FrameMap
from vrijgave.domain.notes import Note
from vrijgave.domain.people import Account
from vrijgave.domain.regions import RegionRequest, RegionState
from vrijgave.domain.tracks import Action, Track
from vrijgave.redaction.cutouts import cutout_name
from vrijgave.redaction.plan import exemptions, ranges
from vrijgave.services.room import OPEN_IN, Room
from vrijgave.settings import Settings
from vrijgave.web import words
from vrijgave.web.room_words import cause_words, edit_words
from vrijgave.web.views import room_types as t

LATEST_EDITS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """For whom a room is drawn: who it is, what they have seen of it, and how times are said."""

    account: Account
    settings: Settings
    thumb: Callable[[int], str]
    """Address of the picture of a track."""


def room_state(room: Room, reader: Reader, *, with_keys: bool) -> t.RoomState:
    """All of the room."""
    tracks = _tracks(room, reader, None, with_keys=with_keys)
    return {**_shared(room, reader, tracks, []), "me": reader.account.name, "video": _video(room)}


def room_changes(room: Room, reader: Reader, since: int, mark: str) -> t.RoomChanges:
    """What changed after version ``since`` of the log; ``mark`` is that of the answer that the page has."""
    if not 0 <= since <= room.log.version:
        since, mark = 0, ""
    about = {each for edit in room.log.edits[since:] for each in room.log.subjects(edit)}
    touched = {each for each in about if not isinstance(each, Aspect)}
    touched |= _new_in_analysis(room, mark)
    there = {track.id for track in room.now.analysis.tracks}
    tracks = _tracks(room, reader, touched, with_keys=True)
    return _shared(room, reader, tracks, sorted(touched - there))


def room_same(room: Room, reader: Reader) -> t.RoomSame:
    """Nothing changed but, perhaps, who looks along."""
    return {"same": True, "version": room.log.version, "mark": mark_of(room), "others": _others(room, reader)}


def window(room: Room, first: int, last: int) -> list[t.TrackKeys]:
    """The keyframes between which the boxes of the frames ``first`` to ``last`` lie."""
    found = []
    for track in room.now.analysis.tracks:
        if track.first > last or track.last < first:
            continue
        keys = room.data.keyframes[track.id]
        low = max(0, int(keys.frames.searchsorted(first, "right")) - 1)
        high = int(keys.frames.searchsorted(last, "left")) + 1
        found.append(t.TrackKeys(id=track.id, keys=keys.to_list()[low:high]))
    return found


def mark_of(room: Room) -> str:
    """Names what the room shows: the analysis with its highest number, the log, and all else that can change."""
    rest = (
        room.release.state, room.release.revision, room.release.message,
        tuple((n.number, len(n.entries)) for n in room.notes),
        tuple((r.number, r.state) for r in room.regions),
    )  # fmt: skip
    digest = sha256(repr(rest).encode()).hexdigest()[:12]
    return f"{room.analysis_sha256[:12]}.{_highest(room)}.{room.log.version}.{digest}"


def _highest(room: Room) -> int:
    return max((track.id for track in room.base.tracks), default=0)


def _new_in_analysis(room: Room, mark: str) -> set[int]:
    """Tracks that a later analysis added to the one of ``mark``: analyses of one release only ever add tracks."""
    parts = mark.split(".")
    if len(parts) != 4 or not parts[1].isdecimal():
        return {track.id for track in room.now.analysis.tracks}
    if parts[0] == room.analysis_sha256[:12]:
        return set()
    return {track.id for track in room.base.tracks if track.id > int(parts[1])}


def _shared(room: Room, reader: Reader, tracks: list[t.TrackEntry], gone: list[int]) -> t.RoomChanges:
    plan, name, revision = room.now.plan, reader.account.name, room.release.revision
    changeable = room.release.state in OPEN_IN
    return {
        "version": room.log.version,
        "mark": mark_of(room),
        "state": room.release.state.value,
        "revision": revision,
        "tracks": tracks,
        "gone": gone,
        "uncertain": _doubts(room),
        "notes": [_note(note, reader) for note in room.notes],
        "regions": [_region(request, room) for request in room.regions],
        "sound": [
            {"start_ms": span.start_ms, "stop_ms": span.stop_ms, "sound": span.sound.value} for span in plan.sounds()
        ],
        "trim": None if plan.trim is None else {"first": plan.trim.first, "last": plan.trim.last},
        "style": plan.style.value,
        "can": {
            "undo": changeable and room.log.next_undo(name, revision) is not None,
            "redo": changeable and room.log.next_redo(name, revision) is not None,
        },
        "edits": _edits(room.log, reader),
        "others": _others(room, reader),
    }


def _video(room: Room) -> t.VideoFacts:
    mapped = room.frame_map
    seconds = float(mapped.frame_count / mapped.rate)
    return {
        "width": room.base.width,
        "height": room.base.height,
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


def _tracks(room: Room, reader: Reader, only: Collection[int] | None, *, with_keys: bool) -> list[t.TrackEntry]:
    """The tracks ``only``, or all; and always those that are shown, for what shows of them depends on the others."""
    shown = {e.track.id: [list(run) for run in ranges(e.frames)] for e in exemptions(room.now.analysis, room.now.plan)}
    risks: dict[int, float] = {}
    for span in room.data.spans:
        risks.setdefault(span.track_id, span.risk)  # riskiest first
    drawn = {request.track_id for request in room.regions}
    entries = []
    for track in room.now.analysis.tracks:
        if only is not None and track.id not in only and track.id not in shown:
            continue
        entry = _entry(track, room, drawn, reader) | {
            "shown_in": shown.get(track.id, []),
            "risk": round(risks.get(track.id, 0.0), 3),
        }
        if with_keys:
            entry["keys"] = room.data.keyframes[track.id].to_list()
        entries.append(entry)
    return entries


def _entry(track: Track, room: Room, drawn: Collection[int | None], reader: Reader) -> t.TrackEntry:
    decision = room.now.plan.decision(track.id)
    clearest = track.clearest
    pictured = cutout_name(track.id, clearest) in room.pictures
    shows = decision is not None and decision.action is Action.SHOW
    return {
        "id": track.id,
        "kind": track.kind.value,
        "origin": _origin(track.id, room.log, drawn),
        "first": track.first,
        "last": track.last,
        "parts": [list(run) for run in ranges(track.frames)],
        "shown": shows,
        "shown_in": [],
        "anchor": decision.anchor if decision is not None and shows else None,
        "reason": decision.reason if decision is not None else "",
        "risk": 0.0,
        "clearest": clearest,
        "placed": list(room.now.placed.get(track.id, ())),
        "thumb": reader.thumb(track.id) if pictured else None,
    }


def _origin(number: int, log: EditLog, drawn: Collection[int | None]) -> str:
    """Found by a detector, drawn by a person, or made of another track."""
    if number < FIRST_MADE:
        return "drawn" if number in drawn else "found"
    made_by = log.get(number - FIRST_MADE)
    return "drawn" if made_by is not None and isinstance(made_by.change, AddBox) else "made"


def _doubts(room: Room) -> list[t.Doubt]:
    said = {span.cause: cause_words(span.cause) for span in room.data.spans}
    return [
        {
            "track": span.track_id,
            "first": span.first,
            "last": span.last,
            "frame": span.frame,
            "why": span.cause.value,
            "words": said[span.cause],
            "risk": round(span.risk, 3),
            "other": span.other,
        }
        for span in room.data.spans
    ]


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


def _region(request: RegionRequest, room: Room) -> t.RegionFacts:
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
        "message": (room.release.message or "") if request.state is RegionState.FAILED else "",
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


def _others(room: Room, reader: Reader) -> list[t.Watcher]:
    return [{"name": one.actor, "at": words.moment(one.seen_at, reader.settings)} for one in room.others]
