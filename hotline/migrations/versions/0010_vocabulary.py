"""An agent has queues; a resumed call is a CallResumed."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_EVENTS = (("call.taken.up", "call.resumed"),)


def upgrade() -> None:
    with op.batch_alter_table("agent") as table:
        table.alter_column("desks", new_column_name="queues")
    for old, new in _EVENTS:
        op.execute(f"UPDATE event SET name = '{new}' WHERE name = '{old}'")


def downgrade() -> None:
    with op.batch_alter_table("agent") as table:
        table.alter_column("queues", new_column_name="desks")
    for old, new in _EVENTS:
        op.execute(f"UPDATE event SET name = '{old}' WHERE name = '{new}'")
