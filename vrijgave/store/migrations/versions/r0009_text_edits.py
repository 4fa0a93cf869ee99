"""What persons write in place of the drafted texts."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "text_edit",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("draft_sha256", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_text_edit_release_id_release")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_text_edit")),
        sa.UniqueConstraint(
            "release_id",
            "platform",
            "language",
            "field",
            "version",
            name=op.f("uq_text_edit_release_id_platform_language_field_version"),
        ),
    )
    op.create_index(op.f("ix_text_edit_release_id"), "text_edit", ["release_id"], unique=False)
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _guards(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER text_edit_no_{verb.lower()} BEFORE {verb} ON text_edit "
            "BEGIN SELECT RAISE(ABORT, 'append-only: text_edit'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE TRIGGER text_edit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON text_edit "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ]
