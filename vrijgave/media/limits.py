"""How much a single file may ask of this machine."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one decoding child. What goes past one of them ends in ``UnreadableMedia`` that names the limit."""

    memory_mb: int = 2048
    """Address space in MiB beyond what the child has when it starts."""
    seconds_per_minute: int = 600
    """Processor seconds, of all threads together, for each minute of footage; at least one minute's worth."""
    max_pixels: int = 8192 * 4320
    """Width times height, checked before anything is decoded."""
    max_duration: timedelta = timedelta(hours=12)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the child."""
        return asdict(self) | {"max_duration": self.max_duration.total_seconds()}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Limits:
        """The opposite of ``to_dict``."""
        return cls(**(plain | {"max_duration": timedelta(seconds=plain["max_duration"])}))


DEFAULT_LIMITS = Limits()
