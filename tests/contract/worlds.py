"""Each practice platform as the suites over all of them see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from publishing_world import make_youtube

from vrijgave.domain.publications import Platform
from vrijgave.practice.accounts import practice_account
from vrijgave.publishing.google_upload import CHUNK_UNIT
from vrijgave.publishing.platforms.facebook import Facebook
from vrijgave.publishing.platforms.facebook_reels import FacebookReels
from vrijgave.publishing.platforms.instagram import Instagram
from vrijgave.publishing.platforms.mastodon import Mastodon
from vrijgave.publishing.platforms.peertube import PeerTube
from vrijgave.publishing.protocol import Bundle, Publisher

Practised = dict[str, Any]
"""What ``practice/state`` of a platform answers."""


@dataclass(frozen=True, kw_only=True)
class World:
    """How to publish on one practice platform, and how to see what came of it."""

    platform: Platform
    path: str
    """Of the platform below the practice server, with a closing slash; empty for the root."""
    make: Callable[[str, float], Publisher]
    """(root address of the practice server, seconds of silence that are borne) -> a publisher."""
    places: tuple[str, ...]
    """Where faults can strike on the way from planned to live, in the order of that way: each one is reached even by a
    process that goes on after another was killed at the place before."""
    removal: tuple[str, ...]
    """Likewise on the way to gone."""
    shown: Callable[[Practised], list[str]]
    """SHA-256 of the video of each thing that the public sees."""

    shape: tuple[int, int] = (1920, 1080)
    """Width and height that the platform takes."""

    def fitted(self, bundle: Bundle) -> Bundle:
        """``bundle`` as it is rendered for this platform."""
        width, height = self.shape
        return replace(bundle, facts=replace(bundle.facts, width=width, height=height))

    @property
    def id(self) -> str:
        """For pytest."""
        return self.platform.value


YOUTUBE = World(
    platform=Platform.YOUTUBE,
    path="",
    make=make_youtube,
    places=("token", "initiate", "chunk", "final", "list", "thumbnail", "update", "oembed"),
    removal=("update", "delete", "list", "oembed"),
    shown=lambda state: [video["sha256"] for video in state["videos"] if video["status"]["privacyStatus"] != "private"],
)


def make_facebook(url: str, timeout: float) -> Facebook:
    return Facebook(*practice_account(Platform.FACEBOOK, url), timeout=timedelta(seconds=timeout))


FACEBOOK = World(
    platform=Platform.FACEBOOK,
    path="meta/",
    make=make_facebook,
    places=(
        "initiate",
        "token",
        "chunk",
        "session",
        "final",
        "create",
        "list",
        "status",
        "thumbnail",
        "post",
        "public",
    ),
    removal=("hide", "delete", "status", "list", "public"),
    shown=lambda state: [video["sha256"] for video in state["videos"].values() if video["published"]],
)


def make_reels(url: str, timeout: float) -> FacebookReels:
    return FacebookReels(*practice_account(Platform.FACEBOOK_REELS, url), timeout=timedelta(seconds=timeout))


REELS = World(
    platform=Platform.FACEBOOK_REELS,
    path="meta/",
    make=make_reels,
    places=("token", "limit", "initiate", "chunk", "status", "create", "thumbnail", "post", "public"),
    removal=("delete", "status", "public"),
    shown=FACEBOOK.shown,
    shape=(1080, 1920),
)


def make_instagram(url: str, timeout: float) -> Instagram:
    return Instagram(*practice_account(Platform.INSTAGRAM, url), timeout=timedelta(seconds=timeout))


INSTAGRAM = World(
    platform=Platform.INSTAGRAM,
    path="meta/",
    make=make_instagram,
    places=("token", "limit", "initiate", "chunk", "status", "post", "list", "public"),
    removal=("delete", "status", "public"),
    shown=lambda state: [media["sha256"] for media in state["media"].values()],
)


def make_peertube(url: str, timeout: float) -> PeerTube:
    return PeerTube(*practice_account(Platform.PEERTUBE, url), CHUNK_UNIT, timedelta(seconds=timeout))


PEERTUBE = World(
    platform=Platform.PEERTUBE,
    path="peertube/",
    make=make_peertube,
    places=(
        "config",
        "token",
        "account",
        "initiate",
        "chunk",
        "session",
        "final",
        "list",
        "source",
        "status",
        "thumbnail",
        "post",
        "public",
    ),
    removal=("hide", "delete", "public", "status", "list"),
    shown=lambda state: [video["sha256"] for video in state["videos"].values() if video["privacy"] < 3],
)


def make_mastodon(url: str, timeout: float) -> Mastodon:
    return Mastodon(*practice_account(Platform.MASTODON, url), timeout=timedelta(seconds=timeout))


MASTODON = World(
    platform=Platform.MASTODON,
    path="mastodon/",
    make=make_mastodon,
    places=("instance", "upload", "status", "post", "account", "list", "public"),
    removal=("delete", "public", "show", "account", "list"),
    shown=lambda state: [
        state["media"][status["media"][0]]["sha256"] if status["media"] else "no video"
        for status in state["statuses"].values()
    ],
)

WORLDS: tuple[World, ...] = (YOUTUBE, FACEBOOK, REELS, INSTAGRAM, PEERTUBE, MASTODON)
