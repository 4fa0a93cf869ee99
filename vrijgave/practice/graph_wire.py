"""How the practice Graph speaks: parameters, errors with their numbers, and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import Header, Request
from starlette.datastructures import UploadFile

from vrijgave.practice.base import Memory
from vrijgave.practice.faults import ApiError
from vrijgave.practice.graph_state import USER_TOKEN, GraphState

CODES: Mapping[str, tuple[int, int | None]] = MappingProxyType(
    {
        "backendError": (2, None),
        "noCapability": (3, None),
        "rateLimitExceeded": (4, None),
        "postsADay": (9, 2207042),
        "permission": (10, None),
        "pageLimit": (32, None),
        "invalidParameter": (100, None),
        "noSuchThing": (100, 33),
        "expiredToken": (190, 463),
        "reelsADay": (613, None),
        "notReady": (9007, 2207027),
    }
)
"""Our word for an error -> the Graph's code and subcode."""
_TRANSIENT = frozenset({1, 2})


def error_body(error: ApiError) -> dict[str, Any]:
    """An error as the Graph tells it."""
    code, subcode = CODES.get(error.reason, (1, None))
    told = {"message": str(error), "type": "OAuthException", "code": code, "is_transient": code in _TRANSIENT}
    return {"error": told if subcode is None else {**told, "error_subcode": subcode}}


class SignIn:
    """Lets nobody through without a good token: of the page, or of the person who connected the app."""

    def __init__(self, memory: Memory[GraphState]) -> None:
        self._memory = memory

    async def __call__(self, authorization: Annotated[str, Header()] = "") -> None:
        """Raises ``ApiError``: for the Graph that is a bad request like any other."""
        if not self.is_user(authorization) and not self._memory.knows_token(_token(authorization)):
            raise expired_token()

    def is_user(self, authorization: str) -> bool:
        """Whether it is the token of the person."""
        return _token(authorization) == USER_TOKEN and not self._memory.state.conditions.user_token_expired


def expired_token() -> ApiError:
    """The token is no longer taken."""
    return ApiError(400, "expiredToken", "Error validating access token: the session has expired.")


def _token(authorization: str) -> str:
    kind, _, token = authorization.partition(" ")
    return token if kind.lower() in ("oauth", "bearer") else ""


async def parameters(request: Request) -> dict[str, str]:
    """What was asked, whether it came in the address or in a form."""
    told = dict(request.query_params)
    if request.method == "POST":
        async with request.form() as form:
            told.update({name: value for name, value in form.items() if isinstance(value, str)})
    return told


async def uploaded(request: Request, name: str) -> tuple[str, bytes]:
    """(file name, content) of a file in a form. Raises ``ApiError`` without one."""
    async with request.form() as form:
        file = form.get(name)
        if not isinstance(file, UploadFile):
            raise ApiError(400, "invalidParameter", f"The parameter {name} is required.")
        return file.filename or "", await file.read()


def picked(node: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, Any]:
    """``node`` with the fields that were asked for; what it does not have is left out, as the Graph does."""
    names = [name.partition(".")[0].partition("{")[0] for name in _top_level(told.get("fields", ""))]
    return {"id": node["id"], **{name: node[name] for name in names if node.get(name) is not None}}


def _top_level(fields: str) -> Iterable[str]:
    depth, name = 0, ""
    for character in fields:
        depth += (character in "{(") - (character in "})")
        if character == "," and depth == 0:
            yield name
            name = ""
        else:
            name += character
    yield name


def graph_time(at: datetime) -> str:
    """A time as the Graph writes it: no colon in the zone."""
    return at.strftime("%Y-%m-%dT%H:%M:%S%z")


def paged(items: list[dict[str, Any]], told: Mapping[str, str]) -> dict[str, Any]:
    """One page of a list, with the cursor to the next."""
    limit, start = int(told.get("limit", "25")), int(told.get("after", "0") or 0)
    page = items[start : start + limit]
    more = start + limit < len(items)
    cursors = {"cursors": {"before": str(start), "after": str(start + len(page))}}
    return {"data": page, "paging": {**cursors, **({"next": "more"} if more else {})}}
