"""Figures of the knowledge base: reviews that were done, and what becomes of drafts of cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "knowledge_review",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("unit_id", sa.String(36), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["knowledge_entry.id"], name=op.f("fk_knowledge_review_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_review")),
    )
    op.create_index("ix_knowledge_review_due_on_unit_id", "knowledge_review", ["due_on", "unit_id"])
    op.create_index("ix_case_step_action_at", "case_step", ["action", "at"])


def downgrade() -> None:
    op.drop_index("ix_case_step_action_at", "case_step")
    op.drop_table("knowledge_review")
