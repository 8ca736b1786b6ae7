"""enterprises are found by whole pinyin; codes that fail a check and were compared with the licence."""

from __future__ import annotations

import re
from itertools import islice, product

import sqlalchemy as sa
from alembic import op
from pypinyin import Style, pinyin

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOST_READINGS = 16
_BATCH = 1000


def upgrade() -> None:
    op.add_column("enterprise", sa.Column("pinyin", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "enterprise", sa.Column("credit_code_confirmed", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    table = sa.table("enterprise", sa.column("id"), sa.column("name_normal"), sa.column("pinyin"))
    connection = op.get_bind()
    last = ""
    while rows := connection.execute(
        sa.select(table.c.id, table.c.name_normal).where(table.c.id > last).order_by(table.c.id).limit(_BATCH)
    ).all():
        for row in rows:
            connection.execute(sa.update(table).where(table.c.id == row.id).values(pinyin=_full(row.name_normal)))
        last = rows[-1].id


def downgrade() -> None:
    op.drop_column("enterprise", "credit_code_confirmed")
    op.drop_column("enterprise", "pinyin")


def _full(name: str) -> str:
    """As `crm.enterprises.names.full_pinyin` was when this was written."""
    syllables: list[list[str]] = []
    for part in re.split(r"([a-z0-9]+)", name):
        if re.fullmatch(r"[a-z0-9]+", part):
            syllables.append([part])
        elif part:
            syllables += pinyin(part, style=Style.NORMAL, heteronym=True, errors="ignore", v_to_u=False)
    choices = [list(dict.fromkeys(filter(None, readings))) or [""] for readings in syllables]
    readings = dict.fromkeys("".join(reading) for reading in islice(product(*choices), _MOST_READINGS))
    return f" {' '.join(readings)} "
