"""Scene cuts, from thumbnails: cheap, and rather one too many than one too few."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from vrijgave.redaction.sight import Sight

THUMBNAIL = (48, 27)
LEAST = 22.0  # mean difference of a thumbnail's values (0..255) ...
RATIO = 2.5  # ... and how many times what is usual just before
MEMORY = 8


class CutFinder:
    """Give it every picture in order."""

    def __init__(self) -> None:
        self._before: NDArray[np.int16] | None = None
        self._usual: deque[float] = deque(maxlen=MEMORY)

    def is_cut(self, sight: Sight) -> bool:
        """Whether a new scene starts with this picture."""
        values = np.stack(sight.thumbnail(*THUMBNAIL), axis=2).astype(np.int16)
        before, self._before = self._before, values
        if before is None:
            return False
        difference = float(np.abs(values - before).mean(axis=(0, 1)) @ np.array([0.6, 1.2, 1.2]))
        usual = float(np.median(self._usual)) if self._usual else 0.0
        self._usual.append(difference)
        return difference > max(LEAST, RATIO * usual)
