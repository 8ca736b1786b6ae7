"""A search table is made anew beside the one that answers, and replaces it in one transaction.

To index a row in its place costs several times as much: FTS5 and GIN take out what it had before, and put what it has
now among all the others. Here rows come in order and are indexed together, and no lock is held for longer than a batch
takes. Whoever begins a rebuild ends the one before, which then raises; so nothing stays of one that was cut off.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.db import Database
from hotline.kernel.errors import ConflictError
from hotline.kernel.search import SearchDocument

_PATIENT = "SET LOCAL statement_timeout = '15min'"
"""The service's own end after 30 s, which is less than an index may take."""


@dataclass(frozen=True, slots=True)
class SearchRow:
    subject_id: str
    words: str
    """Tokens, between spaces."""
    described: Mapping[str, Any]
    """The table's other columns."""


class SearchRebuild(ABC):
    """`begin`, then `add` as often as wanted, and `index`. In one more transaction `hold`, `add` and `remove` what
    changed meanwhile, `swap`; and after it `clean`.
    """

    def __init__(self, database: Database, model: type[SearchDocument]) -> None:
        self._database = database
        run = secrets.token_hex(4)
        self._live: str = model.__tablename__
        self._next, self._old = f"{self._live}_next_{run}", f"{self._live}_old_{run}"
        self._run = run
        self._columns = [column.name for column in model.__table__.columns]
        self._subjects: set[str] = set()
        self._number = 0

    async def begin(self) -> None:
        await self.clean()
        async with self._database.transaction() as db:
            await (await db.connection()).run_sync(self._begin)

    async def add(self, db: AsyncSession, rows: Sequence[SearchRow]) -> None:
        """These rows, in place of what was added for the same subjects. Raises ConflictError if another has begun."""
        await self._require_own(db)
        await self.remove(db, [row.subject_id for row in rows])
        if not rows:
            return
        values = []
        for row in rows:
            self._number += 1
            known = {**row.described, "number": self._number, "subject_id": row.subject_id, "words": row.words}
            values.append(tuple(known[name] for name in self._columns))
        await self._insert(db, values)
        self._subjects.update(row.subject_id for row in rows)

    async def remove(self, db: AsyncSession, subjects: Sequence[str]) -> None:
        """What was added for these is not found."""
        if added := sorted(self._subjects.intersection(subjects)):
            await (await db.connection()).run_sync(self._remove, added)
            self._subjects.difference_update(added)

    async def hold(self, db: AsyncSession) -> None:
        """Nobody else changes the table that answers until the transaction ends. It answers until `swap`.

        Raises ConflictError if another rebuild has begun.
        """
        await self._require_own(db)
        await (await db.connection()).run_sync(self._hold)

    async def swap(self, db: AsyncSession) -> None:
        """The new table answers from the end of the transaction on."""
        await (await db.connection()).run_sync(self._swap)

    async def _require_own(self, db: AsyncSession) -> None:
        if not await (await db.connection()).run_sync(lambda connection: inspect(connection).has_table(self._next)):
            raise ConflictError("The same index is being made anew by someone who began later; theirs goes on.")

    @abstractmethod
    async def index(self) -> None: ...

    @abstractmethod
    async def clean(self) -> None:
        """Remove what answers no more, of others that were cut off too."""

    @abstractmethod
    async def _insert(self, db: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None: ...

    @abstractmethod
    def _begin(self, connection: Connection) -> None: ...

    @abstractmethod
    def _remove(self, connection: Connection, subjects: Sequence[str]) -> None: ...

    @abstractmethod
    def _hold(self, connection: Connection) -> None: ...

    @abstractmethod
    def _swap(self, connection: Connection) -> None: ...


def search_rebuild(database: Database, model: type[SearchDocument]) -> SearchRebuild:
    return (_SqliteRebuild if database.is_sqlite else _PostgresqlRebuild)(database, model)


class _SqliteRebuild(SearchRebuild):
    """Rows are indexed as they come, in memory for as long as a batch is; `index` merges the batches."""

    def __init__(self, database: Database, model: type[SearchDocument]) -> None:
        super().__init__(database, model)
        self._live_index = f"{self._live}_index"
        self._next_index, self._old_index = (
            f"{self._live_index}_next_{self._run}",
            f"{self._live_index}_old_{self._run}",
        )

    def _begin(self, connection: Connection) -> None:
        (table,) = self._definitions(connection, "name = ?", self._live)
        (index,) = self._definitions(connection, "name = ?", self._live_index)
        connection.exec_driver_sql(f"CREATE TABLE {self._next} ({table.partition('(')[2]}")
        # Its definition goes on naming the table that answers, in whose place the other will be.
        connection.exec_driver_sql(f"CREATE VIRTUAL TABLE {self._next_index} USING {index.partition(' USING ')[2]}")
        self._configure(connection, automerge=0, crisismerge=1999, hashsize=64 << 20)

    async def _insert(self, db: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
        connection = await db.connection()
        marks = ", ".join("?" * len(self._columns))
        columns = ", ".join(self._columns)
        await connection.exec_driver_sql(f"INSERT INTO {self._next} ({columns}) VALUES ({marks})", list(rows))
        number, words = self._columns.index("number"), self._columns.index("words")
        await connection.exec_driver_sql(
            f"INSERT INTO {self._next_index} (rowid, words) VALUES (?, ?)", [(row[number], row[words]) for row in rows]
        )

    def _remove(self, connection: Connection, subjects: Sequence[str]) -> None:
        for subject in subjects:
            connection.exec_driver_sql(
                f"INSERT INTO {self._next_index} ({self._next_index}, rowid, words) "
                f"SELECT 'delete', number, words FROM {self._next} WHERE subject_id = ?",
                (subject,),
            )
            connection.exec_driver_sql(f"DELETE FROM {self._next} WHERE subject_id = ?", (subject,))

    async def index(self) -> None:
        pages = -_PAGES_MERGED
        while True:
            async with self._database.transaction() as db:
                if not await (await db.connection()).run_sync(self._merge, pages):
                    return
            pages = _PAGES_MERGED

    def _merge(self, connection: Connection, pages: int) -> bool:
        """Whether there was something to merge. Below 0 it begins to make one of all batches."""
        before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
        connection.exec_driver_sql(
            f"INSERT INTO {self._next_index} ({self._next_index}, rank) VALUES ('merge', ?)", (pages,)
        )
        return bool(connection.exec_driver_sql("SELECT total_changes()").scalar_one() - before > 1)

    def _hold(self, connection: Connection) -> None:
        """A transaction that writes is alone."""

    def _swap(self, connection: Connection) -> None:
        self._configure(connection, automerge=4, crisismerge=16, hashsize=1 << 20)
        triggers = self._definitions(connection, "type = 'trigger' AND tbl_name = ?", self._live)
        indexes = self._definitions(connection, "type = 'index' AND tbl_name = ?", self._live)
        for kind in ("trigger", "index"):
            of_live = "SELECT name FROM sqlite_master WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL"
            for (name,) in connection.exec_driver_sql(of_live, (kind, self._live)).all():
                connection.exec_driver_sql(f"DROP {kind} {name}")
        for name, other in (
            (self._live, self._old),
            (self._live_index, self._old_index),
            (self._next, self._live),
            (self._next_index, self._live_index),
        ):
            connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {other}")
        for definition in (*indexes, *triggers):
            connection.exec_driver_sql(definition)

    async def clean(self) -> None:
        async with self._database.transaction() as db:
            tables = await (await db.connection()).run_sync(self._retire)
        for table in tables:
            while True:
                async with self._database.transaction() as db:
                    if await (await db.connection()).run_sync(_emptied, table):
                        break

    def _retire(self, connection: Connection) -> list[str]:
        """What answers no more, of this rebuild and of those that were cut off: nobody adds to it any longer."""
        query = "SELECT name FROM sqlite_master WHERE name GLOB ? AND sql LIKE ? ORDER BY name"
        retired = []
        for live, made in ((self._live_index, "CREATE VIRTUAL TABLE%"), (self._live, "CREATE TABLE%")):
            for (name,) in connection.exec_driver_sql(query, (f"{live}_next_*", made)).all():
                connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {name.replace('_next_', '_old_')}")
            retired += list(connection.exec_driver_sql(query, (f"{live}_old_*", made)).scalars())
        return retired

    def _definitions(self, connection: Connection, which: str, name: str) -> list[str]:
        query = f"SELECT sql FROM sqlite_master WHERE {which} AND sql IS NOT NULL"  # noqa: S608
        return list(connection.exec_driver_sql(query, (name,)).scalars())

    def _configure(self, connection: Connection, **options: int) -> None:
        for option, value in options.items():
            connection.exec_driver_sql(
                f"INSERT INTO {self._next_index} ({self._next_index}, rank) VALUES (?, ?)", (option, value)
            )


_PAGES_MERGED = 500
"""At once, of 4 kB: some 0.1 s."""
_ROWS_REMOVED = 2000
"""At once: to drop a large table takes SQLite seconds, in which nobody else could write."""


def _emptied(connection: Connection, table: str) -> bool:
    """Whether the table, or the index with this name, is gone; else some of its rows are."""
    count = "SELECT count(*) FROM sqlite_master WHERE name = ?"
    # Those of FTS5 itself hold the most.
    shadow = f"{table}_data"
    rows, key = (shadow, "id") if connection.exec_driver_sql(count, (shadow,)).scalar_one() else (table, "number")
    some = f"SELECT {key} FROM {rows} WHERE {key} > 10 LIMIT {_ROWS_REMOVED}"  # noqa: S608
    if connection.exec_driver_sql(f"DELETE FROM {rows} WHERE {key} IN ({some})").rowcount:
        return False
    connection.exec_driver_sql(f"DROP TABLE {table}")
    return True


class _PostgresqlRebuild(SearchRebuild):
    """Rows are copied into a table without any index; `index` makes all of them, as the table that answers has them."""

    def __init__(self, database: Database, model: type[SearchDocument]) -> None:
        super().__init__(database, model)
        self._renamed: list[tuple[str, str, str]] = []
        """What is renamed at the end: kind, name, later name."""
        self._references: list[tuple[str, str, str]] = []
        """Foreign keys: name, definition, table referred to."""

    def _begin(self, connection: Connection) -> None:
        connection.exec_driver_sql(
            f"CREATE TABLE {self._next} (LIKE {self._live} INCLUDING DEFAULTS INCLUDING STORAGE)"
        )

    async def _insert(self, db: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> None:
        connection: Any = (await (await db.connection()).get_raw_connection()).driver_connection
        async with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {self._next} ({', '.join(self._columns)}) FROM STDIN") as copy,
        ):
            for row in rows:
                await copy.write_row(row)

    def _remove(self, connection: Connection, subjects: Sequence[str]) -> None:
        connection.exec_driver_sql(f"DELETE FROM {self._next} WHERE subject_id = ANY(%s)", (list(subjects),))

    async def index(self) -> None:
        async with self._database.transaction() as db:
            await (await db.connection()).run_sync(self._make_indexes)

    def _make_indexes(self, connection: Connection) -> None:
        connection.exec_driver_sql(_PATIENT)
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        constraints = connection.exec_driver_sql(
            "SELECT conname, contype::text, pg_get_constraintdef(oid), confrelid::regclass::text FROM pg_constraint "
            "WHERE conrelid = %s::regclass ORDER BY conname",
            (self._live,),
        ).all()
        for name, kind, definition, other in constraints:
            if kind == "f":
                self._references.append((name, definition, other))
                continue
            connection.exec_driver_sql(f"ALTER TABLE {self._next} ADD CONSTRAINT {self._later(name)} {definition}")
            self._renamed.append(("constraint", self._later(name), name))
        indexes = connection.exec_driver_sql(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = %s",
            (self._live,),
        ).all()
        known = {name for name, *_ in constraints}
        for name, definition in indexes:
            if name not in known:
                made, _, how = definition.partition(" USING ")
                unique = "UNIQUE " if made.startswith("CREATE UNIQUE") else ""
                connection.exec_driver_sql(f"CREATE {unique}INDEX {self._later(name)} ON {self._next} USING {how}")
                self._renamed.append(("index", self._later(name), name))
        connection.exec_driver_sql(f"ANALYZE {self._next}")

    def _later(self, name: str) -> str:
        return f"{name[:50]}_{self._run}"

    def _hold(self, connection: Connection) -> None:
        # In the order in which whoever changes a row takes them.
        for table in (*sorted({other for _, _, other in self._references}), self._live):
            connection.exec_driver_sql(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")

    def _swap(self, connection: Connection) -> None:
        sequence = connection.exec_driver_sql("SELECT pg_get_serial_sequence(%s, 'number')", (self._live,)).scalar_one()
        connection.exec_driver_sql("SELECT setval(%s::regclass, %s)", (sequence, max(self._number, 1)))
        connection.exec_driver_sql(f"ALTER SEQUENCE {sequence} OWNED BY {self._next}.number")
        connection.exec_driver_sql(f"DROP TABLE {self._live}")
        connection.exec_driver_sql(f"ALTER TABLE {self._next} RENAME TO {self._live}")
        for kind, name, later in self._renamed:
            renamed = f"TABLE {self._live} RENAME CONSTRAINT" if kind == "constraint" else f"INDEX {name} RENAME"
            connection.exec_driver_sql(f"ALTER {renamed} {name if kind == 'constraint' else ''} TO {later}")
        for name, definition, _ in self._references:
            connection.exec_driver_sql(f"ALTER TABLE {self._live} ADD CONSTRAINT {name} {definition} NOT VALID")

    async def clean(self) -> None:
        async with self._database.transaction() as db:
            connection = await db.connection()
            await connection.exec_driver_sql(_PATIENT)
            await connection.run_sync(self._drop_left)
            for name, _, _ in self._references:
                await connection.exec_driver_sql(f"ALTER TABLE {self._live} VALIDATE CONSTRAINT {name}")

    def _drop_left(self, connection: Connection) -> None:
        left = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename ~ %s"
        for (name,) in connection.exec_driver_sql(left, (f"^{self._live}_next_[0-9a-f]{{8}}$",)).all():
            connection.exec_driver_sql(f"DROP TABLE {name}")
