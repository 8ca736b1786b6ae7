"""Indices of the enterprises that lists show: PostgreSQL sorts by no index of all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_COLUMNS = ("created_at", "updated_at", "kind", "size")
_LISTED, _MERGED = sa.text("merged_into IS NULL"), sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    for column in _COLUMNS:
        _index(f"ix_enterprise_{column}_id", column, "id")
    _index("ix_enterprise_listed_id", "id")
    op.drop_index("ix_enterprise_merged_into", table_name="enterprise")
    op.create_index(
        "ix_enterprise_merged_into", "enterprise", ["merged_into"], sqlite_where=_MERGED, postgresql_where=_MERGED
    )


def _index(name: str, *columns: str) -> None:
    op.create_index(name, "enterprise", list(columns), sqlite_where=_LISTED, postgresql_where=_LISTED)


def downgrade() -> None:
    op.drop_index("ix_enterprise_merged_into", table_name="enterprise")
    op.drop_index("ix_enterprise_listed_id", table_name="enterprise")
    for column in _COLUMNS:
        op.drop_index(f"ix_enterprise_{column}_id", table_name="enterprise")
    op.create_index("ix_enterprise_merged_into", "enterprise", ["merged_into"])
