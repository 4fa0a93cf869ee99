"""Characters: strokes of our own that look like plate lettering, and the truetype fonts of installed packages."""

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

CAP = 72  # rows between the top and the foot of a capital
ROOM = 4  # rows above and below, for round letters that reach over
_DRAWN = 4  # strokes are drawn this many times larger, then shrunk

Mask = NDArray[np.float32]
Points = list[tuple[float, float]]


def _arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> Points:
    """Points of an arc; degrees, 0 to the right, growing clockwise on the screen."""
    angles = np.radians(np.linspace(start, end, 14))
    return [(cx + rx * float(np.cos(angle)), cy + ry * float(np.sin(angle))) for angle in angles]


# Unit box, (0, 0) top left, (1, 1) bottom right: the middle line of each stroke.
_STROKES: dict[str, list[Points]] = {
    "0": [[*_arc(0.5, 0.3, 0.5, 0.3, 180, 360), *_arc(0.5, 0.7, 0.5, 0.3, 0, 180), (0, 0.3)]],
    "1": [[(0.15, 0.25), (0.6, 0), (0.6, 1)]],
    "2": [[*_arc(0.5, 0.29, 0.48, 0.29, 185, 380), (0, 1), (1, 1)]],
    "3": [_arc(0.45, 0.26, 0.45, 0.26, 200, 450), _arc(0.48, 0.74, 0.5, 0.26, 270, 520)],
    "4": [[(0.62, 0), (0, 0.72), (1, 0.72)], [(0.74, 0.45), (0.74, 1)]],
    "5": [[(0.92, 0), (0.14, 0), (0.06, 0.46), *_arc(0.48, 0.69, 0.5, 0.31, 225, 505)]],
    "6": [[(0.72, 0), (0.08, 0.52)], _arc(0.5, 0.68, 0.5, 0.32, 0, 360)],
    "7": [[(0, 0), (1, 0), (0.35, 1)]],
    "8": [_arc(0.5, 0.25, 0.42, 0.25, 0, 360), _arc(0.5, 0.74, 0.5, 0.26, 0, 360)],
    "9": [_arc(0.5, 0.32, 0.5, 0.32, 0, 360), [(0.93, 0.46), (0.3, 1)]],
    "A": [[(0, 1), (0.5, 0), (1, 1)], [(0.17, 0.68), (0.83, 0.68)]],
    "B": [
        [(0, 0.48), (0, 0), *_arc(0.58, 0.24, 0.36, 0.24, -90, 90), (0, 0.48)],
        [(0, 0.48), (0, 1), *_arc(0.62, 0.74, 0.38, 0.26, 90, -90)],
    ],
    "C": [[*_arc(0.5, 0.3, 0.5, 0.3, -20, -180), *_arc(0.5, 0.7, 0.5, 0.3, 180, 20)]],
    "D": [[(0, 0), *_arc(0.45, 0.4, 0.55, 0.4, -90, 0), *_arc(0.45, 0.6, 0.55, 0.4, 0, 90), (0, 1), (0, 0)]],
    "E": [[(1, 0), (0, 0), (0, 1), (1, 1)], [(0, 0.48), (0.85, 0.48)]],
    "F": [[(1, 0), (0, 0), (0, 1)], [(0, 0.48), (0.85, 0.48)]],
    "G": [[*_arc(0.5, 0.3, 0.5, 0.3, -20, -180), *_arc(0.5, 0.7, 0.5, 0.3, 180, 0), (1, 0.52), (0.6, 0.52)]],
    "H": [[(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, 0.48), (1, 0.48)]],
    "I": [[(0.5, 0), (0.5, 1)]],
    "J": [[(0.85, 0), *_arc(0.42, 0.7, 0.43, 0.3, 0, 170)]],
    "K": [[(0, 0), (0, 1)], [(1, 0), (0, 0.6)], [(0.35, 0.42), (1, 1)]],
    "L": [[(0, 0), (0, 1), (0.95, 1)]],
    "M": [[(0, 1), (0, 0), (0.5, 0.62), (1, 0), (1, 1)]],
    "N": [[(0, 1), (0, 0), (1, 1), (1, 0)]],
    "O": [[*_arc(0.5, 0.32, 0.5, 0.32, 180, 360), *_arc(0.5, 0.68, 0.5, 0.32, 0, 180), (0, 0.32)]],
    "P": [[(0, 1), (0, 0), *_arc(0.6, 0.27, 0.4, 0.27, -90, 90), (0, 0.54)]],
    "Q": [
        [*_arc(0.5, 0.32, 0.5, 0.32, 180, 360), *_arc(0.5, 0.68, 0.5, 0.32, 0, 180), (0, 0.32)],
        [(0.6, 0.75), (1, 1)],
    ],
    "R": [[(0, 1), (0, 0), *_arc(0.6, 0.26, 0.38, 0.26, -90, 90), (0, 0.52)], [(0.5, 0.52), (1, 1)]],
    "S": [[*_arc(0.5, 0.26, 0.46, 0.26, -20, -250), *_arc(0.5, 0.74, 0.48, 0.26, -80, 160)]],
    "T": [[(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]],
    "U": [[(0, 0), *_arc(0.5, 0.7, 0.5, 0.3, 180, 0), (1, 0)]],
    "V": [[(0, 0), (0.5, 1), (1, 0)]],
    "W": [[(0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0)]],
    "X": [[(0, 0), (1, 1)], [(1, 0), (0, 1)]],
    "Y": [[(0, 0), (0.5, 0.5), (1, 0)], [(0.5, 0.5), (0.5, 1)]],
    "Z": [[(0, 0), (1, 0), (0, 1), (1, 1)]],
}
_WIDE = "MW"
_NARROW = "1IJ"

# Shares of the cap height: (stroke, width of the middle lines), from thin and narrow to bold and wide.
STROKE_FACES = ((0.11, 0.42), (0.13, 0.46), (0.145, 0.40), (0.15, 0.52), (0.17, 0.46), (0.125, 0.56), (0.18, 0.38))


@cache
def font_files() -> tuple[Path, ...]:
    """Truetype fonts inside installed packages and the system's own folder, upright and at least of book weight."""
    folders = [Path("/usr/share/fonts/truetype")]
    for package, inside in (("font_source_sans_pro", "files"), ("prefect", "server/ui-v2/fonts")):
        found = find_spec(package)
        if found is not None and found.origin is not None:
            folders.append(Path(found.origin).parent / inside)
    files = (file for folder in folders for file in folder.rglob("*.ttf"))
    unfit = ("Italic", "Oblique", "It.", "Light", "Math", "Serif")
    return tuple(sorted(file for file in files if not any(word in file.name for word in unfit)))


def faces() -> int:
    """How many faces `glyph` knows: the strokes first, then the fonts."""
    return len(STROKE_FACES) + len(font_files())


@lru_cache(maxsize=256)
def _font(file: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file), size)


@cache
def _font_for_caps(file: Path) -> ImageFont.FreeTypeFont:
    """The font at the size at which an H is CAP rows high."""
    top, bottom = _font(file, 100).getbbox("H")[1::2]
    return _font(file, max(8, round(100 * CAP / (bottom - top))))


def _stroked(char: str, face: int) -> Mask:
    stroke, width = STROKE_FACES[face]
    width *= 1.3 if char in _WIDE else 0.6 if char in _NARROW else 1.0
    cap = CAP * _DRAWN
    thick = max(1, round(stroke * cap))
    columns = round(width * cap) + thick
    image = np.zeros(((CAP + 2 * ROOM) * _DRAWN, columns), np.uint8)
    for line in _STROKES[char]:
        points = np.array(line) * (width * cap - 1, cap - thick) + (thick / 2, thick / 2 + ROOM * _DRAWN)
        cv2.polylines(image, [np.round(points).astype(np.int32)], False, 255, thick)
    size = (max(1, round(columns / _DRAWN)), CAP + 2 * ROOM)
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)


def _typed(char: str, file: Path) -> Mask:
    font = _font_for_caps(file)
    top = font.getbbox("H")[1]
    left, _, right, _ = font.getbbox(char)
    image = Image.new("L", (max(1, round(right - left)), CAP + 2 * ROOM))
    ImageDraw.Draw(image).text((-left, ROOM - top), char, fill=255, font=font)
    return np.asarray(image, np.float32) / np.float32(255)


@lru_cache(maxsize=4096)
def glyph(char: str, face: int) -> Mask:
    """Coverage of one capital or digit, (CAP + 2 ROOM, its width), 0..1."""
    if face < len(STROKE_FACES):
        return _stroked(char, face)
    return _typed(char, font_files()[face - len(STROKE_FACES)])


def line(text: str, face: int, height: int, gap: float, dash: bool = True) -> Mask:
    """One line of a plate, capitals `height` rows high; `gap` and blanks are shares of the height.

    A space is a wide gap, a dash is drawn (or, without `dash`, left open).
    """
    parts: list[Mask] = []
    between = np.zeros((CAP + 2 * ROOM, max(1, round(gap * CAP))), np.float32)
    for char in text:
        if char == "-" and dash:
            mark = np.zeros((CAP + 2 * ROOM, round(0.24 * CAP)), np.float32)
            mark[ROOM + round(0.44 * CAP) : ROOM + round(0.56 * CAP)] = 1
            parts += [mark, between]
        elif char in "- ":
            parts.append(np.zeros((CAP + 2 * ROOM, round(0.3 * CAP)), np.float32))
        else:
            parts += [glyph(char, face), between]
    whole = np.concatenate(parts[:-1] if parts[-1] is between else parts, axis=1)
    scale = height / CAP
    size = (max(1, round(whole.shape[1] * scale)), max(1, round(whole.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(whole, size, interpolation=way), np.float32)


def written(text: str, face: int, height: int) -> Mask:
    """Any text in a font, about `height` rows high, tight; falls back to stroked capitals where no font is found."""
    files = font_files()
    if not files:
        capitals = "".join(char if char in _STROKES else " " for char in text.upper()).strip() or "X"
        return line(capitals, face % len(STROKE_FACES), max(2, round(height * 0.8)), 0.1)
    font = _font(files[face % len(files)], max(4, height))
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (max(1, round(right - left)), max(1, round(bottom - top))))
    ImageDraw.Draw(image).text((-left, -top), text, fill=255, font=font)
    return np.asarray(image, np.float32) / np.float32(255)
