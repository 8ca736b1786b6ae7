"""The knowledge base: entries, their versions, categories, and what cites them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from hotline.kernel.db import Json, UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "knowledge_category",
        _id(),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("parent_id", sa.String(36), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _key("knowledge_category", "parent_id", "knowledge_category"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_category")),
    )
    op.create_index(op.f("ix_knowledge_category_parent_id"), "knowledge_category", ["parent_id"])
    op.create_table(
        "knowledge_entry",
        _id(),
        sa.Column("unit_id", sa.String(36), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("revision_state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("category_id", sa.String(36), nullable=True),
        sa.Column("scope", sa.String(12), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("published_number", sa.Integer(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("review_due_on", sa.Date(), nullable=True),
        sa.Column("revision", Json, nullable=True),
        sa.Column("revised_by", sa.String(36), nullable=True),
        sa.Column("approved_by", sa.String(36), nullable=True),
        sa.Column("publish_at", UtcDateTime(), nullable=True),
        sa.Column("scheduled_by", sa.String(36), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(36), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        _key("knowledge_entry", "unit_id", "unit"),
        _key("knowledge_entry", "category_id", "knowledge_category"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_entry")),
    )
    for columns in (
        ("state", "uses", "id"),
        ("unit_id", "state", "id"),
        ("revision_state", "id"),
        ("review_due_on", "id"),
        ("category_id", "id"),
    ):
        op.create_index(f"ix_knowledge_entry_{'_'.join(columns)}", "knowledge_entry", list(columns))
    op.create_table(
        "knowledge_version",
        _id(),
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("written_by", sa.String(36), nullable=False),
        sa.Column("approved_by", sa.String(36), nullable=False),
        sa.Column("published_by", sa.String(36), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        _key("knowledge_version", "entry_id", "knowledge_entry"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_version")),
        sa.UniqueConstraint("entry_id", "number", name="uq_knowledge_version_entry_id_number"),
    )
    op.create_table(
        "knowledge_citation",
        _id(),
        sa.Column("case_id", sa.String(36), nullable=False),
        sa.Column("entry_id", sa.String(36), nullable=False),
        sa.Column("version_id", sa.String(36), nullable=False),
        sa.Column("cited_by", sa.String(36), nullable=False),
        sa.Column("cited_at", UtcDateTime(), nullable=False),
        _key("knowledge_citation", "case_id", "service_case"),
        _key("knowledge_citation", "entry_id", "knowledge_entry"),
        _key("knowledge_citation", "version_id", "knowledge_version"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_citation")),
        sa.UniqueConstraint("case_id", "version_id", name="uq_knowledge_citation_case_id_version_id"),
    )
    op.create_index("ix_knowledge_citation_entry_id_id", "knowledge_citation", ["entry_id", "id"])
    op.create_table(
        "knowledge_search",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.Column("subject_id", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["knowledge_entry.id"], name=op.f("fk_knowledge_search_subject_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_knowledge_search")),
        sa.UniqueConstraint("subject_id", name=op.f("uq_knowledge_search_subject_id")),
    )
    _index("knowledge_search")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE knowledge_search_index")
    for table in ("search", "citation", "version", "entry", "category"):
        op.drop_table(f"knowledge_{table}")


def _index(table: str) -> None:
    index = f"{table}_index"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE INDEX {index} ON {table} USING gin (words)")
        return
    gone = f"INSERT INTO {index} ({index}, rowid, words) VALUES ('delete', old.number, old.words);"
    came = f"INSERT INTO {index} (rowid, words) VALUES (new.number, new.words);"
    op.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5 (words, content='{table}', content_rowid='number', detail=none, "
        "tokenize='unicode61 remove_diacritics 0')"
    )
    op.execute(f"CREATE TRIGGER {table}_added AFTER INSERT ON {table} BEGIN {came} END")
    op.execute(f"CREATE TRIGGER {table}_removed AFTER DELETE ON {table} BEGIN {gone} END")
    op.execute(f"CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} BEGIN {gone} {came} END")


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(36), nullable=False)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
