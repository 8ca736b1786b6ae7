"""Cases go to units and back: assignments, replies, callbacks, recusals, and what a case counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import Json, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_YES, _NO = sa.true(), sa.false()
_COUNTS = {"round": "1", "returns": "0", "extensions": "0", "reworks": "0", "urges": "0"}
_FLAGS = {
    "anonymous": _NO,
    "needs_reply": _YES,
    "needs_callback": _YES,
    "designated": _NO,
    "sensitive": _NO,
    "mass": _NO,
    "hard": _NO,
}
_MOMENTS = (
    *("claimed_at", "suspended_at", "promised_at", "next_due_at", "submitted_at"),
    *("dispatched_at", "signed_at", "replied_at", "closed_at"),
)


def upgrade() -> None:
    _extend_units()
    _extend_cases()
    _extend_steps()
    _create_assignments()
    _create_answers()


def _extend_units() -> None:
    with op.batch_alter_table("unit") as table:
        table.add_column(sa.Column("organisation_id", sa.String(36), nullable=True))
        table.create_foreign_key(op.f("fk_unit_organisation_id"), "organisation", ["organisation_id"], ["id"])
        table.create_unique_constraint(op.f("uq_unit_organisation_id"), ["organisation_id"])


def _extend_cases() -> None:
    with op.batch_alter_table("service_case") as table:
        for name, default in _FLAGS.items():
            table.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=default))
        for name, number in _COUNTS.items():
            table.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=number))
        table.add_column(sa.Column("text_for_unit", sa.Text(), nullable=False, server_default=""))
        for name in ("item_id", "unit_complained_of_id", "lead_unit_id", "duplicate_of_id", "claimed_by"):
            table.add_column(sa.Column(name, sa.String(36), nullable=True))
        table.add_column(sa.Column("next_due_kind", sa.String(12), nullable=True))
        for name in _MOMENTS:
            table.add_column(sa.Column(name, UtcDateTime(), nullable=True))
        for name, target in (
            ("unit_complained_of_id", "unit"),
            ("lead_unit_id", "unit"),
            ("duplicate_of_id", "service_case"),
        ):
            table.create_foreign_key(op.f(f"fk_service_case_{name}"), target, [name], ["id"])
    with op.batch_alter_table("service_case") as table:
        for name in (*_FLAGS, *_COUNTS, "text_for_unit"):
            table.alter_column(name, server_default=None)
        for name in ("item_id", "lead_unit_id", "duplicate_of_id"):
            table.create_index(op.f(f"ix_service_case_{name}"), [name])
        table.create_index("ix_service_case_state_next_due_at_id", ["state", "next_due_at", "id"])
        table.create_index("ix_service_case_claimed_by_id", ["claimed_by", "id"])


def _extend_steps() -> None:
    with op.batch_alter_table("case_step") as table:
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        for name in ("request_id", "assignment_id", "unit_id"):
            table.add_column(sa.Column(name, sa.String(36), nullable=True))
        table.create_unique_constraint(op.f("uq_case_step_case_id_request_id"), ["case_id", "request_id"])
    with op.batch_alter_table("case_step") as table:
        table.alter_column("version", server_default=None)


def _create_assignments() -> None:
    op.create_table(
        "case_assignment",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("unit_id", sa.String(36), nullable=False),
        sa.Column("parent_id", sa.String(36), nullable=True),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("assigned_by", sa.String(36), nullable=False),
        sa.Column("assigned_at", UtcDateTime(), nullable=False),
        sa.Column("signed_by", sa.String(36), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("contacted_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_case_assignment_case_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_case_assignment_unit_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["case_assignment.id"], name=op.f("fk_case_assignment_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_assignment")),
    )
    op.create_index("ix_case_assignment_unit_id_state_case_id", "case_assignment", ["unit_id", "state", "case_id"])
    op.create_index("ix_case_assignment_case_id_id", "case_assignment", ["case_id", "id"])


def _create_answers() -> None:
    op.create_table(
        "case_reply",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("assignment_id", sa.String(36), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("public_answer", sa.Text(), nullable=False),
        sa.Column("internal_handling", sa.Text(), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.Column("promised_at", UtcDateTime(), nullable=True),
        sa.Column("by", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_case_reply_case_id")),
        sa.ForeignKeyConstraint(["assignment_id"], ["case_assignment.id"], name=op.f("fk_case_reply_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_reply")),
    )
    op.create_index(op.f("ix_case_reply_case_id"), "case_reply", ["case_id"])
    op.create_table(
        "case_callback",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(36), nullable=True),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.Column("by", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_case_callback_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_callback")),
    )
    op.create_index(op.f("ix_case_callback_case_id"), "case_callback", ["case_id"])
    op.create_table(
        "case_recusal",
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["service_case.id"], name=op.f("fk_case_recusal_case_id")),
        sa.PrimaryKeyConstraint("case_id", "user_id", name=op.f("pk_case_recusal")),
    )


def downgrade() -> None:
    for name in ("case_recusal", "case_callback", "case_reply", "case_assignment"):
        op.drop_table(name)
    with op.batch_alter_table("case_step") as table:
        table.drop_constraint(op.f("uq_case_step_case_id_request_id"), type_="unique")
        for name in ("version", "request_id", "assignment_id", "unit_id"):
            table.drop_column(name)
    with op.batch_alter_table("service_case") as table:
        for name in ("item_id", "lead_unit_id", "duplicate_of_id"):
            table.drop_index(op.f(f"ix_service_case_{name}"))
        table.drop_index("ix_service_case_state_next_due_at_id")
        table.drop_index("ix_service_case_claimed_by_id")
        for name in ("unit_complained_of_id", "lead_unit_id", "duplicate_of_id"):
            table.drop_constraint(op.f(f"fk_service_case_{name}"), type_="foreignkey")
        for name in (*_FLAGS, *_COUNTS, "text_for_unit", *_MOMENTS, "next_due_kind"):
            table.drop_column(name)
        for name in ("item_id", "unit_complained_of_id", "lead_unit_id", "duplicate_of_id", "claimed_by"):
            table.drop_column(name)
    with op.batch_alter_table("unit") as table:
        table.drop_constraint(op.f("uq_unit_organisation_id"), type_="unique")
        table.drop_constraint(op.f("fk_unit_organisation_id"), type_="foreignkey")
        table.drop_column("organisation_id")
