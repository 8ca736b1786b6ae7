"""Replays of calls through another version of their flow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import Json, UtcDateTime

revision = "0056"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow_replay",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("flow_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started_by", sa.String(36), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("summary", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_replay")),
    )
    op.create_index("ix_flow_replay_flow_id_started_at", "flow_replay", ["flow_id", "started_at"])
    op.create_table(
        "flow_replay_call",
        sa.Column("replay_id", sa.String(36), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("before", sa.String(16), nullable=False),
        sa.Column("after", sa.String(16), nullable=False),
        sa.Column("unforeseen", sa.String(64), nullable=False),
        sa.Column("person_before", sa.Double(), nullable=True),
        sa.Column("person_after", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["replay_id"],
            ["flow_replay.id"],
            name=op.f("fk_flow_replay_call_replay_id_flow_replay"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("replay_id", "call_id", name=op.f("pk_flow_replay_call")),
    )
    op.create_index("ix_flow_replay_call_shift", "flow_replay_call", ["replay_id", "before", "after", "started_at"])


def downgrade() -> None:
    op.drop_table("flow_replay_call")
    op.drop_table("flow_replay")
