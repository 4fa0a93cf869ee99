"""Drafts of hand-ins, what is asked of the authoriser, a box with a note, and where footage comes from."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("note", sa.Column("box", sa.JSON(), nullable=True))
    op.add_column("release", sa.Column("footage_source", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "hand_in",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("upload", sa.JSON(), nullable=True),
        sa.Column("upload_id", sa.String(length=32), nullable=True),
        sa.Column("release_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_hand_in_release_id_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_in")),
        sa.UniqueConstraint("upload_id", name=op.f("uq_hand_in_upload_id")),
    )
    op.create_index(op.f("ix_hand_in_owner"), "hand_in", ["owner"], unique=False)
    op.create_table(
        "permission_request",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("zaaksofficier", sa.Text(), nullable=False),
        sa.Column("platforms", sa.JSON(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("lighter_means", sa.Text(), nullable=False),
        sa.Column("proportionality", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("self_report_until", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_permission_request_release_id_release")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_permission_request")),
    )
    op.create_index(op.f("ix_permission_request_release_id"), "permission_request", ["release_id"], unique=False)
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _guards(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER permission_request_no_{verb.lower()} BEFORE {verb} ON permission_request "
            "BEGIN SELECT RAISE(ABORT, 'append-only: permission_request'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE TRIGGER permission_request_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON permission_request "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ]
