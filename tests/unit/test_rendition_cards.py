"""Cards hold what they must, readable, whatever the length of the texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from PIL import ImageFont

from vrijgave.domain.texts import PublicContext
from vrijgave.errors import Rejected
from vrijgave.i18n import Language
from vrijgave.rendition import FULL_HD, Card, build_cards, draw_card
from vrijgave.rendition.profiles import CALM, Colour, Role, Weight
from vrijgave.rendition.typesetting import Area, Line, font_file, typeset, wrap

PROFILE = replace(FULL_HD, width=960, height=540)
CONTEXT = PublicContext(
    public_case_number="2026-0314",
    unit="Politie Voorbeeldstad",
    offence="Overval op een juwelier",
    public_place="Voorbeeldstad-Oost",
    incident_date=date(2026, 3, 14),
    question="Herkent u deze man?",
    scene="",
    silent=True,
    seconds=12,
    police_phone="0900-1111",
    anonymous_phone="0800-2222",
    tip_url="https://tips.example/geef",
)
LONG = replace(
    CONTEXT,
    offence="Poging tot zware mishandeling met voorbedachten rade, gevolgd door diefstal van een fiets met geweld",
    public_place="Parkeerterrein achter het winkelcentrum aan de noordzijde van ’s-Hertogenbosch, Súdwest-Fryslân",
    unit="Regionale Eenheid Zeeland-West-Brabant, district Markiezaten, basisteam Bergen op Zoom",
    question="Wie heeft tussen half elf en kwart over elf twee jongens op één scooter gezien, die vanaf de kerk "
    "richting het station reden, en wie herkent de coördinerende man met de gele helm en de reünietrui? " * 2,
    tip_url="https://tips.example/" + "gezochte-personen/" * 8,
    public_case_number="2026-0314-0001-ABCDEF-0000-1111-2222",
)


def contrast(one: Colour, other: Colour) -> float:
    """The ratio of WCAG 2.1."""

    def luminance(colour: Colour) -> float:
        shares = [c / 255 for c in colour]
        red, green, blue = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_itself() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("role", Role)
def test_every_text_has_enough_contrast(role: Role) -> None:
    assert contrast(CALM.roles[role].colour, CALM.background) >= 4.5
    assert contrast(CALM.accent, CALM.background) >= 4.5


def texts_of(card: Card) -> str:
    return "\n".join([*(f"{line.label} {line.text}" for line in card.lines), card.footer.text])


@pytest.mark.parametrize(
    ("language", "day", "number"),
    [
        (Language.DUTCH, "zaterdag 14 maart 2026", "Zaaknummer 2026-0314"),
        (Language.ENGLISH, "Saturday, 14 March 2026", "Case number 2026-0314"),
    ],
)
def test_the_cards_say_what_the_public_needs(language: Language, day: str, number: str) -> None:
    cards = build_cards(CONTEXT, language)
    for needed in (CONTEXT.offence, CONTEXT.public_place, CONTEXT.unit, CONTEXT.question, day, number):
        assert needed in texts_of(cards.opening)
    for needed in ("0900-1111", "0800-2222", "tips.example/geef", "112", number):
        assert needed in texts_of(cards.closing)


def test_without_question_and_date_a_general_question_stands() -> None:
    opening = texts_of(build_cards(replace(CONTEXT, question="", incident_date=None), Language.DUTCH).opening)
    assert "Herkent u de persoon" in opening
    assert "Voorbeeldstad-Oost\n" in opening


def variants(card: Card) -> list[Card]:
    """The card with one text at a time replaced."""
    changed = [replace(line, text="Iets anders") for line in card.lines]
    lines = [(*card.lines[:i], new, *card.lines[i + 1 :]) for i, new in enumerate(changed)]
    return [*(replace(card, lines=each) for each in lines), replace(card, footer=replace(card.footer, text="x"))]


@pytest.mark.parametrize("which", ["opening", "closing"])
def test_every_text_really_shows(which: str) -> None:
    card: Card = getattr(build_cards(CONTEXT, Language.DUTCH), which)
    picture = draw_card(card, PROFILE)
    for other in variants(card):
        assert np.abs(picture.astype(int) - draw_card(other, PROFILE)).max() > 100


@pytest.mark.parametrize("which", ["opening", "closing"])
@pytest.mark.parametrize("context", [CONTEXT, LONG, replace(CONTEXT, offence="X" * 300)])
def test_nothing_runs_off_the_card(which: str, context: PublicContext) -> None:
    picture = draw_card(getattr(build_cards(context, Language.DUTCH), which), PROFILE)
    ink = np.abs(picture.astype(int) - np.asarray(CALM.background[::-1])).max(axis=2) > 40
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    unit = PROFILE.height / 1080
    assert picture.shape == (540, 960, 3)
    assert rows[0] >= (CALM.padding - 20) * unit
    assert rows[-1] < PROFILE.height - (CALM.padding - 20) * unit
    assert columns[-1] < PROFILE.width - (CALM.margin - 20) * unit


def test_a_text_that_fits_at_no_readable_size_is_refused() -> None:
    cards = build_cards(replace(CONTEXT, question="Wie weet er iets meer? " * 200), Language.DUTCH)
    with pytest.raises(Rejected, match="Wie weet er iets meer"):
        draw_card(cards.opening, PROFILE)


def test_no_text_gets_smaller_than_the_smallest() -> None:
    lines = build_cards(LONG, Language.DUTCH).opening.lines
    area = Area(x=0, y=0, width=1620, height=750)
    assert min(p.size for p in typeset(lines, area, CALM, 1.0, centred=True)) >= CALM.smallest


def test_paragraphs_do_not_overlap_and_stay_in_their_area() -> None:
    area = Area(x=10, y=20, width=1600, height=700)
    lines = [line for line in build_cards(LONG, Language.DUTCH).opening.lines]
    placed = typeset(lines, area, CALM, 1.0, centred=True)
    assert placed[0].y >= 20
    assert placed[-1].y + placed[-1].height <= 720
    for above, below in pairwise(placed):
        assert above.y + above.height <= below.y


def test_what_hangs_below_the_last_line_is_not_cut_off() -> None:
    area = Area(x=0, y=0, width=900, height=400)
    (paragraph,) = typeset([Line(role=Role.TITLE, text="Ångström gjpqy\u0327")], area, CALM, 1.0, centred=False)
    mask = paragraph.clip().mask.get_frame(0)
    rows = np.flatnonzero(mask.max(axis=1) > 0.05)
    box = ImageFont.truetype(font_file(Weight.BOLD), paragraph.size).getbbox(paragraph.text)
    assert abs((rows[-1] - rows[0] + 1) - (box[3] - box[1])) <= 3


def test_lines_break_between_words_and_only_too_long_words_inside() -> None:
    font = ImageFont.truetype(font_file(Weight.REGULAR), 40)
    text = "een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien"
    lines = wrap(text, font, 300).split("\n")
    assert len(lines) > 3
    assert " ".join(lines) == text
    assert all(font.getlength(line) <= 300 for line in lines)
    pieces = wrap("kort " + "W" * 60, font, 300).split("\n")
    assert "".join(pieces) == "kort" + "W" * 60
    assert all(font.getlength(piece) <= 300 for piece in pieces)


@pytest.mark.parametrize("weight", Weight)
def test_the_font_has_what_dutch_and_names_need(weight: Weight) -> None:
    font = ImageFont.truetype(font_file(weight), 40)
    unknown = bytes(font.getmask("\uffff"))
    for character in "éèëêïíöóôüúûáàâäçñÉËÏÖÜĳ€’‘“”–·«»ŠžŁøåșğ":
        assert bytes(font.getmask(character)) != unknown, character


def test_the_closing_card_shows_the_address_without_its_scheme() -> None:
    closing = texts_of(build_cards(CONTEXT, Language.DUTCH).closing)
    assert "https://" not in closing
