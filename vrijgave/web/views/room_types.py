"""What the review room's interface answers, as typed dictionaries: documented, checked, and free to make.

Frames are numbers of the frame map. Boxes are [x0, y0, x1, y1] in pixels of the upright source frame.
"""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic reads this one on Python 3.11

Run = list[int]
"""[first, last] frame."""


class VideoFacts(TypedDict):
    """The footage. ``times_ms``: when each frame was in the source, null where they are evenly apart."""

    width: int
    height: int
    rate: list[int]
    frames: int
    duration: str
    duration_s: float
    times_ms: list[int] | None
    silent: bool
    sound_whole: bool
    unreadable: list[int]


class Doubt(TypedDict):
    """Where to look first."""

    track: int
    first: int
    last: int
    frame: int
    why: str
    words: str
    risk: float
    other: int | None


class TrackEntry(TypedDict):
    """A track. ``keys``: [frame, x0, y0, x1, y1]; straight lines run between them within one of ``parts``."""

    id: int
    kind: str
    origin: str
    first: int
    last: int
    parts: list[Run]
    shown: bool
    shown_in: list[Run]
    anchor: int | None
    reason: str
    risk: float
    clearest: int
    placed: list[int]
    thumb: str | None
    keys: list[list[float]]
    doubts: list[Doubt]


class Answer(TypedDict):
    """An answer to a note."""

    text: str
    author: str
    at: str


class NoteFacts(TypedDict):
    """A note at a frame."""

    number: int
    frame: int
    box: list[float] | None
    text: str
    author: str
    at: str
    open: bool
    answers: list[Answer]


class RegionFacts(TypedDict):
    """What a person asked to be followed."""

    number: int
    state: str
    kind: str
    frame: int
    box: list[float]
    track: int | None
    reason: str
    author: str
    message: str


class SoundStretch(TypedDict):
    """What is heard in a stretch of the footage; ``stop_ms`` null: to the end."""

    start_ms: int
    stop_ms: int | None
    sound: str


class TrimFrames(TypedDict):
    """The release plays these frames."""

    first: int
    last: int


class EditFacts(TypedDict):
    """One entry of the log of edits."""

    number: int
    actor: str
    at: str
    words: str
    reason: str
    holds: bool


class Can(TypedDict):
    """What the person could take back or do again."""

    undo: bool
    redo: bool


class Watcher(TypedDict):
    """Somebody else who has the room open."""

    name: str
    at: str


class RoomFacts(TypedDict):
    """What the room shows besides its tracks; ``version`` is that of the log of edits."""

    version: int
    state: str
    revision: int
    notes: list[NoteFacts]
    regions: list[RegionFacts]
    sound: list[SoundStretch]
    trim: TrimFrames | None
    style: str
    can: Can
    edits: list[EditFacts]
    others: list[Watcher]


class RoomChanges(RoomFacts):
    """What is new: ``tracks`` that came or changed, and the numbers of those that are ``gone``.

    ``whole``: these tracks are all there are, whatever the page knew. ``mark`` names what the page knows from here on;
    it goes along with the next question.
    """

    mark: str
    whole: bool
    tracks: list[TrackEntry]
    gone: list[int]


class RoomState(RoomChanges):
    """Everything that the room draws."""

    me: str
    video: VideoFacts


class RoomSame(TypedDict):
    """Nothing changed since ``mark``."""

    same: bool
    version: int
    mark: str
    others: list[Watcher]
