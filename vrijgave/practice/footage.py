"""The practice clip: footage of a street that nobody filmed, with the truth about what is in it.

Every face is the public-domain portrait inside the scikit-image wheel, made to look like several people; streets,
bodies, cars and plates are drawn. The same arguments give the same pictures.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Image, SubjectKind
from vrijgave.media import OutputFormat, SoundChunk, open_writer
from vrijgave.practice.drawing.cast import ACTORS, CAMERA, SUSPECT
from vrijgave.practice.drawing.sprites import Box, Placed, hidden_by, paste, place
from vrijgave.practice.drawing.street import draw_street

RATE = Fraction(25, 2)
"""Frames a second."""
SAMPLE_RATE = 48000
CLOCK = datetime(2026, 3, 14, 16, 42, 7)
"""What the camera's clock shows in the first frame."""
_MOSTLY_HIDDEN = 0.7
_NOISE = 3.0
_CRF = 25
"""Camera recorders compress firmly."""
_MARGIN = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueTrack:
    """Where one face or plate is visible: frame number -> x, y, width, height in pixels."""

    id: int
    name: str
    kind: SubjectKind
    exempt: bool
    """True for the suspect: the one who may stay visible."""
    boxes: Mapping[int, Box]


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeTruth:
    """All that is to be found in the clip. ``show`` is a frame and a pixel on the suspect's face."""

    clip: str
    width: int
    height: int
    frame_count: int
    tracks: tuple[TrueTrack, ...]
    show: tuple[int, int, int]

    @property
    def show_option(self) -> str:
        """``show`` as the command line takes it: FRAME@X,Y."""
        frame, x, y = self.show
        return f"{frame}@{x},{y}"

    @property
    def suspect(self) -> TrueTrack:
        """The track of the suspect's face."""
        return next(track for track in self.tracks if track.exempt)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, as the scoring of redactions reads them."""
        return {
            "clip": self.clip,
            "width": self.width,
            "height": self.height,
            "frames": self.frame_count,
            "tracks": [
                {
                    "id": track.id,
                    "name": track.name,
                    "kind": track.kind.value,
                    "exempt": track.exempt,
                    "boxes": {str(n): [round(v, 1) for v in box] for n, box in track.boxes.items()},
                }
                for track in self.tracks
            ],
        }

    def save(self, path: Path) -> None:
        """Write ``to_dict`` as JSON."""
        path.write_text(json.dumps(self.to_dict()), encoding="utf-8")


def make_practice_clip(path: Path, *, seconds: float = 12, seed: int = 1) -> PracticeTruth:
    """Draw and encode the clip (1280×720, 12.5 frames a second, with sound); MP4 at ``path``."""
    count = round(seconds * RATE)
    output = OutputFormat(
        width=CAMERA.width,
        height=CAMERA.height,
        time_base=1 / (RATE * 1024),
        rate_hint=RATE,
        crf=_CRF,
        sample_rate=SAMPLE_RATE,
        channels=1,
    )
    boxes: dict[str, dict[int, Box]] = {actor.name: {} for actor in ACTORS}
    sound = _sound(count, seed)
    with open_writer(path, output) as writer:
        for number, (picture, visible) in enumerate(_pictures(count, seed)):
            writer.frame(picture, number * 1024)
            writer.sound(_during(sound, number))
            for name, box in visible.items():
                boxes[name][number] = box
    return _truth(path.name, count, boxes)


def _truth(clip: str, count: int, boxes: Mapping[str, Mapping[int, Box]]) -> PracticeTruth:
    tracks = tuple(
        TrueTrack(id=i, name=a.name, kind=a.kind, exempt=a is SUSPECT, boxes=boxes[a.name])
        for i, a in enumerate(ACTORS, 1)
        if boxes[a.name]
    )
    frame = count // 2
    x, y, w, h = boxes[SUSPECT.name][frame]
    return PracticeTruth(
        clip=clip,
        width=CAMERA.width,
        height=CAMERA.height,
        frame_count=count,
        tracks=tracks,
        show=(frame, round(x + w / 2), round(y + h / 2)),
    )


def _pictures(count: int, seed: int) -> Iterator[tuple[Image, dict[str, Box]]]:
    """Each frame with what is visible in it."""
    street = draw_street(CAMERA, seed)
    light = _vignette()
    rng = np.random.default_rng(seed)
    shape = (CAMERA.height + _MARGIN, CAMERA.width + _MARGIN, 3)
    noise = rng.normal(0, _NOISE, shape).round().astype(np.int16)
    for number in range(count):
        drawn, visible = _scene(street, number / count)
        dy, dx = rng.integers(0, _MARGIN, 2)
        grain = noise[dy : dy + CAMERA.height, dx : dx + CAMERA.width]
        shaded = cv2.multiply(cv2.GaussianBlur(drawn, (0, 0), 0.6), light, scale=1 / 255)
        picture = np.asarray(cv2.add(shaded, grain, dtype=cv2.CV_8U), np.uint8)
        _burn_in(picture, number)
        yield picture, visible


def _scene(street: Image, at: float) -> tuple[Image, dict[str, Box]]:
    """The street at ``at``, a share of the clip's length, and the boxes that are not mostly hidden."""
    picture = street.copy()
    there = sorted(ACTORS, key=lambda actor: actor.where(at)[1], reverse=True)
    placed = [place(a.sprite(at), CAMERA, *a.where(at)) for a in there]
    for item in placed:
        paste(picture, item)
    boxes = {
        actor.name: _visible_box(item.subject, placed[i + 1 :])
        for i, (actor, item) in enumerate(zip(there, placed, strict=True))
    }
    return picture, {name: box for name, box in boxes.items() if box is not None}


def _visible_box(box: Box, nearer: list[Placed]) -> Box | None:
    """The part of ``box`` inside the picture; None where most of it is hidden."""
    if hidden_by(box, nearer, CAMERA.width, CAMERA.height) > _MOSTLY_HIDDEN:
        return None
    x, y, w, h = box
    left, top = max(0.0, x), max(0.0, y)
    return left, top, min(x + w, CAMERA.width) - left, min(y + h, CAMERA.height) - top


def _vignette() -> Image:
    """Factors in 255ths: darker towards the corners."""
    y, x = np.mgrid[-1 : 1 : CAMERA.height * 1j, -1 : 1 : CAMERA.width * 1j]
    factor = 1 - 0.22 * np.clip((x**2 + y**2) / 2, 0, 1) ** 1.3
    return np.repeat((factor * 255).astype(np.uint8)[..., None], 3, axis=2)


def _burn_in(picture: Image, number: int) -> None:
    """Name of the camera and its clock, as recorders write them over the picture."""
    moment = CLOCK + timedelta(seconds=float(number / RATE))
    text = f"CAM 2  {moment:%d-%m-%Y  %H:%M:%S}"
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.75, 2)
    cv2.rectangle(picture, (16, 14), (36 + width, 50), (24, 24, 24), -1)
    cv2.putText(picture, text, (26, 41), cv2.FONT_HERSHEY_SIMPLEX, 0.75, (235, 235, 235), 2, cv2.LINE_AA)


def _during(sound: NDArray[np.float32], number: int) -> SoundChunk:
    """The sound of one frame."""
    length = int(SAMPLE_RATE / RATE)
    start = number * length
    return SoundChunk(Fraction(start, SAMPLE_RATE), sound[:, start : start + length])


def _sound(count: int, seed: int) -> NDArray[np.float32]:
    """Hum of the recorder, wind, footsteps, and the beeps of the car that reverses; ``(1, samples)``."""
    total = count * int(SAMPLE_RATE / RATE)
    time = np.arange(total) / SAMPLE_RATE
    rng = np.random.default_rng(seed)
    hum = 0.012 * np.sin(2 * np.pi * 50 * time) + 0.006 * np.sin(2 * np.pi * 150 * time)
    wind = 0.02 * np.interp(time, np.arange(0, time[-1] + 1, 1 / 200), rng.normal(0, 1, int((time[-1] + 1) * 200) + 1))
    step = time % 0.52
    steps = 0.10 * np.exp(-step * 60) * rng.normal(0, 1, total)
    share = time / time[-1]
    beeping = (share > 0.3) & (share < 0.85) & (time % 1.0 < 0.45)
    beeps = 0.05 * np.sin(2 * np.pi * 1050 * time) * beeping
    mixed: NDArray[np.float32] = (hum + wind + steps + beeps).astype(np.float32)
    return mixed[None, :]
