"""A tsvector on PostgreSQL, tokens of short beginnings, and indices by which more lists are read in order."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_AT_ONCE = 1000
_SEARCHED = ("case_search", "enterprise_search")
_COLUMNS = ("id", "name", "name_normal", "initials", "pinyin", "credit_code")
_ASSIGNMENT = {
    "unit_id_state_case_id": ("unit_id", "state", "case_id"),
    "case_id_id": ("case_id", "id"),
}
_COVERING = {
    "of_unit": ("unit_id", "state", "role", "case_id"),
    "of_case": ("case_id", "id", "unit_id", "state", "role"),
}
_CODES = {
    "without_code": ("+credit_code IS NULL", "credit_code IS NULL"),
    "confirmed_code": ("credit_code_confirmed = 1", "credit_code_confirmed"),
}
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTERS = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}]+")


def upgrade() -> None:
    _replace_indices(_ASSIGNMENT, _COVERING)
    _of_some("case_deadline", "callback_runs", ["state", "case_id"], *["kind = 'callback' AND state = 'running'"] * 2)
    op.add_column("enterprise", sa.Column("sort_name", sa.String(64), nullable=False, server_default=""))
    op.execute("UPDATE enterprise SET sort_name = substr(pinyin, 1, 64)")
    _of_some("enterprise", "sort_name_id", ["sort_name", "id"], *["merged_into IS NULL"] * 2)
    for name, conditions in _CODES.items():
        _of_some(
            "enterprise",
            name,
            ["merged_into", "id"],
            *(f"merged_into IS NULL AND {condition}" for condition in conditions),
        )
    _write_words(_words, "tsvector", "array_to_tsvector(string_to_array(words, ' '))", "words")


def downgrade() -> None:
    _write_words(
        _words_before,
        "text",
        "array_to_string(tsvector_to_array(words), ' ')",
        "array_to_tsvector(string_to_array(words, ' '))",
    )
    for name in ("sort_name_id", *_CODES):
        op.drop_index(f"ix_enterprise_{name}", table_name="enterprise")
    op.drop_column("enterprise", "sort_name")
    op.drop_index("ix_case_deadline_callback_runs", table_name="case_deadline")
    _replace_indices(_COVERING, _ASSIGNMENT)


def _replace_indices(before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]) -> None:
    for name in before:
        op.drop_index(f"ix_case_assignment_{name}", table_name="case_assignment")
    for name, columns in after.items():
        op.create_index(f"ix_case_assignment_{name}", "case_assignment", list(columns))


def _of_some(table: str, name: str, columns: list[str], on_sqlite: str, on_postgresql: str) -> None:
    where: Any = {"sqlite_where": sa.text(on_sqlite), "postgresql_where": sa.text(on_postgresql)}
    op.create_index(f"ix_{table}_{name}", table, columns, **where)


def _write_words(words: Callable[..., set[str]], kind: str, converted: str, indexed: str) -> None:
    """Index enterprises by other tokens, and have PostgreSQL keep the tokens of all as another type."""
    if op.get_bind().dialect.name == "sqlite":
        # The index is made anew at the end, which is faster than to change each of its rows.
        (trigger,) = (
            op.get_bind()
            .execute(sa.text("SELECT sql FROM sqlite_master WHERE name = 'enterprise_search_changed'"))
            .one()
        )
        op.execute("DROP TRIGGER enterprise_search_changed")
        _write_each(words, ":words")
        op.execute("INSERT INTO enterprise_search_index (enterprise_search_index) VALUES ('rebuild')")
        op.execute(trigger)
        return
    for table in _SEARCHED:
        op.drop_index(f"{table}_index", table_name=table)
        op.execute(f"ALTER TABLE {table} ALTER words TYPE {kind} USING {converted}")
    _write_each(words, f"CAST(:words AS {kind})")
    for table in _SEARCHED:
        op.execute(f"CREATE INDEX {table}_index ON {table} USING gin ({indexed})")


def _write_each(words: Callable[..., set[str]], value: str) -> None:
    connection = op.get_bind()
    source = sa.table("enterprise", *(sa.column(name) for name in _COLUMNS))
    change = sa.text(f"UPDATE enterprise_search SET words = {value} WHERE subject_id = :id")
    last = ""
    while True:
        query = sa.select(source).where(source.c.id > last).order_by(source.c.id).limit(_AT_ONCE)
        rows: list[Any] = list(connection.execute(query))
        if not rows:
            return
        connection.execute(change, [{"id": row[0], "words": " ".join(sorted(words(*row[1:])))} for row in rows])
        last = rows[-1][0]


def _words(name: str, normal: str, initials: str, pinyin: str, code: str | None) -> set[str]:
    tokens = _parts(name) | _parts(normal)
    for reading in (*initials.split(), *pinyin.split()):
        tokens |= {reading[at : at + size] for at in range(len(reading)) for size in (1, 2, 3)}
    return tokens | ({code.lower(), *(code[:size].lower() for size in range(2, 9))} if code else set())


def _words_before(name: str, normal: str, initials: str, pinyin: str, code: str | None) -> set[str]:
    tokens = _parts(name) | _parts(normal) | ({code.lower()} if code else set())
    for reading in (*initials.split(), *pinyin.split()):
        tokens |= {reading[at : at + 12] for at in range(len(reading))}
    return tokens


def _parts(text: str) -> set[str]:
    from hotline.kernel.words import plain

    found: set[str] = set()
    for run in _LETTERS.findall(plain(text[:20_000]).casefold()):
        if re.match(f"[{_HAN}]", run):
            found |= {*run, *(run[at : at + 2] for at in range(len(run) - 1))}
        else:
            found.add(run[:64])
    return found
