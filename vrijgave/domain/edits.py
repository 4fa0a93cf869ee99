"""The edits of a review: what a person changes, one value for each kind of change, and the log that they make up.

The log is only ever added to. Taking an edit back is an edit too, and so is doing it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, cast

from pydantic import Field, TypeAdapter, ValidationError

from vrijgave.domain.regions import DrawnBox, Region
from vrijgave.domain.spans import Sound, SoundSpan, Trim
from vrijgave.domain.tracks import Action, CoverStyle, Decision, Plan
from vrijgave.errors import Rejected
from vrijgave.i18n import _

FIRST_MADE = 1_000_000
"""Tracks that edits make are numbered from here on, so that they never meet those of an analysis."""
LONGEST_REACH = 10_000
"""Frames."""
Number = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Leave a track visible, as far as it is surely the subject that was seen in frame ``anchor``; without one, in the
    frame in which it is clearest."""

    track: int
    anchor: Number | None = None
    kind: Literal["show"] = "show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hide:
    """Cover a track: the end of all that was shown of it."""

    track: int
    kind: Literal["hide"] = "hide"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveBox:
    """Bring the box of a track to ``box`` in its frame, and those beside it with it, less and less up to ``reach``
    frames away or to the next frame whose box a person has placed."""

    track: int
    box: DrawnBox
    reach: Annotated[int, Field(ge=0, le=LONGEST_REACH)] = 0
    kind: Literal["move_box"] = "move_box"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """From ``frame`` on it is another subject: a new track."""

    track: int
    frame: Number
    kind: Literal["split"] = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """``other`` is the same subject and becomes part of ``track``."""

    track: int
    other: int
    kind: Literal["merge"] = "merge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Nothing is there that has to be covered: a false find."""

    track: int
    kind: Literal["delete"] = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """Cover the subject up to ``frame`` too, beyond its track's first or last: in place, or on the way to ``box``."""

    track: int
    frame: Number
    box: DrawnBox | None = None
    kind: Literal["extend"] = "extend"

    def __post_init__(self) -> None:
        if self.box is not None and self.box.frame != self.frame:
            raise Rejected("edit", _("The box has to be drawn on the frame up to which the track goes on."))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBox:
    """Cover what was drawn on a few frames: straight lines run between the boxes."""

    region: Region
    kind: Literal["add_box"] = "add_box"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSound:
    """What is heard in a stretch; for the whole footage it takes the place of all that was chosen before."""

    span: SoundSpan
    kind: Literal["set_sound"] = "set_sound"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTrim:
    """From which frame to which the release plays; None: all of the footage."""

    trim: Trim | None
    kind: Literal["set_trim"] = "set_trim"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStyle:
    """How covered faces look."""

    style: CoverStyle
    kind: Literal["set_style"] = "set_style"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Take back the edit with that number; of an undo, do again what it took back."""

    edit: Annotated[int, Field(ge=1)]
    kind: Literal["undo"] = "undo"


Shaping = Delete | Extend | Merge | MoveBox | Split
"""Changes of what a track is: whatever was shown of it is covered until a person decides anew."""
Change = Show | Hide | MoveBox | Split | Merge | Delete | Extend | AddBox | SetSound | SetTrim | SetStyle | Undo
_adapter: TypeAdapter[Any] = TypeAdapter(Annotated[Change, Field(discriminator="kind")])


def change_to_dict(change: Change) -> dict[str, Any]:
    """Plain values for JSON."""
    return cast(dict[str, Any], _adapter.dump_python(change, mode="json"))


def change_from_dict(value: Mapping[str, Any]) -> Change:
    """Inverse of ``change_to_dict``, for what comes from outside too. Raises ``Rejected``."""
    try:
        return cast(Change, _adapter.validate_python(dict(value)))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "kind"
        raise Rejected(
            "edit", _("The edit is wrong at «{where}»: {why}.").format(where=where, why=first["msg"])
        ) from error


class Aspect(StrEnum):
    """What an edit can be about, besides a track."""

    SOUND = "sound"
    TRIM = "trim"
    STYLE = "style"


Subject = int | Aspect
"""The number of a track, or what else an edit is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One entry of a release's log; ``number`` counts from 1."""

    number: int
    revision: int
    change: Change
    reason: str
    actor: str
    at: datetime

    @property
    def made(self) -> int:
        """The track that it makes, where it makes one."""
        return FIRST_MADE + self.number

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "number": self.number,
            "revision": self.revision,
            "change": change_to_dict(self.change),
            "reason": self.reason,
            "actor": self.actor,
            "at": self.at.isoformat(),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Edit:
        """Inverse of ``to_dict``."""
        return cls(
            number=int(value["number"]),
            revision=int(value["revision"]),
            change=change_from_dict(value["change"]),
            reason=str(value["reason"]),
            actor=str(value["actor"]),
            at=datetime.fromisoformat(value["at"]),
        )


@dataclass(frozen=True)
class EditLog:
    """All edits of a release up to a revision, numbered from 1 without a hole."""

    edits: tuple[Edit, ...] = ()

    @property
    def version(self) -> int:
        """The number of the last edit; 0 for an empty log."""
        return len(self.edits)

    def get(self, number: int) -> Edit | None:
        """The edit with that number, or None."""
        return self.edits[number - 1] if 0 < number <= len(self.edits) else None

    def grown(self, changes: Iterable[tuple[Change, str]], *, revision: int, actor: str, at: datetime) -> EditLog:
        """The log with changes of one person, each with its reason, at its end."""
        added = (
            Edit(number=number, revision=revision, change=change, reason=reason, actor=actor, at=at)
            for number, (change, reason) in enumerate(changes, start=self.version + 1)
        )
        return EditLog((*self.edits, *added))

    @cached_property
    def taken_back(self) -> frozenset[int]:
        """The numbers of the edits that do not hold."""
        numbers: set[int] = set()
        for edit in reversed(self.edits):
            if isinstance(edit.change, Undo) and edit.number not in numbers:
                numbers.add(edit.change.edit)
        return frozenset(numbers)

    @cached_property
    def in_force(self) -> tuple[Edit, ...]:
        """The edits that hold, in order, without those that only take back."""
        holding = (edit for edit in self.edits if edit.number not in self.taken_back)
        return tuple(edit for edit in holding if not isinstance(edit.change, Undo))

    def subjects(self, edit: Edit) -> frozenset[Subject]:
        """What an edit is about; of an undo, what the edit was about that it takes back."""
        match edit.change:
            case Undo(edit=number):
                undone = self.get(number)
                return frozenset() if undone is None else self.subjects(undone)
            case Merge(track=track, other=other):
                return frozenset({track, other})
            case Split(track=track):
                return frozenset({track, edit.made})
            case AddBox():
                return frozenset({edit.made})
            case SetSound():
                return frozenset({Aspect.SOUND})
            case SetTrim():
                return frozenset({Aspect.TRIM})
            case SetStyle():
                return frozenset({Aspect.STYLE})
            case (
                Show(track=track) | Hide(track=track) | MoveBox(track=track) | Delete(track=track) | Extend(track=track)
            ):
                return frozenset({track})

    def origin(self, number: int) -> Edit | None:
        """The edit at the root of that one: itself, or what an undo or the undo of an undo is about."""
        edit = self.get(number)
        while edit is not None and isinstance(edit.change, Undo):
            edit = self.get(edit.change.edit)
        return edit

    def built_on(self, number: int) -> Edit | None:
        """The first edit in force after the one at the root of ``number`` that is about the same, or None."""
        root = self.origin(number)
        if root is None:
            return None
        about = self.subjects(root)
        return next((e for e in self.in_force if e.number > root.number and about & self.subjects(e)), None)

    def clash(self, edit: Edit, base_version: int) -> Edit | None:
        """The first edit of somebody else, between ``base_version`` and ``edit``, that is about the same, or None."""
        about = self.subjects(edit)
        since = self.edits[base_version : edit.number - 1]
        return next((e for e in since if e.actor != edit.actor and about & self.subjects(e)), None)

    def next_undo(self, actor: str, revision: int) -> int | None:
        """The edit that this person would take back next, or None."""
        done, _undone = self._history(actor, revision)
        return done[-1] if done else None

    def next_redo(self, actor: str, revision: int) -> int | None:
        """The undo of this person that would be taken back next, or None; a new edit ends what can be done again."""
        _done, undone = self._history(actor, revision)
        return undone[-1] if undone else None

    def _history(self, actor: str, revision: int) -> tuple[list[int], list[int]]:
        """Of one person in one revision: edits that hold, and undos that hold, oldest first."""
        done: list[int] = []
        undone: list[int] = []
        for edit in self.edits:
            if edit.actor != actor or edit.revision != revision:
                continue
            if not isinstance(edit.change, Undo):
                done.append(edit.number)
                undone.clear()
            elif edit.change.edit in undone:  # done again
                undone.remove(edit.change.edit)
                root = self.origin(edit.number)
                done += [] if root is None else [root.number]
            elif edit.change.edit in done:
                done.remove(edit.change.edit)
                undone.append(edit.number)
        return done, undone


def planned(edits: Iterable[Edit], source_sha256: str) -> Plan:
    """What the edits in force decide, besides the tracks themselves."""
    plan = _Planned()
    for edit in edits:
        plan.take(edit)
    return Plan(
        source_sha256=source_sha256,
        decisions=tuple(plan.decisions),
        sound=plan.sound,
        sound_spans=tuple(plan.spans),
        style=plan.style,
        trim=plan.trim,
    )


class _Planned:
    """A plan on the way."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.sound = Sound.MUTE
        self.spans: list[SoundSpan] = []
        self.style = CoverStyle.OPAQUE
        self.trim: Trim | None = None

    def take(self, edit: Edit) -> None:
        """The next edit."""
        match edit.change:
            case Show(track=track, anchor=anchor):
                self._decide(edit, track, Action.SHOW, anchor)
            case Hide(track=track):
                self._decide(edit, track, Action.COVER)
            case SetSound(span=span) if span.is_whole:
                self.sound, self.spans = span.sound, []
            case SetSound(span=span):
                self.spans.append(span)
            case SetTrim(trim=trim):
                self.trim = trim
            case SetStyle(style=style):
                self.style = style
            case Delete() | Extend() | Merge() | MoveBox() | Split():
                self._forget(edit.change)
            case AddBox() | Undo():
                pass

    def _decide(self, edit: Edit, track: int, action: Action, anchor: int | None = None) -> None:
        self.decisions.append(
            Decision(track_id=track, action=action, reason=edit.reason, actor=edit.actor, at=edit.at, anchor=anchor)
        )

    def _forget(self, change: Shaping) -> None:
        """What was decided about a track holds no longer when it becomes another."""
        changed = {change.track} | ({change.other} if isinstance(change, Merge) else set())
        self.decisions = [decision for decision in self.decisions if decision.track_id not in changed]
