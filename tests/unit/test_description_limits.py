"""Texts are measured as the platform measures them."""

from __future__ import annotations

import pytest

from vrijgave.description import LIMITS, check_limits
from vrijgave.domain.counting import Unit, counted, tags_length
from vrijgave.domain.posts import post_text
from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import Texts
from vrijgave.domain.video_limits import VIDEO_LIMITS
from vrijgave.rendition import PROFILES


def texts(title: str = "t", description: str = "d", tags: tuple[str, ...] = (), alternative_text: str = "a") -> Texts:
    return Texts(
        platform="youtube",
        language="nl",
        title=title,
        description=description,
        tags=tags,
        alternative_text=alternative_text,
    )


def fields_of(**values: object) -> list[str]:
    return [v.field for v in check_limits(Platform.YOUTUBE, texts(**values))]  # type: ignore[arg-type]


def test_every_platform_has_limits_and_a_rendition() -> None:
    assert set(LIMITS) == set(VIDEO_LIMITS) == set(PROFILES) == set(Platform)


LINK = "https://www.politie.nl/aangifte-of-melding-doen/tips-en-meldingen"
ROOM = [
    (Platform.PEERTUBE, "description", "é" * 10_000, "x"),
    (Platform.MASTODON, "description", f"{LINK} " + "é" * 476, "x"),
    (Platform.BLUESKY, "description", "👩\u200d👧" * 100 + "e\u0301" * 200, "x"),
    (Platform.BLUESKY, "description", "👩\u200d👧" * 272, "👩\u200d👧"),
    (Platform.X, "description", f"{LINK} " + "é" * 256, "x"),
    (Platform.X, "description", "politie.nl " + "é" * 256, "x"),
    (Platform.X, "description", "👩\u200d👧" * 140, "x"),
    (Platform.X, "description", "字" * 140, "x"),
    (Platform.FACEBOOK, "title", "é" * 255, "x"),
    (Platform.FACEBOOK_REELS, "description", "é" * 2200, "x"),
    (Platform.INSTAGRAM, "description", "👩" * 2200, "x"),
    (Platform.TIKTOK, "description", "👩" * 1100, "x"),
    (Platform.PEERTUBE, "title", "é" * 120, "x"),
    (Platform.MASTODON, "alternative_text", "é" * 1500, "x"),
    (Platform.BLUESKY, "alternative_text", "é" * 1000, "x"),
    (Platform.PRESS_KIT, "title", "é" * 250, "x"),
]


@pytest.mark.parametrize(("platform", "field", "full", "more"), ROOM)
def test_each_platform_takes_exactly_its_limit(platform: Platform, field: str, full: str, more: str) -> None:
    assert check_limits(platform, texts(**{"title": "abc", field: full})) == ()  # type: ignore[arg-type]
    (violation,) = check_limits(platform, texts(**{"title": "abc", field: full + more}))  # type: ignore[arg-type]
    assert violation.field == field
    assert "{" not in violation.message


@pytest.mark.parametrize(
    ("platform", "values", "what"),
    [
        (Platform.PEERTUBE, {"title": "ab"}, "at least 3"),
        (Platform.PEERTUBE, {"tags": tuple("abcdef" + c for c in "abcdef")}, "1 tags too many"),
        (Platform.PEERTUBE, {"tags": ("a",)}, "2 to 30"),
        (Platform.PEERTUBE, {"tags": ("a" * 31,)}, "2 to 30"),
        (Platform.INSTAGRAM, {"tags": tuple(f"woord{n}" for n in range(31))}, "1 tags too many"),
        (Platform.MASTODON, {"description": "é" * 491, "tags": ("politie",)}, "1 characters too long"),
        (Platform.X, {"description": " "}, "is empty"),
    ],
)
def test_what_else_a_platform_does_not_take(platform: Platform, values: dict[str, object], what: str) -> None:
    (violation,) = check_limits(platform, texts(**{"title": "abc", **values}))  # type: ignore[arg-type]
    assert what in violation.message


def test_a_post_holds_its_hashtags_and_a_video_does_not() -> None:
    written = texts(description="Wie?", tags=("tip de politie", "Den Haag", "den-haag", "2026", "!"))
    assert post_text(Platform.MASTODON, written) == "Wie?\n\n#TipDePolitie #DenHaag"
    assert post_text(Platform.YOUTUBE, written) == post_text(Platform.PEERTUBE, written) == "Wie?"


@pytest.mark.parametrize(
    ("unit", "text", "length"),
    [
        (Unit.LINKED, "http://a.nl/b. http://localhost/x", 23 + 1 + 1 + 18),
        (Unit.LINKED, "politie.nl", 10),
        (Unit.WEIGHTED, "zie politie.nl!", 4 + 23 + 1),
        (Unit.WEIGHTED, "mail tips@politie.nl", 20),
        (Unit.WEIGHTED, "e\u0301 … 1\ufe0f\u20e3 🇳🇱", 1 + 1 + 2 + 1 + 2 + 1 + 2),
        (Unit.GRAPHEMES, "e\u0301\n\u0301 🇳🇱👍🏽", 1 + 1 + 1 + 1 + 1 + 1),
        (Unit.UTF16, "é👩", 3),
        (Unit.BYTES, "é👩", 6),
        (Unit.CHARACTERS, "é👩", 2),
    ],
)
def test_each_unit_is_counted_in_its_own_way(unit: Unit, text: str, length: int) -> None:
    assert counted(unit, text) == length


def test_the_title_may_be_exactly_as_long_as_the_limit() -> None:
    assert fields_of(title="t" * 100) == []
    (violation,) = check_limits(Platform.YOUTUBE, texts(title="t" * 112))
    assert violation.message == "The title is 12 characters too long (112 of at most 100)."


def test_the_description_is_counted_in_bytes() -> None:
    assert fields_of(description="é" * 2500) == []
    (violation,) = check_limits(Platform.YOUTUBE, texts(description="é" * 2501))
    assert "2 bytes too long (5002 of at most 5000)" in violation.message


@pytest.mark.parametrize("character", ["<", ">"])
def test_angle_brackets_are_refused_where_they_stand(character: str) -> None:
    text = f"a {character} b"
    assert fields_of(title=text, description=text, tags=(text,)) == ["title", "description", "tags"]
    (violation,) = check_limits(Platform.YOUTUBE, texts(title=text))
    assert f"«{character}»" in violation.message
    assert check_limits(Platform.PRESS_KIT, texts(title=text)) == ()


@pytest.mark.parametrize(
    ("tags", "length"), [((), 0), (("abc",), 3), (("abc", "de"), 6), (("ab cd",), 7), (("ab cd", "e"), 9)]
)
def test_tags_count_commas_and_quotes(tags: tuple[str, ...], length: int) -> None:
    assert tags_length(tags) == length


def test_all_tags_together_have_a_limit() -> None:
    assert fields_of(tags=("x" * 249, "y" * 250)) == []
    (violation,) = check_limits(Platform.YOUTUBE, texts(tags=("x" * 250, "y" * 250)))
    assert "1 characters too long (501 of at most 500)" in violation.message


def test_an_empty_title_or_text_alternative_is_reported() -> None:
    assert fields_of(title=" ", alternative_text="") == ["title", "alternative_text"]


def test_every_exceeded_limit_is_reported_at_once() -> None:
    assert fields_of(title="t" * 101, description="d" * 5001, tags=("x" * 501,), alternative_text="a" * 5001) == [
        "title",
        "description",
        "tags",
        "alternative_text",
    ]
