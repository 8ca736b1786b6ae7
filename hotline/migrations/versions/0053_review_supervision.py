"""A supervision task holds a unit to a case or to the review of a knowledge entry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("supervision_task") as table:
        table.alter_column("case_id", existing_type=sa.String(36), nullable=True)
        table.alter_column("cause", existing_type=sa.String(12), type_=sa.String(20), existing_nullable=False)
        table.add_column(sa.Column("entry_id", sa.String(36), nullable=True))
        table.create_foreign_key(op.f("fk_supervision_task_entry_id"), "knowledge_entry", ["entry_id"], ["id"])
        table.create_index("ix_supervision_task_entry_id_id", ["entry_id", "id"])
    # Reviews that are late already get their task with the next look; their notices are known by key and stay single.
    op.execute("UPDATE knowledge_entry SET review_reminded = 2 WHERE review_reminded = 3 AND unit_id IS NOT NULL")


def downgrade() -> None:
    op.execute("DELETE FROM supervision_task WHERE case_id IS NULL")
    with op.batch_alter_table("supervision_task") as table:
        table.drop_index("ix_supervision_task_entry_id_id")
        table.drop_constraint(op.f("fk_supervision_task_entry_id"), type_="foreignkey")
        table.drop_column("entry_id")
        table.alter_column("cause", existing_type=sa.String(20), type_=sa.String(12), existing_nullable=False)
        table.alter_column("case_id", existing_type=sa.String(36), nullable=False)
