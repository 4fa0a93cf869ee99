"""Guards in the database itself: records that may only be added to, and approvals that may only be voided."""

from alembic import op

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("transition", "decision", "sound_choice", "stamp", "permission", "evidence", "audit")
"""Tables whose rows are never changed and never removed."""
NEVER_REMOVED = ("approval", "audit_head")
"""Tables whose rows are never removed."""
APPROVED = ("release_id", "revision", "reviewer", "approver", "at", "covers")
"""Columns of an approval that say what was approved, by whom and when."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgres()


def _sqlite() -> None:
    for table in APPEND_ONLY:
        _sqlite_guard(table, "UPDATE")
    for table in APPEND_ONLY + NEVER_REMOVED:
        _sqlite_guard(table, "DELETE")
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in APPROVED)
    _sqlite_guard("approval", "UPDATE", f"WHEN OLD.voided_at IS NOT NULL OR {changed}")


def _sqlite_guard(table: str, verb: str, condition: str = "") -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {condition} "
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
    )


def _postgres() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in APPEND_ONLY:
        _postgres_guard(table, "UPDATE OR DELETE OR TRUNCATE")
    for table in NEVER_REMOVED:
        _postgres_guard(table, "DELETE OR TRUNCATE")
    # json has no equality of its own, hence the text.
    before, after = (", ".join(f"{row}.{column}::text" for column in APPROVED) for row in ("OLD", "NEW"))
    op.execute(
        "CREATE TRIGGER approval_no_update BEFORE UPDATE ON approval FOR EACH ROW "
        f"WHEN (OLD.voided_at IS NOT NULL OR ROW({before}) IS DISTINCT FROM ROW({after})) "
        "EXECUTE FUNCTION refuse_change()"
    )


def _postgres_guard(table: str, verbs: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE {verbs} ON {table} FOR EACH STATEMENT "
        "EXECUTE FUNCTION refuse_change()"
    )
