"""A call's record holds the moves of its three-way calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import Json

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call_record", sa.Column("threeway_moves", Json, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("call_record", "threeway_moves")
