"""Every user belongs to an organisation; units have a parent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ROOT = "00000000-0000-7000-8000-000000000001"


def upgrade() -> None:
    organisation = op.create_table(
        "organisation",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("parent_id", sa.String(36), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_index(op.f("ix_organisation_parent_id"), "organisation", ["parent_id"])
    root = {"id": _ROOT, "name": "12345 热线", "kind": "hotline", "parent_id": None, "active": True, "version": 1}
    op.bulk_insert(organisation, [root])
    op.add_column("user_account", sa.Column("organisation_id", sa.String(36), nullable=True))
    op.execute(f"UPDATE user_account SET organisation_id = '{_ROOT}'")
    with op.batch_alter_table("user_account") as table:
        table.alter_column("organisation_id", existing_type=sa.String(36), nullable=False)
        table.create_foreign_key(op.f("fk_user_account_organisation_id"), "organisation", ["organisation_id"], ["id"])
        table.create_index(op.f("ix_user_account_organisation_id"), ["organisation_id"])
    with op.batch_alter_table("unit") as table:
        table.add_column(sa.Column("parent_id", sa.String(36), nullable=True))
        table.create_foreign_key(op.f("fk_unit_parent_id"), "unit", ["parent_id"], ["id"])
        table.create_index(op.f("ix_unit_parent_id"), ["parent_id"])


def downgrade() -> None:
    with op.batch_alter_table("unit") as table:
        table.drop_index(op.f("ix_unit_parent_id"))
        table.drop_constraint(op.f("fk_unit_parent_id"), type_="foreignkey")
        table.drop_column("parent_id")
    with op.batch_alter_table("user_account") as table:
        table.drop_index(op.f("ix_user_account_organisation_id"))
        table.drop_constraint(op.f("fk_user_account_organisation_id"), type_="foreignkey")
        table.drop_column("organisation_id")
    op.drop_table("organisation")
