"""Publications that get another name once public, and what persons have to do by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    with op.batch_alter_table("publication") as table:
        table.add_column(sa.Column("account", sa.String(length=32)))
        table.add_column(sa.Column("staged_id", sa.Text()))
        table.add_column(sa.Column("release_at", sa.DateTime(timezone=True)))
    op.create_table(
        "manual_task",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("publication_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_by", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proof_sha256", sa.String(length=64)),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name=op.f("fk_manual_task_publication_id_publication")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_task")),
        sa.UniqueConstraint("publication_id", "kind", name=op.f("uq_manual_task_publication_id_kind")),
    )
