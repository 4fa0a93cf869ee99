"""What a failure of the database means to the caller: one place that turns driver errors into the project's errors."""

from __future__ import annotations

import sqlite3

from sqlalchemy import Engine, ExceptionContext, event

from vrijgave.errors import ActionRequired, Conflict, NotFound, Rejected, RetryLater, VrijgaveError
from vrijgave.i18n import _

APPEND_ONLY = "append-only"
"""What the triggers of the migrations say when a row that may only be added is changed or removed."""
ADMINISTRATOR = "administrator"

_PRIMARY_CODE = 0xFF
_UNIQUE = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, "23505"}
_FOREIGN_KEY = {sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, "23503"}
_CHECK = {sqlite3.SQLITE_CONSTRAINT_CHECK, "23514"}
_TRIGGER = {sqlite3.SQLITE_CONSTRAINT_TRIGGER, "23001"}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNUSABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL}
_NO_TABLE = "42P01"
_TRANSIENT_CLASSES = ("08", "40", "53", "55", "57")
"""SQLSTATE classes: connection, rollback (dead-lock), resources, lock not available, operator intervention."""


def raise_own_errors(engine: Engine) -> None:
    """Let every failure on ``engine`` that ``explain`` knows reach the caller as one of ``vrijgave.errors``."""

    @event.listens_for(engine, "handle_error")
    def _translate(context: ExceptionContext) -> None:
        error = explain(context.original_exception)
        if error is not None:
            raise error from context.original_exception


def explain(failure: BaseException) -> VrijgaveError | None:
    """The project's error for a driver's ``failure``, or None where the failure is a mistake in the program."""
    if isinstance(failure, sqlite3.Error):
        code = getattr(failure, "sqlite_errorcode", None)
        return _constraint(code, str(failure)) or _sqlite(code, str(failure))
    if type(failure).__module__.startswith("psycopg"):
        state = getattr(failure, "sqlstate", None)
        return _constraint(state, str(failure)) or _postgres(state, failure)
    return None


def _constraint(code: int | str | None, message: str) -> VrijgaveError | None:
    if code in _UNIQUE:
        return Conflict(_("Somebody else recorded this first; look again and repeat if it is still needed."))
    if code in _FOREIGN_KEY:
        return NotFound(_("What this belongs to does not exist; look again which releases there are."))
    if code in _TRIGGER and APPEND_ONLY in message:
        return Rejected("append_only", _("This record may only be added to; record a correction as a new entry."))
    if code in _CHECK and "four_eyes" in message:
        return Rejected("four_eyes", _("The reviewer cannot approve the same release; ask a second person."))
    return None


def _sqlite(code: int | None, message: str) -> VrijgaveError | None:
    primary = None if code is None else code & _PRIMARY_CODE
    if primary in _BUSY:
        return RetryLater(_("The database is busy; try again in a moment."))
    if primary in _UNUSABLE:
        return ActionRequired(
            ADMINISTRATOR, _("The database file cannot be written; check the disk's space and the file's permissions.")
        )
    return _not_set_up() if message.startswith("no such table") else None


def _postgres(state: str | None, failure: BaseException) -> VrijgaveError | None:
    if state == _NO_TABLE:
        return _not_set_up()
    if state is None and type(failure).__name__ == "OperationalError":
        return RetryLater(_("The database server did not answer; check that it runs, then try again."))
    if state is None and "NUL" in str(failure):  # what PostgreSQL's texts cannot hold
        return Rejected("text", _("A text holds a character that cannot be kept; type it anew."))
    if state is not None and state.startswith(_TRANSIENT_CLASSES):
        return RetryLater(_("The database is busy; try again in a moment."))
    return None


def _not_set_up() -> VrijgaveError:
    return ActionRequired(
        ADMINISTRATOR, _("The database is not set up; run «python -m vrijgave.store.migrations upgrade».")
    )
