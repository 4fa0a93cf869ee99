"""Who issues what: colours, sizes and series of licence plates, as data."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

Colour = tuple[float, float, float]  # BGR, 0..1

WHITE: Colour = (0.90, 0.91, 0.91)
BLACK: Colour = (0.07, 0.07, 0.07)
YELLOW: Colour = (0.06, 0.70, 0.95)
PALE_YELLOW: Colour = (0.25, 0.83, 0.96)
BLUE: Colour = (0.55, 0.20, 0.05)
LIGHT_BLUE: Colour = (0.85, 0.62, 0.30)
GREEN: Colour = (0.25, 0.48, 0.12)
RED: Colour = (0.12, 0.10, 0.70)
GREY: Colour = (0.66, 0.67, 0.67)
ORANGE: Colour = (0.10, 0.45, 0.93)
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


class Band(Enum):
    """Coloured strips that belong to the plate."""

    NONE = "none"
    LEFT = "left"
    BOTH = "both"
    TOP = "top"


@dataclass(frozen=True, slots=True)
class PlateFormat:
    """A kind of plate. In `series` A is a letter of `letters`, 9 a digit, / a new line, * a seal, the rest itself."""

    name: str
    ground: Colour
    ink: Colour
    series: tuple[str, ...]
    share: float  # how often, against the others
    size_mm: tuple[int, int] = (520, 110)
    two_lines_mm: tuple[int, int] = (340, 220)
    letters: str = LETTERS
    band: Band = Band.NONE
    band_text: str = ""
    caption: str = ""  # small text above, as on American plates


DUTCH_LETTERS = "BDFGHJKLNPRSTVXZ"
# Sidecodes 1 to 14 in the order in which they came into use.
SIDECODES = (
    "AA-99-99",
    "99-99-AA",
    "99-AA-99",
    "AA-99-AA",
    "AA-AA-99",
    "99-AA-AA",
    "99-AAA-9",
    "9-AAA-99",
    "AA-999-A",
    "A-999-AA",
    "AAA-99-A",
    "A-99-AAA",
    "9-AA-999",
    "999-AA-9",
)
_DUTCH_TWO = tuple(f"{code[:at]}/{code[at + 1 :]}" for code in SIDECODES[3:] for at in (code.rindex("-"),))


def _dutch(
    name: str,
    ground: Colour,
    ink: Colour,
    share: float,
    series: tuple[str, ...] = SIDECODES[3:],
    band: Band = Band.LEFT,
    two_lines_mm: tuple[int, int] = (340, 220),
) -> PlateFormat:
    text = "NL" if band is Band.LEFT else ""
    return PlateFormat(
        name, ground, ink, series, share, two_lines_mm=two_lines_mm, letters=DUTCH_LETTERS, band=band, band_text=text
    )


def _eu(
    name: str,
    code: str,
    *series: str,
    share: float,
    ground: Colour = WHITE,
    ink: Colour = BLACK,
    band: Band = Band.LEFT,
    two_lines_mm: tuple[int, int] = (340, 220),
    letters: str = LETTERS,
) -> PlateFormat:
    return PlateFormat(
        name, ground, ink, series, share, two_lines_mm=two_lines_mm, letters=letters, band=band, band_text=code
    )


_SQUARE = (300, 200)
_AMERICAN = (305, 152)
FORMATS: tuple[PlateFormat, ...] = (
    _dutch("Dutch", YELLOW, BLACK, 26),
    _dutch("Dutch, two lines", YELLOW, BLACK, 4, series=_DUTCH_TWO),
    _dutch("Dutch before the band", YELLOW, BLACK, 3, series=SIDECODES[1:6], band=Band.NONE),
    _dutch("Dutch, historical", BLUE, WHITE, 2, series=SIDECODES[:3], band=Band.NONE),
    _dutch("Dutch taxi", LIGHT_BLUE, BLACK, 2),
    _dutch("Dutch trade", GREEN, BLACK, 2),
    _dutch("Dutch repeat plate on a carrier", WHITE, BLACK, 2),
    _dutch("Dutch motorcycle", YELLOW, BLACK, 3, series=("MA/99-AA", "AA-99/AA", "99-MA/AA"), two_lines_mm=(210, 165)),
    _dutch("Dutch moped", YELLOW, BLACK, 2, series=("DAA/99-A", "FA/999-A", "99-D/AA-A"), two_lines_mm=(145, 125)),
    _dutch("Dutch speed pedelec", PALE_YELLOW, BLACK, 1, series=("F-999/AA",), two_lines_mm=(145, 125)),
    _eu("German", "D", "A*AA 999", "AA*AA 99", "AAA*A 9999", "AA*A 999", share=8),
    _eu("German, two lines", "D", "AA*/AA 999", "A*/AA 9999", share=2),
    _eu("French", "F", "AA-999-AA", share=6, band=Band.BOTH),
    _eu("French, two lines", "F", "AA-999/AA", share=1, two_lines_mm=_SQUARE),
    _eu("French, before 2009", "", "9999 AA 99", "999 AAA 99", share=1, band=Band.NONE, ground=YELLOW),
    _eu("Belgian", "B", "9-AAA-999", share=6, ink=RED),
    _eu("Belgian, two lines", "B", "9-AAA/999", share=1, ink=RED),
    _eu("British front", "GB", "AA99 AAA", share=3),
    _eu("British rear", "GB", "AA99 AAA", share=3, ground=YELLOW),
    _eu("British, no band", "", "AA99 AAA", "A999 AAA", share=2, band=Band.NONE, ground=PALE_YELLOW),
    _eu("British, two lines", "", "AA99/AAA", share=1, band=Band.NONE, ground=YELLOW, two_lines_mm=(279, 203)),
    _eu("British, historical", "", "AAA 999A", "AAA 99", share=1, band=Band.NONE, ground=BLACK, ink=GREY),
    _eu("Italian", "I", "AA 999AA", share=4, band=Band.BOTH),
    _eu("Spanish", "E", "9999 AAA", share=4, letters="BCDFGHJKLMNPRSTVWXYZ"),
    _eu("Polish", "PL", "AA 99999", "AAA 9A99", "AA 9999A", share=4),
    _eu("Swedish", "S", "AAA 999", "AAA 99A", share=2),
    _eu("Danish", "DK", "AA 99 999", share=2),
    _eu("Norwegian", "N", "AA 99999", share=1),
    _eu("Finnish", "FIN", "AAA-999", share=1),
    _eu("Czech", "CZ", "9A9 9999", share=2),
    _eu("Romanian", "RO", "AA 99 AAA", "A 999 AAA", share=2),
    _eu("Bulgarian", "BG", "AA 9999 AA", share=1),
    _eu("Hungarian", "H", "AAA-999", "AA*AA-999", share=1),
    _eu("Portuguese", "P", "99-AA-99", "AA-99-AA", share=1),
    _eu("Luxembourgish", "L", "AA 9999", share=1, ground=YELLOW),
    _eu("Lithuanian", "LT", "AAA 999", share=1),
    _eu("Austrian", "A", "A*999 AA", "AA*99 AAA", share=2),
    _eu("Slovak", "SK", "AA*999AA", share=1),
    _eu("Croatian", "HR", "AA*9999-AA", share=1),
    _eu("Ukrainian", "UA", "AA 9999 AA", share=2),
    _eu("Swiss", "", "AA*99 999", "AA*999 999", share=2, band=Band.NONE),
    _eu("Swiss, two lines", "", "*AA/999 999", share=1, band=Band.NONE, two_lines_mm=_SQUARE),
    _eu("Turkish", "TR", "99 AA 9999", "99 AAA 99", share=1),
    PlateFormat("Russian", WHITE, BLACK, ("A999AA 99", "A999AA 999"), 1, letters="ABCEHKMOPTXY"),
    PlateFormat("Brazilian", GREY, BLACK, ("AAA-9999",), 2, (400, 130), (187, 136), caption="SP - SAO PAULO"),
    PlateFormat("Mercosur", WHITE, BLACK, ("AAA9A99",), 3, (400, 130), (200, 170), band=Band.TOP, band_text="BRASIL"),
    PlateFormat("Mercosur, two lines", WHITE, BLACK, ("AAA/9A99",), 1, (400, 130), (200, 170), band=Band.TOP),
    PlateFormat("American", WHITE, BLUE, ("AAA 9999", "9AAA999", "AAA-999"), 2, _AMERICAN, caption="CALIFORNIA"),
    PlateFormat("American, tinted", LIGHT_BLUE, BLACK, ("AAA 999", "99A-999"), 1, _AMERICAN, caption="NEW JERSEY"),
    PlateFormat("American, yellow", PALE_YELLOW, BLUE, ("AAA-9999",), 1, _AMERICAN, caption="NEW YORK"),
    PlateFormat("American, orange", ORANGE, BLACK, ("AA-99999",), 1, _AMERICAN, caption="COLORADO"),
    PlateFormat("Japanese", WHITE, GREEN, ("999/99-99",), 1, two_lines_mm=(330, 165)),
    PlateFormat("Light on dark", BLACK, WHITE, ("AA-99-99", "AAA 999", "9999 AA"), 2),
    PlateFormat("Light on green", GREEN, WHITE, ("AA-99-99", "AA 99999"), 1),
    PlateFormat("Light on red", RED, WHITE, ("99-99-AA", "AAA 999"), 1),
    PlateFormat("Export or insurance", WHITE, GREEN, ("999/AAA", "A99/AAA"), 1, two_lines_mm=(130, 105)),
)
_SHARES = np.array([each.share for each in FORMATS]) / sum(each.share for each in FORMATS)


def any_format(rng: np.random.Generator) -> PlateFormat:
    """One of the formats, as often as its share says."""
    return FORMATS[int(rng.choice(len(FORMATS), p=_SHARES))]


def registration(series: str, letters: str, rng: np.random.Generator) -> str:
    """A series with its letters and digits filled in: `99-AAA-9` becomes `48-KTP-3`, say.

    In Dutch motorcycle and moped series the given first letter (M, D, F) stays as it is written.
    """
    draw = {"A": letters, "9": "0123456789"}
    return "".join(draw[char][int(rng.integers(len(draw[char])))] if char in draw else char for char in series)
