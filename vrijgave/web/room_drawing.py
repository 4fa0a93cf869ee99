"""What the pages of a review room have been told: each track as JSON, made once, and sent again only when it changes.

Every change of a track has a number that grows. A page names the number up to which it knows, and gets what is later. A
drawing lives in one process: a page that comes from another, or from before a restart, gets everything.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from secrets import token_hex
from threading import Lock
from typing import Generic, TypeVar

KEPT = 8
"""Drawings in memory: rooms that are open, in each language."""
Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True)
class Piece(Generic[Facts]):
    """A track as it was told; ``facts`` are all that its text was made from, None where the track is gone."""

    changed: int
    facts: Facts | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a page has to be told: tracks as JSON and numbers of those that are gone; ``whole``: it knows none."""

    upto: str
    whole: bool
    tracks: list[str]
    gone: list[int]


class Drawing(Generic[Facts]):
    """One room as it was told last."""

    def __init__(self) -> None:
        self._name = token_hex(6)
        self._lock = Lock()
        self._number = 0
        self._pieces: dict[int, Piece[Facts]] = {}

    def tell(self, tracks: Iterable[tuple[int, Facts]], write: Callable[[Facts], str], known: str) -> Told:
        """Bring the drawing to ``tracks``, each with its number, and say what is new to a page that knows it up to
        ``known``. ``write`` makes the JSON of one."""
        with self._lock:
            self._bring_to(tracks, write)
            name, _dot, upto = known.partition("-")
            whole = name != self._name or not upto.isdecimal() or int(upto) > self._number
            since = -1 if whole else int(upto)
            new = [(number, piece) for number, piece in self._pieces.items() if piece.changed > since]
            return Told(
                upto=f"{self._name}-{self._number}",
                whole=whole,
                tracks=[piece.text for _number, piece in new if piece.facts is not None],
                gone=[] if whole else [number for number, piece in new if piece.facts is None],
            )

    def _bring_to(self, tracks: Iterable[tuple[int, Facts]], write: Callable[[Facts], str]) -> None:
        number, before = self._number + 1, self._pieces
        after: dict[int, Piece[Facts]] = {}
        for track, facts in tracks:
            piece = before.get(track)
            if piece is None or piece.facts != facts:
                piece = Piece(number, facts, write(facts))
            after[track] = piece
        for track, old in before.items():
            if track not in after:
                after[track] = old if old.facts is None else Piece(number, None, "")
        if any(piece.changed == number for piece in after.values()):
            self._number = number
        self._pieces = after


class Drawings(Generic[Facts]):
    """The drawings of a process, those used last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, ...], Drawing[Facts]] = OrderedDict()

    def of(self, *key: str) -> Drawing[Facts]:
        """The drawing under ``key``: a release, and the language."""
        with self._lock:
            drawing = self._known.setdefault(key, Drawing())
            self._known.move_to_end(key)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return drawing
