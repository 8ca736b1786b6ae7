"""Flows with drafts, versions and publications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import UtcDateTime

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flow",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("draft_version", sa.Integer(), nullable=False),
        sa.Column("draft_base", sa.Integer(), nullable=False),
        sa.Column("draft_by", sa.String(36), nullable=True),
        sa.Column("draft_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "flow_version",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("flow_id", sa.String(64), sa.ForeignKey("flow.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("nodes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("created_by", sa.String(36), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("flow_id", "number"),
    )
    op.create_table(
        "flow_publication",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("flow_id", sa.String(64), sa.ForeignKey("flow.id"), nullable=False),
        sa.Column("alias", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("published_by", sa.String(36), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("cancelled_at", UtcDateTime(), nullable=True),
    )
    op.create_index(
        "ix_flow_publication_flow_id_alias_starts_at", "flow_publication", ["flow_id", "alias", "starts_at"]
    )
    op.create_table(
        "flow_entry_number",
        sa.Column("number", sa.String(32), primary_key=True),
        sa.Column("flow_id", sa.String(64), sa.ForeignKey("flow.id"), nullable=False),
        sa.Column("alias", sa.String(8), nullable=False),
    )


def downgrade() -> None:
    for table in ("flow_entry_number", "flow_publication", "flow_version", "flow"):
        op.drop_table(table)
