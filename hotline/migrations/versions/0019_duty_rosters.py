"""Specialists have a roster; every unit in use has its organisation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hotline.kernel.db import Json
from hotline.kernel.ids import uuid7

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_ROOT = "00000000-0000-7000-8000-000000000001"


def upgrade() -> None:
    op.add_column("specialist", sa.Column("roster", Json, nullable=True))
    _link_units()


def _link_units() -> None:
    """An organisation of its own for each unit in use, under that of the unit above it."""
    unit = sa.table("unit", *map(sa.column, ("id", "name", "parent_id", "organisation_id", "active")))
    office = sa.table("organisation", *map(sa.column, ("id", "name", "kind", "parent_id", "active", "version")))
    bind = op.get_bind()
    rows = {row.id: row for row in bind.execute(sa.select(unit).where(unit.c.organisation_id.is_(None)))}
    known = {name: id for id, name in bind.execute(sa.select(office.c.id, office.c.name))}
    linked = {id: organisation for id, organisation in bind.execute(sa.select(unit.c.id, unit.c.organisation_id))}

    def link(row_id: str) -> str:
        row = rows.get(row_id)
        if row is None or not row.active:
            return linked.get(row_id) or _ROOT
        if linked[row_id] is None and row.name not in known:
            # Before the recursion, so that a cycle, which nothing should have stored, ends here.
            linked[row_id] = known[row.name] = uuid7()
            parent_id = link(row.parent_id) if row.parent_id else _ROOT
            values = {"kind": "unit", "parent_id": parent_id, "active": sa.true(), "version": 1}
            bind.execute(office.insert().values(id=linked[row_id], name=row.name, **values))
            bind.execute(unit.update().where(unit.c.id == row_id).values(organisation_id=linked[row_id]))
        return linked[row_id] or _ROOT

    for row_id in rows:
        link(row_id)


def downgrade() -> None:
    with op.batch_alter_table("specialist") as table:
        table.drop_column("roster")
