"""When each picture of a file is to be seen: the frame count and the timestamps, from packets alone."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

TELEVISION = Fraction(1001, 1000)
SEARCH = 20_000
"""How many pictures in a row may be undecodable before the next one is no longer recognised by its timestamp."""
LATE = 64
"""How many places back a picture is looked for that the decoder gives too late: more than any decoder holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The pictures of a stream in presentation order.

    ``stamps`` are the file's own timestamps, ``pts`` the same ones repaired to increase strictly: two pictures on one
    moment lie one tick apart, and after a clock that jumped back time goes on where it was. Both in the time base of
    the stream. ``end`` is when the last picture ends. ``decoding_order``: the file tells when pictures are decoded and
    not when they are shown, as AVI does; then the n-th that the decoder gives is the n-th that is shown.
    """

    stamps: array[int]
    pts: array[int]
    end: int
    decoding_order: bool = False

    def __len__(self) -> int:
        return len(self.pts)

    def place(self, stamp: int | None, after: int, keyframe: bool = False) -> int | None:
        """The place of a decoded picture with timestamp ``stamp``, when ``after`` pictures are already placed.

        A timestamp that is further on means that what lies between was lost; an unknown one means the next place. None
        when its place is taken: damage made the decoder give it too late.
        """
        if stamp is None or (self.decoding_order and not keyframe):
            return after
        with suppress(ValueError):
            return self.stamps.index(stamp, after, after + SEARCH)
        return None if stamp in self.stamps[max(0, after - LATE) : after] else after

    def shifted(self, ticks: int) -> Timeline:
        """The same pictures ``ticks`` later; ``stamps`` stay the file's own."""
        if not ticks:
            return self
        return replace(self, pts=array("q", (p + ticks for p in self.pts)), end=self.end + ticks)

    def rate(self, declared: Iterable[Fraction | None], time_base: Fraction) -> tuple[Fraction | None, bool]:
        """(pictures a second, whether the rate varies).

        The rate is constant when every timestamp lies within one tick of it: containers such as Matroska round to
        milliseconds, so 30000/1001 is told by the ``declared`` rates and the usual ones, not by the differences.
        """
        known = [rate for rate in declared if rate]
        if len(self) < 2:
            return (known[0] if known else None), False
        measured = Fraction(len(self) - 1, 1) / ((self.pts[-1] - self.pts[0]) * time_base)
        for rate in [*filter(_is_usual, known), *_usual_near(measured), *known, measured]:
            if self._is_constant(1 / (rate * time_base)):
                return rate, False
        return measured, True

    def _is_constant(self, step: Fraction) -> bool:
        first, up, down = self.pts[0], step.numerator, step.denominator
        room = min(down, up / 4)  # one tick, but never so much that a picture left out goes by
        return all(abs((pts - first) * down - index * up) <= room for index, pts in enumerate(self.pts))


def _is_usual(rate: Fraction) -> bool:
    """A whole or half number of pictures a second, or that slowed down by 1000/1001 as television does."""
    return (2 * rate).denominator == 1 or (2 * rate * TELEVISION).denominator == 1


def _usual_near(rate: Fraction) -> tuple[Fraction, ...]:
    usual = Fraction(round(2 * rate), 2), Fraction(round(2 * rate * TELEVISION), 2) / TELEVISION
    return tuple(candidate for candidate in usual if candidate)


class TimelineBuilder:
    """Collects packets in decoding order."""

    def __init__(self, step: int) -> None:
        """``step``: ticks from one picture to the next, for packets without any time."""
        self._step = max(1, step)
        self._stamps: array[int] = array("q")
        self._pts: array[int] = array("q")
        self._segment: array[int] = array("q")
        self._last_dts: int | None = None
        self._last_stamp: int | None = None
        self._in_order = True

    def add(self, pts: int | None, dts: int | None, duration: int | None) -> None:
        """One packet that a picture will come from."""
        if dts is not None:
            if self._last_dts is not None and dts < self._last_dts:
                self._close_segment()
            self._last_dts = dts
        stamp = pts if pts is not None else dts
        if stamp is None:
            stamp = self._segment[-1] + self._step if self._segment else 0
        self._segment.append(stamp)
        self._in_order &= self._last_stamp is None or stamp > self._last_stamp
        self._last_stamp = stamp
        self._step = duration or self._step

    def prolong(self, pts: int | None, duration: int | None) -> None:
        """A packet that only holds more of the last picture, such as its second field, perhaps with a later time."""
        if self._segment and pts is not None and pts > self._segment[-1]:
            self._step = pts - self._segment[-1] + (duration or 0)

    def build(self, reorders: bool = False) -> Timeline:
        """The timeline of all that was added; ``reorders``: the coding shows pictures in another order."""
        self._close_segment()
        end = self._pts[-1] + self._step if self._pts else 0
        return Timeline(self._stamps, self._pts, end, reorders and self._in_order)

    def _close_segment(self) -> None:
        """Presentation order within the segment; its clock continues the one before if it would go back."""
        segment = array("q", np.sort(np.asarray(self._segment)).tobytes())
        self._segment = array("q")
        if not segment:
            return
        last = self._pts[-1] if self._pts else segment[0] - 1
        shift = last + self._step - segment[0] if segment[0] <= last else 0
        for stamp in segment:
            last = max(last + 1, stamp + shift)
            self._stamps.append(stamp)
            self._pts.append(last)
