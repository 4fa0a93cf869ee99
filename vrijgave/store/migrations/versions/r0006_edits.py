"""The edits of a review as one log, with the decisions and choices of before as its first entries; and notes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

APPEND_ONLY = ("edit", "note", "note_entry")
Row = dict[str, Any]


def upgrade() -> None:
    _tables()
    _move()
    for table in ("decision", "sound_choice", "style_choice"):
        op.drop_table(table)
    for table in APPEND_ONLY:
        for statement in _guards(op.get_bind().dialect.name, table):
            op.execute(statement)


def _tables() -> None:
    op.create_table(
        "edit",
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("change", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_edit_release_id_release")),
        sa.PrimaryKeyConstraint("release_id", "number", name=op.f("pk_edit")),
    )
    op.create_table(
        "note",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_note_release_id_release")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_release_id"), "note", ["release_id"], unique=False)
    op.create_table(
        "note_entry",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("note", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["note"], ["note.number"], name=op.f("fk_note_entry_note_note")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_note_entry")),
    )
    op.create_index(op.f("ix_note_entry_note"), "note_entry", ["note"], unique=False)


def _move() -> None:
    """Each row of the three tables as an edit, in the order of time."""
    connection = op.get_bind()
    rows = [*_rows("decision", _decision), *_rows("sound_choice", _sound), *_rows("style_choice", _style)]
    rows.sort(key=lambda row: (row["release_id"], row["at"]))
    last: dict[str, int] = {}
    for row in rows:
        row["number"] = last[row["release_id"]] = last.get(row["release_id"], 0) + 1
    if rows:
        edit = sa.table(
            "edit",
            *map(sa.column, ("release_id", "number", "revision", "reason", "actor")),
            sa.column("change", sa.JSON()),
            sa.column("at", sa.DateTime(timezone=True)),
        )
        connection.execute(sa.insert(edit), rows)


def _rows(name: str, change: Any) -> list[Row]:
    table = sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())
    common = ("release_id", "revision", "reason", "actor", "at")
    found = op.get_bind().execute(sa.select(table).order_by(table.c.number)).mappings()
    return [{key: row[key] for key in common} | {"change": change(row)} for row in found]


def _decision(row: Any) -> Row:
    if row["action"] == "show":
        return {"kind": "show", "track": row["track_id"], "anchor": row["anchor"]}
    return {"kind": "hide", "track": row["track_id"]}


def _sound(row: Any) -> Row:
    return {"kind": "set_sound", "span": {"sound": row["sound"], "start_ms": 0, "stop_ms": None}}


def _style(row: Any) -> Row:
    return {"kind": "set_style", "style": row["style"]}


def _guards(dialect: str, table: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ]
