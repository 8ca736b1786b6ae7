"""Imports with a report per row; enterprises: notes, duplicates, merges."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _imports()
    _enterprise_columns()
    _notes_and_duplicates()
    _merges()


def _imports() -> None:
    op.create_table(
        "import_job",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("encodings", _JSON, nullable=False),
        sa.Column("encoding", sa.String(16), nullable=True),
        sa.Column("mapping", _JSON, nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=True),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("counts", _JSON, nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_by", sa.String(36), nullable=False),
        _at("created_at"),
        _at("updated_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
    )
    op.create_index("ix_import_job_created_by_id", "import_job", ["created_by", "id"])
    op.create_index("ix_import_job_updated_at", "import_job", ["updated_at"])
    op.create_table(
        "import_file",
        sa.Column("import_id", sa.String(36), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_job.id"], name=op.f("fk_import_file_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_file")),
    )
    op.create_table(
        "import_row",
        sa.Column("import_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", _JSON, nullable=False),
        sa.Column("faults", _JSON, nullable=False),
        sa.Column("outcome", sa.String(8), nullable=True),
        sa.Column("key", sa.String(400), nullable=True),
        sa.Column("other_key", sa.String(400), nullable=True),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("target", sa.String(36), nullable=True),
        sa.Column("problems", _JSON, nullable=False),
        sa.Column("value", _JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_job.id"], name=op.f("fk_import_row_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_outcome_number", "import_row", ["import_id", "outcome", "number"])
    op.create_index("ix_import_row_key", "import_row", ["import_id", "key"])
    op.create_index("ix_import_row_other_key", "import_row", ["import_id", "other_key"])


def _enterprise_columns() -> None:
    op.add_column("enterprise", sa.Column("name_folded", sa.String(400), nullable=True))
    op.add_column("enterprise", sa.Column("organisation_code", sa.String(8), nullable=True))
    op.add_column("enterprise", sa.Column("merged_into", sa.String(36), nullable=True))
    op.execute("UPDATE enterprise SET name_folded = replace(name_normal, '有限责任公司', '有限公司')")
    op.execute("UPDATE enterprise SET organisation_code = substr(credit_code, 9, 8) WHERE length(credit_code) = 18")
    with op.batch_alter_table("enterprise") as table:
        table.alter_column("name_folded", existing_type=sa.String(400), nullable=False)
        table.create_foreign_key(op.f("fk_enterprise_merged_into"), "enterprise", ["merged_into"], ["id"])
        table.create_index(op.f("ix_enterprise_name_folded"), ["name_folded"])
        table.create_index(op.f("ix_enterprise_organisation_code"), ["organisation_code"])
        table.create_index(op.f("ix_enterprise_merged_into"), ["merged_into"])


def _notes_and_duplicates() -> None:
    op.create_table(
        "enterprise_note",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("enterprise_id", sa.String(36), nullable=False),
        sa.Column("author_id", sa.String(36), nullable=False),
        sa.Column("author_name", sa.String(100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _at("created_at"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_enterprise_note_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_note")),
    )
    op.create_index("ix_enterprise_note_enterprise_id_id", "enterprise_note", ["enterprise_id", "id"])
    op.create_table(
        "enterprise_duplicate",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("first_id", sa.String(36), nullable=False),
        sa.Column("second_id", sa.String(36), nullable=False),
        sa.Column("reasons", _JSON, nullable=False),
        _at("found_at"),
        _at("kept_apart_at", nullable=True),
        sa.Column("kept_apart_by", sa.String(36), nullable=True),
        sa.ForeignKeyConstraint(["first_id"], ["enterprise.id"], name=op.f("fk_enterprise_duplicate_first_id")),
        sa.ForeignKeyConstraint(["second_id"], ["enterprise.id"], name=op.f("fk_enterprise_duplicate_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_duplicate")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_enterprise_duplicate_first_id_second_id")),
    )
    op.create_index("ix_enterprise_duplicate_kept_apart_at_id", "enterprise_duplicate", ["kept_apart_at", "id"])
    op.create_index(op.f("ix_enterprise_duplicate_second_id"), "enterprise_duplicate", ["second_id"])


def _merges() -> None:
    op.create_table(
        "enterprise_merge",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("survivor_id", sa.String(36), nullable=False),
        sa.Column("merged_id", sa.String(36), nullable=False),
        _at("at"),
        sa.Column("by", sa.String(36), nullable=False),
        sa.Column("by_name", sa.String(100), nullable=False),
        *(
            sa.Column(name, _JSON, nullable=False)
            for name in ("before", "after", "merged_code", "contacts", "cases", "notes")
        ),
        _at("undone_at", nullable=True),
        sa.Column("undone_by", sa.String(36), nullable=True),
        sa.ForeignKeyConstraint(["survivor_id"], ["enterprise.id"], name=op.f("fk_enterprise_merge_survivor_id")),
        sa.ForeignKeyConstraint(["merged_id"], ["enterprise.id"], name=op.f("fk_enterprise_merge_merged_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_merge")),
    )
    op.create_index("ix_enterprise_merge_survivor_id_id", "enterprise_merge", ["survivor_id", "id"])
    op.create_index(op.f("ix_enterprise_merge_merged_id"), "enterprise_merge", ["merged_id"])


def downgrade() -> None:
    for table in ("enterprise_merge", "enterprise_duplicate", "enterprise_note"):
        op.drop_table(table)
    with op.batch_alter_table("enterprise") as batch:
        for name in ("merged_into", "organisation_code", "name_folded"):
            batch.drop_index(op.f(f"ix_enterprise_{name}"))
        batch.drop_constraint(op.f("fk_enterprise_merged_into"), type_="foreignkey")
        for name in ("merged_into", "organisation_code", "name_folded"):
            batch.drop_column(name)
    for table in ("import_row", "import_file", "import_job"):
        op.drop_table(table)
