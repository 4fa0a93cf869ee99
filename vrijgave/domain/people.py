"""The people who work with the service: what they are called, to which unit they belong, what they may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vrijgave.errors import Rejected
from vrijgave.i18n import _

RESERVED = frozenset({"system"})
"""Names under which the service itself acts."""
MAX_TEXT = 100
MIN_PASSWORD = 12
MAX_PASSWORD = 1024
"""Hashing takes as long as the password is long; nobody types more than this."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


class Role(StrEnum):
    """What a person does here; one person may have several."""

    RECHERCHE = "recherche"
    """Hands in footage and facts."""
    COMMUNICATIE = "communicatie"
    """Reviews, writes, approves, publishes, takes down."""
    OFFICIER = "officier"
    """Authorises publication, or refuses it."""
    LEIDING = "leiding"
    """Reads where time goes; sees no internal facts."""
    PRIVACY = "privacy"
    """Audits."""
    BEHEER = "beheer"
    """Runs the service and its accounts; sees no cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in. ``name`` is what deeds are recorded under: lower case, never another person's."""

    id: str
    name: str
    display_name: str
    unit: str
    roles: frozenset[Role]
    enabled: bool
    created_at: datetime
    external_id: str | None = None
    """Issuer and subject at the OpenID provider; such an account has no password here."""

    def __post_init__(self) -> None:
        if self.name != normalised(self.name) or not _NAME.fullmatch(self.name) or self.name in RESERVED:
            raise Rejected("account", _("A sign-in name has 2 to 64 letters a-z, digits or . _ @ -; choose another."))
        for text in (self.display_name, self.unit):
            if not text.strip() or len(text) > MAX_TEXT or not text.isprintable():
                raise Rejected("account", _("Give a name and a unit, each of at most {most} characters.").format(
                    most=MAX_TEXT
                ))  # fmt: skip
        if not self.roles:
            raise Rejected("account", _("An account needs at least one role."))


def normalised(name: str) -> str:
    """The form in which sign-in names are kept and compared."""
    return name.strip().lower()


def check_password(password: str) -> None:
    """Length is all that is asked. Raises ``Rejected``."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Rejected(
            "password", _("A password has at least {least} characters; a sentence is fine.").format(least=MIN_PASSWORD)
        )
