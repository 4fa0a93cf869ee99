"""The texts hold what the public needs and nothing that it may not know."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import pytest

from vrijgave.description import TEMPLATE_FOLDER, check_limits, public_context, render_texts
from vrijgave.description.render import shortened
from vrijgave.domain.cases import Case
from vrijgave.domain.posts import post_text
from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import PublicContext
from vrijgave.errors import ActionRequired
from vrijgave.i18n import Language
from vrijgave.services.hand_in_facts import LONG as LONG_FACTS
from vrijgave.services.hand_in_facts import SHORT
from vrijgave.settings import Settings

CASE = Case(
    registration_number="BVH-7391846205",
    public_case_number="2026-0314",
    unit="Politie Voorbeeldstad",
    offence="Winkeldiefstal",
    public_place="Voorbeeldstad-Oost",
    place="Geheimeweg 12, achter de kassa",
    team="Team Zeven",
    offence_article="310 Sr",
    incident_from=datetime(2026, 3, 14, 23, 30, tzinfo=UTC),
    incident_to=datetime(2026, 3, 14, 23, 40, tzinfo=UTC),
    question="Wie kent deze man?",
    question_en="Who knows this man?",
    scene="Een man in een oranje jas loopt langs een winkel.",
    scene_en="A man in an orange jacket walks past a shop.",
)
CONTACT = Settings(police_phone="0900-1111", anonymous_phone="0800-2222", tip_url="https://tips.example/geef")
EVERY = list(product(Platform, Language))
LONG = [Platform.YOUTUBE, Platform.PEERTUBE, Platform.FACEBOOK, Platform.FACEBOOK_REELS, Platform.INSTAGRAM]
LONG += [Platform.TIKTOK, Platform.PRESS_KIT]


def context(language: Language = Language.DUTCH, *, silent: bool = True, case: Case = CASE) -> PublicContext:
    return public_context(case, language=language, silent=silent, seconds=72, contact=CONTACT)


def test_the_day_is_the_one_in_the_netherlands() -> None:
    assert context().incident_date == date(2026, 3, 15)


def test_an_unknown_moment_gives_no_day_and_no_line_for_it() -> None:
    unknown = context(case=replace(CASE, incident_from=None, incident_to=None))
    assert unknown.incident_date is None
    assert "Wanneer" not in render_texts(Platform.YOUTUBE, Language.DUTCH, unknown).description


@pytest.mark.parametrize(("platform", "language"), EVERY)
def test_no_internal_fact_comes_through(platform: Platform, language: Language) -> None:
    out = render_texts(platform, language, context(language)).to_json()
    for secret in (CASE.registration_number, CASE.place, CASE.team, CASE.offence_article):
        assert secret not in out


def test_the_context_has_no_field_for_an_internal_fact() -> None:
    public = {field.name for field in fields(PublicContext)}
    assert not public & {
        "registration_number",
        "place",
        "footage_source",
        "team",
        "offence_article",
        "reported_at",
        "secured_at",
    }


@pytest.mark.parametrize("variable", ["registration_number", "case.registration_number", "silent.__class__.__mro__"])
def test_a_template_that_asks_for_more_is_an_error(tmp_path: Path, variable: str) -> None:
    (tmp_path / "descriptions").mkdir()
    blocks = "".join(f"{{% block {b} %}}x{{% endblock %}}" for b in ("title", "tags", "alternative_text"))
    text = blocks + "{% block description %}{{ " + variable + " }}{% endblock %}"
    (tmp_path / "descriptions" / "youtube.nl.j2").write_text(text)
    with pytest.raises(ActionRequired, match=r"youtube\.nl"):
        render_texts(Platform.YOUTUBE, Language.DUTCH, context(), folder=tmp_path)


def test_a_template_without_a_block_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "descriptions").mkdir()
    (tmp_path / "descriptions" / "youtube.nl.j2").write_text("{% block title %}x{% endblock %}")
    with pytest.raises(ActionRequired, match="description"):
        render_texts(Platform.YOUTUBE, Language.DUTCH, context(), folder=tmp_path)


@pytest.mark.parametrize(("platform", "language"), EVERY)
def test_every_post_asks_says_where_and_when_and_how_to_tip(platform: Platform, language: Language) -> None:
    texts = render_texts(platform, language, context(language))
    sent = post_text(platform, texts)
    asked, day = {
        Language.DUTCH: ("Wie kent deze man?", "15 maart 2026"),
        Language.ENGLISH: ("Who knows this man?", "15 March 2026"),
    }[language]
    where = ("2026-0314", "Winkeldiefstal", "Voorbeeldstad-Oost")
    for needed in (asked, day, *where, "0900-1111", "0800-2222", "https://tips.example/geef"):
        assert needed in sent
    assert check_limits(platform, texts) == ()


@pytest.mark.parametrize(("platform", "language"), EVERY)
def test_the_longest_facts_fit_every_platform_that_is_short_of_room(platform: Platform, language: Language) -> None:
    longest = {name: ("woord " * most)[: most - 1] for name, most in {**SHORT, **LONG_FACTS}.items()}
    names = [field.name for field in fields(Case) if field.name in longest and field.name != "registration_number"]
    case = replace(CASE, **{name: longest[name] for name in names})  # type: ignore[arg-type]
    found = check_limits(platform, render_texts(platform, language, context(language, case=case)))
    assert [v.message for v in found if platform not in (Platform.YOUTUBE, Platform.PRESS_KIT)] == []


@pytest.mark.parametrize(("platform", "language"), EVERY)
def test_facts_of_a_single_letter_fit_too(platform: Platform, language: Language) -> None:
    shortest = replace(
        CASE, offence="o", public_place="p", public_case_number="1", unit="u", question="", question_en=""
    )
    assert check_limits(platform, render_texts(platform, language, context(language, case=shortest))) == ()


@pytest.mark.parametrize("most", [1, 2, 5, 9, 10, 16, 17, 40])
def test_what_is_cut_is_cut_between_words_and_never_too_long(most: int) -> None:
    cut = shortened("Onbekende, gele jas", most)
    assert len(cut) <= most
    assert cut == "Onbekende, gele jas" if most >= 19 else cut.endswith("…")
    assert most != 16 or cut == "Onbekende, gele…"


@pytest.mark.parametrize(("platform", "language"), list(product(LONG, Language)))
def test_every_text_says_how_to_tip_and_what_not_to_do(platform: Platform, language: Language) -> None:
    texts = render_texts(platform, language, context(language))
    for needed in ("0900-1111", "0800-2222", "https://tips.example/geef", "112", "2026-0314", "Voorbeeldstad-Oost"):
        assert needed in texts.description
    must = {
        Language.DUTCH: ("Wie kent deze man?", "15 maart 2026", "niet zelf", "vermoedens", "onschuldig", "geen geluid"),
        Language.ENGLISH: ("Who knows this man?", "15 March 2026", "approach", "suspicions", "innocent", "no sound"),
    }
    for needed in must[language]:
        assert needed in texts.description
    assert check_limits(platform, texts) == ()


@pytest.mark.parametrize(("platform", "language"), EVERY)
def test_the_text_alternative_describes_silent_footage(platform: Platform, language: Language) -> None:
    silent = render_texts(platform, language, context(language)).alternative_text
    scene, length, no_sound = {
        Language.DUTCH: (CASE.scene, "1 minuut en 12 seconden", "geen geluid"),
        Language.ENGLISH: (CASE.scene_en, "1 minute and 12 seconds", "no sound"),
    }[language]
    assert scene in silent
    assert length in silent
    assert no_sound in silent
    assert no_sound not in render_texts(platform, language, context(language, silent=False)).alternative_text


@pytest.mark.parametrize(("platform", "language"), EVERY)
def test_a_case_without_a_question_or_scene_gets_general_sentences(platform: Platform, language: Language) -> None:
    bare = context(language, case=replace(CASE, question="", question_en="", scene="", scene_en=""))
    texts = render_texts(platform, language, bare)
    assert re.search(r"Herkent u|Do you recognise", texts.description)
    assert re.search(r"is een persoon te zien|shows a person", texts.alternative_text)


@pytest.mark.parametrize(("platform", "language"), EVERY)
def test_the_layout_is_clean(platform: Platform, language: Language) -> None:
    texts = render_texts(platform, language, context(language))
    assert texts.title == " ".join(texts.title.split())
    assert "\n\n\n" not in texts.description
    assert not re.search(r"[ \t]+$", texts.description, re.MULTILINE)
    headings = [p for p in texts.description.split("\n\n") if p.count("•") == 4]
    assert headings or platform not in LONG, "the four tip lines stand together"
    assert len(set(texts.tags)) == len(texts.tags)
    assert all(tag.strip() == tag and "," not in tag for tag in texts.tags)


def test_plain_text_is_not_escaped() -> None:
    out = render_texts(Platform.PRESS_KIT, Language.DUTCH, context(case=replace(CASE, offence="Diefstal & 'heling'")))
    assert "Diefstal & 'heling'" in out.description


def test_template_syntax_in_a_fact_is_only_text() -> None:
    hostile = context(case=replace(CASE, question="{{ public_place }} {% raw %}"))
    assert "{{ public_place }} {% raw %}" in render_texts(Platform.YOUTUBE, Language.DUTCH, hostile).description


def test_a_place_with_a_comma_becomes_two_tags() -> None:
    tags = render_texts(
        Platform.YOUTUBE, Language.DUTCH, context(case=replace(CASE, public_place="Oost, Voorbeeldstad"))
    ).tags
    assert "Oost" in tags
    assert "Voorbeeldstad" in tags


def test_every_platform_and_language_has_its_template() -> None:
    found = {path.name for path in (TEMPLATE_FOLDER / "descriptions").glob("*.j2")}
    assert found == {f"{platform.value}.{language.value}.j2" for platform, language in EVERY}
