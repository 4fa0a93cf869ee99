"""Which publisher serves which platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vrijgave.domain.publications import Platform
from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.publishing.google_api import read_credentials
from vrijgave.publishing.platforms.press_kit import PressKit
from vrijgave.publishing.platforms.youtube import YouTube
from vrijgave.publishing.protocol import Publisher
from vrijgave.settings import Settings

_REAL_HOSTS = ("googleapis.com", "youtube.com")


def make_publisher(platform: Platform, settings: Settings, key: Ed25519PrivateKey) -> Publisher:
    """A new publisher for ``platform``; it belongs to the thread that uses it. ``key`` signs press kits.

    Raises ``ActionRequired`` when the platform is not set up, or when practice mode would reach the real one.
    """
    return PUBLISHERS[platform](settings, key)


def _youtube(settings: Settings, _key: Ed25519PrivateKey) -> Publisher:
    if settings.practice and (_real(settings.youtube_api_root) or _real(settings.youtube_watch_root)):
        raise ActionRequired(
            "administrator",
            _("Practice mode never sends to the real YouTube; set VRIJGAVE_PRACTICE to false to publish for real."),
        )
    return YouTube(
        api_root=settings.youtube_api_root,
        watch_root=settings.youtube_watch_root,
        credentials=read_credentials(settings.youtube_credentials, settings.youtube_credentials_file),
        chunk_bytes=settings.upload_chunk_bytes,
    )


def _press_kit(settings: Settings, key: Ed25519PrivateKey) -> Publisher:
    return PressKit(settings.press_kit_folder or settings.home / "press-kits", key)


def _real(root: str) -> bool:
    host = urlsplit(root).hostname or ""
    return any(host == real or host.endswith(f".{real}") for real in _REAL_HOSTS)


PUBLISHERS: Mapping[Platform, Callable[[Settings, Ed25519PrivateKey], Publisher]] = MappingProxyType(
    {Platform.YOUTUBE: _youtube, Platform.PRESS_KIT: _press_kit}
)
"""Platform -> how its publisher is made out of the settings."""
