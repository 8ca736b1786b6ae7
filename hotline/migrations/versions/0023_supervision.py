"""Supervision tasks, the ledger of unsolved cases, and saved views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import Json, UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _by_and_at(*names: str) -> list[sa.Column[str]]:
    columns: list[sa.Column[str]] = []
    for name in names:
        columns.append(sa.Column(f"{name}_by", sa.String(36), nullable=True))
        columns.append(sa.Column(f"{name}_at", UtcDateTime(), nullable=True))
    return columns


def upgrade() -> None:
    op.create_index("ix_service_case_closed_at_next_due_at_id", "service_case", ["closed_at", "next_due_at", "id"])
    op.create_table(
        "supervision_task",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("unit_id", sa.String(36), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(12), nullable=False),
        *_texts("demand", "report", "review"),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("issued_by", sa.String(36), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        *_by_and_at("reported", "reviewed", "done"),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_supervision_task_case_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_supervision_task_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_task")),
        sa.UniqueConstraint("key", name=op.f("uq_supervision_task_key")),
    )
    op.create_index("ix_supervision_task_state_due_at_id", "supervision_task", ["state", "due_at", "id"])
    op.create_index("ix_supervision_task_unit_id_state_id", "supervision_task", ["unit_id", "state", "id"])
    op.create_index("ix_supervision_task_case_id_id", "supervision_task", ["case_id", "id"])
    _create_ledger()
    _create_views()


def _create_ledger() -> None:
    op.create_table(
        "unsolved_ledger",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_texts("reason", "struck_off_reason"),
        sa.Column("planned_for", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.String(36), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        *_by_and_at("struck_off"),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_unsolved_ledger_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsolved_ledger")),
        sa.UniqueConstraint("case_id", name=op.f("uq_unsolved_ledger_case_id")),
    )
    op.create_index("ix_unsolved_ledger_struck_off_at_id", "unsolved_ledger", ["struck_off_at", "id"])


def _create_views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner_id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("work_list", sa.String(24), nullable=False),
        sa.Column("filters", Json, nullable=False),
        sa.Column("columns", Json, nullable=False),
        sa.Column("sort", sa.String(10), nullable=False),
        sa.Column("shared_with", sa.String(24), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_view_owner_id_name")),
    )
    op.create_index("ix_saved_view_shared_with_id", "saved_view", ["shared_with", "id"])


def downgrade() -> None:
    op.drop_index("ix_service_case_closed_at_next_due_at_id", "service_case")
    for table in ("saved_view", "unsolved_ledger", "supervision_task"):
        op.drop_table(table)
