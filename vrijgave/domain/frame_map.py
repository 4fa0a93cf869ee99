"""Which frame of the review proxy is which frame of the source: the same number, and what goes with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, groupby, pairwise
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySound:
    """What the sound of the proxy is against that of the source.

    ``slowest`` and ``fastest``: how many seconds of the source go into a second of the proxy. Both are 1 where sound
    and picture are simply in step, as for every source of a constant rate. ``before``: seconds of sound that lie before
    the first picture, and so are not in the proxy.
    """

    slowest: float = 1.0
    fastest: float = 1.0
    before: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether a person who listens to the proxy hears all of the source, as it sounds."""
        return self.slowest == self.fastest == 1.0 and not self.before

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"slowest": self.slowest, "fastest": self.fastest, "before": self.before}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameMap:
    """Frame ``n`` of the proxy is frame ``n`` of the source, and is shown from ``n / rate`` to ``(n + 1) / rate``.

    ``pts`` are the timestamps of the source's frames in ``time_base``. A point (x, y) of the upright source lies at
    ``x * proxy_size[0] / source_size[0]``, ``y * proxy_size[1] / source_size[1]`` in the proxy. ``unreadable``: frames
    that could not be decoded; the proxy has a crossed grey picture there.
    """

    source_sha256: str
    proxy_sha256: str
    rate: Fraction
    time_base: Fraction
    pts: tuple[int, ...]
    unreadable: tuple[int, ...]
    source_size: tuple[int, int]
    proxy_size: tuple[int, int]
    sound: ProxySound | None

    @property
    def frame_count(self) -> int:
        """Of the source and of the proxy."""
        return len(self.pts)

    def middle(self, frame: int) -> Fraction:
        """The time, in seconds, at which a player that is sent there shows ``frame`` and no neighbour of it."""
        return (frame + Fraction(1, 2)) / self.rate

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON. ``steps`` are [ticks from one frame to the next, how often in a row]."""
        return {
            "source_sha256": self.source_sha256,
            "proxy_sha256": self.proxy_sha256,
            "frames": self.frame_count,
            "rate": str(self.rate),
            "time_base": str(self.time_base),
            "first_pts": self.pts[0],
            "steps": _runs([b - a for a, b in pairwise(self.pts)]),
            "unreadable": list(self.unreadable),
            "source_size": list(self.source_size),
            "proxy_size": list(self.proxy_size),
            "sound": None if self.sound is None else self.sound.to_dict(),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> FrameMap:
        """Inverse of ``to_dict``."""
        steps = [step for step, times in value["steps"] for _ in range(times)]
        (source_width, source_height), (width, height) = value["source_size"], value["proxy_size"]
        return cls(
            source_sha256=value["source_sha256"],
            proxy_sha256=value["proxy_sha256"],
            rate=Fraction(value["rate"]),
            time_base=Fraction(value["time_base"]),
            pts=tuple(accumulate(steps, initial=value["first_pts"])),
            unreadable=tuple(value["unreadable"]),
            source_size=(source_width, source_height),
            proxy_size=(width, height),
            sound=None if value["sound"] is None else ProxySound(**value["sound"]),
        )


def _runs(steps: Iterable[int]) -> Sequence[Sequence[int]]:
    return [[step, sum(1 for _ in run)] for step, run in groupby(steps)]
