"""Texts are measured as the platform measures them."""

from __future__ import annotations

import pytest

from vrijgave.description import LIMITS, check_limits
from vrijgave.domain.limits import tags_length
from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import Texts
from vrijgave.domain.video_limits import VIDEO_LIMITS
from vrijgave.publishing.registry import PUBLISHERS


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


def test_every_platform_that_is_published_on_has_limits() -> None:
    assert set(LIMITS) >= set(PUBLISHERS)
    assert set(VIDEO_LIMITS) == set(Platform)


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
