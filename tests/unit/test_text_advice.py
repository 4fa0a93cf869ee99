"""Advice says what would help an appeal to be found, why and how; and sees when it is followed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vrijgave.description import Advice, Standing, advise, public_context, render_texts
from vrijgave.domain.cases import Case
from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import PublicContext, TextField, Texts
from vrijgave.i18n import Language, use_language
from vrijgave.settings import Settings

CONTACT = Settings()


def facts(new_case, language: Language = Language.DUTCH, *, silent: bool = True) -> PublicContext:  # type: ignore[no-untyped-def]
    case: Case = new_case(offence="Straatroof", public_place="Den Haag, Centrum")
    return public_context(case, language=language, silent=silent, seconds=72, contact=CONTACT)


def drafted(about: PublicContext, platform: Platform = Platform.YOUTUBE, language: Language = Language.DUTCH) -> Texts:
    return render_texts(platform, language, about)


def standing(texts: Texts, about: PublicContext, what: str) -> Standing:
    found = [a.standing for a in advise(Platform(texts.platform), texts, about) if what in a.what]
    assert len(found) == 1, what
    return found[0]


@pytest.mark.parametrize("platform", list(Platform))
@pytest.mark.parametrize("language", list(Language))
def test_our_own_drafts_follow_all_advice(platform: Platform, language: Language, new_case) -> None:  # type: ignore[no-untyped-def]
    about = facts(new_case, language)
    given = advise(platform, drafted(about, platform, language), about)
    assert [a.what for a in given if a.standing is Standing.OPEN] == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"title": "Straatroof Den Haag"}, "characters"),
        ({"title": "Straatroof in Den Haag, en nog veel meer dat in de omschrijving hoort te staan"}, "characters"),
        ({"title": "Wie herkent deze persoon in Den Haag?"}, "title names the offence"),
        ({"title": "Wie herkent deze persoon na een straatroof?"}, "title names the place"),
        ({"title": "DRINGEND gezocht: straatroof in Den Haag"}, "calm"),
        ({"title": "Gezocht: straatroof in Den Haag!"}, "calm"),
        ({"description": "Bel 0900-8844 of 0800-7000 over 1 maart."}, "description names the place"),
        ({"description": "Den Haag. Bel 0900-8844 of 0800-7000."}, "date"),
        ({"description": "Den Haag, 11-3-2026. Bel 0900-8844 of 0800-7000."}, "date"),
        ({"description": "Den Haag, 1 maart. Bel 0900-8844."}, "give a tip"),
        ({"tags": ("Den Haag", "straatroof")}, "15 tags"),
        ({"tags": ("a", "b", "c", "d", "e")}, "among the tags"),
        ({"alternative_text": "Iemand loopt."}, "alternative text"),
    ],
)
def test_what_is_not_followed_is_open(change: dict[str, object], what: str, new_case) -> None:  # type: ignore[no-untyped-def]
    about = facts(new_case)
    assert standing(replace(drafted(about), **change), about, what) is Standing.OPEN  # type: ignore[arg-type]


@pytest.mark.parametrize("day", ["1 maart 2026", "zondag 1 Maart", "01-03-2026", "1/3", "2026-03-01"])
def test_the_date_may_be_written_in_several_ways(day: str, new_case) -> None:  # type: ignore[no-untyped-def]
    about = facts(new_case)
    texts = replace(drafted(about), description=f"Op {day} in Den Haag.")
    assert standing(texts, about, "date") is Standing.FOLLOWED


def test_of_an_unknown_day_nothing_is_asked(new_case) -> None:  # type: ignore[no-untyped-def]
    about = replace(facts(new_case), incident_date=None)
    assert not [a for a in advise(Platform.YOUTUBE, drafted(about), about) if "date" in a.what]


def test_a_short_name_of_a_place_counts_too(new_case) -> None:  # type: ignore[no-untyped-def]
    about = replace(facts(new_case), public_place="Urk")
    texts = replace(drafted(about), title="Straatroof op Urk: wie weet meer?")
    assert standing(texts, about, "title names the place") is Standing.FOLLOWED


def test_captions_are_for_footage_with_sound_and_playlists_for_youtube(new_case) -> None:  # type: ignore[no-untyped-def]
    def by_hand(platform: Platform, *, silent: bool) -> list[str]:
        about = facts(new_case, silent=silent)
        given = advise(platform, drafted(about, platform), about)
        return [a.what for a in given if a.standing is Standing.BY_HAND]

    assert by_hand(Platform.YOUTUBE, silent=False) == ["Put the video in a playlist", "Add captions"]
    assert by_hand(Platform.PRESS_KIT, silent=False) == ["Add captions"]
    assert by_hand(Platform.PRESS_KIT, silent=True) == []


def test_each_piece_says_what_why_and_how_in_the_readers_language(new_case) -> None:  # type: ignore[no-untyped-def]
    about = facts(new_case)

    def given() -> tuple[Advice, ...]:
        return advise(Platform.YOUTUBE, drafted(about), about)

    english = given()
    use_language(Language.DUTCH)
    dutch = given()
    for one, other in zip(english, dutch, strict=True):
        assert all(one.what and one.why and one.how for one in (one, other))
        assert one.what != other.what
        assert one.field is other.field
    assert {a.field for a in english} == {*TextField, None}
