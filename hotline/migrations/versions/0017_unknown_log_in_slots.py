"""Attempts from browsers and networks not known to a user are counted as "unknown"."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE log_in_slot SET kind = 'unknown' WHERE kind = 'strangers'")


def downgrade() -> None:
    op.execute("UPDATE log_in_slot SET kind = 'strangers' WHERE kind = 'unknown'")
