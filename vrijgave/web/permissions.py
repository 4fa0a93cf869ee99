"""Who may do what: one table of role × route, and nothing else decides. docs/web.md shows it; a test keeps them equal.

A route that is not in the table answers nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vrijgave.domain.board import Reach
from vrijgave.domain.people import Account, Role

R = Role


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route. ``roles`` is None where nobody has to be signed in."""

    roles: frozenset[Role] | None
    background: bool = False
    """The page asks by itself: such a request does not keep a sign-in session open."""

    def allows(self, account: Account | None) -> bool:
        """Whether ``account`` may; None is somebody who is not signed in."""
        if self.roles is None:
            return True
        return account is not None and bool(self.roles & account.roles)


def _to(*roles: Role) -> Rule:
    return Rule(frozenset(roles))


ANYONE = Rule(None)
SIGNED_IN = _to(*Role)
CASES = _to(R.RECHERCHE, R.COMMUNICATIE, R.OFFICIER, R.LEIDING, R.PRIVACY)
CASES_BEHIND = Rule(CASES.roles, background=True)
READS_ALONG = _to(R.RECHERCHE, R.COMMUNICATIE, R.OFFICIER, R.PRIVACY)
ACCOUNTS = _to(R.BEHEER)
HANDS_IN = _to(R.RECHERCHE)
LOOKERS = _to(R.COMMUNICATIE, R.OFFICIER, R.PRIVACY)
"""Who may look at uncovered footage, with a reason; detectives have their own copy of what they handed in."""
REVIEWERS = _to(R.COMMUNICATIE)
ACCOUNTABLE = _to(R.COMMUNICATIE, R.OFFICIER, R.LEIDING, R.PRIVACY)
"""Who accounts for the use of footage, or checks it; no internal fact is in an account."""

RULES: Mapping[tuple[str, str], Rule] = MappingProxyType(
    {
        ("GET", "/health"): ANYONE,
        ("GET", "/metrics"): ANYONE,  # and then its own token; see routes/metrics.py
        ("GET", "/static"): ANYONE,
        ("POST", "/language"): ANYONE,
        ("GET", "/sign-in"): ANYONE,
        ("POST", "/sign-in"): ANYONE,
        ("GET", "/sign-in/provider"): ANYONE,
        ("GET", "/sign-in/return"): ANYONE,
        ("POST", "/sign-out"): SIGNED_IN,
        ("GET", "/"): SIGNED_IN,
        ("GET", "/me"): SIGNED_IN,
        ("POST", "/me/password"): SIGNED_IN,
        ("GET", "/board"): CASES,
        ("GET", "/board/rows"): CASES_BEHIND,
        ("GET", "/board/live"): CASES_BEHIND,
        ("GET", "/releases/{release_id}"): CASES,
        ("POST", "/releases/{release_id}/retry"): _to(R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/withdraw"): _to(R.RECHERCHE, R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/hold"): _to(R.RECHERCHE, R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/hold/end"): _to(R.RECHERCHE, R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/footage-kind"): _to(R.RECHERCHE, R.COMMUNICATIE),
        ("GET", "/api/releases/{release_id}"): CASES,
        ("GET", "/api/releases/{release_id}/preflight"): _to(R.COMMUNICATIE),
        ("POST", "/api/releases/{release_id}/retry"): _to(R.COMMUNICATIE),
        ("GET", "/releases/{release_id}/review"): LOOKERS,
        ("POST", "/releases/{release_id}/review/reason"): LOOKERS,
        ("GET", "/api/releases/{release_id}/review"): LOOKERS,
        ("GET", "/api/releases/{release_id}/review/changes"): Rule(LOOKERS.roles, background=True),
        ("GET", "/api/releases/{release_id}/review/proxy"): LOOKERS,
        ("GET", "/api/releases/{release_id}/review/waveform"): LOOKERS,
        ("GET", "/api/releases/{release_id}/review/still/{frame}"): LOOKERS,
        ("GET", "/api/releases/{release_id}/review/thumb/{track}"): LOOKERS,
        ("POST", "/api/releases/{release_id}/review/edits"): REVIEWERS,
        ("POST", "/api/releases/{release_id}/review/undo"): REVIEWERS,
        ("POST", "/api/releases/{release_id}/review/redo"): REVIEWERS,
        ("POST", "/api/releases/{release_id}/review/notes"): REVIEWERS,
        ("POST", "/api/releases/{release_id}/review/notes/{number}"): REVIEWERS,
        ("POST", "/api/releases/{release_id}/review/regions"): REVIEWERS,
        ("POST", "/api/releases/{release_id}/review/regions/{number}/drop"): REVIEWERS,
        ("POST", "/api/releases/{release_id}/review/finish"): REVIEWERS,
        ("GET", "/api/openapi.json"): _to(R.BEHEER),
        ("GET", "/releases/{release_id}/texts"): READS_ALONG,
        ("GET", "/api/releases/{release_id}/texts"): READS_ALONG,
        ("POST", "/api/releases/{release_id}/texts"): _to(R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/texts/send-back"): _to(R.COMMUNICATIE),
        ("GET", "/releases/{release_id}/publication"): CASES,
        ("GET", "/releases/{release_id}/publication/ledger"): CASES_BEHIND,
        ("GET", "/releases/{release_id}/publication/check"): _to(R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/publication"): _to(R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/publication/retry"): _to(R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/publication/reach"): _to(R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/publication/take-down"): _to(R.COMMUNICATIE, R.OFFICIER),
        ("GET", "/releases/{release_id}/approve"): _to(R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/approve"): _to(R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/approve/send-back"): _to(R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/approve/notes"): _to(R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/approve/notes/{number}/resolve"): _to(R.COMMUNICATIE),
        ("GET", "/releases/{release_id}/approve/files/{sha256}"): _to(R.COMMUNICATIE, R.OFFICIER),
        ("GET", "/api/releases/{release_id}/watched"): _to(R.COMMUNICATIE),
        ("POST", "/api/releases/{release_id}/watched"): _to(R.COMMUNICATIE),
        ("GET", "/releases/{release_id}/permission"): _to(R.COMMUNICATIE, R.OFFICIER, R.PRIVACY),
        ("POST", "/releases/{release_id}/permission"): _to(R.OFFICIER),
        ("GET", "/releases/{release_id}/tips"): _to(R.RECHERCHE, R.COMMUNICATIE, R.PRIVACY),
        ("POST", "/releases/{release_id}/tips"): _to(R.RECHERCHE, R.COMMUNICATIE),
        ("POST", "/releases/{release_id}/tips/{number}"): _to(R.RECHERCHE),
        ("GET", "/releases/{release_id}/clock"): _to(R.RECHERCHE, R.COMMUNICATIE, R.OFFICIER, R.LEIDING, R.PRIVACY),
        ("POST", "/releases/{release_id}/clock"): _to(R.RECHERCHE, R.COMMUNICATIE),
        ("GET", "/releases/{release_id}/accountability"): ACCOUNTABLE,
        ("GET", "/releases/{release_id}/accountability.pdf"): ACCOUNTABLE,
        ("GET", "/lead-times"): ACCOUNTABLE,
        ("GET", "/lead-times/releases.{kind}"): ACCOUNTABLE,
        ("GET", "/lead-times/{part}.csv"): ACCOUNTABLE,
        ("GET", "/reports"): ACCOUNTABLE,
        ("GET", "/reports/{kind}/{period}"): ACCOUNTABLE,
        ("GET", "/accountability"): ACCOUNTABLE,
        ("GET", "/accountability.pdf"): ACCOUNTABLE,
        ("GET", "/accounts"): ACCOUNTS,
        ("POST", "/accounts"): ACCOUNTS,
        ("GET", "/accounts/new"): ACCOUNTS,
        ("GET", "/accounts/{account_id}"): ACCOUNTS,
        ("POST", "/accounts/{account_id}"): ACCOUNTS,
        ("POST", "/accounts/{account_id}/password"): ACCOUNTS,
        ("GET", "/hand-in"): HANDS_IN,
        ("POST", "/hand-in"): HANDS_IN,
        ("GET", "/hand-in/{draft_id}"): HANDS_IN,
        ("POST", "/hand-in/{draft_id}"): HANDS_IN,
        ("POST", "/hand-in/{draft_id}/delete"): HANDS_IN,
        ("POST", "/api/hand-in/uploads"): HANDS_IN,
        ("HEAD", "/api/hand-in/uploads/{upload_id}"): HANDS_IN,
        ("PATCH", "/api/hand-in/uploads/{upload_id}"): HANDS_IN,
        ("DELETE", "/api/hand-in/uploads/{upload_id}"): HANDS_IN,
        ("GET", "/api/hand-in/{draft_id}"): Rule(HANDS_IN.roles, background=True),
        ("POST", "/api/hand-in/{draft_id}"): HANDS_IN,
        ("POST", "/api/hand-in/{draft_id}/check"): Rule(HANDS_IN.roles, background=True),
        ("GET", "/api/hand-in/{draft_id}/still/{frame}"): HANDS_IN,
    }
)
"""(method, path) -> who may."""

INTERNAL = frozenset({R.RECHERCHE, R.COMMUNICATIE, R.OFFICIER, R.PRIVACY})
"""Who sees the internal facts of a case and its files; the others see what the public may know, and where it stands."""
EVERY_UNIT = frozenset({R.COMMUNICATIE, R.OFFICIER, R.LEIDING, R.PRIVACY})
"""Who sees the releases of all units; the others those of their own unit, and those that they handed in."""


def may(account: Account | None, method: str, path: str) -> bool:
    """Whether ``account`` may use the route ``path``; False where no such route is in the table."""
    rule = RULES.get((method, path))
    return rule is not None and rule.allows(account)


def reach(account: Account) -> Reach | None:
    """Whose releases ``account`` may see; None: all."""
    return None if account.roles & EVERY_UNIT else Reach(unit=account.unit, name=account.name)


def sees_internal(account: Account) -> bool:
    """Whether ``account`` may see registration number, exact place, team and files."""
    return bool(account.roles & INTERNAL)
