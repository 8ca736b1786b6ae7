"""Specialists may be users, and the calls of each are found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("specialist") as table:
        table.add_column(sa.Column("user_id", sa.String(36), nullable=True))
        table.create_foreign_key(op.f("fk_specialist_user_id"), "user_account", ["user_id"], ["id"])
        table.create_unique_constraint(op.f("uq_specialist_user_id"), ["user_id"])
    op.create_index("ix_call_threeway_specialist_id_call_id", "call_threeway", ["specialist_id", "call_id"])


def downgrade() -> None:
    op.drop_index("ix_call_threeway_specialist_id_call_id", table_name="call_threeway")
    with op.batch_alter_table("specialist") as table:
        table.drop_constraint(op.f("uq_specialist_user_id"), type_="unique")
        table.drop_constraint(op.f("fk_specialist_user_id"), type_="foreignkey")
        table.drop_column("user_id")
