"""The search table of the knowledge base holds what ranks its hits. It is filled again after the start, by a job."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_TABLE = "knowledge_search"
_INDEX = f"{_TABLE}_index"
_RANKED = ("names", "answer", "sounds", "stages", "industries")


def upgrade() -> None:
    # Short columns before the long one, which SQLite would read through to come to them.
    _replace(
        sa.Column("scheme", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _RANKED),
    )
    op.create_index(op.f(f"ix_{_TABLE}_scheme"), _TABLE, ["scheme"])


def downgrade() -> None:
    """The rows are written when the entries change."""
    _replace()


def _replace(*ranked: sa.Column[Any]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TABLE {_INDEX}")
    op.drop_table(_TABLE)
    op.create_table(
        _TABLE,
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subject_id", sa.String(36), nullable=False),
        *ranked,
        sa.Column("words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["knowledge_entry.id"], name=op.f(f"fk_{_TABLE}_subject_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint("subject_id", name=op.f(f"uq_{_TABLE}_subject_id")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE INDEX {_INDEX} ON {_TABLE} USING gin (words)")
        return
    gone = f"INSERT INTO {_INDEX} ({_INDEX}, rowid, words) VALUES ('delete', old.number, old.words);"
    came = f"INSERT INTO {_INDEX} (rowid, words) VALUES (new.number, new.words);"
    op.execute(
        f"CREATE VIRTUAL TABLE {_INDEX} USING fts5 (words, content='{_TABLE}', content_rowid='number', detail=none, "
        "tokenize='unicode61 remove_diacritics 0')"
    )
    op.execute(f"CREATE TRIGGER {_TABLE}_added AFTER INSERT ON {_TABLE} BEGIN {came} END")
    op.execute(f"CREATE TRIGGER {_TABLE}_removed AFTER DELETE ON {_TABLE} BEGIN {gone} END")
    op.execute(f"CREATE TRIGGER {_TABLE}_changed AFTER UPDATE ON {_TABLE} BEGIN {gone} {came} END")
