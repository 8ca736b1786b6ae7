"""Knowledge requests are found by their case."""

from __future__ import annotations

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_knowledge_request_case_id", "knowledge_request", ["case_id"])


def downgrade() -> None:
    op.drop_index("ix_knowledge_request_case_id", "knowledge_request")
