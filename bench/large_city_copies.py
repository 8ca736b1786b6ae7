"""A city of many cases from one of fewer: the same people and units, and each case, caller and number several times.

To make a million cases one by one takes an hour; the database itself copies them in minutes.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

_COPIED = (
    *("enterprise", "contact", "contact_number", "enterprise_search", "service_case", "case_search", "case_word"),
    *("case_step", "case_assignment", "case_reply", "case_callback", "case_call", "case_deadline", "job"),
    *("supervision_task", "unsolved_ledger"),
)
"""In an order in which a row comes after those it refers to."""
_OWN_IDS = frozenset(
    {"id", "case_id", "enterprise_id", "contact_id", "assignment_id", "subject_id", "call_id", "key", "payload"}
)
"""Columns with ids of copied rows; those of people, units and items stay."""
_FIRST = "-7000-8000-"
"""Within each id, as `bench.large_city_people.Stamps` writes them."""
_CODE = "substr({0}, 1, {1}) || printf('%08d', substr({0}, {1} + 1, 8) + :copy * :enterprises) || substr({0}, {1} + 9)"
_PHONE = "'+8613' || printf('%09d', (substr({0}, 6) + :copy * 37000007) % 1000000000)"
_NUMBER = "substr({0}, 1, 6) || printf('%05d', substr({0}, 7, 5) + :copy * 1000) || substr({0}, 12)"


def _numbered(marked: str) -> str:
    """The words with the copy's case number, which stands first and has a mark before it."""
    return f"substr({marked}, 1, 1) || {_NUMBER.format(f'substr({marked}, 2)')}"


_CHANGED = {
    ("enterprise", "credit_code"): _CODE.format("credit_code", 8),
    ("enterprise", "organisation_code"): _CODE.format("organisation_code", 0),
    ("contact_number", "number"): _PHONE.format("number"),
    ("service_case", "callback_number"): _PHONE.format("callback_number"),
    ("service_case", "number"): _NUMBER.format("number"),
    ("case_search", "words"): _numbered("words"),
    # A code sorts before all other words, behind its beginnings of 2 to 8 characters, which all have.
    ("enterprise_search", "words"): f"CASE WHEN words GLOB '9*' THEN {_CODE.format('words', 50)} ELSE words END",
}


def multiply(source: Path, target: Path, times: int) -> None:
    """Make `target` of `source`, whose rows it has so many times."""
    shutil.copyfile(source, target)
    with contextlib.closing(sqlite3.connect(target, isolation_level=None)) as db:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-2000000"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN")
        with _without_indices(db):
            (enterprises,) = db.execute("SELECT count(*) FROM enterprise").fetchone()
            first = {name: db.execute(f"SELECT max(rowid) FROM {name}").fetchone()[0] for name in _COPIED}
            for copy in range(1, times):
                for name in _COPIED:
                    given = {"copy": copy, "enterprises": enterprises, "last": first[name]}
                    db.execute(_insert(db, name, copy), given)
        db.execute("COMMIT")


def _insert(db: sqlite3.Connection, name: str, copy: int) -> str:
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})")]
    if name.endswith("_search"):
        columns.remove("number")
    values = ", ".join(_value(name, column, copy) for column in columns)
    key = next(column for column in columns if column in _OWN_IDS)
    made = f"rowid <= :last AND {key} GLOB '*{_FIRST}*'"  # Not what was written while it was measured.
    return f"INSERT INTO {name} ({', '.join(columns)}) SELECT {values} FROM {name} WHERE {made}"


def _value(table: str, column: str, copy: int) -> str:
    if changed := _CHANGED.get((table, column)):
        return changed
    return f"replace({column}, '{_FIRST}', '-7000-{0x8000 + copy:04x}-')" if column in _OWN_IDS else column


@contextlib.contextmanager
def _without_indices(db: sqlite3.Connection) -> Iterator[None]:
    """To sort all rows once is faster than to find the place of each."""
    wanted = f"tbl_name IN ({', '.join('?' * len(_COPIED))}) AND sql IS NOT NULL"
    kept = db.execute(f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND {wanted}", _COPIED).fetchall()
    triggers = db.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND {wanted}", _COPIED
    ).fetchall()
    for name, _ in kept:
        db.execute(f"DROP INDEX {name}")
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    yield
    for _, statement in (*kept, *triggers):
        db.execute(statement)
    for table in ("case_search", "enterprise_search"):
        db.execute(f"INSERT INTO {table}_index ({table}_index) VALUES ('rebuild')")
