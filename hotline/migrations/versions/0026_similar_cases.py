"""Words of open cases, and how often a caller asked again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_word",
        sa.Column("word", sa.String(24), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_case_word_case_id")),
        sa.PrimaryKeyConstraint("word", "case_id", name=op.f("pk_case_word")),
    )
    op.create_index("ix_case_word_case_id", "case_word", ["case_id"])
    with op.batch_alter_table("service_case") as table:
        table.add_column(sa.Column("repeats", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("service_case") as table:
        table.alter_column("repeats", server_default=None)
    op.create_index("ix_service_case_callback_number_id", "service_case", ["callback_number", "id"])


def downgrade() -> None:
    op.drop_index("ix_service_case_callback_number_id", table_name="service_case")
    with op.batch_alter_table("service_case") as table:
        table.drop_column("repeats")
    op.drop_table("case_word")
