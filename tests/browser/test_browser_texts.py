"""Writing texts and following a publication in Chromium: what is kept, who was first, counts, keyboard, axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect
from test_browser_pages import complaints
from texts_seed import CASE, add_probed, exhibits
from web_site import DESK, PHONE, Site

from vrijgave.domain.counting import Unit, counted, tags_length
from vrijgave.domain.people import Role
from vrijgave.domain.posts import post_text
from vrijgave.domain.publications import LedgerState, Platform
from vrijgave.domain.releases import Release, State
from vrijgave.domain.texts import TextField, Texts, in_shape, tag_list

OpenPage = Callable[..., Page]
DRAFT = Texts(platform="x", language="nl", title="", description="", tags=(), alternative_text="")
KEPT, TYPING = "Alles is bewaard", "Nog niet bewaard"
ODD = (
    "  Wie \t weet  meer? ",
    "één 👩‍👧 \u202ex",
    "a, A ,b c,\n\n d,, ",
    "x  \n\n\n\n y\n",
    "",
    "<b>&amp;</b>\x07",
    "Zie https://www.politie.nl/tips?a=b. Of politie.nl, mail a@b.nl; http://localhost/x",
    "🇳🇱 1️⃣ 👍🏽 e\u0301 字 … « ✔︎",
    "Den-Haag, tip de politie, 2026, straat_roof, ñandú x",
)


@pytest.fixture
def shown(site: Site) -> dict[str, str]:
    return exhibits(site.context)


def put(field: Locator, text: str) -> None:
    """Type and leave the field, which keeps it at once."""
    field.fill(text)
    field.blur()


def kept(page: Page) -> None:
    expect(page.locator("#kept")).to_have_text(KEPT)


def test_texts_are_kept_while_two_persons_write(site: Site, open_page: OpenPage, shown: dict[str, str]) -> None:
    address = f"/releases/{shown['writing']}/texts"
    page, other = (open_page(site.add_account(name, Role.COMMUNICATIE)) for name in ("bas", "cor"))
    for each in (page, other):
        each.goto(address)
        kept(each)
    title, preview = page.get_by_label("Titel"), page.locator("[data-preview=title]")
    title.fill("Wie herkent deze man?")
    expect(page.locator("#kept")).to_have_text(TYPING)
    expect(page.locator("#title-counter")).to_have_text("21 van 100 tekens")
    expect(preview).to_have_text("Wie herkent deze man?")
    kept(page)
    missing = page.locator("[data-part=title] .open")
    expect(missing).to_have_count(3)
    expect(missing.nth(0)).to_contain_text("De titel heeft 25 tot 70 tekens")
    expect(missing.nth(1).get_by_text("Gebruik een woord uit «Straatroof».")).to_be_visible()
    expect(missing.nth(1).get_by_text("Mensen zoeken op wat er is gebeurd.")).to_be_visible()

    # Too long: told at once, not kept, and kept again when it is shorter.
    put(title, "Straatroof in Den Haag " + "x" * 90)
    expect(page.get_by_text("De titel is 13 tekens te lang")).to_be_visible()
    expect(page.locator("#kept")).to_have_text("Niet bewaard: zie de gemarkeerde tekst")
    expect(title).to_have_attribute("aria-invalid", "true")
    put(title, "Straatroof in Den Haag: <b>wie</b> weet meer")
    expect(page.get_by_text("mag geen «<» bevatten")).to_be_visible()
    put(title, "Straatroof in Den Haag: wie weet meer?")
    kept(page)
    expect(missing).to_have_count(0)
    expect(page.locator("#score")).to_have_text("12 van 12 in orde")

    # The other person saw an older text: both are shown, and one is chosen.
    theirs = other.get_by_label("Titel")
    put(theirs, "Den Haag: herkent u deze straatrover")
    expect(other.get_by_text("bas heeft deze tekst intussen gewijzigd")).to_be_visible()
    expect(other.locator("[data-part=title] .clash-text")).to_have_text("Straatroof in Den Haag: wie weet meer?")
    theirs.press("End")
    theirs.type("?")
    theirs.blur()
    expect(other.get_by_role("button", name="Houd de mijne")).to_be_visible()
    other.get_by_role("button", name="Houd de mijne").click()
    kept(other)
    put(title, "Iets anders over de straatroof in Den Haag")
    page.get_by_role("button", name="Neem die tekst over").click()
    expect(title).to_have_value("Den Haag: herkent u deze straatrover?")
    kept(page)

    # No answer: it says so and goes on trying.
    other.evaluate("() => { window.asked = window.fetch; window.fetch = () => Promise.reject(new TypeError('off')); }")
    put(other.get_by_label("Trefwoorden"), "straatroof, den haag")
    expect(other.locator("#kept")).to_contain_text("de dienst antwoordt niet")
    other.evaluate("() => { window.fetch = window.asked; }")
    expect(other.locator("#kept")).to_have_text(KEPT, timeout=8000)

    # A slow answer: what is typed meanwhile waits for it, and does not clash with itself.
    page.evaluate(
        "() => { const ask = window.fetch; window.fetch = async (...what) =>"
        " { await new Promise((done) => setTimeout(done, 500)); return ask(...what); }; }"
    )
    for text in ("Den Haag: wie herkent", "Den Haag: wie herkent de straatrover", "Den Haag: wie zag de straatroof?"):
        put(title, text)
    kept(page)
    page.reload()
    expect(title).to_have_value("Den Haag: wie zag de straatroof?")

    # Back to the draft, with the keyboard; then nothing is lost by loading the page again.
    draft = page.locator("[data-part=title] .draft summary")
    draft.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Titel")).to_have_value(re.compile("^Wie weet meer"))
    kept(page)
    page.reload()
    expect(page.get_by_label("Titel")).to_have_value(re.compile("^Wie weet meer"))
    page.get_by_text("Wie schreef wat").click()
    expect(page.locator(".history li").first).to_contain_text("terug naar het concept")

    read = "const {count, shaped, post} = await import('/static/js/texts/counting.js');"
    counting = f"async ([unit, field, text]) => {{ {read} return count(unit, shaped(field, text)); }}"
    posting = (
        f"async ([unit, text, tags]) => {{ {read} const sent = post(text, tags); return [sent, count(unit, sent)]; }}"
    )
    for text in ODD:
        assert page.evaluate(counting, ["characters", "title", text]) == len(in_shape(TextField.TITLE, text))
        tags = tag_list(in_shape(TextField.TAGS, text))
        assert page.evaluate(counting, ["tags", "tags", text]) == tags_length(tags)
        assert page.evaluate(counting, ["count", "tags", text]) == len(tags)
        for unit in set(Unit) - {Unit.TAGS, Unit.COUNT}:
            written = replace(DRAFT, description=in_shape(TextField.DESCRIPTION, text), tags=tags)
            sent = post_text(Platform.X, written)
            assert page.evaluate(posting, [unit.value, text, text]) == [sent, counted(unit, sent)], (unit, text)


def test_hashtags_take_room_from_the_post(site: Site, open_page: OpenPage) -> None:
    new = Release(
        id="7" * 32, case=CASE, state=State.IN_REVIEW, revision=1, attempt=1, version=1, submitted_by="anna",
        created_at=site.context.now(), targets=(Platform.X,),
    )  # fmt: skip
    page = open_page(site.add_account("bas", Role.COMMUNICATIE))
    page.goto(f"/releases/{add_probed(site.context, new).id}/texts")
    kept(page)
    post, tags, counter = (
        page.get_by_label("Bericht"),
        page.get_by_label("Hashtags"),
        page.locator("#description-counter"),
    )
    put(post, "é" * 270)
    expect(counter).to_contain_text("280 van 280")
    kept(page)
    put(tags, "politie, den haag")
    expect(counter).to_contain_text("289 van 280")
    expect(page.locator("[data-part=tags] .problems")).to_contain_text("9 tekens te lang")
    expect(page.locator("[data-preview=description]")).to_contain_text("#politie #DenHaag")
    put(post, "é" * 261)
    kept(page)
    page.reload()
    expect(counter).to_contain_text("280 van 280")
    expect(tags).to_have_value("politie, den haag")


def test_a_publication_is_followed_as_it_goes(site: Site, open_page: OpenPage, shown: dict[str, str]) -> None:
    page = open_page(site.add_account("bas", Role.COMMUNICATIE), size=PHONE)
    page.goto(f"/releases/{shown['stuck']}")
    page.get_by_role("link", name="Publicatie").click()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.get_by_label("Waarom gaat de video offline?").fill("half getypt")
    with site.context.unit_of_work() as uow:
        row = next(r for r in uow.publications.for_release(shown["stuck"]) if r.state is LedgerState.NEEDS_PERSON)
        uow.publications.save(row, replace(row, state=LedgerState.UPLOADING, message=None))
        uow.commit()
    expect(page.get_by_text("Wordt verstuurd", exact=True)).to_be_visible()
    expect(page.locator("#said")).to_contain_text("Wordt verstuurd")
    expect(page.get_by_label("Waarom gaat de video offline?")).to_have_value("half getypt")
    page.get_by_role("button", name="Opnieuw uitvoeren").click()
    expect(page.locator("#state")).to_have_text("wordt gepubliceerd")
    page.get_by_label("Waarom gaat de video offline?").fill("Verdachte <b>herkend</b>")
    page.get_by_role("button", name="Overal offline halen").click()
    expect(page.locator("#state")).to_have_text("wordt offline gehaald")
    expect(page.get_by_text("Verdachte <b>herkend</b>")).to_be_visible()
    page.goto(f"/releases/{shown['ready']}/publication")
    page.get_by_role("button", name="Nu publiceren op YouTube en Persmap").click()
    expect(page.get_by_text("Klaar om te versturen", exact=True).first).to_be_visible()
    with site.context.reading() as uow:
        assert uow.releases.get(shown["ready"]).state is State.PUBLISHING


def test_these_pages_give_axe_nothing_serious_and_fit_a_phone(
    site: Site, open_page: OpenPage, shown: dict[str, str]
) -> None:
    bas = site.add_account("bas", Role.COMMUNICATIE)
    light, dark = (open_page(bas, color_scheme=scheme) for scheme in ("light", "dark"))
    paths = [f"/releases/{shown[name]}/texts" for name in ("writing", "fixed")]
    paths += [f"/releases/{shown[name]}/publication" for name in ("ready", "stuck", "gone")]
    for path in paths:
        for page, size in ((light, DESK), (dark, PHONE)):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.goto(path)
            page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
            assert complaints(page) == [], path
