"""Turning pictures upright as the file's display matrix says."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from av.sidedata.sidedata import SideData, Type
from av.video.frame import VideoFrame
from numpy.typing import NDArray

MATRIX_BYTES = 36


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a stored picture becomes upright: transposed first, then mirrored. ``rotation`` is degrees clockwise."""

    rotation: int = 0
    transposed: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    @classmethod
    def of(cls, frame: VideoFrame) -> Orientation:
        """From the display matrix of ``frame``; angles between quarter turns go to the nearest.

        Asked once a file: looking at the side data of a frame makes a reference cycle that keeps its memory.
        """
        try:
            entries = cast(Iterable[SideData], frame.side_data)
            matrix = next((data for data in entries if data.type is Type.DISPLAYMATRIX), None)
            return cls() if matrix is None else cls.from_matrix(bytes(matrix))
        except ValueError:  # side data of a kind that PyAV does not know: the angle alone must do
            return cls.from_rotation(-frame.rotation)

    @classmethod
    def from_rotation(cls, clockwise: int) -> Orientation:
        """Turned by ``clockwise`` degrees, not mirrored."""
        turns = round(clockwise / 90) % 4
        a, b = ((1, 0), (0, 1), (-1, 0), (0, -1))[turns]
        return cls.from_matrix(struct.pack("=9i", a, b, 0, -b, a, 0, 0, 0, 1))

    @classmethod
    def from_matrix(cls, matrix: bytes) -> Orientation:
        """``matrix``: nine 32-bit numbers as libav gives them; x' = a x + c y, y' = b x + d y."""
        if len(matrix) < MATRIX_BYTES:
            return cls()
        a, b, _, c, d = struct.unpack("=5i", matrix[:20])
        if a == b == c == d == 0:
            return cls()
        rotation = round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360
        if abs(b) > abs(a):
            return cls(rotation, transposed=True, flip_rows=b < 0, flip_columns=c < 0)
        return cls(rotation, flip_rows=d < 0, flip_columns=a < 0)

    def size(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) of the upright picture."""
        return (height, width) if self.transposed else (width, height)

    def apply(self, picture: NDArray[Any]) -> NDArray[Any]:
        """A view on ``picture`` ``(H, W)`` that is upright."""
        upright = picture.T if self.transposed else picture
        rows = slice(None, None, -1 if self.flip_rows else 1)
        columns = slice(None, None, -1 if self.flip_columns else 1)
        return np.asarray(upright[rows, columns])
