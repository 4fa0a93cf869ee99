"""Lead times as numbers that are read at once; a change of any fact that is counted makes them due."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

ADDED = ("permission", "publication")
"""Tables of which a new row makes the lead times of its release due, besides those of 0011."""
FACTS = "public_case_number, unit, offence, footage_kind, targets"
MARK = (
    "INSERT INTO clock_mark (release_id, times) VALUES ({id}, 1) "
    "ON CONFLICT (release_id) DO UPDATE SET times = clock_mark.times + 1"
)


def upgrade() -> None:
    op.drop_table("lead_time")
    op.create_table(
        "lead_time",
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_lead_time_release_id_release")),
        sa.PrimaryKeyConstraint("release_id", "platform", name=op.f("pk_lead_time")),
    )
    op.create_index(op.f("ix_lead_time_seq"), "lead_time", ["seq"], unique=False)
    op.add_column("lead_time_head", sa.Column("basis", sa.String(length=64), nullable=False, server_default=""))
    op.execute(
        "INSERT INTO clock_mark (release_id, times) "
        "SELECT id, 1 FROM release WHERE id NOT IN (SELECT release_id FROM clock_mark)"
    )
    for statement in _triggers(op.get_bind().dialect.name):
        op.execute(statement)


def _triggers(dialect: str) -> Iterator[str]:
    if dialect == "sqlite":
        for table in ADDED:
            yield f"CREATE TRIGGER {table}_marks AFTER INSERT ON {table} BEGIN {MARK.format(id='NEW.release_id')}; END"
        yield f"CREATE TRIGGER release_marks AFTER UPDATE OF {FACTS} ON release BEGIN {MARK.format(id='NEW.id')}; END"
        return
    for table in ADDED:
        yield f"CREATE TRIGGER {table}_marks AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION mark_clock()"
    yield (
        "CREATE FUNCTION mark_release() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {MARK.format(id='NEW.id')}; RETURN NULL; END $$"
    )
    yield (
        f"CREATE TRIGGER release_marks AFTER UPDATE OF {FACTS} ON release FOR EACH ROW EXECUTE FUNCTION mark_release()"
    )
