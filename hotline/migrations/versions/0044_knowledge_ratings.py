"""Whether entries helped the agents who read them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import UtcDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "knowledge_rating",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["knowledge_entry.id"], name=op.f("fk_knowledge_rating_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_rating")),
        sa.UniqueConstraint("entry_id", "number", "user_id", name="uq_knowledge_rating_entry_id_number_user_id"),
    )
    op.create_index("ix_knowledge_rating_at_entry_id", "knowledge_rating", ["at", "entry_id"])


def downgrade() -> None:
    op.drop_table("knowledge_rating")
