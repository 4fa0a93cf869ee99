"""PeerTube's interface: signing in, what its answers mean, and what they hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from vrijgave.errors import ActionRequired, RetryLater, VrijgaveError
from vrijgave.i18n import _
from vrijgave.publishing.accounts import Credentials, PlatformAccount, Vault
from vrijgave.publishing.http import Api, credentials_refused

NAME = "PeerTube"
_NO_ROOM = frozenset({"quota_reached"})


def connect(account: PlatformAccount, vault: Vault, timeout: timedelta) -> Api:
    """The interface, signed in to ``account``; its token is renewed when it is no longer taken."""
    anybody = Api(NAME, account.root, vault, authorise=lambda _c: {}, reason=_reason, timeout=timeout)
    return Api(
        NAME,
        account.root,
        vault,
        renewal=lambda stale: _renewed(anybody, stale),
        reason=_reason,
        judge=_judge,
        timeout=timeout,
    )


def json_object(name: str, answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer. Raises ``RetryLater`` when it is none: it proves nothing."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise unreadable(name)
    return body


def unreadable(name: str) -> RetryLater:
    """An answer that says neither yes nor no."""
    return RetryLater(_("{platform} gives an answer that cannot be read; it is tried again.").format(platform=name))


def _renewed(anybody: Api, stale: Credentials) -> Credentials:
    """A new access token. A refresh token is good once: when its answer was lost, the password helps."""
    answer = _asked_token(anybody, stale, grant_type="refresh_token", refresh_token=stale.get("refresh_token", ""))
    if not answer.is_success and stale.get("password"):
        answer = _asked_token(
            anybody, stale, grant_type="password", username=stale["username"], password=stale["password"]
        )
    if not answer.is_success:
        raise credentials_refused(NAME)
    told = json_object(NAME, answer)
    lasts = timedelta(seconds=int(told.get("refresh_token_expires_in", 0)))
    until = {"refresh_until": (datetime.now(UTC) + lasts).isoformat()} if lasts else {}
    return {"access_token": str(told["access_token"]), "refresh_token": str(told["refresh_token"]), **until}


def _asked_token(anybody: Api, credentials: Credentials, **grant: str) -> httpx.Response:
    client = {name: credentials[name] for name in ("client_id", "client_secret")}
    return anybody.call("POST", "users/token", data={**client, **grant}, also={400, 401})


def _code(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("code", ""))
    except (ValueError, AttributeError):
        return ""


def _reason(answer: httpx.Response) -> str:
    return _code(answer) or str(answer.status_code)


def _judge(answer: httpx.Response) -> VrijgaveError | None:
    if _code(answer) in _NO_ROOM:
        return ActionRequired(
            "administrator",
            _("The account on {platform} has no room left; ask the owner of the server for more.").format(
                platform=NAME
            ),
        )
    return None
