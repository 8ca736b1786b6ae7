"""What units are asked to enter into the knowledge base."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import UtcDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
_KEYS = {"unit_id": "unit", "entry_id": "knowledge_entry", "case_id": "service_case", "answer_id": "knowledge_entry"}


def upgrade() -> None:
    op.create_table(
        "knowledge_request",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("unit_id", sa.String(36), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.String(36), nullable=True),
        sa.Column("entry_number", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.String(36), nullable=True),
        sa.Column("answer_id", sa.String(36), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("due_from", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("alerted_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=True),
        sa.Column("made_by", sa.String(36), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("taken_by", sa.String(36), nullable=True),
        sa.Column("declined_by", sa.String(36), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_knowledge_request_{column}"))
            for column, table in _KEYS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_request")),
    )
    for columns in (
        ("state", "due_at", "id"),
        ("unit_id", "state", "due_at", "id"),
        ("made_by", "id"),
        ("entry_id", "id"),
        ("answer_id", "state"),
    ):
        op.create_index(f"ix_knowledge_request_{'_'.join(columns)}", "knowledge_request", list(columns))


def downgrade() -> None:
    op.drop_table("knowledge_request")
