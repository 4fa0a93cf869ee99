"""The accounts that the practice platforms know: by them everything goes out in practice mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from vrijgave.domain.publications import Platform
from vrijgave.practice import graph, mastodon, peertube
from vrijgave.practice.server import practice_credentials
from vrijgave.publishing.accounts import Credentials, OwnVault, PlatformAccount, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Practised:
    """One platform's account. ``path`` is where its interface lies below the practice server, with a closing slash."""

    path: str = ""
    public: str = ""
    """Where the public looks, likewise."""
    facts: Mapping[str, str] = field(default_factory=dict)
    credentials: Callable[[str], Credentials] = lambda _root: {}
    """Root address of the interface -> what opens it; opens nothing but the practice platform."""


GRAPH = Practised(
    path=f"meta/{graph.VERSION}/", public="meta/public/", facts=graph.FACTS, credentials=graph.practice_credentials
)
PRACTICE: Mapping[Platform, Practised] = MappingProxyType(
    {
        Platform.YOUTUBE: Practised(credentials=practice_credentials),
        Platform.PRESS_KIT: Practised(),
        Platform.FACEBOOK: GRAPH,
        Platform.FACEBOOK_REELS: GRAPH,
        Platform.INSTAGRAM: GRAPH,
        Platform.MASTODON: Practised(
            path="mastodon/", public="mastodon/public/", credentials=mastodon.practice_credentials
        ),
        Platform.PEERTUBE: Practised(
            path="peertube/api/v1/",
            public="peertube/public/",
            facts=peertube.FACTS,
            credentials=peertube.practice_credentials,
        ),
    }
)
"""Platform -> its practice account."""


def practice_account(platform: Platform, server: str) -> tuple[PlatformAccount, Vault]:
    """The account on ``platform`` of the practice server at ``server`` (with its closing slash)."""
    practised = PRACTICE[platform]
    root = server + practised.path
    account = PlatformAccount(
        id=f"practice-{platform.value}",
        platform=platform,
        unit="",
        name="Oefenaccount",
        root=root,
        public_root=server + practised.public,
        facts=practised.facts,
    )
    return account, OwnVault(practised.credentials(root))
