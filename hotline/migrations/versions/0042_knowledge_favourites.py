"""Entries at hand: stars, and who cited what when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import UtcDateTime

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "knowledge_favourite",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["knowledge_entry.id"], name=op.f("fk_knowledge_favourite_entry_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", "entry_id", name="uq_knowledge_favourite_user_id_entry_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_favourite")),
    )
    op.create_index("ix_knowledge_favourite_user_id_id", "knowledge_favourite", ["user_id", "id"])
    op.create_index("ix_knowledge_citation_cited_at_entry_id", "knowledge_citation", ["cited_at", "entry_id"])
    op.create_index("ix_knowledge_citation_cited_by_cited_at", "knowledge_citation", ["cited_by", "cited_at"])


def downgrade() -> None:
    op.drop_index("ix_knowledge_citation_cited_by_cited_at", "knowledge_citation")
    op.drop_index("ix_knowledge_citation_cited_at_entry_id", "knowledge_citation")
    op.drop_table("knowledge_favourite")
