"""Announcements to callers, and the switch of the menus."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import UtcDateTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("topic", sa.String(100), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("prompt", sa.String(64), nullable=False),
        sa.Column("on_from", UtcDateTime(), nullable=True),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("switched_by", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index(op.f("ix_announcement_topic"), "announcement", ["topic"])
    op.create_table(
        "menu_switch",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("switched_by", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu_switch")),
    )


def downgrade() -> None:
    op.drop_table("menu_switch")
    op.drop_table("announcement")
