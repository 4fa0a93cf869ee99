"""Reports on paper: what they say can be read back, they are tagged and in their language, and fetch nothing."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from vrijgave.errors import ActionRequired
from vrijgave.i18n import Language, use_language
from vrijgave.reports.document import Column, Document, Fact, Section, Table, document
from vrijgave.reports.pdf import make_html, make_pdf
from vrijgave.settings import Settings

ATTACK = "\"'><script>alert(1)</script><img src=http://127.0.0.1:9/x><link rel=stylesheet href=file:///etc/passwd>"
NOW = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)


def report(**changes: Any) -> Document:
    facts: dict[str, Any] = {
        "period": "oktober 2026", "summary": ("Eén café, reünie, coördinatie.",), "example": False,
        "sections": (Section(title="Cijfers", facts=(Fact(label="Aantal", value="42"),)),),
    }  # fmt: skip
    return document("Doorlooptijden", "oktober 2026", Settings(practice=False), NOW, **(facts | changes))


def read_back(pdf: bytes) -> list[str]:
    """The text of each page."""
    with pypdfium2.PdfDocument(pdf) as read:
        return [page.get_textpage().get_text_range() for page in read]


def test_the_text_can_be_read_back_with_its_diacritics() -> None:
    use_language(Language.DUTCH)
    (text,) = read_back(make_pdf(report()))
    for words in ("Doorlooptijden", "Eén café, reünie, coördinatie.", "42", "pagina 1 van 1", "gemaakt op 01-11-2026"):
        assert words in text


def test_it_is_tagged_and_in_its_language() -> None:
    use_language(Language.DUTCH)
    pdf = make_pdf(report())
    parts = b"".join(map(zlib.decompress, re.findall(rb"/FlateDecode.*?stream\n(.*?)\nendstream", pdf, re.DOTALL)))
    assert b"/Lang (nl)" in parts
    assert b"pdfuaid" in parts + pdf
    with pypdfium2.PdfDocument(pdf) as read:
        assert pypdfium2.raw.FPDFCatalog_IsTagged(read)
        assert read.get_metadata_value("Title") == "Doorlooptijden: oktober 2026"


def test_a_table_over_pages_repeats_its_head_and_numbers_its_pages() -> None:
    rows = tuple((f"stap {n}", str(n)) for n in range(120))
    table = Table(title="Stappen", columns=(Column(title="Stap"), Column(title="Dagen", figure=True)), rows=rows)
    pages = read_back(make_pdf(report(sections=(Section(title="Tabel", tables=(table,)),))))
    assert len(pages) > 2
    assert all("Dagen" in text for text in pages)
    assert f"page 2 of {len(pages)}" in " ".join(pages[1].split())
    assert "stap 119" in pages[-1]


@pytest.mark.parametrize(("changes", "says"), [({"example": True}, "made up"), ({}, "")])
def test_what_is_made_up_says_so_on_every_page(changes: dict[str, Any], says: str) -> None:
    rows = tuple((f"{n}",) for n in range(90))
    long = (Section(title="Lang", tables=(Table(title="t", columns=(Column(title="n"),), rows=rows),)),)
    for text in read_back(make_pdf(report(sections=long, **changes))):
        assert ("made up" in text) is bool(says)


def test_what_people_typed_becomes_no_markup_and_fetches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    fetch = sys.modules["vrijgave.reports.pdf"].__dict__["_fetch"]
    monkeypatch.setattr("vrijgave.reports.pdf._fetch", lambda url, **more: (asked.append(url), fetch(url, **more))[1])
    attacked = report(
        summary=(ATTACK,),
        sections=(
            Section(
                title=ATTACK, text=(ATTACK,), notes=(ATTACK,), facts=(Fact(label=ATTACK, value=ATTACK),),
                tables=(Table(title=ATTACK, columns=(Column(title=ATTACK),), rows=((ATTACK,),)),),
            ),
        ),
    )  # fmt: skip
    assert "<script" not in make_html(attacked)
    text = "".join(read_back(make_pdf(attacked)))
    assert "<script>alert(1)</script>" in text.replace("\r\n", "").replace(" ", "")
    assert {url.partition(":")[0] for url in asked} == {"vrijgave"}


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1:9/x", "vrijgave:../settings.py", "data:,x"])
def test_only_our_own_files_are_handed_out(url: str) -> None:
    fetch: Callable[[str], Any] = sys.modules["vrijgave.reports.pdf"].__dict__["_fetch"]
    with pytest.raises(ValueError, match="not a file of ours"):
        fetch(url)


def test_a_system_without_pango_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    with pytest.raises(ActionRequired, match=r"libpango-1\.0-0 and libpangoft2-1\.0-0"):
        make_pdf(report())
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
