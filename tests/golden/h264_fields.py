"""A writer of H.264 with two separate fields in each picture (PAFF, as camcorders code), which no encoder here makes.

All blocks are plain samples (I_PCM), so only headers are coded (ITU-T H.264, 7.3).
"""

from __future__ import annotations

import numpy as np
from clips import numbered

BLOCK = 16
PLAIN_BLOCK = 25
START = b"\0\0\0\1"
DELIMITER = START + b"\x09\x10"
GREY = bytes([128]) * 128
DARKEST = 20
"""Samples this bright never look like a start code."""


class _Bits:
    def __init__(self) -> None:
        self._bits = ""

    def put(self, value: int, count: int) -> _Bits:
        self._bits += format(value, f"0{count}b") if count else ""
        return self

    def numbers(self, *values: int) -> _Bits:
        for value in values:
            self.put(value + 1, 2 * (value + 1).bit_length() - 1)
        return self

    def flags(self, *values: int) -> _Bits:
        for value in values:
            self.put(value, 1)
        return self

    def bytes(self) -> bytes:
        padded = self._bits + "0" * (-len(self._bits) % 8)
        return int(padded, 2).to_bytes(len(padded) // 8, "big")


def access_units(count: int, size: tuple[int, int]) -> list[tuple[bytes, bytes]]:
    """(top field, bottom field) of each numbered picture, with start codes; ``size`` in whole pairs of blocks."""
    width, height = size
    units = []
    for number in range(count):
        luma = np.maximum(numbered(number, width, height)[:, :, 1], DARKEST)
        headers = _sequence(width // BLOCK, height // BLOCK // 2) + _picture()
        top = DELIMITER + headers + _field(luma[0::2], number, bottom=0)
        units.append((top, DELIMITER + _field(luma[1::2], number, bottom=1)))
    return units


def _sequence(columns: int, rows: int) -> bytes:
    bits = _Bits().put(77, 8).put(0, 8).put(30, 8).numbers(0, 0, 2, 1).flags(0).numbers(columns - 1, rows - 1)
    return START + b"\x67" + bits.flags(0, 0, 1, 0, 0, 1).bytes()  # frames only: no


def _picture() -> bytes:
    bits = _Bits().numbers(0, 0).flags(0, 0).numbers(0, 0, 0).flags(0).put(0, 2).numbers(0, 0, 0).flags(1, 0, 0, 1)
    return START + b"\x68" + bits.bytes()


def _field(luma: np.ndarray, number: int, *, bottom: int) -> bytes:
    instant = not number and not bottom
    bits = _Bits().numbers(0, 7, 0).put(number % 16, 4).flags(1, bottom)
    bits = bits.numbers(0).flags(0, 0) if instant else bits.flags(0)
    head = bits.numbers(0, 1, PLAIN_BLOCK).bytes()
    following = _Bits().numbers(PLAIN_BLOCK).bytes()
    blocks = (
        luma[y : y + BLOCK, x : x + BLOCK].tobytes() + GREY
        for y in range(0, luma.shape[0], BLOCK)
        for x in range(0, luma.shape[1], BLOCK)
    )
    return START + (b"\x65" if instant else b"\x61") + head + following.join(blocks) + b"\x80"
