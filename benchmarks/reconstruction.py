"""Getting a covered face back: putting the frames of a clip together, sharpening, and telling how near that comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data, restoration

from vrijgave.media import open_reader

FACE = (80, 96)  # width and height to which every face is brought
MARGIN = 12  # pixels around it that are reconstructed too: sharpening spoils the rim
GROWTH = 0.35  # by which a cover is larger than the face, on each side
SHIFT = 4  # pixels of alignment that the comparison tries
FLAT = 0.75  # grey levels of spread below which a picture is one grey: nothing to sharpen, nothing to compare
BLUR = 1 / 10  # deviation of the control's blur, in widths of the face
FINE_CELLS = 12  # of the control's mosaic, across the face
Luma = NDArray[np.float32]


@dataclass(frozen=True)
class Target:
    """One face in one clip: ``frames`` (N,) and ``boxes`` (N, 4) of the face itself, x0, y0, x1, y1."""

    name: str
    clip: Path
    frames: NDArray[np.int64]
    boxes: NDArray[np.float32]

    def grown(self) -> NDArray[np.float32]:
        """What is covered."""
        side = (self.boxes[:, 2:] - self.boxes[:, :2]) * GROWTH
        return np.hstack([self.boxes[:, :2] - side, self.boxes[:, 2:] + side]).astype(np.float32)


def aligned(path: Path, target: Target, scale: int = 1) -> NDArray[np.float32]:
    """The face in each frame, brought to ``FACE`` times ``scale`` with a margin: ``(N, H, W)``."""
    width, height = (scale * (side + 2 * MARGIN) for side in FACE)
    boxes = dict(zip(target.frames.tolist(), target.boxes, strict=True))
    faces = []
    with open_reader(path) as reader:
        for frame in reader.frames():
            if frame.index in boxes and frame.picture is not None:
                x0, y0, x1, y1 = boxes[frame.index]
                zoom = np.array([FACE[0] / (x1 - x0), FACE[1] / (y1 - y0)]) * scale
                shift = np.array([MARGIN, MARGIN]) * scale - np.array([x0, y0]) * zoom + (zoom - 1) / 2
                move = np.array([[zoom[0], 0, shift[0]], [0, zoom[1], shift[1]]], np.float32)
                luma = frame.picture.y.astype(np.float32)
                faces.append(cv2.warpAffine(luma, move, (width, height), flags=cv2.INTER_LINEAR,
                                            borderMode=cv2.BORDER_REPLICATE))  # fmt: skip
    return np.asarray(faces, np.float32)


def reconstructions(path: Path, target: Target) -> Iterator[Luma]:
    """What the attacks make of a covered clip, ``FACE`` with its margin."""
    fused = aligned(path, target).mean(axis=0)
    fine = aligned(path, target, scale=2).mean(axis=0)
    yield fused
    if float(fused.std()) < FLAT:
        return
    yield cv2.resize(fine, fused.shape[::-1], interpolation=cv2.INTER_AREA)
    for picture, scale in ((fused, 1), (fine, 2)):
        for kernel in _kernels(scale):
            for sharp in _sharpened(picture, kernel):
                yield cv2.resize(sharp, fused.shape[::-1], interpolation=cv2.INTER_AREA)


def _kernels(scale: int) -> Iterator[Luma]:
    """Shapes of blur that the attacker tries, the controls' own among them."""
    width = FACE[0] * scale
    for share in (BLUR / 2, BLUR):
        deviation = width * share
        line = cv2.getGaussianKernel(2 * round(3 * deviation) + 1, deviation)
        yield (line @ line.T).astype(np.float32)
    cell = round(width / FINE_CELLS) | 1
    box = np.full((cell, cell), 1 / cell**2, np.float32)
    yield box
    yield cv2.filter2D(np.pad(box, cell // 2), -1, box)


def _sharpened(picture: Luma, kernel: Luma) -> Iterator[Luma]:
    edge = max(kernel.shape)
    padded = np.pad(picture, edge, mode="reflect") / 255
    for balance in (1e-3, 1e-2):
        yield _middle(restoration.wiener(padded, kernel, balance, clip=False), edge)
    for rounds in (10, 40):
        yield _middle(restoration.richardson_lucy(np.maximum(padded, 1e-3), kernel, rounds, clip=False), edge)


def _middle(padded: NDArray[np.floating], edge: int) -> Luma:
    return np.clip(padded[edge:-edge, edge:-edge] * 255, 0, 255).astype(np.float32)


def others() -> list[Luma]:
    """Faces of 100 other people."""
    return [cv2.resize((face * 255).astype(np.float32), FACE, interpolation=2) for face in data.lfw_subset()[:100]]


def low_pass(picture: Luma) -> Luma:
    """What a coarse picture of a face holds."""
    return cv2.GaussianBlur(picture, (0, 0), FACE[0] / 10)


def high_pass(picture: Luma) -> Luma:
    """Eyes, nose and mouth."""
    return cv2.GaussianBlur(picture, (0, 0), FACE[0] / 50) - cv2.GaussianBlur(picture, (0, 0), FACE[0] / 16)


def correlations(made: Sequence[Luma], faces: Sequence[Luma], band: Callable[[Luma], Luma]) -> NDArray[np.float64]:
    """Of each face: its normalised correlation with the nearest reconstruction, after the best alignment.

    0 where all that was made is one grey.
    """
    reach = MARGIN - SHIFT
    seen = [band(each)[reach:-reach, reach:-reach] for each in made if float(each.std()) >= FLAT]
    known = [band(face) for face in faces]
    fits = [[float(cv2.matchTemplate(s, k, cv2.TM_CCOEFF_NORMED).max()) for s in seen] for k in known]
    return np.array(fits).max(axis=1) if seen else np.zeros(len(known))
