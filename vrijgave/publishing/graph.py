"""What Facebook and Instagram share: their Graph, its tokens and its errors, and files sent with the rest only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import httpx

from vrijgave.errors import ActionRequired, Rejected, RetryLater, VrijgaveError
from vrijgave.i18n import _
from vrijgave.publishing.accounts import Credentials, PlatformAccount, Vault
from vrijgave.publishing.http import TIMEOUT, Api, credentials_refused, look, seen
from vrijgave.publishing.protocol import AccountState, Progress, Sighting

PAGE_LENGTH = 100
_BLOCK = 256 * 1024
_TOKEN = frozenset({102, 190})
_TRANSIENT = frozenset({1, 2})
_RATES = frozenset({4, 17, 32, 613, *range(80000, 80015)})
_RIGHTS = frozenset({3, 10, *range(200, 300)})
_POSTS_A_DAY = 9
_NOT_READY = 9007
_RATE_WAIT = timedelta(hours=1)
_GONE = ((100, 33), (803, None))


class Absent(Rejected):
    """The Graph has no such thing, or not for us: it does not tell which."""


class Refused(ActionRequired):
    """The Graph does not let this account do this."""


def fact(account: PlatformAccount, name: str) -> str:
    """What the Graph has to be told of ``account``. Raises ``ActionRequired`` when it was not given."""
    if name not in account.facts:
        raise ActionRequired(
            "administrator",
            _("Account «{account}» lacks the id of its «{fact}»; connect it again.").format(
                account=account.name, fact=name
            ),
        )
    return account.facts[name]


class Graph:
    """The Graph as seen by one page of the force; ``name`` is what people call the platform."""

    def __init__(self, name: str, account: PlatformAccount, vault: Vault, timeout: timedelta = TIMEOUT) -> None:
        self.name = name
        self._app = fact(account, "app")
        self._page_id = fact(account, "page")
        self._root = account.root
        self._public_root = account.public_root
        self._vault = vault
        self._timeout = timeout
        self._page = self._api(vault, "access_token", renews=True)
        self._person = self._api(vault, "user_token")

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """Read. Raises ``Absent`` where there is nothing."""
        return _body(self.name, self._page.call("GET", path, params=parameters))

    def post(self, path: str, **form: str) -> dict[str, Any]:
        """Make or change something."""
        return _body(self.name, self._page.call("POST", path, data=form))

    def attach(self, path: str, field: str, file_name: str, content: bytes, kind: str, **form: str) -> None:
        """Add a small file to something."""
        self._page.call("POST", path, data=form, files={field: (file_name, content, kind)})

    def delete(self, node: str) -> bool:
        """Delete; False where the Graph has no such thing, or says so: it does not tell that from a refusal."""
        try:
            self._page.call("DELETE", node)
        except Absent:
            return False
        return True

    def read(self, node: str, fields: str) -> dict[str, Any] | None:
        """The fields of something; None when the Graph has no such thing."""
        try:
            return self.get(node, fields=fields)
        except Absent:
            return None

    def listed(self, edge: str, fields: str, **parameters: str) -> Iterator[dict[str, Any]]:
        """All of a list, however many pages it has."""
        after: dict[str, str] = {}
        while True:
            page = self.get(edge, fields=fields, limit=str(PAGE_LENGTH), **parameters, **after)
            yield from page.get("data", ())
            paging = page.get("paging", {})
            if "next" not in paging:
                return
            after = {"after": str(paging["cursors"]["after"])}

    def open_upload(self, marker: str, size: int) -> str:
        """A session of the app for a file of ``size`` bytes."""
        told = {"file_name": marker, "file_length": str(size), "file_type": "video/mp4"}
        answer = self._person.call("POST", f"{self._app}/uploads", params=told)
        return str(_body(self.name, answer)["id"])

    def uploaded(self, session: str) -> int:
        """Bytes of the session's file that have arrived. Raises ``Absent`` when the session is lost."""
        return int(_body(self.name, self._person.call("GET", self._root + session))["file_offset"])

    def upload(self, session: str, rest: Rest) -> str:
        """Send the rest of the file; its handle. Raises ``Absent`` when the session is lost."""
        headers = {"file_offset": str(rest.offset), "content-length": str(rest.length)}
        answer = self._person.call("POST", self._root + session, headers=headers, content=rest)
        handle = _body(self.name, answer).get("h")
        if handle is None:
            raise RetryLater(_("{platform} has only a part of the file; it is tried again.").format(platform=self.name))
        return str(handle)

    def transfer(self, address: str, rest: Rest) -> None:
        """Send the rest of a file to the address that the Graph gave for it."""
        headers = {
            "offset": str(rest.offset),
            "file_size": str(rest.size),
            "content-length": str(rest.length),
            "content-type": "application/octet-stream",
        }
        self._page.call("POST", address, headers=headers, content=rest)

    def url(self, public_id: str) -> str:
        """Where the public finds it."""
        return self._public_root + public_id

    def sight(self, public_id: str) -> Sighting:
        """Look at its address without any credentials. Raises ``RetryLater`` when visitors are asked to sign in."""
        answer = look(self.name, self.url(public_id), self._timeout)
        visible = seen(self.name, answer)
        if visible and "login" in answer.url.path:
            raise RetryLater(
                _("{platform} asks visitors to sign in, so nothing is known; it is looked at again.").format(
                    platform=self.name
                ),
                timedelta(minutes=5),
            )
        return Sighting(visible=visible, detail=f"anonymous GET {self.url(public_id)}: {answer.status_code}")

    def account(self, node: str, name_field: str, needed: frozenset[str]) -> AccountState:
        """Who we are there and until when; ``needed`` are the rights that our work takes."""
        name = str(self.get(node, fields=name_field).get(name_field, node))
        credentials = self._vault.read()
        if not credentials.get("app_secret"):
            return AccountState(name=name)
        told = self._token_told(credentials)
        ends = [int(told.get(key) or 0) for key in ("expires_at", "data_access_expires_at")]
        lacking = sorted(needed - set(told.get("scopes", ())))
        warning = _("The account lacks these rights: {rights}; connect it again and allow them.")
        return AccountState(
            name=name,
            expires_at=min((datetime.fromtimestamp(end, UTC) for end in ends if end), default=None),
            warnings=(warning.format(rights=", ".join(lacking)),) if lacking else (),
        )

    def _token_told(self, credentials: Credentials) -> dict[str, Any]:
        """What the Graph tells the app itself of the page's token."""
        own = {"authorization": f"OAuth {self._app}|{credentials['app_secret']}"}
        asked = {"input_token": credentials["access_token"]}
        told: dict[str, Any] = _body(self.name, self._person.call("GET", "debug_token", headers=own, params=asked)).get(
            "data", {}
        )
        if not told.get("is_valid"):
            raise credentials_refused(self.name)
        return told

    def _api(self, vault: Vault, token: str, *, renews: bool = False) -> Api:
        return Api(
            self.name,
            self._root,
            vault,
            renewal=self._renewed if renews else None,
            expired=lambda answer: _error(answer).get("code") in _TOKEN,
            reason=_reason,
            judge=self._judge,
            authorise=lambda credentials: {"authorization": f"OAuth {credentials.get(token) or 'none'}"},
            timeout=self._timeout,
        )

    def _renewed(self, _stale: Credentials) -> Credentials:
        """The page's token anew, by that of the person who connected the account."""
        answer = self._person.call("GET", self._page_id, params={"fields": "access_token"})
        token = _body(self.name, answer).get("access_token")
        if not token:
            raise credentials_refused(self.name)
        return {"access_token": str(token)}

    def _judge(self, answer: httpx.Response) -> VrijgaveError | None:
        """The Graph answers 400 to nearly everything: its code tells what it means."""
        error = _error(answer)
        code, subcode = error.get("code"), error.get("error_subcode")
        if answer.status_code == 404 or any(code == gone and sub in (None, subcode) for gone, sub in _GONE):
            return Absent("platform", _("{platform} does not know this any more.").format(platform=self.name))
        if answer.status_code == 429 or answer.status_code >= 500:
            return None
        if code in _TOKEN:
            return credentials_refused(self.name)
        if code in _RATES or code == _POSTS_A_DAY:
            return RetryLater(
                _("{platform} takes no more for now; it is tried again.").format(platform=self.name), _regained(answer)
            )
        if code in _TRANSIENT or code == _NOT_READY or error.get("is_transient"):
            return RetryLater(
                _("{platform} is not ready for this; it is tried again.").format(platform=self.name),
                timedelta(seconds=5),
            )
        if code in _RIGHTS:
            return Refused(
                "administrator",
                _("{platform} forbids this ({reason}); check the rights of the account.").format(
                    platform=self.name, reason=_reason(answer)
                ),
            )
        return None


class Rest:
    """What is still to be sent of a file; can be iterated again when a request is repeated."""

    def __init__(self, file: BinaryIO, offset: int, size: int, progress: Progress) -> None:
        self.offset = offset
        self.size = size
        self._file = file
        self._progress = progress

    @property
    def length(self) -> int:
        """Bytes."""
        return self.size - self.offset

    def __iter__(self) -> Iterator[bytes]:
        """The bytes in blocks; each is reported as soon as it was taken."""
        done = self._file.seek(self.offset)
        self._progress(done, self.size)
        while block := self._file.read(_BLOCK):
            yield block
            done += len(block)
            self._progress(done, self.size)


def graph_time(value: str) -> datetime:
    """A time as the Graph writes it."""
    return datetime.fromisoformat(value).astimezone(UTC)


def flag(value: bool) -> str:
    """A boolean as the Graph reads it."""
    return "true" if value else "false"


def _body(name: str, answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer. Raises ``RetryLater`` when it is none: it proves nothing."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RetryLater(_("{platform} gives an answer that cannot be read; it is tried again.").format(platform=name))
    return body


def _error(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        error = answer.json().get("error", {})
    except (ValueError, AttributeError):
        return {}
    return error if isinstance(error, dict) else {}


def _regained(answer: httpx.Response) -> timedelta:
    """When the Graph expects to take requests again: the longest of what its header of usage says, or an hour."""
    try:
        usage = json.loads(answer.headers.get("x-business-use-case-usage", ""))
        minutes = [int(each["estimated_time_to_regain_access"]) for told in usage.values() for each in told]
    except (ValueError, KeyError, TypeError, AttributeError):
        return _RATE_WAIT
    return timedelta(minutes=max(minutes, default=0)) or _RATE_WAIT


def _reason(answer: httpx.Response) -> str:
    """Its numbers, and what it says to people; its own message may quote a token."""
    error = _error(answer)
    numbers = "/".join(str(error[key]) for key in ("code", "error_subcode") if key in error)
    return " ".join(filter(None, (numbers or str(answer.status_code), str(error.get("error_user_msg", "")))))
