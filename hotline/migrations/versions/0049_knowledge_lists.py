"""Indexes of the lists of entries: what is due, what expires, and what somebody writes in."""

from __future__ import annotations

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None
_TABLE = "knowledge_entry"
_FORMER = (["review_due_on", "id"], ["expires_on", "id"])
_NEW = (
    ["revised_by", "revision_state", "id"],
    ["state", "review_due_on", "id"],
    ["state", "expires_on", "id"],
)


def upgrade() -> None:
    for columns in _NEW:
        op.create_index(op.f(f"ix_{_TABLE}_{'_'.join(columns)}"), _TABLE, columns)
    for columns in _FORMER:
        op.drop_index(op.f(f"ix_{_TABLE}_{'_'.join(columns)}"), table_name=_TABLE)


def downgrade() -> None:
    for columns in _FORMER:
        op.create_index(op.f(f"ix_{_TABLE}_{'_'.join(columns)}"), _TABLE, columns)
    for columns in _NEW:
        op.drop_index(op.f(f"ix_{_TABLE}_{'_'.join(columns)}"), table_name=_TABLE)
