"""Which publisher is made from which settings, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from vrijgave.domain.publications import Platform
from vrijgave.errors import ActionRequired
from vrijgave.publishing.platforms.press_kit import PressKit
from vrijgave.publishing.platforms.youtube import YouTube
from vrijgave.publishing.protocol import marker_for
from vrijgave.publishing.registry import make_publisher
from vrijgave.settings import Settings

ACCOUNT = {"refresh_token": "r", "client_id": "c", "client_secret": "s", "token_uri": "http://127.0.0.1:9/token"}
LOCAL = {"youtube_api_root": "http://127.0.0.1:9/", "youtube_watch_root": "http://127.0.0.1:9/"}


def make(platform: Platform, **changes: Any) -> object:
    return make_publisher(platform, Settings(**changes), Ed25519PrivateKey.generate())


def test_credentials_as_a_secret_or_as_a_file(tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    file.write_text(json.dumps(ACCOUNT), encoding="utf-8")
    assert isinstance(make(Platform.YOUTUBE, **LOCAL, youtube_credentials_file=file), YouTube)
    secret = SecretStr(json.dumps(ACCOUNT))
    assert isinstance(make(Platform.YOUTUBE, **LOCAL, youtube_credentials=secret), YouTube)
    assert isinstance(make(Platform.YOUTUBE, practice=False, youtube_credentials=secret), YouTube)


@pytest.mark.parametrize("root", ["youtube_api_root", "youtube_watch_root"])
def test_practice_never_reaches_the_real_platform(root: str) -> None:
    real = {"youtube_api_root": "https://youtube.googleapis.com/", "youtube_watch_root": "https://www.youtube.com/"}
    settings = {**LOCAL, root: real[root], "youtube_credentials": SecretStr(json.dumps(ACCOUNT))}
    with pytest.raises(ActionRequired, match="VRIJGAVE_PRACTICE"):
        make(Platform.YOUTUBE, **settings)


@pytest.mark.parametrize(
    "secret", ["", "no json", "[]", "{}", json.dumps({k: v for k, v in ACCOUNT.items() if k != "refresh_token"})]
)
def test_credentials_that_are_none(secret: str) -> None:
    with pytest.raises(ActionRequired):
        make(Platform.YOUTUBE, **LOCAL, youtube_credentials=SecretStr(secret))


def test_missing_credentials_name_the_setting(tmp_path: Path) -> None:
    with pytest.raises(ActionRequired, match="VRIJGAVE_YOUTUBE_CREDENTIALS_FILE"):
        make(Platform.YOUTUBE, **LOCAL)
    with pytest.raises(ActionRequired, match="VRIJGAVE_YOUTUBE_CREDENTIALS_FILE"):
        make(Platform.YOUTUBE, **LOCAL, youtube_credentials_file=tmp_path / "absent.json")


def test_the_press_kit_needs_only_a_folder(tmp_path: Path) -> None:
    assert isinstance(make(Platform.PRESS_KIT, home=tmp_path), PressKit)


def test_a_marker_is_opaque_and_stable() -> None:
    assert marker_for("release-2026-123") == marker_for("release-2026-123") != marker_for("release-2026-124")
    assert "release" not in marker_for("release-2026-123")
    assert marker_for("release-2026-123").removeprefix("vrijgave-").removesuffix(".mp4").isalnum()
