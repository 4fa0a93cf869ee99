"""A clip of several short segments: real heads that cross their borders, a rate that varies, and sound."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from skimage import data

from vrijgave.media import OutputFormat, SoundChunk, open_writer

WIDTH, HEIGHT, COUNT = 320, 192, 152
TIME_BASE = Fraction(1, 12800)
START = 2560
STEP = 1600  # ticks: eight pictures a second
SHORT = 6.0
"""Seconds: the shortest segments that there can be; the clip has three of them."""


def times() -> list[int]:
    """Timestamps that do not start at 0, of a camera whose rate varies."""
    return [START + STEP * i + (i % 7) * 150 for i in range(COUNT)]


FACE = (13, 13, 47, 55)
"""Of a head's picture: x0, y0, x1, y1 of the face itself."""


def heads(frame: int) -> list[tuple[int, int]]:
    """Top left corner of each head: one stands, one walks, and a third is there about the second border."""
    walking = 100 + frame, 60 + round(20 * math.sin(frame / 9))
    return [(10, 60), walking, *([(90, 118)] if 92 <= frame < 107 else [])]


def make_street(path: Path) -> Path:
    """Write the clip."""
    coarse = np.random.default_rng(11).integers(70, 150, (9, 16, 3), np.uint8)
    scene = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    head = cv2.resize(data.astronaut()[0:240, 125:325, ::-1], (60, 72), interpolation=cv2.INTER_AREA)
    form = OutputFormat(width=WIDTH, height=HEIGHT, time_base=TIME_BASE, crf=16, sample_rate=16000, channels=1)
    with open_writer(path, form) as writer:
        for i, moment in enumerate(times()):
            image = scene.copy()
            for number, (x, y) in enumerate(heads(i)):
                image[y : y + 72, x : x + 60] = head[:, ::-1] if number == 1 else head
            writer.frame(image, moment)
        samples = np.sin(np.arange(16000 * 19) * 0.2).astype(np.float32)[None] * 0.3
        writer.sound(SoundChunk(START * TIME_BASE, samples))
    return path
