"""What all routes under ``/api/`` share: how they answer, and which answers their description promises."""

from __future__ import annotations

from typing import Annotated, NotRequired

from fastapi import Path, Response
from typing_extensions import TypedDict

LARGEST = 2**31 - 1
"""Of a number in the database."""
ReleaseId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
Number = Annotated[int, Path(ge=0, le=LARGEST)]


class Problem(TypedDict):
    """Why a call did not work, for a person. ``by`` names the rule; ``report`` the entry in the service's log."""

    message: str
    by: NotRequired[str]
    report: NotRequired[str]


PROBLEMS = {
    400: "The body is no JSON.",
    401: "Nobody is signed in.",
    403: "The role does not allow it, or the header X-CSRF-Token is missing.",
    404: "There is nothing there, or it is out of the person's reach.",
    409: "Somebody else changed the same, or another person has to act first.",
    413: "The body is too large.",
    422: "A rule refuses it, or it was not understood.",
    503: "Not now; the header Retry-After says when to try again.",
}
"""The statuses of a ``Problem``; any route may answer so."""


def json_answer(text: str) -> Response:
    """What is JSON already; the route says of which type."""
    return Response(text, media_type="application/json")
