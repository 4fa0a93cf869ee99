"""How widely an appeal may be seen. What was asked and decided before counts as regional: nobody said more."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0015"


def upgrade() -> None:
    for table in ("permission", "permission_request"):
        op.add_column(table, sa.Column("area", sa.String(length=32), nullable=False, server_default="regional"))
