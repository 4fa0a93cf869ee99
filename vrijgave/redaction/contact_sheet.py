"""One picture with every track at its clearest, so that a reviewer can tell who is who."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from vrijgave.domain.tracks import Image, Track
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.media import Limits, open_reader
from vrijgave.redaction.cutouts import as_jpeg, cut_out

CELL = 160
LABEL = 28
COLUMNS = 6


def write_contact_sheet(source: Path, tracks: Iterable[Track], output: Path, limits: Limits) -> None:
    """Write a JPEG with a labelled cut-out of each track. Raises ``Rejected`` when there is nothing to show."""
    wanted: dict[int, list[Track]] = defaultdict(list)
    for track in tracks:
        wanted[track.clearest].append(track)
    if not wanted:
        raise Rejected("tracks", _("Nothing was found in this footage; there is no track to look at."))
    cells: dict[int, Image] = {}
    with open_reader(source, limits) as reader:
        for frame in reader.frames():
            for track in wanted.get(frame.index, ()):
                cells[track.id] = _cell(frame.image, track)
            if frame.index >= max(wanted):
                break
    sheet = _sheet([cells[i] for i in sorted(cells)])
    output.write_bytes(as_jpeg(sheet))


def _cell(image: Image | None, track: Track) -> Image:
    cell = np.full((CELL + LABEL, CELL, 3), 32, np.uint8)
    box = track.box_at(track.clearest)
    if image is not None and box is not None:
        small = cut_out(image, box, CELL)
        if small is not None:
            cell[: small.shape[0], : small.shape[1]] = small
    label = f"#{track.id} {track.kind.value} @{track.clearest}"
    cv2.putText(cell, label, (4, CELL + 19), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 255), 1, cv2.LINE_AA)
    return cell


def _sheet(cells: list[Image]) -> Image:
    rows = -(-len(cells) // COLUMNS)
    sheet = np.full((rows * (CELL + LABEL), min(len(cells), COLUMNS) * CELL, 3), 32, np.uint8)
    for i, cell in enumerate(cells):
        y, x = i // COLUMNS * (CELL + LABEL), i % COLUMNS * CELL
        sheet[y : y + CELL + LABEL, x : x + CELL] = cell
    return sheet
