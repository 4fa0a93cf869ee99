"""What a subject looks like, and where near a place something looks like it: normalised correlation with templates."""

from __future__ import annotations

import cv2
import numpy as np

from vrijgave.domain.tracks import BoxArray, Image

LONGEST = 48  # pixels of a template's longer side: larger subjects are compared smaller
REACH = 0.15  # box sizes around the expected place that are searched ...
REACH_BLIND = 0.05  # ... and more for each frame without a sure place ...
MOST_REACH = 1.0  # ... up to this
LEAST_REACH = 3.0  # pixels
RENEW = 0.7  # likeness from which the later look is taken over
LEAST_SPREAD = 4.0  # grey levels (standard deviation): what is smooth looks like anything


class Appearance:
    """Templates of one subject: as it was drawn, and as it looked lately. Pictures are grey, boxes in their pixels."""

    def __init__(self, grey: Image, box: BoxArray) -> None:
        width, height = (max(4.0, float(side)) for side in box[2:] - box[:2])
        shrink = min(1.0, LONGEST / max(width, height))
        self._size = (max(4, round(width * shrink)), max(4, round(height * shrink)))
        self._drawn = self._lately = _cut(grey, box, self._size)

    def near(self, grey: Image, box: BoxArray, blind: int) -> tuple[BoxArray, float]:
        """The place near ``box`` that looks most like the subject, in the size of ``box``, and how much (-1..1).

        ``blind`` is the number of frames since the last sure place: the longer, the wider the search.
        """
        size = box[2:] - box[:2]
        reach = np.maximum(size * min(REACH + REACH_BLIND * blind, MOST_REACH), LEAST_REACH)
        pixel = size / np.array(self._size)
        steps = np.ceil(reach / pixel).astype(int)
        wide = (self._size[0] + 2 * int(steps[0]), self._size[1] + 2 * int(steps[1]))
        margin = steps * pixel
        field = _cut(grey, np.concatenate([box[:2] - margin, box[2:] + margin]), wide)
        best, place = -1.0, steps
        for template in (self._drawn, self._lately):
            if float(template.std()) < LEAST_SPREAD:
                continue
            _low, likeness, _where, where = cv2.minMaxLoc(cv2.matchTemplate(field, template, cv2.TM_CCOEFF_NORMED))
            if likeness > best:
                best, place = float(likeness), np.array(where)
        shift = np.tile((place - steps) * pixel, 2)
        return (box + shift).astype(np.float32), best

    def update(self, grey: Image, box: BoxArray, likeness: float) -> None:
        """Take over how it looks now, if it is surely still the same."""
        if likeness >= RENEW:
            self._lately = _cut(grey, box, self._size)


def _cut(grey: Image, box: BoxArray, size: tuple[int, int]) -> Image:
    """What lies in ``box``, as a picture of ``size`` (width, height); beyond the edge the edge goes on."""
    x0, y0, x1, y1 = (float(v) for v in box)
    scale = np.array([(x1 - x0) / size[0], (y1 - y0) / size[1]])
    matrix = np.array([[scale[0], 0, x0 + scale[0] / 2 - 0.5], [0, scale[1], y0 + scale[1] / 2 - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(grey, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)
