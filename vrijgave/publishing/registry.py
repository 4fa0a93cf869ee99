"""Which publisher serves which platform."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from vrijgave.domain.publications import Platform
from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.publishing.accounts import PlatformAccount, Vault
from vrijgave.publishing.platforms.facebook import Facebook
from vrijgave.publishing.platforms.facebook_reels import FacebookReels
from vrijgave.publishing.platforms.instagram import Instagram
from vrijgave.publishing.platforms.mastodon import Mastodon
from vrijgave.publishing.platforms.peertube import PeerTube
from vrijgave.publishing.platforms.press_kit import PressKit
from vrijgave.publishing.platforms.youtube import YouTube
from vrijgave.publishing.protocol import Publisher
from vrijgave.settings import Settings

Maker = Callable[[PlatformAccount, Vault, Settings, Ed25519PrivateKey], Publisher]


def make_publisher(account: PlatformAccount, vault: Vault, settings: Settings, key: Ed25519PrivateKey) -> Publisher:
    """A new publisher for ``account``; it belongs to the thread that uses it. ``key`` signs press kits.

    Raises ``ActionRequired`` when the credentials are of no use, or when practice mode would reach a real platform.
    """
    practice = f"http://{settings.host}:{settings.practice_port}/"
    for root in (account.root, account.public_root):
        if settings.practice and root and not root.startswith(practice):
            raise ActionRequired(
                "administrator",
                _("Practice mode never sends to a real platform; set VRIJGAVE_PRACTICE to false to publish for real."),
            )
    return PUBLISHERS[account.platform](account, vault, settings, key)


def _youtube(account: PlatformAccount, vault: Vault, settings: Settings, _key: Ed25519PrivateKey) -> Publisher:
    return YouTube(
        api_root=account.root,
        watch_root=account.public_root,
        credentials=SecretStr(json.dumps(dict(vault.read()))),
        chunk_bytes=settings.upload_chunk_bytes,
    )


def _press_kit(_account: PlatformAccount, _vault: Vault, settings: Settings, key: Ed25519PrivateKey) -> Publisher:
    return PressKit(settings.press_kit_folder or settings.home / "press-kits", key)


PUBLISHERS: Mapping[Platform, Maker] = MappingProxyType(
    {
        Platform.YOUTUBE: _youtube,
        Platform.MASTODON: lambda account, vault, _settings, _key: Mastodon(account, vault),
        Platform.PEERTUBE: lambda account, vault, settings, _key: PeerTube(account, vault, settings.upload_chunk_bytes),
        Platform.FACEBOOK: lambda account, vault, _settings, _key: Facebook(account, vault),
        Platform.FACEBOOK_REELS: lambda account, vault, _settings, _key: FacebookReels(account, vault),
        Platform.INSTAGRAM: lambda account, vault, _settings, _key: Instagram(account, vault),
        Platform.PRESS_KIT: _press_kit,
    }
)
"""Platform -> how its publisher is made."""
