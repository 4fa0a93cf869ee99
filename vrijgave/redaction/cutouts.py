"""Cut-outs of the uncovered footage for reviewers: each track at its clearest and at its doubtful moments.

They show who has to stay hidden: they are kept and looked at under the same rules as the original.
"""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np

from vrijgave.domain.tracks import BoxArray, Image, Track
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.media import Limits, open_reader

LONGEST = 320  # pixels of a cut-out's longer side
MARGIN = 0.6
"""Surroundings shown on each side, as a share of the box: a face alone does not tell who somebody is."""
QUALITY = 88
NO_TIME = (1980, 1, 1, 0, 0, 0)
"""So that the same pictures make the same file."""


def cutout_name(track_id: int, frame: int) -> str:
    """Name of a cut-out inside the archive."""
    return f"track-{track_id}-frame-{frame}.jpg"


def write_cutouts(
    source: Path, tracks: Iterable[Track], wanted: Mapping[int, Collection[int]], output: Path, limits: Limits
) -> None:
    """Write a ZIP of JPEGs: of each track (by id) in its ``wanted`` frames, in one decode of the footage.

    A frame that could not be decoded has no cut-out. Raises ``UnreadableMedia``.
    """
    by_frame: dict[int, list[Track]] = defaultdict(list)
    for track in tracks:
        for frame in wanted.get(track.id, ()):
            by_frame[frame].append(track)
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
        for track, frame, image in _pictures(source, by_frame, limits):
            box = track.box_at(frame)
            cut = cut_out(image, box, LONGEST) if box is not None else None
            if cut is not None:
                archive.writestr(zipfile.ZipInfo(cutout_name(track.id, frame), NO_TIME), as_jpeg(cut))


def _pictures(source: Path, by_frame: Mapping[int, list[Track]], limits: Limits) -> Iterator[tuple[Track, int, Image]]:
    if not by_frame:
        return
    with open_reader(source, limits) as reader:
        for frame in reader.frames():
            if frame.index in by_frame and frame.image is not None:
                yield from ((track, frame.index, frame.image) for track in by_frame[frame.index])
            if frame.index >= max(by_frame):
                return


def save_pictures(archive: Path, names: Iterable[str], folder: Path) -> int:
    """Write those of ``names`` that are in the archive into ``folder``, numbered in this order; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive) as content:
        there = set(content.namelist())
        found = [name for name in names if name in there]
        for number, name in enumerate(found, start=1):
            (folder / f"{number:03d}-{name}").write_bytes(content.read(name))
    return len(found)


def cut_out(image: Image, box: BoxArray, longest: int) -> Image | None:
    """``box`` with its surroundings, its longer side ``longest`` pixels; None where nothing of it is in the picture."""
    height, width = image.shape[:2]
    dx, dy = (box[2] - box[0]) * MARGIN, (box[3] - box[1]) * MARGIN
    x0, x1 = np.clip([box[0] - dx, box[2] + dx], 0, width).astype(int)
    y0, y1 = np.clip([box[1] - dy, box[3] + dy], 0, height).astype(int)
    cut = image[y0:y1, x0:x1]
    if not cut.size:
        return None
    scale = longest / max(cut.shape[:2])
    size = (max(1, int(cut.shape[1] * scale)), max(1, int(cut.shape[0] * scale)))
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), np.uint8)


def as_jpeg(image: Image) -> bytes:
    """``image`` as the bytes of a JPEG file."""
    ok, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not ok:
        raise Rejected("picture", _("A picture for the review could not be written."))
    return encoded.tobytes()
