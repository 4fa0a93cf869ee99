"""The errors that reach a caller. Each type says what to do next; one handler maps them to exit codes."""

from __future__ import annotations

import copyreg
from datetime import timedelta
from typing import Any


class VrijgaveError(Exception):
    """Base of all errors with a sentence meant for a person. ``str(error)`` is that sentence."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        """Comes out of another process as it went in, whatever its constructor takes."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class RetryLater(VrijgaveError):
    """The same call may succeed later; nothing has to change first."""

    exit_code = 75

    def __init__(self, message: str, after: timedelta = timedelta(seconds=10)) -> None:
        super().__init__(message)
        self.after = after


class ActionRequired(VrijgaveError):
    """Only a person can go on: ``who`` has to do ``what``."""

    exit_code = 3

    def __init__(self, who: str, what: str) -> None:
        super().__init__(what)
        self.who = who
        self.what = what


class Rejected(VrijgaveError):
    """A rule refuses the call: ``by`` names the rule, ``why`` tells the person."""

    exit_code = 4

    def __init__(self, by: str, why: str) -> None:
        super().__init__(why)
        self.by = by
        self.why = why


class NotFound(Rejected):
    """What was asked for does not exist."""

    exit_code = 5

    def __init__(self, why: str) -> None:
        super().__init__("existence", why)


class Conflict(Rejected):
    """Somebody else changed the same thing first; look again and repeat."""

    exit_code = 6

    def __init__(self, why: str) -> None:
        super().__init__("concurrency", why)


class NotSignedIn(Rejected):
    """Only somebody who is signed in may do this."""

    exit_code = 4

    def __init__(self, why: str) -> None:
        super().__init__("sign_in", why)


class NotAllowed(Rejected):
    """None of the person's roles may do this."""

    exit_code = 4

    def __init__(self, why: str) -> None:
        super().__init__("role", why)


class UnreadableMedia(VrijgaveError):
    """The file is no video that can be read whole; the sentence names the file and the reason."""

    exit_code = 7

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        """A value of ``media.protocol.Reason``; empty where a caller has nothing to decide by it."""


class RedactionIncomplete(VrijgaveError):
    """Something is visible, or could not be proven covered; nothing may go out."""

    exit_code = 8
