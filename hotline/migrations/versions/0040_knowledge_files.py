"""Files of entries of the knowledge base."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import UtcDateTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "knowledge_file",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.String(36), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["knowledge_entry.id"], name=op.f("fk_knowledge_file_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_file")),
    )
    op.create_index("ix_knowledge_file_entry_id_id", "knowledge_file", ["entry_id", "id"])
    op.create_index("ix_knowledge_file_state_id", "knowledge_file", ["state", "id"])
    op.create_index(op.f("ix_knowledge_file_sha256"), "knowledge_file", ["sha256"])


def downgrade() -> None:
    op.drop_table("knowledge_file")
