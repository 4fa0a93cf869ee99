"""Where a person goes on with a release: the page of its next step, and the other pages that they may use."""

from __future__ import annotations

from dataclasses import dataclass

from vrijgave.domain.people import Account
from vrijgave.domain.releases import Release, State
from vrijgave.i18n import _
from vrijgave.web.permissions import may

_S = State
REVIEW, TEXTS, APPROVE, PERMISSION, PUBLICATION = "review", "texts", "approve", "permission", "publication"
TIPS, ACCOUNT = "tips", "accountability"
USED_IN: dict[str, frozenset[State]] = {
    REVIEW: frozenset(_S) - {_S.RECEIVED, _S.ANALYSING},
    TEXTS: frozenset(_S) - {_S.WITHDRAWN},
    APPROVE: frozenset({_S.AWAITING_APPROVAL, _S.APPROVED, _S.PUBLISHING, _S.PUBLISHED}),
    PERMISSION: frozenset(_S) - {_S.RECEIVED, _S.ANALYSING},
    PUBLICATION: frozenset({_S.APPROVED, _S.PUBLISHING, _S.PUBLISHED, _S.TAKING_DOWN, _S.TAKEN_DOWN, _S.FAILED}),
    TIPS: frozenset({_S.PUBLISHING, _S.FAILED, _S.PUBLISHED, _S.TAKING_DOWN, _S.TAKEN_DOWN}),
    ACCOUNT: frozenset({_S.PUBLISHED, _S.TAKING_DOWN, _S.TAKEN_DOWN}),
}
"""Page -> the states in which it has something to say."""
_NEXT = {
    _S.IN_REVIEW: REVIEW,
    _S.CHANGES_REQUESTED: REVIEW,
    _S.AWAITING_APPROVAL: APPROVE,
    _S.APPROVED: PUBLICATION,
    _S.PUBLISHING: PUBLICATION,
    _S.PUBLISHED: PUBLICATION,
    _S.TAKING_DOWN: PUBLICATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A page to go on to."""

    path: str
    label: str
    main: bool
    """It is the next step, and this person's to take."""


def actions(release: Release, account: Account, *, permitted: bool) -> tuple[Action, ...]:
    """The pages that ``account`` may use now, the next step first. ``permitted``: a permission was granted."""
    usable = [page for page, states in USED_IN.items() if release.state in states and _may(account, page)]
    first = _next(release, account, permitted)
    return tuple(
        Action(path=f"/releases/{release.id}/{page}", label=_label(page), main=page == first)
        for page in sorted(usable, key=lambda page: page != first)
    )


def next_action(release: Release, account: Account, *, permitted: bool) -> Action | None:
    """The next step where it is this person's to take."""
    return next((action for action in actions(release, account, permitted=permitted) if action.main), None)


def _next(release: Release, account: Account, permitted: bool) -> str | None:
    """The page of the next step; None where it is somebody else's."""
    if not permitted and release.state in USED_IN[PERMISSION] and may(account, "POST", _route(PERMISSION)):
        return PERMISSION
    if release.state is State.APPROVED and not permitted:
        return None
    if release.state is State.AWAITING_APPROVAL and release.reviewer == account.name:
        return None
    return _NEXT.get(release.state)


def _may(account: Account, page: str) -> bool:
    return may(account, "GET", _route(page))


def _route(page: str) -> str:
    return f"/releases/{{release_id}}/{page}"


def _label(page: str) -> str:
    labels = {
        REVIEW: _("Open the review room"),
        TEXTS: _("Texts"),
        APPROVE: _("Watch and approve"),
        PERMISSION: _("Permission"),
        PUBLICATION: _("Publication"),
        TIPS: _("Tips"),
        ACCOUNT: _("Account"),
    }
    return labels[page]
