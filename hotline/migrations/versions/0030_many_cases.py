"""Indices by which lists stay fast with a million cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_CASES = (
    ("created_by", "state", "id"),
    ("item_id", "created_at", "id"),
    ("lead_unit_id", "created_at", "id"),
    ("type", "created_at", "id"),
    ("state", "created_at", "id"),
)
_LISTED = {
    "hard": ("hard IS 1", "hard IS true"),
    "mass": ("mass IS 1", "mass IS true"),
    "urged": ("urges > 0", "urges > 0"),
    "escalated": ("reworks >= 3 OR returns >= 3", "reworks >= 3 OR returns >= 3"),
}
_RARE = {
    "sensitive": ("sensitive IS 1", "sensitive IS true"),
    "designated": ("designated IS 1", "designated IS true"),
    "duplicate": ("duplicate_of_id IS NOT NULL", "duplicate_of_id IS NOT NULL"),
    "suspended": ("suspended_at IS NOT NULL", "suspended_at IS NOT NULL"),
}


def upgrade() -> None:
    for columns in _CASES:
        op.create_index(f"ix_service_case_{'_'.join(columns)}", "service_case", list(columns))
    for some, sorted_by in ((_LISTED, ["closed_at", "next_due_at", "id"]), (_RARE, ["created_at", "id"])):
        for name, (on_sqlite, on_postgresql) in some.items():
            op.create_index(
                f"ix_service_case_{name}",
                "service_case",
                sorted_by,
                sqlite_where=sa.text(on_sqlite),
                postgresql_where=sa.text(on_postgresql),
            )
    for column in ("item_id", "lead_unit_id"):
        op.drop_index(f"ix_service_case_{column}", table_name="service_case")
    op.create_index("ix_case_recusal_user_id", "case_recusal", ["user_id"])


def downgrade() -> None:
    op.drop_index("ix_case_recusal_user_id", table_name="case_recusal")
    for column in ("item_id", "lead_unit_id"):
        op.create_index(f"ix_service_case_{column}", "service_case", [column])
    for name in (*_LISTED, *_RARE, *("_".join(columns) for columns in _CASES)):
        op.drop_index(f"ix_service_case_{name}", table_name="service_case")
