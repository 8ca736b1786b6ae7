"""What agents searched in the knowledge base and did not find."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import UtcDateTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "knowledge_miss",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("text", sa.String(100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_miss")),
        sa.UniqueConstraint("text", name=op.f("uq_knowledge_miss_text")),
    )
    op.create_index("ix_knowledge_miss_last_at_id", "knowledge_miss", ["last_at", "id"])


def downgrade() -> None:
    op.drop_table("knowledge_miss")
