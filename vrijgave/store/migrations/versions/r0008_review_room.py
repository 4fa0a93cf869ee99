"""Who has a review room open, and looks in the audit log found by person and subject."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "room_presence",
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_room_presence_release_id_release")),
        sa.PrimaryKeyConstraint("release_id", "actor", name=op.f("pk_room_presence")),
    )
    op.create_index(op.f("ix_audit_actor_subject"), "audit", ["actor", "subject"], unique=False)
