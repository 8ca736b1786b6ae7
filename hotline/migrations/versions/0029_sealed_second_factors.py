"""Room for sealed secrets of authenticator apps; the service seals those that are there at its next start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_SEALED = "1.%"
_COLUMNS = (("user_account", "totp_secret"), ("user_session", "enrolment_secret"))


def upgrade() -> None:
    # Enrolments under way hold a secret in the clear: they begin again.
    op.execute("UPDATE user_session SET enrolment_secret = NULL")
    _resize(64, 160)


def downgrade() -> None:
    """What was sealed cannot be read by the older version: the second factor is set up again."""
    op.execute("UPDATE user_session SET enrolment_secret = NULL")
    op.execute(
        "UPDATE user_account SET totp_secret = NULL, totp_since = NULL, recovery_codes = '[]' "
        f"WHERE totp_secret LIKE '{_SEALED}'"
    )
    _resize(160, 64)


def _resize(before: int, after: int) -> None:
    for table, column in _COLUMNS:
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=sa.String(before), type_=sa.String(after), existing_nullable=True)
