"""How covered faces look, chosen for a release; added to only, as the other choices."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "style_choice",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("style", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_style_choice_release_id_release")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_style_choice")),
    )
    op.create_index(op.f("ix_style_choice_release_id"), "style_choice", ["release_id"], unique=False)
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _guards(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER style_choice_no_{verb.lower()} BEFORE {verb} ON style_choice "
            "BEGIN SELECT RAISE(ABORT, 'append-only: style_choice'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE TRIGGER style_choice_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON style_choice "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    ]
