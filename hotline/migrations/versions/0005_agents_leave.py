"""agents who are agents no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent", sa.Column("deactivated_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("agent", "deactivated_at")
