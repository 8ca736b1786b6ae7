"""What was said about the knowledge base when a consult case was closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import UtcDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_follow_up",
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("need", sa.String(8), nullable=False),
        sa.Column("request_id", sa.String(36), nullable=True),
        sa.Column("by", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_case_follow_up_case_id")),
        sa.ForeignKeyConstraint(["request_id"], ["knowledge_request.id"], name=op.f("fk_case_follow_up_request_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_follow_up")),
    )


def downgrade() -> None:
    op.drop_table("case_follow_up")
