"""The page of the review room, and the one before it that asks why somebody looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from vrijgave.domain.people import Account
from vrijgave.domain.releases import Release
from vrijgave.services.room import OPEN_IN
from vrijgave.web.pages import Page
from vrijgave.web.permissions import may

ROOM = "/api/releases/{release_id}/review"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage(Page):
    """The review room; ``config`` is what its scripts begin with."""

    template: ClassVar[str] = "review.html.j2"
    id: str
    number: str
    title: str
    config: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReasonPage(Page):
    """Asks once for each case why somebody looks at the footage."""

    template: ClassVar[str] = "review_reason.html.j2"
    id: str
    number: str
    title: str
    reason: str = ""
    error: str = ""


def review_page(release: Release, account: Account) -> ReviewPage:
    """The room of ``release`` for ``account``."""
    return ReviewPage(
        id=release.id,
        number=release.case.public_case_number,
        title=title_of(release),
        config={
            "release": release.id,
            "me": account.name,
            "may": {"edit": may_review(release, account), "finish": may_review(release, account)},
            "urls": urls(release.id),
        },
    )


def reason_page(release: Release, *, reason: str = "", error: str = "") -> ReviewReasonPage:
    """The page that asks for the reason."""
    return ReviewReasonPage(
        id=release.id,
        number=release.case.public_case_number,
        title=title_of(release),
        reason=reason,
        error=error,
    )


def title_of(release: Release) -> str:
    """What a release is called on its pages."""
    return f"{release.case.offence}, {release.case.public_place}"


def may_review(release: Release, account: Account) -> bool:
    """Whether ``account`` may change this review now."""
    return release.state in OPEN_IN and may(account, "POST", f"{ROOM}/edits")


def urls(release_id: str) -> dict[str, str]:
    """Where the scripts of the room ask; parts in braces are theirs to fill in."""
    room = ROOM.format(release_id=release_id)
    parts = {
        "state": "", "changes": "/changes", "edits": "/edits", "undo": "/undo", "redo": "/redo",
        "notes": "/notes", "note": "/notes/{number}", "regions": "/regions", "region_drop": "/regions/{number}/drop",
        "finish": "/finish", "proxy": "/proxy", "waveform": "/waveform", "still": "/still/{frame}",
        "thumb": "/thumb/{track}",
    }  # fmt: skip
    return {name: room + part for name, part in parts.items()} | {"page": f"/releases/{release_id}"}
