"""The account of a publication and of a year: recorded facts, nothing internal, and the same on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pypdfium2
import pytest
from figures import dashboard
from report_seed import SECRET, seed_account, typed_case
from sqlalchemy import URL, insert
from test_web_pages import ATTACK, Markup
from web_clients import Browser

from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release
from vrijgave.i18n import Language, use_language
from vrijgave.services import accountability, reports
from vrijgave.services.context import Context
from vrijgave.services.reports import Month
from vrijgave.store import make_engine
from vrijgave.store.clock_tables import example_history

INTERNAL = ("PL1500-2026004711", "INTERN", SECRET, "Grote Marktstraat")


def on_paper(answer: bytes) -> str:
    with pypdfium2.PdfDocument(answer) as pdf:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)


def shown(html: str) -> str:
    """The text of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture
def release_id(context: Context) -> str:
    return seed_account(context)


def test_it_tells_what_is_recorded_on_the_page_and_on_paper(
    release_id: str, context: Context, signed_in: Callable[..., Browser]
) -> None:
    client = signed_in(Role.LEIDING)
    page = client.get(f"/releases/{release_id}/accountability").text
    answer = client.get(f"/releases/{release_id}/accountability.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    told = (
        "2026-2006", "Straatroof", "Eerst foto", "Een ernstig feit.", "1 covered, 1 shown", "42 of 50", "cor", "bas",
        "nothing recognisable found (by centerface)", "1234", "4321", "7 d 0 h", "Usable", "Person identified",
        "strong", "Verdachte herkend en aangehouden", "anonymous GET oembed", ": 404",
        "Victims or relatives are told first",
    )  # fmt: skip
    paper = on_paper(answer.content)
    plain = shown(page)
    for words in told:
        assert words in plain, words
        assert words in paper, words
    for words in INTERNAL:
        assert words not in page
        assert words not in paper
    assert "file:///kit.zip" not in page + paper


def test_what_is_not_recorded_is_said(
    context: Context, signed_in: Callable[..., Browser], new_release: Callable[..., Release]
) -> None:
    release = new_release()
    with context.unit_of_work() as uow:
        uow.releases.add(release)
        uow.commit()
    page = signed_in(Role.OFFICIER).get(f"/releases/{release.id}/accountability").text
    for words in (
        "not recorded", "Nobody has recorded a permission yet", "The covered video was not made yet",
        "Nothing was published", "No figures of the reach are recorded", "No tips are recorded",
        "No outcome is recorded", "It was not taken down",
    ):  # fmt: skip
        assert words in page, words


def test_a_look_is_logged_and_a_year_is_not(
    release_id: str, context: Context, signed_in: Callable[..., Browser]
) -> None:
    client = signed_in(Role.PRIVACY, name="petra")

    def looks() -> int:
        with context.reading() as uow:
            return sum(e.action == "consulted" and e.actor == "petra" for e in uow.audit.entries())

    for path in ("", ".pdf"):
        client.get(f"/releases/{release_id}/accountability{path}")
    assert looks() == 2
    client.get("/accountability")
    assert looks() == 2


def test_a_year_has_its_totals_and_a_line_for_each(
    release_id: str, context: Context, signed_in: Callable[..., Browser]
) -> None:
    client = signed_in(Role.LEIDING)
    page = shown(client.get("/accountability?year=2026").text)
    assert "Became public in 2026: 2. Permission refused: 1 times." in page  # live and gone
    assert "They brought 2 tips, of which 1 usable. Somebody identified by a tip: 1 times." in page
    assert "8642 (recorded of 1 of 2)" in page  # 4321 on each platform
    assert "No reach is recorded of 1 of 2" in page
    paper = on_paper(client.get("/accountability.pdf?year=2026").content)
    for words in ("2026-2004", "2026-2006", "8642", "Eerst foto's proberen."):
        assert words in page
        assert words in paper
    assert "Nothing is recorded of 2025." in client.get("/accountability?year=2025").text
    assert client.get("/accountability?year=2027").status_code == 422
    assert client.get("/accountability?year=1").status_code == 422


def test_what_people_type_never_becomes_code(
    context: Context, signed_in: Callable[..., Browser], new_release: Callable[..., Release]
) -> None:
    with_all = seed_account(context, words=ATTACK)
    plain = new_release()
    attacked = new_release(case=typed_case(plain.case, ATTACK), submitted_by=ATTACK, reviewer=ATTACK)
    with context.unit_of_work() as uow:
        uow.releases.add(attacked, reason=ATTACK)
        uow.commit()
    client = signed_in(Role.LEIDING)
    for path in (f"/releases/{with_all}/accountability", f"/releases/{attacked.id}/accountability", "/accountability"):
        markup = Markup()
        markup.feed(client.get(path).text)
        assert markup.dangerous == [], path
    assert "<script>alert(1)</script>" in on_paper(client.get(f"/releases/{with_all}/accountability.pdf").content)


def test_a_correction_moves_a_publication_out_of_the_year(release_id: str, context: Context) -> None:
    with context.unit_of_work() as uow:
        stamps = [s for s in uow.stamps.for_release(release_id) if s.milestone.value == "public"]
        for stamp in stamps:
            early = stamp.earliest.replace(year=2025)
            later = stamp.recorded_at.replace(year=2027)
            changes = {"earliest": early, "latest": early, "recorded_at": later, "reason": "verkeerd jaar"}
            uow.stamps.add(type(stamp)(**{f: getattr(stamp, f) for f in stamp.__dataclass_fields__} | changes))
        uow.commit()
    use_language(Language.ENGLISH)
    assert "Became public in 2026: 1." in accountability.of_year(context, 2026).summary[0]
    assert "Became public in 2025: 1." in accountability.of_year(context, 2025).summary[0]


def test_an_example_says_so_on_paper(release_id: str, context: Context, sqlite_database: URL) -> None:
    assert "made up" not in accountability.of_year(context, 2026).mark
    engine = make_engine(sqlite_database)
    with engine.begin() as connection:
        connection.execute(insert(example_history).values(made_at=context.now(), seed=1, releases=2))
    engine.dispose()
    marks = {
        accountability.of_year(context, 2026).mark,
        accountability.of_release(context, release_id).mark,
        reports.month_document(context, Month(2026, 1), lambda _context, _query: dashboard()).mark,
    }
    assert marks == {"Example: all that stands here is made up."}
