"""Cases sorted by deadline, creation and last change, for work lists."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_SORTED_BY = ("next_due_at", "created_at", "updated_at")


def upgrade() -> None:
    for name in _SORTED_BY:
        op.create_index(f"ix_service_case_{name}_id", "service_case", [name, "id"])


def downgrade() -> None:
    for name in _SORTED_BY:
        op.drop_index(f"ix_service_case_{name}_id", "service_case")
