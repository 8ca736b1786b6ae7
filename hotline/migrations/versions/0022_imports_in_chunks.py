"""Imports are written in chunks that can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("import_job") as table:
        table.add_column(sa.Column("written_to", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("kept", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("import_row") as table:
        table.add_column(sa.Column("undo", _JSON, nullable=True))
    with op.batch_alter_table("import_job") as table:
        table.alter_column("written_to", server_default=None)
        table.alter_column("kept", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("import_row") as table:
        table.drop_column("undo")
    with op.batch_alter_table("import_job") as table:
        table.drop_column("kept")
        table.drop_column("written_to")
