"""Calls to a platform's interface over HTTP, with its failures told in the terms that a caller can act on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from vrijgave.errors import ActionRequired, Rejected, RetryLater, VrijgaveError
from vrijgave.i18n import _
from vrijgave.publishing.accounts import Credentials, Renewal, Vault

TIMEOUT = timedelta(seconds=60)
_TRANSIENT = frozenset({408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_AFTER = timedelta(seconds=2)
_LONGEST_WORD = 200

Reason = Callable[[httpx.Response], str]
"""The platform's own word for what is wrong, out of an answer; shown to people, so no secrets."""
Judge = Callable[[httpx.Response], VrijgaveError | None]
"""What an answer means where this platform says it in its own way; None: judge by the status."""


class Api:
    """The interface of one platform, signed in. ``name`` is what people call the platform."""

    def __init__(
        self,
        name: str,
        root: str,
        vault: Vault,
        *,
        renewal: Renewal | None = None,
        reason: Reason = lambda answer: str(answer.status_code),
        judge: Judge = lambda answer: None,
        expired: Callable[[httpx.Response], bool] = lambda answer: answer.status_code == 401,
        authorise: Callable[[Credentials], Mapping[str, str]] = lambda c: {
            "authorization": f"Bearer {c['access_token']}"
        },
        timeout: timedelta = TIMEOUT,
    ) -> None:
        self.name = name
        self._vault = vault
        self._renewal = renewal
        self._reason = reason
        self._judge = judge
        self._expired = expired
        self._authorise = authorise
        self._client = httpx.Client(base_url=root, timeout=timeout.total_seconds(), follow_redirects=False)

    def call(self, method: str, path: str, *, also: Collection[int] = (), **request: Any) -> httpx.Response:
        """The answer to one request; ``path`` is below the root, or a whole address. ``request``: as httpx takes it.

        Answers with a status of ``also`` are handed back as they are. Credentials that are no longer taken are
        renewed once. Raises ``RetryLater``, ``ActionRequired`` and ``Rejected``.
        """
        credentials = self._vault.read()
        answer = self._send(credentials, method, path, request)
        if self._renewal is not None and answer.status_code not in also and self._expired(answer):
            answer = self._send(self._vault.renew(credentials, self._renewal), method, path, request)
        if answer.is_success or answer.status_code in also:
            return answer
        raise self._judge(answer) or failure(self.name, answer, self._reason(answer)[:_LONGEST_WORD])

    def _send(self, credentials: Credentials, method: str, path: str, request: Mapping[str, Any]) -> httpx.Response:
        headers = {**self._authorise(credentials), **request.get("headers", {})}
        with connection_needed(self.name):
            return self._client.request(method, path, **{**request, "headers": headers})


def look(name: str, address: str, timeout: timedelta = TIMEOUT, **request: Any) -> httpx.Response:
    """What a visitor gets who has no credentials and was never there before. Raises ``RetryLater``."""
    with connection_needed(name):
        return httpx.get(address, timeout=timeout.total_seconds(), follow_redirects=True, **request)


def seen(name: str, answer: httpx.Response) -> bool:
    """Whether an anonymous visitor is shown the thing: False for «not there» and «not for you».

    Raises ``RetryLater`` for every answer that says neither: silence proves nothing.
    """
    if answer.status_code in (401, 403, 404, 410):
        return False
    if answer.is_success:
        return True
    raise RetryLater(
        _("{platform} answers a visitor with status {status}; it is tried again.").format(
            platform=name, status=answer.status_code
        )
    )


@contextmanager
def connection_needed(name: str) -> Iterator[None]:
    """A connection that breaks or is silent means: try again. The address of the request may be secret: not told."""
    try:
        yield
    except httpx.HTTPError:
        raise RetryLater(
            _("The connection with {platform} was cut; it is tried again.").format(platform=name), timedelta(seconds=5)
        ) from None


def failure(name: str, answer: httpx.Response, reason: str) -> VrijgaveError:
    """What a refused request means: wait, call a person, or correct what is sent."""
    status = answer.status_code
    if status == 429:
        return RetryLater(_("{platform} asks us to wait; it is tried again.").format(platform=name), wait_of(answer))
    if status in _TRANSIENT:
        return RetryLater(
            _("{platform} is busy (status {status}); it is tried again.").format(platform=name, status=status),
            wait_of(answer),
        )
    if status == 401:
        return credentials_refused(name)
    if status == 403:
        return ActionRequired(
            "administrator",
            _("{platform} forbids this ({reason}); check the rights of the account.").format(
                platform=name, reason=reason
            ),
        )
    return Rejected(
        "platform",
        _("{platform} refuses this ({reason}); correct the texts or the file.").format(platform=name, reason=reason),
    )


def credentials_refused(name: str) -> ActionRequired:
    """The account has to be connected anew."""
    return ActionRequired(
        "administrator",
        _("{platform} no longer accepts the account's credentials; connect the account again.").format(platform=name),
    )


def wait_of(answer: httpx.Response) -> timedelta:
    """How long the platform asks to wait: ``Retry-After``, or the end of its window, or else two seconds."""
    value = answer.headers.get("retry-after", "")
    if value.isdigit():
        return timedelta(seconds=int(value))
    until = _moment(value) or _window_end(answer)
    return _AFTER if until is None else max(until - datetime.now(UTC), _AFTER)


def _moment(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value)
    except ValueError:
        return None


def _window_end(answer: httpx.Response) -> datetime | None:
    value = answer.headers.get("x-rate-limit-reset", "") or answer.headers.get("x-ratelimit-reset", "")
    if value.isdigit():
        return datetime.fromtimestamp(int(value), UTC)
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
