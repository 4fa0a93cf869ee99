"""What persons have watched of the files that are to go out."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "watched",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stretches", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "sha256", name=op.f("pk_watched")),
    )
    op.create_table(
        "watch_pace",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("credit_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("actor", name=op.f("pk_watch_pace")),
    )
