"""Fixtures of the publishing contract: a practice platform and a press folder, empty for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from publishing_world import FileBook, HurriedClock, PlatformView, make_bundle, make_youtube

from vrijgave.practice.server import PracticeServer
from vrijgave.publishing.platforms.press_kit import PressKit
from vrijgave.publishing.platforms.youtube import YouTube
from vrijgave.publishing.protocol import Bundle


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeServer]:
    with PracticeServer(tmp_path_factory.mktemp("practice")) as server:
        yield server


@pytest.fixture
def platform(running: PracticeServer) -> Iterator[PlatformView]:
    view = PlatformView(running.url)
    view.post("practice/reset")
    yield view
    view.post("practice/reset")
    view.close()


@pytest.fixture
def practice(running: PracticeServer, platform: PlatformView) -> PracticeServer:
    """The practice platform, empty."""
    return running


@pytest.fixture
def youtube(practice: PracticeServer) -> YouTube:
    return make_youtube(practice.url)


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def press_folder(tmp_path: Path) -> Path:
    return tmp_path / "pers"


@pytest.fixture
def press_kit(press_folder: Path, key: Ed25519PrivateKey) -> PressKit:
    return PressKit(press_folder, key)


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return make_bundle(tmp_path / "bundle")


@pytest.fixture
def book(tmp_path: Path) -> FileBook:
    return FileBook(tmp_path / "ledger.sqlite")


@pytest.fixture
def clock() -> HurriedClock:
    return HurriedClock()
