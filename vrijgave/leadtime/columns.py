"""What is counted of all releases, as arrays with a place for each: read once, asked often, changed in place."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.cases import PublicationStage
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.packing import CELL, MEASURES, NEVER, NOWHERE, ON_PLATFORM, OWN, REST, WHOLE, Numbers, pack
from vrijgave.leadtime.record import Record
from vrijgave.leadtime.spreads import Kinds, Seconds
from vrijgave.leadtime.stages import Measure, Result, Stage
from vrijgave.leadtime.view import Hours

Places = NDArray[np.intp]
_T = TypeVar("_T", bound=np.generic)
FACTS = ("unit", "offence", "footage", "state")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_WHOLE = {measure: place for place, measure in enumerate(MEASURES)}
_OWN = {measure: place for place, measure in enumerate(ON_PLATFORM)}
_SHARED = frozenset({*Result, *(stage for stage in Stage if not stage.per_platform)})
_REST = {name: CELL * len(MEASURES) + place for place, name in enumerate(REST)}
_SIDES = (Hours.ELAPSED, Hours.OFFICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Releases as the store gives them. ``facts``: one text for each release, by name: ``FACTS`` and ``number``.

    What platforms a release had is forgotten when the release is taken in; ``owners`` may be releases of before.
    """

    ids: Sequence[str]
    facts: Mapping[str, Sequence[str]]
    whole: Numbers
    """[releases, numbers]"""
    owners: Sequence[str]
    platforms: Sequence[str]
    own: Numbers
    """[rows of platforms, numbers]; ``owners`` has the release of each."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One measure of some releases. Lengths as ``packing`` has them; all of one length, [releases]."""

    kinds: Kinds
    """``NOWHERE`` where a release has not that measure."""
    low: Seconds
    high: Seconds
    held: Seconds


@dataclass(frozen=True, slots=True)
class Known:
    """One measure of some releases at a moment, in seconds; all of one length, [releases]."""

    kinds: Kinds
    low: Seconds
    high: Seconds
    _held: Seconds
    _at: int

    @property
    def held(self) -> Seconds:
        """How much of it was held."""
        return told(self._held, self._at)

    def where(self, some: NDArray[np.bool_] | slice) -> Known:
        """Those of ``some``."""
        return Known(self.kinds[some], self.low[some], self.high[some], self._held[some], self._at)


class _Table:
    """Measures of releases, or of their platforms: arrays that grow at the end."""

    def __init__(self, measures: int, more: Sequence[str]) -> None:
        self.kinds: Kinds = np.empty((measures, 0), np.int8)
        self.lengths: Seconds = np.empty((2, 3, measures, 0), np.int64)
        self.more: dict[str, Seconds] = {name: np.empty(0, np.int64) for name in more}
        self.size = 0

    def put(self, places: Places, numbers: Numbers) -> None:
        """Write rows of numbers at ``places``, those at the end new."""
        self._grow(int(places.max(initial=-1)) + 1)
        measures = len(self.kinds)
        cells = numbers[:, : CELL * measures].reshape(-1, measures, CELL)
        self.kinds[:, places] = cells[:, :, 0].T
        for i in range(2):
            for j in range(3):
                self.lengths[i, j][:, places] = cells[:, :, 2 + 3 * i + j].T
        for place, values in enumerate(self.more.values(), start=CELL * measures):
            values[places] = numbers[:, place]

    def _grow(self, size: int) -> None:
        if size > self.kinds.shape[-1]:
            spare = max(64, size // 8)
            self.kinds = _longer(self.kinds, size + spare)
            self.lengths = _longer(self.lengths, size + spare)
            self.more = {name: _longer(values, size + spare) for name, values in self.more.items()}
        self.size = max(self.size, size)

    def cells(self, row: int, hours: Hours, places: Places | slice) -> Cells:
        low, high, held = (side[row, places] for side in self.lengths[_SIDES.index(hours)])
        return Cells(self.kinds[row, places], low, high, held)


@dataclass(slots=True)
class Fact:
    """One text for each release, as a number: its place in ``values``."""

    values: list[str] = field(default_factory=list)
    codes: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    _known: dict[str, int] = field(default_factory=dict)
    _size: int = 0

    def put(self, places: Places, texts: Sequence[str]) -> None:
        """Write ``texts`` at ``places``."""
        if len(places) and places.max() >= len(self.codes):
            self.codes = _longer(self.codes, int(places.max()) + 1 + len(self.codes) // 8)
        self._size = max(self._size, int(places.max(initial=-1)) + 1)
        self.codes[places] = [self._code(text) for text in texts]

    def there(self) -> list[str]:
        """Each text that some release has."""
        return sorted(self.values[code] for code in np.unique(self.codes[: self._size]).tolist())

    def _code(self, text: str) -> int:
        code = self._known.setdefault(text, len(self.values))
        if code == len(self.values):
            self.values.append(text)
        return code

    def is_(self, text: str, places: Places) -> NDArray[np.bool_]:
        """Which of ``places`` have ``text``."""
        found: NDArray[np.bool_] = self.codes[places] == self._known.get(text, NOWHERE)
        return found


class Columns:
    """A place for each release, in the order in which they were first taken in. Not for two threads at once."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.numbers: list[str] = []
        self.facts = {name: Fact() for name in (*FACTS, "stage")}
        self.platforms: tuple[str, ...] = ()
        self._places: dict[str, int] = {}
        self._kept: dict[Hashable, Seconds] = {}
        self._whole = _Table(len(MEASURES), REST)
        self._own = _Table(len(ON_PLATFORM), ("public",))
        self._entries = np.empty((0, 0), np.int64)
        """[platforms, releases]: the place among the rows of platforms, or ``NOWHERE``."""
        self._free: list[int] = []
        """Places among those rows that nobody has any more."""

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Rows) -> None:
        """Put ``rows`` in the place of what there was of these releases."""
        rank, count = self._kept.get("rank"), len(self)
        self._kept.clear()
        places = np.array([self._place(id_) for id_ in rows.ids], np.intp)
        for place, number in zip(places.tolist(), rows.facts["number"], strict=True):
            self.numbers[place] = number
        for name in FACTS:
            self.facts[name].put(places, rows.facts[name])
        stages = ("", *(stage.value for stage in PublicationStage))
        permitted = rows.whole[:, _REST["permitted"]].tolist()
        self.facts["stage"].put(places, [stages[place + 1] for place in permitted])
        self._whole.put(places, rows.whole)
        self._take_platforms(places, rows)
        if rank is not None and len(self) == count:
            self._kept["rank"] = rank

    def _take_platforms(self, places: Places, rows: Rows) -> None:
        self.platforms += tuple(sorted(set(rows.platforms) - set(self.platforms)))
        known = np.full((len(self.platforms), self._whole.kinds.shape[-1]), NOWHERE, np.int64)
        known[: self._entries.shape[0], : self._entries.shape[1]] = self._entries
        left = known[:, places]
        self._free += left[left != NOWHERE].tolist()
        known[:, places] = NOWHERE
        size = self._own.size
        new = [self._free.pop() if self._free else (size := size + 1) - 1 for _owner in rows.owners]
        entries = np.array(new, np.intp)
        slots = [self.platforms.index(platform) for platform in rows.platforms]
        known[slots, [self._places[id_] for id_ in rows.owners]] = entries
        self._entries = known
        self._own.put(entries, rows.own)

    def _place(self, release_id: str) -> int:
        place = self._places.setdefault(release_id, len(self.ids))
        if place == len(self.ids):
            self.ids.append(release_id)
            self.numbers.append("")
        return place

    def slot(self, platform: str | None) -> int:
        """Where ``platform`` stands among the platforms; 0 for None. Raises ``ValueError`` for one that nobody has."""
        return 0 if platform is None else 1 + self.platforms.index(platform)

    def has(self, slot: int) -> NDArray[np.bool_]:
        """Which releases have the platform; all have the first, which stands for all."""
        if slot == 0:
            return np.full(len(self), True)
        found: NDArray[np.bool_] = self._entries[slot - 1, : len(self)] != NOWHERE
        return found

    def public(self, slot: int) -> Seconds:
        """Since when each was public there, seconds since 1970, or ``NEVER``."""
        if slot == 0:
            return self.rest("published")
        entries = self._entries[slot - 1, : len(self)]
        return np.where(entries == NOWHERE, NEVER, self._own.more["public"][entries])

    def rest(self, name: str) -> Seconds:
        """One of ``packing.REST`` of each release."""
        return self._whole.more[name][: len(self)]

    def rank(self) -> Seconds:
        """The place of each release in the order of their ids."""
        return self.kept("rank", lambda: np.argsort(np.argsort(np.array(self.ids))))

    def cells(self, measure: Measure, slot: int, hours: Hours, places: Places) -> Cells:
        """``measure`` of the releases at ``places``, which all have the platform."""
        if slot == 0 or measure in _SHARED:
            return self._whole.cells(_WHOLE[measure], hours, slice(len(self)) if self._is_all(places) else places)
        return self._own.cells(_OWN[measure], hours, self._entries[slot - 1, places])

    def of(self, measure: Measure, slot: int, hours: Hours, at: int, places: Places) -> Known:
        """``measure`` at the moment ``at``, without those who have it not."""
        cells = self.cells(measure, slot, hours, places)
        there = cells.kinds != NOWHERE
        if not there.all():
            cells = Cells(cells.kinds[there], cells.low[there], cells.high[there], cells.held[there])
        return Known(cells.kinds, told(cells.low, at), told(cells.high, at), cells.held, at)

    def kept(self, key: Hashable, make: Callable[[], Seconds]) -> Seconds:
        """What ``make`` gives, made once until something is taken in."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def _is_all(self, places: Places) -> bool:
        """Whether ``places`` are all in order; copies of everything are dear."""
        return len(places) == len(self) and bool((places == np.arange(len(self))).all())


def rows_of(pairs: Sequence[tuple[Record, Record]], office: WorkingHours) -> Rows:
    """Records as they stand at ``packing.FAR`` and at ``packing.FARTHER``, as the store would give them."""
    packed = [(far.release_id, pack(far, farther, office)) for far, farther in pairs]
    own = [(id_, platform, row) for id_, rows in packed for platform, row in rows.items() if platform]
    far = [pair[0] for pair in pairs]
    return Rows(
        ids=[id_ for id_, _rows in packed],
        facts={
            "number": [r.number for r in far],
            "unit": [r.unit for r in far],
            "offence": [r.offence for r in far],
            "footage": [r.footage.value for r in far],
            "state": [r.state.value for r in far],
        },
        whole=numbers([rows[""] for _id, rows in packed], WHOLE),
        owners=[id_ for id_, _platform, _row in own],
        platforms=[platform for _id, platform, _row in own],
        own=numbers([row for _id, _platform, row in own], OWN),
    )


def numbers(rows: Sequence[bytes], width: int) -> Numbers:
    """Rows of so many numbers as a table: [rows, numbers]. Raises ``ValueError`` for rows of another width."""
    return np.frombuffer(b"".join(rows), "<i8").reshape(-1, width)


def told(packed: Seconds, at: int) -> Seconds:
    """Packed lengths in seconds at the moment ``at``."""
    if not (packed & 1).any():
        return packed >> 1
    return np.where(packed & 1, np.maximum(0, (packed >> 1) + at), packed >> 1)


def _longer(array: NDArray[_T], size: int) -> NDArray[_T]:
    grown = np.empty((*array.shape[:-1], size), array.dtype)
    grown[..., : array.shape[-1]] = array
    return grown


FIRST_DAY = date(1970, 1, 1)
_DAYS = 36_525


@lru_cache(maxsize=4)
def midnights(zone: ZoneInfo) -> Seconds:
    """When each day begins in ``zone``, from ``FIRST_DAY`` for a hundred years; seconds since 1970."""
    days = (datetime.combine(FIRST_DAY + timedelta(days=n), time(0), zone) for n in range(_DAYS))
    return np.array([(day.astimezone(UTC) - _EPOCH) // _SECOND for day in days], np.int64)


def days(moments: Seconds, zone: ZoneInfo) -> Seconds:
    """The day of each of ``moments`` in ``zone``, counted from ``FIRST_DAY``; ``NEVER`` stays."""
    return np.where(moments == NEVER, NEVER, np.searchsorted(midnights(zone), moments, side="right") - 1)
