"""Who changed which limit of the city, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    values = [
        sa.Column(f"{when}{name}", sa.String(length), nullable=False)
        for when in ("was_", "")
        for name, length in (("amount", 8), ("hours", 40), ("source", 200))
    ]
    op.create_table(
        "limit_revision",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("changed_by", sa.String(36), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        *values,
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_revision")),
    )


def downgrade() -> None:
    op.drop_table("limit_revision")
