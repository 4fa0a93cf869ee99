"""Poses, lenses and the pasting of flat things into a scene. Pixel (i, j) covers i..i+1, j..j+1."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]  # (3, 3)
Points = NDArray[np.float64]  # (..., 2)
Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pose:
    """How a flat thing stands: angles in degrees, `distance` of the eye in widths of the plate."""

    width: float  # pixels along the plate, as seen: the mean of its upper and lower edge
    roll: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    distance: float = 8.0


def shifted(x: float, y: float) -> Matrix:
    """The move by (x, y)."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], float)


def scaled(factor: float) -> Matrix:
    """The enlargement by a factor from the origin."""
    return np.diag([factor, factor, 1.0])


def turned(degrees: float) -> Matrix:
    """The turn around the origin, clockwise on the screen."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]], float)


def mapped(matrix: Matrix, points: Points) -> Points:
    """Points (..., 2) through a homography."""
    whole = np.asarray(points, float) @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(whole[..., :2] / whole[..., 2:])


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Points:
    """Corners of an upright rectangle, clockwise from its top left: (4, 2)."""
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], float)


def along(quad: Points) -> float:
    """Width of a plate along itself in pixels: the mean of its upper and lower edge."""
    return float((np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2)


def across(quad: Points) -> float:
    """Height of a plate: its area through its width, so that slanting counts."""
    return float(area(quad) / max(along(quad), 1e-6))


def area(polygon: Points) -> float:
    """Area of a polygon (N, 2), positive for corners clockwise on the screen."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


def inside(quad: Points, width: int, height: int) -> float:
    """Share of a convex polygon's area that lies within the picture."""
    frame = rectangle(0, 0, width, height).astype(np.float32)
    common, _ = cv2.intersectConvexConvex(quad.astype(np.float32), frame)
    return float(common / max(abs(area(quad)), 1e-6))


def bounds(points: Points) -> tuple[float, float, float, float]:
    """The upright box around points: x0, y0, x1, y1."""
    low, high = points.reshape(-1, 2).min(axis=0), points.reshape(-1, 2).max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def standing(pose: Pose, size: tuple[float, float], centre: Points) -> Matrix:
    """Homography from a plate's own plane (its middle the origin, `size` wide and high) to pixels around `centre`."""
    yaw, pitch = np.radians(pose.yaw), np.radians(pose.pitch)
    # The columns are where the plate's x and y axes point after yaw (round the vertical), then pitch.
    across_x = np.array([np.cos(yaw), np.sin(yaw) * np.sin(pitch), -np.sin(yaw) * np.cos(pitch)])
    across_y = np.array([0.0, np.cos(pitch), np.sin(pitch)])
    depth = pose.distance * size[0]
    flat = np.array(
        [
            [across_x[0], across_y[0], 0],
            [across_x[1], across_y[1], 0],
            [across_x[2] / depth, across_y[2] / depth, 1],
        ]
    )
    matrix = turned(pose.roll) @ flat
    corners = rectangle(-size[0] / 2, -size[1] / 2, size[0] / 2, size[1] / 2)
    zoom = scaled(pose.width / along(mapped(matrix, corners)))
    return np.asarray(shifted(float(centre[0]), float(centre[1])) @ zoom @ matrix)


def warped(picture: Picture, matrix: Matrix, width: int, height: int) -> Picture:
    """A picture through a homography between continuous coordinates, nothing (0) outside."""
    centred = shifted(-0.5, -0.5) @ matrix @ shifted(0.5, 0.5)
    return np.asarray(cv2.warpPerspective(picture, centred, (width, height), flags=cv2.INTER_LINEAR), np.float32)


def smeared(picture: Picture, dx: float, dy: float) -> Picture:
    """The mean of a picture along the path from (-dx, -dy) / 2 to (dx, dy) / 2, edges repeated outside."""
    length = float(np.hypot(dx, dy))
    if length < 0.75:
        return picture
    height, width = picture.shape[:2]
    # Averaging with itself at half, a quarter, ... of the length gives a box of samples at most 1.4 pixels apart.
    for step in range(max(1, int(np.ceil(np.log2(length / 1.4))))):
        half = 0.25 / 2**step
        forth = np.array([[1, 0, dx * half], [0, 1, dy * half]])
        back = np.array([[1, 0, -dx * half], [0, 1, -dy * half]])
        one = cv2.warpAffine(picture, forth, (width, height), borderMode=cv2.BORDER_REPLICATE)
        other = cv2.warpAffine(picture, back, (width, height), borderMode=cv2.BORDER_REPLICATE)
        picture = np.asarray(cv2.addWeighted(one, 0.5, other, 0.5, 0), np.float32)
    return picture


def paste(canvas: Picture, layer: Picture, matrix: Matrix, smear: tuple[float, float] = (0.0, 0.0)) -> None:
    """Lay a premultiplied (h, w, 4) layer over the canvas through a homography, moving by `smear` pixels meanwhile."""
    height, width = canvas.shape[:2]
    corners = mapped(matrix, rectangle(0, 0, layer.shape[1], layer.shape[0]))
    x0, y0, x1, y1 = bounds(corners)
    margin = int(max(abs(smear[0]), abs(smear[1])) / 2) + 2
    left, top = max(0, int(x0) - margin), max(0, int(y0) - margin)
    right, bottom = min(width, int(x1) + margin + 1), min(height, int(y1) + margin + 1)
    if right <= left or bottom <= top:
        return
    roi = warped(layer, shifted(-left, -top) @ matrix, right - left, bottom - top)
    roi = smeared(roi, *smear)
    target = canvas[top:bottom, left:right]
    target *= 1 - roi[..., 3:]
    target += roi[..., :3]


@dataclass(frozen=True, slots=True)
class Lens:
    """A radial lens: what is seen at p comes from offset + zoom (c + (p - c) (1 + k |p - c|² / radius²))."""

    k: float
    centre: tuple[float, float]
    radius: float
    offset: tuple[float, float]
    zoom: float

    @classmethod
    def fitted(cls, k: float, centre: tuple[float, float], width: int, height: int) -> "Lens":
        """The lens whose picture (width, height) just fills from a source of the same size."""
        free = cls(k, centre, float(max(width, height)), (0.0, 0.0), 1.0)
        edge = np.linspace(0, 1, 9)
        rim = np.concatenate([np.stack([edge * width, edge * 0 + y], 1) for y in (0, height)])
        rim = np.concatenate([rim, *(np.stack([edge * 0 + x, edge * height], 1) for x in (0, width))])
        x0, y0, x1, y1 = bounds(free.source(rim))
        zoom = min(width / (x1 - x0), height / (y1 - y0))
        middle = ((width - zoom * (x0 + x1)) / 2, (height - zoom * (y0 + y1)) / 2)
        return cls(k, centre, free.radius, middle, zoom)

    def source(self, points: Points) -> Points:
        """Where in the source the picture's points come from."""
        away = points - np.array(self.centre)
        swell = 1 + self.k * (away**2).sum(axis=-1, keepdims=True) / self.radius**2
        return np.asarray(np.array(self.offset) + self.zoom * (np.array(self.centre) + away * swell))

    def seen(self, points: Points) -> Points:
        """Where the source's points appear: the inverse of `source`, by Newton's method on the radius."""
        away = (points - np.array(self.offset)) / self.zoom - np.array(self.centre)
        given = np.linalg.norm(away, axis=-1, keepdims=True) / self.radius
        radius = given.copy()
        for _ in range(12):
            radius -= (radius * (1 + self.k * radius**2) - given) / (1 + 3 * self.k * radius**2)
        return np.asarray(np.array(self.centre) + away * np.where(given > 1e-9, radius / np.maximum(given, 1e-9), 1))

    def stretch(self, point: Points, roll: float) -> float:
        """Source pixels to a pixel of the picture, at a point of the picture along `roll` (degrees)."""
        way = np.array((np.cos(np.radians(roll)), np.sin(np.radians(roll))))
        return float(np.linalg.norm(self.source(point + way / 2) - self.source(point - way / 2)))

    def through(self, picture: Picture) -> Picture:
        """The picture as the lens shows it."""
        height, width = picture.shape[:2]
        x = np.arange(width, dtype=np.float32)[None] + np.float32(0.5 - self.centre[0])
        y = np.arange(height, dtype=np.float32)[:, None] + np.float32(0.5 - self.centre[1])
        swell = self.zoom * (1 + self.k / self.radius**2 * (x * x + y * y))
        map_x = x * swell + (self.offset[0] + self.zoom * self.centre[0] - 0.5)
        map_y = y * swell + (self.offset[1] + self.zoom * self.centre[1] - 0.5)
        maps = (map_x.astype(np.float32), map_y.astype(np.float32))
        return np.asarray(cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
