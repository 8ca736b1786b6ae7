"""The public knowledge base: its list."""

from __future__ import annotations

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_NAME = "ix_knowledge_entry_scope_state_published_at_id"


def upgrade() -> None:
    op.create_index(_NAME, "knowledge_entry", ["scope", "state", "published_at", "id"])


def downgrade() -> None:
    op.drop_index(_NAME, "knowledge_entry")
