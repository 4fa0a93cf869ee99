"""Accounts of the force on platforms: which there are, whose they are, and until when they are good."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from vrijgave.domain.publications import Platform
from vrijgave.errors import Rejected
from vrijgave.i18n import _

WARN_BEFORE = timedelta(days=7)
"""How long before an account ends a person is told."""
WITHOUT_ACCOUNT = frozenset({Platform.PRESS_KIT})
"""What is published on without signing in anywhere."""
MAX_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformAccount:
    """Where and as whom to publish. Holds no secrets."""

    id: str
    platform: Platform
    unit: str
    """The unit whose releases go out by it; empty: every unit that has none of its own."""
    name: str
    """What people here call it."""
    root: str
    """Address of the interface, with its closing slash."""
    public_root: str
    """Address of what the public sees, with its closing slash."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What else the platform has to be told, such as the id of a page or a channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAccount:
    """An account as it is on record. ``version`` grows with every write."""

    account: PlatformAccount
    sealed: str = field(repr=False)
    """Its credentials, encrypted."""
    version: int
    added_at: datetime
    added_by: str
    expires_at: datetime | None = None
    """From when on the platform no longer takes them unless a person connects it again; None: not known."""
    disabled_at: datetime | None = None
    """From when on nothing new goes out by it; what is out can still be taken down."""
    checked_at: datetime | None = None
    problem: str = ""
    """What the last check found wrong, as a sentence; empty where all was right."""
    warned_of: datetime | None = None
    """The end that somebody was told of."""

    @property
    def on(self) -> bool:
        """Whether releases go out by it."""
        return self.disabled_at is None

    def ends_soon(self, now: datetime) -> bool:
        """Whether a person has to connect it again within a week, or is late with it."""
        return self.expires_at is not None and self.expires_at <= now + WARN_BEFORE


def new_account(
    *, id: str, platform: Platform, unit: str, name: str, root: str, public_root: str, facts: Mapping[str, str]
) -> PlatformAccount:
    """An account as a person describes it. Raises ``Rejected`` for what cannot be."""
    if platform in WITHOUT_ACCOUNT:
        raise Rejected("account", _("The press kit needs no account."))
    for text in (name, unit):
        if len(text) > MAX_NAME or not text.isprintable() or (text is name and not text.strip()):
            raise Rejected(
                "account", _("Give the account a name, and a unit, of at most {most} characters.").format(most=MAX_NAME)
            )
    return PlatformAccount(
        id=id,
        platform=platform,
        unit=unit.strip(),
        name=name.strip(),
        root=_address(root),
        public_root=_address(public_root),
        facts=dict(facts),
    )


def account_for(kept: Iterable[KeptAccount], platform: Platform, unit: str) -> PlatformAccount | None:
    """By which account releases of ``unit`` go out on ``platform``: its own, else the common one."""
    on = [each.account for each in kept if each.on and each.account.platform is platform]
    own = [account for account in on if account.unit and same_unit(account.unit, unit)]
    return next(iter(own + [account for account in on if not account.unit]), None)


def same_unit(one: str, other: str) -> bool:
    """Whether two names, as typed, are of one unit."""
    return one.strip().casefold() == other.strip().casefold()


def _address(text: str) -> str:
    """With its closing slash. Secrets go where nobody can listen, or stay on this machine."""
    parts = urlsplit(text.strip())
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise Rejected(
            "account", _("«{text}» is no https address; give the address of the platform.").format(text=text)
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Rejected("account", _("An address has no password, question mark or hash sign; leave them out."))
    return text.strip().rstrip("/") + "/"
