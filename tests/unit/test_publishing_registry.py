"""Which publisher is made from which settings, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from vrijgave.bootstrap import build
from vrijgave.domain.publications import Platform
from vrijgave.errors import ActionRequired
from vrijgave.practice.accounts import PRACTICE
from vrijgave.publishing.accounts import OwnVault, PlatformAccount
from vrijgave.publishing.google_api import read_credentials
from vrijgave.publishing.platforms.press_kit import PressKit
from vrijgave.publishing.platforms.youtube import YouTube
from vrijgave.publishing.protocol import marker_for
from vrijgave.publishing.registry import PUBLISHERS, make_publisher
from vrijgave.settings import Settings

ACCOUNT = {"refresh_token": "r", "client_id": "c", "client_secret": "s", "token_uri": "http://127.0.0.1:9/token"}
LOCAL = "http://127.0.0.1:9/"


def make(platform: Platform, credentials: dict[str, str], root: str = LOCAL, **changes: Any) -> object:
    account = PlatformAccount(id="a", platform=platform, unit="", name="a", root=root, public_root=root)
    settings = Settings(practice_port=9, **changes)
    return make_publisher(account, OwnVault(credentials), settings, Ed25519PrivateKey.generate())


def test_a_publisher_is_made_of_an_account_and_its_credentials() -> None:
    assert isinstance(make(Platform.YOUTUBE, ACCOUNT), YouTube)
    assert isinstance(make(Platform.YOUTUBE, ACCOUNT, "https://youtube.googleapis.com/", practice=False), YouTube)


@pytest.mark.parametrize("platform", [platform for platform in PUBLISHERS if platform is not Platform.PRESS_KIT])
def test_practice_never_reaches_the_real_platform(platform: Platform) -> None:
    with pytest.raises(ActionRequired, match="VRIJGAVE_PRACTICE"):
        make(platform, ACCOUNT, "https://youtube.googleapis.com/")
    with pytest.raises(ActionRequired, match="VRIJGAVE_PRACTICE"):
        make(platform, ACCOUNT, "http://127.0.0.1:90/")


def test_every_platform_has_a_practice_account() -> None:
    assert set(PRACTICE) == set(PUBLISHERS)


def test_credentials_that_are_none() -> None:
    with pytest.raises(ActionRequired):
        make(Platform.YOUTUBE, {k: v for k, v in ACCOUNT.items() if k != "refresh_token"})


@pytest.mark.parametrize("secret", ["", "no json", "[]"])
def test_credentials_are_a_json_object(secret: str) -> None:
    with pytest.raises(ActionRequired):
        read_credentials(SecretStr(secret), None)


def test_missing_credentials_name_the_setting(tmp_path: Path) -> None:
    with pytest.raises(ActionRequired, match="VRIJGAVE_YOUTUBE_CREDENTIALS_FILE"):
        read_credentials(None, None)
    with pytest.raises(ActionRequired, match="VRIJGAVE_YOUTUBE_CREDENTIALS_FILE"):
        read_credentials(None, tmp_path / "absent.json")


def test_the_press_kit_needs_only_a_folder(tmp_path: Path) -> None:
    assert isinstance(make(Platform.PRESS_KIT, {}, home=tmp_path), PressKit)


def test_a_marker_is_opaque_and_stable() -> None:
    assert marker_for("release-2026-123") == marker_for("release-2026-123") != marker_for("release-2026-124")
    assert "release" not in marker_for("release-2026-123")
    assert marker_for("release-2026-123").removeprefix("vrijgave-").removesuffix(".mp4").isalnum()


def test_outside_practice_only_what_can_be_connected_is_offered(tmp_path: Path) -> None:
    real = build(Settings(home=tmp_path / "real", practice=False))
    assert real.platforms() == (Platform.YOUTUBE, Platform.PRESS_KIT)
    with pytest.raises(ActionRequired, match="Mastodon"):
        real.publisher(Platform.MASTODON)
    assert set(build(Settings(home=tmp_path / "practice")).platforms()) == set(PUBLISHERS)
