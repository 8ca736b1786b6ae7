"""Names that were replaced, in columns and in what is stored: a caller is informed, a withdrawal requested."""

from __future__ import annotations

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_COLUMNS = (("looked_at", "checked"), ("unreckoned", "not_computable"))
_STATES = ("withdrawal_asked", "withdrawal_requested")
_KEYS = (
    ("caller_told", "caller_informed", "action IN ('request_extension', 'reply_interim')"),
    ("told", "caller_message", "action = 'note_repeat'"),
)


def upgrade() -> None:
    for old, new in _COLUMNS:
        _rename_column(old, new)
    _rename_state(*_STATES)
    for old, new, where in _KEYS:
        _rename_key("case_step", old, new, where)
    _rename_key("case_reply", "caller_told", "caller_informed", "kind = 'interim'")


def downgrade() -> None:
    _rename_key("case_reply", "caller_informed", "caller_told", "kind = 'interim'")
    for old, new, where in _KEYS:
        _rename_key("case_step", new, old, where)
    _rename_state(*reversed(_STATES))
    for old, new in _COLUMNS:
        _rename_column(new, old)


def _rename_column(old: str, new: str) -> None:
    with op.batch_alter_table("deadline_revision") as table:
        table.alter_column(old, new_column_name=new)


def _rename_state(old: str, new: str) -> None:
    op.execute(f"UPDATE supervision_task SET state = '{new}' WHERE state = '{old}'")


def _rename_key(table: str, old: str, new: str, where: str) -> None:
    """In the documents of `detail`. A quotation mark within a value is escaped, so that only a key matches."""
    as_text, as_json = ("detail::text", "::jsonb") if op.get_bind().dialect.name == "postgresql" else ("detail", "")
    pattern = f'"{old}"\\:'  # a bare colon begins a parameter
    changed = f"""replace({as_text}, '{pattern}', '"{new}"\\:'){as_json}"""
    op.execute(f"UPDATE {table} SET detail = {changed} WHERE {where}")
