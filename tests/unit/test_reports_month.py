"""The monthly report: its numbers equal the figures, and its summary says what follows from them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from figures import NOW, dashboard, tiles
from test_reports_pdf import ATTACK, read_back

from vrijgave.i18n import Language, use_language
from vrijgave.leadtime.view import Dashboard, Split
from vrijgave.reports.document import Document
from vrijgave.reports.month import Figures, month_report
from vrijgave.reports.pdf import make_html, make_pdf
from vrijgave.settings import Settings


def report(shown: Dashboard | None = None, before: int = 36) -> Document:
    shown = shown or dashboard()
    figures = Figures(month=shown, before=tiles(before, 90), quarter=dashboard())
    names = {"name": "oktober 2026", "before": "september 2026"}
    return month_report(figures, Settings(practice=False), NOW, example=False, **names)


def test_the_numbers_on_paper_are_those_of_the_figures() -> None:
    use_language(Language.DUTCH)
    text = " ".join(" ".join(page.split()) for page in read_back(make_pdf(report())))
    for words in (
        "Openbaar geworden in oktober 2026: 42. In september 2026: 36.",
        "De helft was binnen 3 d 4 u na het incident openbaar, negen van de tien binnen 9 d 12 u (n = 42).",
        "De mediaan is 14 u korter dan in september 2026.",
        "Binnen het eigen doel: 21 van 42 (50%).",
        "Tips: 97, waarvan 31 bruikbaar. Geïdentificeerd: 11 van 42 (26%).",
        "open 5, gestopt 2, onbekend 3, tegenstrijdig 1", "de mediaan 3 d 9 u", "Fryslân", "Deurbelcamera", "knelpunt",
        "26 oktober 2026", "pagina 1 van", "wachten, mediaan", "mediaan van acht weken",
    ):  # fmt: skip
        assert words in text, words


def test_few_cases_tell_no_percentiles() -> None:
    shown = report(dashboard(8))
    assert "Of 8 releases the lead time is known; below 10 we tell no percentiles." in shown.summary
    assert not any("longer" in sentence or "shorter" in sentence for sentence in shown.summary)
    assert {tile.value for tile in shown.sections[0].tiles if tile.label.startswith("Median")} == {"–"}


@pytest.mark.parametrize(("hours", "says"), [(76, "14 h shorter"), (104, "14 h longer"), (90, "the same as")])
def test_what_changed_is_said(hours: int, says: str) -> None:
    assert any(says in sentence for sentence in report(dashboard(42, hours)).summary)


def test_a_month_without_anything_is_told_as_such() -> None:
    empty = dashboard(0)
    empty = replace(
        empty, tiles=replace(tiles(0), within_target=None), ageing=(), splits=(),
        results=replace(empty.results, tips=0), stages=tuple(replace(s, bottleneck=False) for s in empty.stages),
    )  # fmt: skip
    shown = report(empty, before=0)
    assert shown.summary[0] == "Became public in oktober 2026: 0. In september 2026: 0."
    assert len(shown.summary) == 2
    assert "Nothing is under way." in make_html(shown)


def test_what_people_typed_becomes_no_markup() -> None:
    shown = dashboard()
    (line, *_rest) = shown.splits[0][1]
    attacked = replace(shown, splits=((Split.OFFENCE, (replace(line, value=ATTACK),)),))
    html = make_html(report(attacked))
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
