"""The network: where the centre of a licence plate lies, and how far its sides are from there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

CELL = 4  # pixels of the input for one cell of the output
PRIOR = 0.01  # share of cells that a fresh network takes for the centre of a plate
LONGEST = 7.0  # logarithm, in cells, of the longest distance to a side that is believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """Channels at each step of halving, and how many blocks refine each."""

    stem: int = 16
    quarter: int = 24
    eighth: int = 48
    sixteenth: int = 88
    thirtysecond: int = 112
    neck: int = 32
    blocks: tuple[int, int, int, int] = (1, 2, 3, 2)


class Step(nn.Sequential):
    """Convolution of 3 × 3 (or 1 × 1), normalised, and a rectifier."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1, kernel: int = 3, rectify: bool = True) -> None:
        layers: list[nn.Module] = [
            nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        super().__init__(*layers, *([nn.ReLU()] if rectify else []))


class Block(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = Step(channels, channels)
        self.second = Step(channels, channels, rectify=False)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


class PlateNetwork(nn.Module):
    """Pictures ``(N, 3, H, W)`` in BGR, 0..255, sides in multiples of 32, to logits ``(N, 1, H/4, W/4)`` of a plate's
    centre and logarithms ``(N, 4, H/4, W/4)`` of the distances, in cells, to left, top, right and bottom."""

    def __init__(self, widths: Widths = Widths()) -> None:
        super().__init__()
        w, (b4, b8, b16, b32) = widths, widths.blocks
        self.stem = Step(3, w.stem, stride=2)
        self.quarter = stage(w.stem, w.quarter, b4)
        self.eighth = stage(w.quarter, w.eighth, b8)
        self.sixteenth = stage(w.eighth, w.sixteenth, b16)
        self.thirtysecond = stage(w.sixteenth, w.thirtysecond, b32)
        self.from_quarter = Step(w.quarter, w.neck, kernel=1)
        self.from_eighth = Step(w.eighth, w.neck, kernel=1)
        self.from_sixteenth = Step(w.sixteenth, w.neck, kernel=1)
        self.from_thirtysecond = Step(w.thirtysecond, w.neck, kernel=1)
        self.join_sixteenth = Step(w.neck, w.neck)
        self.join_eighth = Step(w.neck, w.neck)
        self.join_quarter = Step(w.neck, w.neck)
        self.head = Step(w.neck, w.neck)
        self.heat = nn.Conv2d(w.neck, 1, 1)
        self.sides = nn.Conv2d(w.neck, 4, 1)
        nn.init.constant_(self.heat.bias, math.log(PRIOR / (1 - PRIOR)))
        nn.init.constant_(self.sides.bias, 1.0)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        x = (pictures - 127.5) / 64
        c4 = self.quarter(self.stem(x))
        c8 = self.eighth(c4)
        c16 = self.sixteenth(c8)
        c32 = self.thirtysecond(c16)
        p16 = self.join_sixteenth(self.from_sixteenth(c16) + doubled(self.from_thirtysecond(c32)))
        p8 = self.join_eighth(self.from_eighth(c8) + doubled(p16))
        p4 = self.head(self.join_quarter(self.from_quarter(c4) + doubled(p8)))
        return self.heat(p4), self.sides(p4).clamp(max=LONGEST)


def stage(inputs: int, outputs: int, blocks: int) -> nn.Sequential:
    """Half the resolution, then ``blocks`` that refine."""
    return nn.Sequential(Step(inputs, outputs, stride=2), *(Block(outputs) for _ in range(blocks)))


def doubled(x: Tensor) -> Tensor:
    """Twice as high and as wide."""
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")
