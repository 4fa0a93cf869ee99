"""Holds, tips, reach, kinds of footage, reasons of corrections, and the lead times worked out from the stage clock."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

APPEND_ONLY = ("hold", "hold_end", "tip", "tip_judgement", "reach")
MARKS = ("stamp", "transition", "hold", "hold_end", "tip", "tip_judgement")
"""Tables of which a new row makes the lead times of its release due."""
MARK = (
    "INSERT INTO clock_mark (release_id, times) VALUES (NEW.release_id, 1) "
    "ON CONFLICT (release_id) DO UPDATE SET times = clock_mark.times + 1"
)
"""An update even where there is a mark: it locks the row, so that one who takes marks away waits for this writer."""


def upgrade() -> None:
    op.add_column("release", sa.Column("footage_kind", sa.String(length=32), nullable=False, server_default="unknown"))
    op.add_column("stamp", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    _records()
    _figures()
    op.execute("INSERT INTO lead_time_head (id, seq) VALUES (1, 0)")
    op.execute("INSERT INTO clock_mark (release_id, times) SELECT id, 1 FROM release")
    for statement in _triggers(op.get_bind().dialect.name):
        op.execute(statement)


def _number() -> sa.Column[int]:
    return sa.Column("number", sa.Integer(), autoincrement=True, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _of_release(table: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    foreign = sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f(f"fk_{table}_release_id_release"))
    return sa.Column("release_id", sa.String(length=32), nullable=False), foreign


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _records() -> None:
    op.create_table(
        "hold",
        _number(),
        *_of_release("hold"),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        _moment("begins"),
        sa.Column("actor", sa.Text(), nullable=False),
        _moment("recorded_at"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_hold")),
    )
    op.create_table(
        "hold_end",
        sa.Column("hold", sa.Integer(), autoincrement=False, nullable=False),
        *_of_release("hold_end"),
        _moment("at"),
        sa.Column("actor", sa.Text(), nullable=False),
        _moment("recorded_at"),
        sa.ForeignKeyConstraint(["hold"], ["hold.number"], name=op.f("fk_hold_end_hold_hold")),
        sa.PrimaryKeyConstraint("hold", name=op.f("pk_hold_end")),
    )
    op.create_table(
        "tip",
        _number(),
        *_of_release("tip"),
        _moment("received_at"),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("medium", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        _moment("recorded_at"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tip")),
    )
    op.create_table(
        "tip_judgement",
        _number(),
        sa.Column("tip", sa.Integer(), nullable=False),
        *_of_release("tip_judgement"),
        sa.Column("usability", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("attribution", sa.String(length=32), nullable=False),
        sa.Column("follow_up", sa.Text(), nullable=False),
        _moment("at"),
        sa.Column("actor", sa.Text(), nullable=False),
        _moment("recorded_at"),
        sa.ForeignKeyConstraint(["tip"], ["tip.number"], name=op.f("fk_tip_judgement_tip_tip")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tip_judgement")),
    )
    op.create_table(
        "reach",
        _number(),
        sa.Column("publication_id", sa.String(length=32), nullable=False),
        _moment("at"),
        sa.Column("views", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("views >= 0", name=op.f("ck_reach_views")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name=op.f("fk_reach_publication_id_publication")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reach")),
    )
    for table in ("hold", "hold_end", "tip", "tip_judgement"):
        _index(table, "release_id")
    _index("tip_judgement", "tip")
    _index("reach", "publication_id")


def _figures() -> None:
    op.create_table(
        "clock_mark",
        *_of_release("clock_mark"),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("release_id", name=op.f("pk_clock_mark")),
    )
    op.create_table(
        "lead_time",
        *_of_release("lead_time"),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("release_id", "platform", name=op.f("pk_lead_time")),
    )
    _index("lead_time", "seq")
    op.create_table(
        "lead_time_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_lead_time_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_time_head")),
    )
    op.create_table(
        "example_history",
        _number(),
        _moment("made_at"),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("releases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_example_history")),
    )
    op.create_table(
        "alert",
        _number(),
        *_of_release("alert"),
        sa.Column("stage", sa.String(length=64), nullable=False),
        _moment("since"),
        _moment("at"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_alert")),
        sa.UniqueConstraint("release_id", "stage", "since", name=op.f("uq_alert_release_id_stage_since")),
    )


def _triggers(dialect: str) -> Iterator[str]:
    if dialect == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                yield (
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
                )
        for table in MARKS:
            yield f"CREATE TRIGGER {table}_marks AFTER INSERT ON {table} BEGIN {MARK}; END"
        return
    for table in APPEND_ONLY:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    yield (f"CREATE FUNCTION mark_clock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {MARK}; RETURN NULL; END $$")
    for table in MARKS:
        yield f"CREATE TRIGGER {table}_marks AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION mark_clock()"
