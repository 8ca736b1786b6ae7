"""Groups of words that mean the same to a search of the knowledge base."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import Json

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "knowledge_synonym",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("words", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_synonym")),
    )


def downgrade() -> None:
    op.drop_table("knowledge_synonym")
