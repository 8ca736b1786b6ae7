"""Tables by which enterprises and cases are searched, filled from what is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUNS = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}]+")


def upgrade() -> None:
    _create("enterprise")
    columns = ("name", "name_normal", "initials", "pinyin", "credit_code")
    _fill("enterprise", columns, _enterprise_words)
    _create("case", subject="service_case")
    _fill("case", ("number", "title", "content", "demand"), _case_words, subject="service_case")


def _create(kind: str, *, subject: str = "") -> None:
    table = f"{kind}_search"
    op.create_table(
        table,
        sa.Column("subject_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], [f"{subject or kind}.id"], name=op.f(f"fk_{table}_subject_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("subject_id", name=op.f(f"uq_{table}_subject_id")),
    )
    index = f"{table}_index"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE INDEX {index} ON {table} USING gin (array_to_tsvector(string_to_array(words, ' ')))")
        return
    gone = f"INSERT INTO {index} ({index}, rowid, words) VALUES ('delete', old.number, old.words);"
    came = f"INSERT INTO {index} (rowid, words) VALUES (new.number, new.words);"
    op.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5 (words, content='{table}', content_rowid='number', detail=none, "
        "tokenize='unicode61 remove_diacritics 0')"
    )
    op.execute(f"CREATE TRIGGER {table}_added AFTER INSERT ON {table} BEGIN {came} END")
    op.execute(f"CREATE TRIGGER {table}_removed AFTER DELETE ON {table} BEGIN {gone} END")
    op.execute(f"CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} BEGIN {gone} {came} END")


def _fill(kind: str, columns: tuple[str, ...], words: Callable[..., set[str]], *, subject: str = "") -> None:
    connection = op.get_bind()
    source = sa.table(subject or kind, sa.column("id"), *(sa.column(name) for name in columns))
    target = sa.table(f"{kind}_search", sa.column("subject_id"), sa.column("words"))
    last = ""
    while True:
        query = sa.select(source).where(source.c.id > last).order_by(source.c.id).limit(_AT_ONCE)
        rows: list[Any] = list(connection.execute(query))
        if not rows:
            return
        lines = [{"subject_id": row[0], "words": " ".join(sorted(words(*row[1:])))} for row in rows]
        connection.execute(sa.insert(target), lines)
        last = rows[-1][0]


def _enterprise_words(name: str, normal: str, initials: str, pinyin: str, code: str | None) -> set[str]:
    tokens = _parts(name) | _parts(normal) | ({code.lower()} if code else set())
    for reading in (*initials.split(), *pinyin.split()):
        tokens |= {reading[at : at + 12] for at in range(len(reading))}
    return tokens


def _case_words(number: str, *texts: str) -> set[str]:
    return {f"ª{number}"}.union(*(_parts(text) for text in texts))


def _parts(text: str) -> set[str]:
    from hotline.kernel.words import plain

    found: set[str] = set()
    for run in _RUNS.findall(plain(text[:20_000]).casefold()):
        if re.match(f"[{_HAN}]", run):
            found |= {*run, *(run[at : at + 2] for at in range(len(run) - 1))}
        else:
            found.add(run)
    return found


def downgrade() -> None:
    for kind in ("case", "enterprise"):
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TABLE {kind}_search_index")
        op.drop_table(f"{kind}_search")
