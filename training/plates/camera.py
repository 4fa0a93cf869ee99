"""Optics, sensor and codec: from the light of a scene to the picture that a recorder kept."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from training.plates import codec, lettering
from training.plates.geometry import smeared

Picture = NDArray[np.float32]
Image = NDArray[np.uint8]
_FIELD = 1100  # pixels a side of the field of noise


@dataclass(frozen=True, slots=True)
class Camera:
    """What one camera does to the light; the defaults do nothing."""

    exposure: float = 1.0
    motion: tuple[float, float] = (0.0, 0.0)  # pixels that the whole picture moves while the shutter is open
    defocus: float = 0.0  # sigma in pixels
    veil: float = 0.0  # light scattered over everything
    shrink: float = 1.0  # the sensor's pixels are this many times larger than the picture's
    noise: float = 0.0  # standard deviation of luma at mid grey, 0..1
    chroma_noise: float = 0.0
    grey: bool = False
    grey_weights: tuple[float, float, float] = (0.15, 0.35, 0.5)
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    contrast: float = 1.0
    gamma: float = 1.0
    sharpening: float = 0.0
    combing: float = 0.0  # pixels between the two fields of an interlaced picture
    overlay: bool = False
    jpeg: int | None = None
    jpeg_fine_chroma: bool = False
    h264: int | None = None  # quantiser
    h264_moved: tuple[int, int] = (0, 0)  # rows and columns by which the frame before differs
    rough: bool = False  # enlarge without smoothing


def any_camera(rng: np.random.Generator, night: bool, plate_width: float) -> Camera:
    """A camera as chance gives it; motion of the whole picture goes by the width of the plate in it."""

    def often(chance: float, low: float, high: float, other: float = 0.0) -> float:
        return float(rng.uniform(low, high)) if rng.random() < chance else other

    length = often(0.35, 0.0, 0.25) * plate_width if rng.random() < 0.6 else often(0.5, 0.0, 9.0)
    angle = rng.uniform(0, 2 * np.pi)
    noise = float(10 ** rng.uniform(-2.6, -0.95 if night else -1.35)) if rng.random() < 0.8 else 0.0
    grey = bool(rng.random() < (0.4 if night else 0.06))  # at night cameras turn to infra-red
    coding = rng.random()
    blue, red = rng.normal(0, 0.08, 2)
    return Camera(
        exposure=float(np.exp(rng.normal(0, 0.35))),
        motion=(float(length * np.cos(angle)), float(length * np.sin(angle))),
        defocus=often(0.45, 0.3, 1.1) if plate_width < 40 else often(0.45, 0.3, 0.3 + plate_width * 0.02),
        veil=often(0.15, 0.0, 0.2),
        shrink=often(0.35, 1.1, 2.0 if plate_width < 45 else 3.0, 1.0),
        noise=noise,
        chroma_noise=noise * float(rng.uniform(0, 1.2)),
        grey=grey,
        grey_weights=(0.1, 0.3, 0.6) if rng.random() < 0.6 else (0.11, 0.59, 0.3),
        tint=(1 + float(blue), 1.0, 1 + float(red)),
        saturation=often(0.6, 0.2, 1.5, 1.0),
        contrast=often(0.6, 0.6, 1.5, 1.0),
        gamma=often(0.5, 0.7, 1.4, 1.0),
        sharpening=often(0.3, 0.3, 2.2),
        combing=often(0.08, 1.0, 1.0 + min(8.0, 0.15 * plate_width)),
        overlay=bool(rng.random() < 0.12),
        jpeg=int(rng.integers(15, 96)) if coding < 0.76 else None,
        jpeg_fine_chroma=bool(rng.random() < 0.3),
        h264=int(rng.integers(24, 42)) if coding > 0.86 else None,
        h264_moved=(int(rng.integers(-3, 4)), int(rng.integers(-6, 7))) if rng.random() < 0.6 else (0, 0),
        rough=bool(rng.random() < 0.1),
    )


def shoot(light: Picture, camera: Camera, rng: np.random.Generator) -> Image:
    """The picture (H, W, 3) uint8 that a camera makes of linear light (H, W, 3), of the same size."""
    height, width = light.shape[:2]
    light = smeared(light * np.float32(camera.exposure), *camera.motion)
    if camera.defocus:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), camera.defocus), np.float32)
    if camera.veil:
        light = light * np.float32(1 - camera.veil) + np.float32(camera.veil) * light.mean(axis=(0, 1))
    if camera.shrink > 1:
        size = (max(8, round(width / camera.shrink)), max(8, round(height / camera.shrink)))
        light = np.asarray(cv2.resize(light, size, interpolation=cv2.INTER_AREA), np.float32)
    image = np.sqrt(np.clip(_sensed(light, camera), 0, 1))
    image = _graded(_grained(image, camera, rng), camera)
    if camera.combing:
        _comb(image, camera.combing)
    result = np.asarray(np.clip(image * 255 + 0.5, 0, 255), np.uint8)
    if camera.overlay:
        burn_in(result, rng)
    result = _coded(result, camera)
    if result.shape[:2] != (height, width):
        way = cv2.INTER_NEAREST if camera.rough else cv2.INTER_CUBIC
        result = np.asarray(cv2.resize(result, (width, height), interpolation=way), np.uint8)
    return np.ascontiguousarray(result)


def _sensed(light: Picture, camera: Camera) -> Picture:
    if camera.grey:
        grey = cv2.transform(light, np.array([camera.grey_weights], np.float32))
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.float32)
    return light * np.asarray(camera.tint, np.float32)


@cache
def _field() -> Picture:
    return np.random.default_rng(5).standard_normal((_FIELD, _FIELD), np.float32)


def _speckle(height: int, width: int, rng: np.random.Generator) -> Picture:
    """White noise of deviation 1, (height, width): a part of one fixed field, for speed, anywhere in it."""
    if max(height, width) > _FIELD:
        return rng.standard_normal((height, width), np.float32)
    y, x = int(rng.integers(_FIELD - height + 1)), int(rng.integers(_FIELD - width + 1))
    part = _field()[y : y + height, x : x + width]
    return part[::-1] if rng.random() < 0.5 else part


def _grained(image: Picture, camera: Camera, rng: np.random.Generator) -> Picture:
    if not camera.noise:
        return image
    height, width = image.shape[:2]
    image = image + _speckle(height, width, rng)[..., None] * np.float32(camera.noise)
    if camera.chroma_noise and not camera.grey:
        coarse = np.dstack([_speckle(height // 2 + 1, width // 2 + 1, rng) for _ in range(3)])
        image += cv2.resize(coarse * np.float32(camera.chroma_noise), (width, height))
    return image


def _graded(image: Picture, camera: Camera) -> Picture:
    if camera.saturation != 1 and not camera.grey:
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.float32)[..., None]
        image = grey + np.float32(camera.saturation) * (image - grey)
    if camera.gamma != 1:
        image = np.asarray(cv2.pow(np.clip(image, 0, 1), camera.gamma), np.float32)
    if camera.contrast != 1:
        image = (image - np.float32(0.45)) * np.float32(camera.contrast) + np.float32(0.45)
    if camera.sharpening:
        soft = cv2.GaussianBlur(image, (0, 0), 1.1)
        image = np.asarray(cv2.addWeighted(image, 1 + camera.sharpening, soft, -camera.sharpening, 0), np.float32)
    return image


def _comb(image: Picture, shift: float) -> None:
    """Two fields half a shift to either side of where things are."""
    for first, move in ((0, shift / 2), (1, -shift / 2)):
        rows = np.ascontiguousarray(image[first::2])
        matrix = np.array([[1, 0, move], [0, 1, 0]])
        size = (rows.shape[1], rows.shape[0])
        image[first::2] = cv2.warpAffine(rows, matrix, size, borderMode=cv2.BORDER_REPLICATE)


def _coded(image: Image, camera: Camera) -> Image:
    if camera.h264 is not None:
        image = codec.as_h264(image, camera.h264, camera.h264_moved)
    return image if camera.jpeg is None else codec.as_jpeg(image, camera.jpeg, camera.jpeg_fine_chroma)


def burn_in(image: Image, rng: np.random.Generator) -> None:
    """A time, a date or a camera's name as recorders write them into the picture."""
    numbers = rng.integers(0, 60, 6)
    texts = (
        f"20{numbers[0] % 30:02}-{numbers[1] % 12 + 1:02}-{numbers[2] % 28 + 1:02}  {numbers[3] % 24}:{numbers[4]:02}",
        f"{numbers[3] % 24:02}:{numbers[4]:02}:{numbers[5]:02}",
        f"CAM {numbers[0]:02}",
        f"CH{numbers[1] % 16 + 1} INGANG",
        f"{numbers[2]} km/h",
    )
    height, width = image.shape[:2]
    tall = max(6, int(rng.uniform(0.03, 0.09) * height))
    mask = lettering.written(texts[int(rng.integers(len(texts)))], int(rng.integers(99)), tall)
    mask = mask[: height - 2, : width - 2]
    x = int(rng.integers(0, max(1, width - mask.shape[1])))
    y = int(rng.integers(0, max(1, height - mask.shape[0])))
    area = image[y : y + mask.shape[0], x : x + mask.shape[1]]
    if rng.random() < 0.3:
        area[:] = 0
    colour = np.array(((255, 255, 255), (0, 255, 255), (0, 255, 0), (20, 20, 20))[int(rng.integers(4))])
    area[:] = (area + mask[..., None] * (colour - area)).astype(np.uint8)
