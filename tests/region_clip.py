"""A textured square that moves over a textured scene, as a small real clip, for tests of drawn regions."""

from fractions import Fraction

import cv2
import numpy as np

from vrijgave.media import OutputFormat, open_writer

WIDTH, HEIGHT, COUNT, SIDE = 320, 192, 60, 32


def noise(seed, width, height, cell, low=40, high=210):
    shape = (max(2, height // cell), max(2, width // cell), 3)
    coarse = np.random.default_rng(seed).integers(low, high, shape, np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


SCENE, OTHER_SCENE, SUBJECT = noise(1, WIDTH, HEIGHT, 12), 255 - noise(2, WIDTH, HEIGHT, 12), noise(3, SIDE, SIDE, 6)


def place(frame):
    """Where the subject is: x0, y0, x1, y1."""
    x, y = 20 + 4 * frame, 70 + round(30 * np.sin(frame / 9))
    return (x, y, x + SIDE, y + SIDE)


def clip(path, at=place, cut=None, hidden=(), scene=SCENE):
    form = OutputFormat(width=WIDTH, height=HEIGHT, time_base=Fraction(1, 25), crf=14)
    with open_writer(path, form) as writer:
        for frame in range(COUNT):
            image = (OTHER_SCENE if cut is not None and frame >= cut else scene).copy()
            x0, y0, x1, y1 = (round(v) for v in at(frame))
            left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, WIDTH), min(y1, HEIGHT)
            if right > left and bottom > top and frame not in hidden:
                image[top:bottom, left:right] = SUBJECT[top - y0 : bottom - y0, left - x0 : right - x0]
            writer.frame(image, frame)
    return path
