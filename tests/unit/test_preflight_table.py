"""Each limit of each platform is caught before anything is sent: one row for each."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import Texts
from vrijgave.domain.video_limits import GB, MB, VideoFacts
from vrijgave.publishing.preflight import violations
from vrijgave.publishing.protocol import Bundle
from vrijgave.rendition import shaped_for

FACTS = VideoFacts(
    size=50 * MB, seconds=Fraction(60), width=1920, height=1080, rate=Fraction(25), codec="h264", sound="aac"
)
TEXTS = Texts(
    platform="",
    language="nl",
    title="Wie?",
    description="Wie kent hem?",
    tags=("politie",),
    alternative_text="Een man.",
)
P = Platform
F = Fraction
ROWS: list[tuple[Platform, str, dict[str, object]]] = [
    (P.YOUTUBE, "title", {"title": "x" * 101}),
    (P.YOUTUBE, "title", {"title": "<x"}),
    (P.YOUTUBE, "description", {"description": "é" * 2501}),
    (P.YOUTUBE, "description", {"description": "a > b"}),
    (P.YOUTUBE, "tags", {"tags": ("x" * 501,)}),
    (P.YOUTUBE, "video", {"size": 256 * GB + 1}),
    (P.YOUTUBE, "video", {"seconds": F(12 * 3600 + 1)}),
    (P.YOUTUBE, "thumbnail", {"thumbnail": 2_000_001}),
    (P.PEERTUBE, "title", {"title": "ab"}),
    (P.PEERTUBE, "title", {"title": "x" * 121}),
    (P.PEERTUBE, "description", {"description": "x" * 10_001}),
    (P.PEERTUBE, "tags", {"tags": tuple("ab" + c for c in "abcdef")}),
    (P.PEERTUBE, "tags", {"tags": ("a",)}),
    (P.PEERTUBE, "tags", {"tags": ("a" * 31,)}),
    (P.MASTODON, "description", {"description": "x" * 491}),
    (P.MASTODON, "alternative_text", {"alternative_text": "x" * 1501}),
    (P.MASTODON, "video", {"size": 99 * MB + 1}),
    (P.BLUESKY, "description", {"description": "x" * 291}),
    (P.BLUESKY, "video", {"size": 300 * MB + 1}),
    (P.BLUESKY, "video", {"seconds": F(181)}),
    (P.X, "description", {"description": "x" * 271}),
    (P.X, "video", {"size": 512 * MB + 1}),
    (P.X, "video", {"seconds": F(141)}),
    (P.X, "video", {"seconds": F(1, 4)}),
    (P.X, "video", {"rate": F(61)}),
    (P.FACEBOOK, "title", {"title": "x" * 256}),
    (P.FACEBOOK, "video", {"size": 10 * GB + 1}),
    (P.FACEBOOK, "video", {"seconds": F(240 * 60 + 1)}),
    (P.FACEBOOK_REELS, "description", {"description": "x" * 2200}),
    (P.FACEBOOK_REELS, "video", {"seconds": F(91)}),
    (P.FACEBOOK_REELS, "video", {"seconds": F(2)}),
    (P.FACEBOOK_REELS, "video", {"width": 1920, "height": 1080}),
    (P.INSTAGRAM, "description", {"description": "x" * 2200}),
    (P.INSTAGRAM, "tags", {"tags": tuple(f"w{n}" for n in range(31))}),
    (P.INSTAGRAM, "video", {"seconds": F(2)}),
    (P.INSTAGRAM, "video", {"seconds": F(15 * 60 + 1)}),
    (P.TIKTOK, "description", {"description": "👩" * 1096}),
    (P.TIKTOK, "video", {"size": 4 * GB + 1}),
    (P.TIKTOK, "video", {"seconds": F(10 * 60 + 1)}),
    (P.PRESS_KIT, "title", {"title": "x" * 251}),
]


def bundle(platform: Platform, folder: Path, **changes: object) -> Bundle:
    """One that every platform takes, but for ``changes``."""
    facts = replace(FACTS, width=1080, height=1920) if platform is P.FACEBOOK_REELS else FACTS
    thumbnail = folder / "thumbnail.jpg"
    thumbnail.write_bytes(bytes(int(str(changes.pop("thumbnail", 1000)))))
    of_video = {name: value for name, value in changes.items() if hasattr(FACTS, name)}
    of_texts = {name: value for name, value in changes.items() if name not in of_video}
    return Bundle(
        rendition=folder / "video.mp4",
        sha256="",
        facts=replace(facts, **of_video),  # type: ignore[arg-type]
        texts=(replace(TEXTS, platform=platform.value, **of_texts),),  # type: ignore[arg-type]
        thumbnail=thumbnail,
    )


@pytest.mark.parametrize("platform", Platform)
def test_what_fits_is_let_through(platform: Platform, tmp_path: Path) -> None:
    assert violations(platform, bundle(platform, tmp_path)) == ()


@pytest.mark.parametrize(("platform", "field", "changes"), ROWS)
def test_each_limit_is_caught(platform: Platform, field: str, changes: dict[str, object], tmp_path: Path) -> None:
    found = violations(platform, bundle(platform, tmp_path, **dict(changes)))
    assert [violation.field for violation in found] == [field]
    assert "{" not in found[0].message


def test_each_platform_has_a_row() -> None:
    assert {platform for platform, _field, _changes in ROWS} == set(Platform)


def test_only_a_platform_of_another_shape_is_not_proposed() -> None:
    assert shaped_for(Platform) == tuple(platform for platform in Platform if platform is not P.FACEBOOK_REELS)


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    wrong = bundle(P.X, tmp_path, description="x" * 500, alternative_text="", size=GB, seconds=F(200), rate=F(100))
    assert [v.field for v in violations(P.X, wrong)] == ["video", "video", "video", "description", "alternative_text"]
