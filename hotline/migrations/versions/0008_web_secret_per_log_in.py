"""a password of the browser phone for each log-in."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent", sa.Column("web_session", sa.String(length=64), nullable=True))
    # Pages were given the old ones.
    agent = sa.table("agent", sa.column("id"), sa.column("web_secret"))
    connection = op.get_bind()
    for (row_id,) in connection.execute(sa.select(agent.c.id)).all():
        connection.execute(agent.update().where(agent.c.id == row_id).values(web_secret=secrets.token_hex(16)))


def downgrade() -> None:
    op.drop_column("agent", "web_session")
