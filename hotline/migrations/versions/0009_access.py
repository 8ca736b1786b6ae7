"""one-time passwords and their history, second factor, role requests, lock-out by place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import Json, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_account", sa.Column("password_state", sa.String(16), nullable=False, server_default="own"))
    op.add_column("user_account", sa.Column("password_changed_at", UtcDateTime(), nullable=True))
    op.add_column("user_account", sa.Column("totp_secret", sa.String(64), nullable=True))
    op.add_column("user_account", sa.Column("totp_since", UtcDateTime(), nullable=True))
    op.add_column("user_account", sa.Column("totp_last_step", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("user_account", sa.Column("recovery_codes", Json, nullable=False, server_default="[]"))
    op.add_column("user_session", sa.Column("user_agent", sa.String(255), nullable=False, server_default=""))
    op.add_column("user_session", sa.Column("second_factor", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("user_session", sa.Column("enrolment_secret", sa.String(64), nullable=True))
    op.create_table(
        "password_history",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_password_history_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_history")),
    )
    op.create_index(op.f("ix_password_history_user_id"), "password_history", ["user_id"])
    op.create_table(
        "role_request",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("roles", Json, nullable=False),
        sa.Column("approval", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("requested_by", sa.String(36), nullable=False),
        sa.Column("requested_by_name", sa.String(100), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(36), nullable=True),
        sa.Column("decided_by_name", sa.String(100), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_role_request_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_request")),
    )
    op.create_index(op.f("ix_role_request_user_id"), "role_request", ["user_id"])
    op.create_index(op.f("ix_role_request_state"), "role_request", ["state"])
    op.create_table(
        "log_in_slot",
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("failed_since", UtcDateTime(), nullable=True),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.Column("last_log_in_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "kind", "key", name=op.f("pk_log_in_slot")),
    )


def downgrade() -> None:
    for table in ("log_in_slot", "role_request", "password_history"):
        op.drop_table(table)
    for column in ("user_agent", "second_factor", "enrolment_secret"):
        op.drop_column("user_session", column)
    for column in (
        "password_state",
        "password_changed_at",
        "totp_secret",
        "totp_since",
        "totp_last_step",
        "recovery_codes",
    ):
        op.drop_column("user_account", column)
