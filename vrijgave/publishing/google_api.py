"""The road to Google's interfaces: credentials, the client, and what its errors mean for us."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httplib2
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import Error as GoogleClientError
from googleapiclient.errors import HttpError
from googleapiclient.http import build_http
from pydantic import SecretStr

from vrijgave.errors import ActionRequired, Rejected, RetryLater, VrijgaveError
from vrijgave.i18n import _

SCOPES = ("https://www.googleapis.com/auth/youtube",)
"""The least that covers what is called: upload alone may neither list, nor update, nor delete."""

GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
_ADMINISTRATOR = "administrator"
_COMMUNICATION = "communication"
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_RATE = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "backendError", "uploadRateLimitExceeded"})


def read_credentials(secret: SecretStr | None, file: Path | None) -> Mapping[str, str]:
    """The authorised-user JSON, as given or out of ``file``. Raises ``ActionRequired`` when there is none."""
    try:
        found = json.loads(_given(secret, file))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ActionRequired(
            _ADMINISTRATOR, _("The YouTube credentials are no authorised-user JSON; connect the account again.")
        )
    return found


def _given(secret: SecretStr | None, file: Path | None) -> str:
    if secret is not None:
        return secret.get_secret_value()
    if file is None:
        raise ActionRequired(
            _ADMINISTRATOR,
            _("No YouTube account is connected; set VRIJGAVE_YOUTUBE_CREDENTIALS_FILE to its authorised-user file."),
        )
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ActionRequired(
            _ADMINISTRATOR,
            _("The YouTube credentials file {name} cannot be read; check VRIJGAVE_YOUTUBE_CREDENTIALS_FILE.").format(
                name=file.name
            ),
        ) from None


@dataclass(frozen=True, slots=True)
class Client:
    """``api``: the calls of YouTube's data interface; ``http``: the signed-in transport below it."""

    api: Any
    http: AuthorizedHttp


def connect(api_root: str, credentials: SecretStr, timeout: timedelta) -> Client:
    """A client of the interface at ``api_root``; nothing is fetched to make it.

    Raises ``ActionRequired`` when ``credentials`` are no authorised-user JSON.
    """
    document = json.loads(get_static_doc("youtube", "v3"))
    document["rootUrl"] = document["baseUrl"] = api_root.rstrip("/") + "/"
    http = AuthorizedHttp(_credentials(credentials), http=anonymous_transport(timeout))
    return Client(build_from_document(document, http=http), http)


def anonymous_transport(timeout: timedelta) -> httplib2.Http:
    """A transport without credentials, on which every call gives up after ``timeout`` of silence."""
    transport = build_http()
    transport.timeout = timeout.total_seconds()
    return transport


def _credentials(secret: SecretStr) -> Credentials:
    """Credentials that are refreshed at the ``token_uri`` of the JSON; the library's own reader overrules that."""
    try:
        info = json.loads(secret.get_secret_value())
        return Credentials(  # type: ignore[no-untyped-call]
            token=None,
            refresh_token=info["refresh_token"],
            client_id=info["client_id"],
            client_secret=info["client_secret"],
            token_uri=info.get("token_uri", GOOGLE_TOKEN_URI),
            scopes=SCOPES,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ActionRequired(
            _ADMINISTRATOR,
            _("The YouTube credentials are no authorised-user JSON; connect the account again."),
        ) from None


def status_of(error: HttpError) -> int:
    """HTTP status of an answer that the client raised."""
    return int(error.resp.status)


def reason_of(error: HttpError) -> str:
    """Google's word for the error, such as ``quotaExceeded``; empty when the answer has none."""
    try:
        return str(json.loads(error.content)["error"]["errors"][0]["reason"])
    except (ValueError, KeyError, IndexError, TypeError):
        return ""


@contextmanager
def errors_translated() -> Iterator[None]:
    """Raise what the client raises as the types that tell a caller what to do."""
    try:
        yield
    except HttpError as error:
        raise _from_answer(error) from None  # the error's text holds the session's secret address
    except TransportError as error:
        raise _cut() from error
    except RefreshError as error:
        raise _from_refresh(error) from None
    except (OSError, http.client.HTTPException, httplib2.HttpLib2Error, GoogleAuthError, GoogleClientError) as error:
        raise _cut() from error


def _cut() -> RetryLater:
    return RetryLater(_("The connection with YouTube was cut; it is tried again."), timedelta(seconds=5))


def _from_refresh(error: RefreshError) -> VrijgaveError:
    """A refused refresh needs a person; the answer itself may hold secrets and is not passed on."""
    if error.retryable:
        return _cut()
    return _credentials_refused()


def _from_answer(error: HttpError) -> VrijgaveError:
    status, reason = status_of(error), reason_of(error)
    if status in _TRANSIENT or reason in _RATE:
        return RetryLater(
            _("YouTube is busy (status {status}); it is tried again.").format(status=status), _retry_after(error)
        )
    if status == 401 or reason in _PERSON:
        return _PERSON["authError" if status == 401 else reason]()
    if status == 403:
        return ActionRequired(
            _ADMINISTRATOR,
            _("YouTube forbids this ({reason}); check the rights of the account and the project.").format(
                reason=reason or status
            ),
        )
    return Rejected(
        "youtube",
        _("YouTube refuses this ({reason}); correct the texts or the file.").format(reason=reason or status),
    )


def _retry_after(error: HttpError) -> timedelta:
    value = str(error.resp.get("retry-after", ""))
    return timedelta(seconds=int(value)) if value.isdigit() else timedelta(seconds=2)


def _quota_spent() -> ActionRequired:
    return ActionRequired(
        _ADMINISTRATOR,
        _("YouTube's daily quota is spent; start again after midnight Pacific time, or ask Google for more."),
    )


def _upload_limit() -> ActionRequired:
    return ActionRequired(
        _COMMUNICATION, _("The channel has reached YouTube's upload limit; start again after 24 hours.")
    )


def _credentials_refused() -> ActionRequired:
    return ActionRequired(
        _ADMINISTRATOR, _("YouTube no longer accepts the account's credentials; connect the account again.")
    )


def _no_channel() -> ActionRequired:
    return ActionRequired(
        _ADMINISTRATOR, _("The connected account has no YouTube channel; connect the channel's own account.")
    )


def _video_missing() -> ActionRequired:
    return ActionRequired(
        _COMMUNICATION, _("The video has disappeared from the platform; publish again to send it once more.")
    )


_PERSON: Mapping[str, Callable[[], ActionRequired]] = MappingProxyType(
    {
        "quotaExceeded": _quota_spent,
        "dailyLimitExceeded": _quota_spent,
        "uploadLimitExceeded": _upload_limit,
        "authError": _credentials_refused,
        "youtubeSignupRequired": _no_channel,
        "videoNotFound": _video_missing,
    }
)
"""Google's reason -> what a person has to do."""
