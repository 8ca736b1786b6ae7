"""recordings removed when their time is over; a door in the audit log for entries whose time is over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_REFUSE = "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END"


def upgrade() -> None:
    # Plain, not as a batch: that would rebuild the table, which may be large.
    op.add_column("call_record", sa.Column("recording_removed_at", UtcDateTime(), nullable=True))
    op.create_table(
        "audit_release",
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("until", name=op.f("pk_audit_release")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_entry_no_delete")
        op.execute(
            "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
            f"WHEN NOT EXISTS (SELECT 1 FROM audit_release WHERE until > OLD.at) {_REFUSE}"
        )
        return
    op.execute("DROP TRIGGER audit_entry_append_only ON audit_entry")
    op.execute(
        "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()"
    )
    op.execute(
        "CREATE FUNCTION audit_entry_keep() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF EXISTS (SELECT 1 FROM audit_release WHERE until > OLD.at) THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION 'audit_entry is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_keep()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_entry_no_delete")
        op.execute(f"CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry {_REFUSE}")
    else:
        op.execute("DROP TRIGGER audit_entry_no_delete ON audit_entry")
        op.execute("DROP FUNCTION audit_entry_keep()")
        op.execute("DROP TRIGGER audit_entry_append_only ON audit_entry")
        op.execute(
            "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()"
        )
    op.drop_table("audit_release")
    op.drop_column("call_record", "recording_removed_at")
