"""What the numbers of a decoded picture mean, and conversion from one meaning to another (swscale, bit-exact)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from numpy.typing import NDArray

from vrijgave.domain.media import Colours

Plane = NDArray[np.uint8]
"""One plane of a picture ``(rows, columns)``."""

PIXELS = "yuv420p"
"""libav's name for 8-bit planar 4:2:0."""
BT709 = Colours()
HD_LINES = 720
"""From this height on a file that does not name its colours is taken as BT.709, below as BT.601, as players do."""
HD_MATRIX, SD_MATRIX = 1, 5
QUALITY = Interpolation.BICUBIC | Interpolation.BITEXACT


@dataclass(frozen=True, slots=True)
class Matrix:
    """A way to make Y, Cb and Cr: the weights of red and blue in Y (H.273, table 4), swscale's name for it, and the
    primaries and transfer that usually go with it."""

    red: float
    blue: float
    space: Colorspace
    primaries: int
    transfer: int


MATRICES = {
    1: Matrix(0.2126, 0.0722, Colorspace.ITU709, 1, 1),
    4: Matrix(0.30, 0.11, Colorspace.FCC, 4, 4),
    5: Matrix(0.299, 0.114, Colorspace.ITU601, 5, 6),
    6: Matrix(0.299, 0.114, Colorspace.ITU601, 6, 6),
    7: Matrix(0.212, 0.087, Colorspace.SMPTE240M, 7, 7),
    9: Matrix(0.2627, 0.0593, Colorspace.BT2020, 9, 14),
}
"""By the code point of ITU-T H.273."""
PRIMARIES = frozenset(value for value in ColorPrimaries if value is not ColorPrimaries.UNSPECIFIED)
TRANSFERS = frozenset(value for value in ColorTrc if value is not ColorTrc.UNSPECIFIED)


def is_plain(frame: VideoFrame) -> bool:
    """Whether the planes of ``frame`` can go on as they are: 8-bit 4:2:0 of limited range."""
    limited = frame.color_range != ColorRange.JPEG
    return frame.format.name == PIXELS and limited and all(plane.line_size > 0 for plane in frame.planes)


def matrix_of(frame: VideoFrame) -> int:
    """The matrix of ``frame``; what it does not name, or what nobody knows, goes by its height."""
    if frame.colorspace in MATRICES:
        return frame.colorspace
    return HD_MATRIX if frame.height >= HD_LINES else SD_MATRIX


def colours_of(frame: VideoFrame) -> Colours:
    """The colours in which pictures like ``frame`` are handed out: its own where its planes stay as they are."""
    if not is_plain(frame):
        return BT709
    matrix = matrix_of(frame)
    usual = MATRICES[matrix]
    return Colours(
        matrix=matrix,
        primaries=frame.color_primaries if frame.color_primaries in PRIMARIES else usual.primaries,
        transfer=frame.color_trc if frame.color_trc in TRANSFERS else usual.transfer,
    )


def to_planes(
    frame: VideoFrame, width: int, height: int, colours: Colours, reformatter: VideoReformatter | None = None
) -> VideoFrame:
    """``frame``, of any kind and size, as 8-bit 4:2:0 of limited range; itself where it is that already."""
    if is_plain(frame) and (frame.width, frame.height, matrix_of(frame)) == (width, height, colours.matrix):
        return frame
    return (reformatter or VideoReformatter()).reformat(
        frame,
        width=width,
        height=height,
        format=PIXELS,
        src_colorspace=MATRICES[matrix_of(frame)].space,
        dst_colorspace=MATRICES[colours.matrix].space,
        src_color_range=frame.color_range or None,
        dst_color_range=ColorRange.MPEG,
        interpolation=QUALITY,
        threads=1,
    )


def planes_of(frame: VideoFrame) -> tuple[Plane, Plane, Plane]:
    """Views on the three planes of a 4:2:0 frame, without the padding at the ends of their rows."""
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    )
    return y, u, v


def sample(bgr: tuple[int, int, int], colours: Colours) -> tuple[int, int, int]:
    """The (Y, Cb, Cr) of one colour."""
    blue, green, red = (value / 255 for value in bgr)
    weights = MATRICES[colours.matrix]
    y = weights.red * red + weights.blue * blue + (1 - weights.red - weights.blue) * green
    cb, cr = (blue - y) / (2 - 2 * weights.blue), (red - y) / (2 - 2 * weights.red)
    return round(16 + 219 * y), round(128 + 224 * cb), round(128 + 224 * cr)
