"""Deadlines of cases, the city's own limits, and what a change of the calendar moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import Json, UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("service_case") as table:
        table.alter_column("next_due_kind", type_=sa.String(16), existing_type=sa.String(12), existing_nullable=True)
    _create_deadlines()
    op.create_table(
        "own_limit",
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("amount", sa.String(8), nullable=False),
        sa.Column("hours", sa.String(40), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_own_limit")),
    )
    _create_revisions()


def _create_deadlines() -> None:
    op.create_table(
        "case_deadline",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("assignment_id", sa.String(36), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("met_at", UtcDateTime(), nullable=True),
        sa.Column("amount", sa.String(8), nullable=True),
        sa.Column("hours", sa.String(40), nullable=False),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("law", sa.String(200), nullable=False),
        sa.Column("flagged", Json, nullable=False),
        sa.Column("extended_days", sa.Integer(), nullable=False),
        sa.Column("suspended", Json, nullable=False),
        sa.Column("paused_at", UtcDateTime(), nullable=True),
        sa.Column("remaining_seconds", sa.Integer(), nullable=True),
        sa.Column("reminded_hours", sa.Integer(), nullable=True),
        sa.Column("expired_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_case_deadline_case_id")),
        sa.ForeignKeyConstraint(["assignment_id"], ["case_assignment.id"], name=op.f("fk_case_deadline_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_deadline")),
    )
    op.create_index("ix_case_deadline_case_id_id", "case_deadline", ["case_id", "id"])
    op.create_index("ix_case_deadline_state_case_id", "case_deadline", ["state", "case_id"])


def _create_revisions() -> None:
    op.create_table(
        "deadline_revision",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("unreckoned", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_revision")),
    )
    op.create_table(
        "revised_deadline",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("revision_id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("was_due_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["deadline_revision.id"], name=op.f("fk_revised_deadline_revision_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_revised_deadline_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revised_deadline")),
    )
    op.create_index("ix_revised_deadline_revision_id_id", "revised_deadline", ["revision_id", "id"])


def downgrade() -> None:
    for name in ("revised_deadline", "deadline_revision", "own_limit", "case_deadline"):
        op.drop_table(name)
    with op.batch_alter_table("service_case") as table:
        table.alter_column("next_due_kind", type_=sa.String(12), existing_type=sa.String(16), existing_nullable=True)
