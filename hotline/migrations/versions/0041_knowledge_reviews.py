"""Who wrote in a revision, and which reminders of an entry went out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import Json

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("knowledge_entry", sa.Column("revision_writers", Json, nullable=False, server_default="[]"))
    op.add_column("knowledge_entry", sa.Column("review_reminded", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "knowledge_entry", sa.Column("expiry_alerted", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index("ix_knowledge_entry_expires_on_id", "knowledge_entry", ["expires_on", "id"])


def downgrade() -> None:
    op.drop_index("ix_knowledge_entry_expires_on_id", table_name="knowledge_entry")
    for column in ("expiry_alerted", "review_reminded", "revision_writers"):
        op.drop_column("knowledge_entry", column)
