"""What is between the scene and the lens: rain, drops on the glass, lamps that dazzle, light of one colour."""

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
_SODIUM, _BLUISH = (0.25, 0.65, 1.15), (1.2, 1.0, 0.75)  # BGR


def any_weather(light: Picture, rng: np.random.Generator, night: bool) -> None:
    """Change linear light (H, W, 3) in place as chance has it; most scenes stay as they are."""
    if rng.random() < (0.3 if night else 0.03):
        light *= np.asarray(_SODIUM if rng.random() < 0.7 else _BLUISH, np.float32)
    if rng.random() < (0.2 if night else 0.04):
        _dazzle(light, rng)
    if rng.random() < 0.05:
        _rain(light, rng)
    if rng.random() < 0.04:
        _drops(light, rng)


def _dazzle(light: Picture, rng: np.random.Generator) -> None:
    """Up to three lamps, each a bright core with a wide halo."""
    height, width = light.shape[:2]
    x, y = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    for _ in range(int(rng.integers(1, 4))):
        away = (x - np.float32(rng.uniform(0, width))) ** 2 + (y - np.float32(rng.uniform(0, height))) ** 2
        core = np.float32(rng.uniform(1.5, 9) ** 2)
        strength = np.float32(rng.uniform(0.5, 6))
        halo = strength / (1 + away / core)
        light += halo[..., None] * rng.uniform(0.75, 1.0, 3).astype(np.float32)


def _rain(light: Picture, rng: np.random.Generator) -> None:
    """Thin bright streaks, all about the same way."""
    height, width = light.shape[:2]
    veil = np.zeros((height, width), np.float32)
    slant, length = rng.normal(0, 0.25), rng.uniform(0.02, 0.12) * height
    for _ in range(int(rng.integers(20, 160))):
        x, y = rng.uniform(0, width), rng.uniform(-length, height)
        end = (round(x + slant * length), round(y + length))
        cv2.line(veil, (round(x), round(y)), end, float(rng.uniform(0.02, 0.2)), 1, cv2.LINE_AA)
    light += (veil * np.float32(light.mean() + 0.1))[..., None]


def _drops(light: Picture, rng: np.random.Generator) -> None:
    """Round spots through which all is soft."""
    height, width = light.shape[:2]
    mask = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(2, 20))):
        at = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(mask, at, max(2, int(rng.uniform(0.01, 0.08) * height)), float(rng.uniform(0.4, 1)), -1)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 2), np.float32)
    soft = np.asarray(cv2.GaussianBlur(light, (0, 0), rng.uniform(2, 4)), np.float32)
    light += mask[..., None] * (soft - light)
