"""How a cover looks: one grey, or for faces a mosaic that is drawn by a key and holds nothing of the picture.

Averages of a face, however coarse, tell faces apart (``docs/adr/0010``), so a mosaic takes none: each cell's grey comes
from the hash of the footage and the number of the track. It is the same in every frame of the track.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Analysis, BoxArray, CoverStyle, FrameArray, Plan, SubjectKind, Track
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.redaction.plan import Coverage, coverage

FILL = (72, 72, 72)
"""BGR: a grey without any information."""
FILL_LUMA = 78
"""The same grey in the luma plane."""
NEUTRAL = 128
"""No colour, in both chroma planes."""
GRID = 2  # pixels of a chroma sample's side: a cover ends on whole ones, or the encoder would mix colours in
CELLS = 5
"""A mosaic's cells in a row and in a column, at most: the shape of a face needs more."""
GREYS = np.array([54, 82, 110, 138], np.uint8)
"""Luma of a mosaic's cells."""
BLURS = frozenset({"blur", "box", "box-blur", "gaussian", "gaussian-blur", "pixelate", "pixelation", "soft"})
"""Ways to hide a face that do not hide it."""

Cells = NDArray[np.uint8]
"""Luma of a mosaic, ``(CELLS, CELLS)``."""
Area = tuple[int, int, int, int]
"""Whole pixels x0, y0, x1, y1, the ends not included; may lie beyond the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """One area to cover, with a mosaic's cells or, where None, with the one grey."""

    area: Area
    cells: Cells | None = None

    def inside(self, width: int, height: int) -> Area:
        """The part of the area in a picture of that size."""
        x0, y0, x1, y1 = self.area
        if 0 <= x0 <= x1 <= width and 0 <= y0 <= y1 <= height:
            return self.area
        left, top = min(max(x0, 0), width), min(max(y0, 0), height)
        return left, top, max(min(x1, width), left), max(min(y1, height), top)

    def luma(self, inside: Area) -> NDArray[np.uint8] | int:
        """What the luma of that part of the area has to be."""
        if self.cells is None:
            return FILL_LUMA
        x0, y0, x1, y1 = self.area
        columns = (np.arange(inside[0], inside[2]) - x0) * CELLS // (x1 - x0)
        rows = (np.arange(inside[1], inside[3]) - y0) * CELLS // (y1 - y0)
        return self.cells[np.ix_(rows, columns)]


class Covers:
    """What to paint over each frame. Made by ``covers``."""

    def __init__(self, filled: Coverage, mosaics: Iterable[tuple[FrameArray, BoxArray, Cells]]) -> None:
        self.filled = filled
        self._mosaics: dict[int, list[tuple[BoxArray, Cells]]] = {}
        for frames, xyxy, cells in mosaics:
            for frame, box in zip(frames.tolist(), xyxy, strict=True):
                self._mosaics.setdefault(frame, []).append((box, cells))

    def at(self, frame: int) -> Iterator[Cover]:
        """In the order in which they are painted: everything in one grey first, mosaics over that."""
        for area in fill_areas(self.filled.boxes(frame)):
            yield Cover(area)
        for box, cells in self._mosaics.get(frame, ()):
            yield Cover(fill_areas(box[None])[0], cells)


def covers(analysis: Analysis, plan: Plan) -> Covers:
    """Compile a plan with its style. Raises ``Rejected`` as ``coverage`` does."""
    filled = coverage(analysis, plan)
    if plan.style is CoverStyle.OPAQUE:
        return Covers(filled, ())
    shown = {exemption.track.id: exemption.frames for exemption in filled.exemptions}
    faces = (track for track in analysis.tracks if track.kind is SubjectKind.FACE)
    return Covers(filled, (_mosaic(track, shown.get(track.id), analysis.source_sha256) for track in faces))


def _mosaic(track: Track, shown: FrameArray | None, source_sha256: str) -> tuple[FrameArray, BoxArray, Cells]:
    """Frames and boxes in which ``track`` is covered, and its cells."""
    covered = np.isin(track.frames, () if shown is None else shown, invert=True)
    return track.frames[covered], track.xyxy[covered], mosaic(source_sha256, track.id)


def mosaic(source_sha256: str, track_id: int) -> Cells:
    """The cells of a track: as random as a hash, and the same whenever the same footage is covered."""
    digest = sha256(f"mosaic {source_sha256} {track_id}".encode()).digest()
    numbers = np.frombuffer(digest, np.uint8, CELLS * CELLS)
    return GREYS[numbers % len(GREYS)].reshape(CELLS, CELLS)


def paint_luma(plane: NDArray[np.uint8] | NDArray[np.int16], planned: Iterable[Cover]) -> None:
    """Paint the covers over a luma plane ``(H, W)`` in place, corners included."""
    for cover in planned:
        x0, y0, x1, y1 = inside = cover.inside(plane.shape[1], plane.shape[0])
        plane[y0:y1, x0:x1] = cover.luma(inside)


def fill_areas(xyxy: BoxArray) -> list[Area]:
    """The whole pixels that cover each box, outward to whole chroma samples."""
    low = np.floor(xyxy[:, :2] / GRID).astype(int) * GRID
    high = np.ceil(xyxy[:, 2:] / GRID).astype(int) * GRID
    return [(int(a), int(b), int(c), int(d)) for (a, b), (c, d) in zip(low, high, strict=True)]


def style_named(text: str) -> CoverStyle:
    """The style of that name. Raises ``Rejected``, for a blur with the reason why there is none."""
    name = text.strip().lower()
    if name in BLURS:
        raise Rejected(
            "style",
            _(
                "«{style}» hides nobody: blurred and finely pixelated faces are recognised by software, and the frames "
                "of a video can be put together into a sharp one; choose opaque or mosaic."
            ).format(style=text),
        )
    if name not in {style.value for style in CoverStyle}:
        raise Rejected("style", _("There is no style «{style}»; choose opaque or mosaic.").format(style=text))
    return CoverStyle(name)
