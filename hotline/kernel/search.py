"""Full-text search: what finds a row stands in a table beside it, indexed by FTS5 on SQLite, by GIN on PostgreSQL.

Both index the same tokens, which are ours, and neither splits or folds them; so both find the same. SQLite keeps the
tokens as a text, PostgreSQL as a tsvector, of which it knows how common each token is. The tables change in the
transaction that changes the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    DDL,
    BindParameter,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Select,
    String,
    TableClause,
    Text,
    bindparam,
    cast,
    column,
    event,
    func,
    literal,
    select,
    union,
)
from sqlalchemy import table as sql_table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.sql.functions import FunctionElement

MOST_HITS = 2000
"""The newest; whoever finds more adds a word."""
_LATELY = 10
"""Rows a hit that PostgreSQL reads from the newest on before it asks the index, which has no order of time."""


class SearchDocument:
    """Mix-in of a search table. Its class adds `subject_id`, unique, and is passed to `keep_indexed`."""

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    """Grows with each row that is added, so the newest hits have the highest."""
    words: Mapped[str] = mapped_column(Text().with_variant(postgresql.TSVECTOR(), "postgresql"))
    """Tokens of letters and digits, between spaces."""

    if TYPE_CHECKING:
        __tablename__: Any
        __table__: FromClause
        subject_id: Mapped[str]


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """A token, or with `begins` the beginning of one."""

    token: str
    begins: bool = False


Alternatives = Sequence[Sequence[SearchTerm]]
"""One word of a search: any of these, each with all of its terms."""
IdQuery = Select[str] | CompoundSelect[str]


def fts5_query(searches: Iterable[Sequence[Alternatives]]) -> str:
    """Rows that hold all the words of one of the searches, in the language of FTS5. Pure."""
    return _either(searches, lambda term: f'"{term.token}"' + ("*" if term.begins else ""), " AND ", " OR ")


def ts_query(searches: Iterable[Sequence[Alternatives]]) -> str:
    """The same as PostgreSQL's tsquery."""
    return _either(searches, lambda term: f"'{term.token}'" + (":*" if term.begins else ""), " & ", " | ")


def _either(
    searches: Iterable[Sequence[Alternatives]], write: Callable[[SearchTerm], str], both: str, either: str
) -> str:
    def any_of(parts: Iterable[str]) -> str:
        return either.join(dict.fromkeys(f"({part})" for part in parts))

    def word(alternatives: Alternatives) -> str:
        return f"({any_of(both.join(map(write, terms)) for terms in alternatives)})"

    return any_of(both.join(map(word, words)) for words in searches)


class SearchHit(FunctionElement[bool]):
    """Written for either database."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """As it is. SQLAlchemy would write `… IN (…) = 1` for SQLite, which then looks nothing up by the ids found."""
        return self


@compiles(SearchHit, "sqlite")
def _on_sqlite(element: SearchHit, compiler: Any, **options: Any) -> str:
    return str(compiler.process(list(element.clauses)[0], **options))


@compiles(SearchHit, "postgresql")
def _on_postgresql(element: SearchHit, compiler: Any, **options: Any) -> str:
    return str(compiler.process(list(element.clauses)[1], **options))


def is_hit(
    subject: InstrumentedAttribute[str],
    model: type[SearchDocument],
    searches: Sequence[Sequence[Alternatives]],
    *,
    most: int | None = MOST_HITS,
) -> ColumnElement[bool]:
    """Whether the id `subject` is among the newest `most` that one of the searches finds; None: among all of them,
    where what else is asked for leaves few.

    A search is words, all of which match.
    """
    return SearchHit(
        *(subject.in_(found) for found in (_by_fts5(model, searches, most), _by_gin(model, searches, most)))
    )


def hit_ids(
    dialect: str,
    model: type[SearchDocument],
    searches: Sequence[Sequence[Alternatives]],
    *,
    also: Sequence[IdQuery] = (),
) -> IdQuery:
    """A query of the ids themselves, and of those of `also`."""
    found = (_by_fts5 if dialect == "sqlite" else _by_gin)(model, searches, MOST_HITS)
    return union(found, *also) if also else found


def _by_fts5(model: type[SearchDocument], searches: Sequence[Sequence[Alternatives]], most: int | None) -> IdQuery:
    index, match = _fts5(model, fts5_query(searches))
    rows = select(index.c.rowid).where(match)
    if most is not None:
        rows = rows.order_by(index.c.rowid.desc()).limit(most)
    return select(model.subject_id).where(model.number.in_(rows))


def _by_gin(model: type[SearchDocument], searches: Sequence[Sequence[Alternatives]], most: int | None) -> IdQuery:
    """What one row in ten has is found among the newest; what fewer have, by the index, and sorted. PostgreSQL believes
    that the pairs of a phrase meet by chance, so it would take the index for each of them.
    """
    query = cast(ts_query(searches), postgresql.TSQUERY)
    if most is None:
        return select(model.subject_id).where(model.words.op("@@")(query))

    def newest(rows: Any) -> Select[str]:
        return select(rows.subject_id).where(rows.words.op("@@")(query)).order_by(rows.number.desc()).limit(most)

    lately = select(model.number, model.subject_id, model.words).order_by(model.number.desc()).limit(_LATELY * most)
    recent = newest(lately.subquery().c).cte()
    enough = select(func.count()).select_from(recent).scalar_subquery() >= literal(most)
    older = newest(model).where(~enough).subquery()
    return union(select(recent.c.subject_id), select(older.c.subject_id))


Search = tuple[Sequence[Alternatives], int]
"""Words, all of which match, and how many hits of them are wanted."""


def found_numbers(dialect: str, model: type[SearchDocument], searches: int) -> IdQuery:
    """A query of the numbers of rows that one of so many searches finds, to be ranked; it is given
    `search_parameters`, so that one statement serves all questions. On SQLite the newest; PostgreSQL has no order in
    its index, and to sort what is common takes longer than to find it.
    """
    first = _first_by_fts5 if dialect == "sqlite" else _first_by_gin
    parts = [first(model, bindparam(f"words_{at}", type_=String()), bindparam(f"most_{at}")) for at in range(searches)]
    return union(*parts) if searches > 1 else parts[0]


def search_parameters(dialect: str, searches: Sequence[Search]) -> dict[str, str | int]:
    """What is looked for, as `found_numbers` is given it."""
    write = fts5_query if dialect == "sqlite" else ts_query
    return {f"words_{at}": write([words]) for at, (words, _) in enumerate(searches)} | {
        f"most_{at}": most for at, (_, most) in enumerate(searches)
    }


def _first_by_fts5(model: type[SearchDocument], words: BindParameter[str], most: BindParameter[int]) -> Select[Any]:
    index, match = _fts5(model, words)
    return select(select(index.c.rowid).where(match).order_by(index.c.rowid.desc()).limit(most).subquery().c.rowid)


def _first_by_gin(model: type[SearchDocument], words: BindParameter[str], most: BindParameter[int]) -> Select[Any]:
    # Planned as if all were wanted, or PostgreSQL reads the table from its beginning until there are enough.
    found = select(model.number).where(model.words.op("@@")(cast(words, postgresql.TSQUERY))).cte()
    return select(select(found.prefix_with("MATERIALIZED").c.number).limit(most).subquery().c.number)


def _fts5(model: type[SearchDocument], query: str | BindParameter[str]) -> tuple[TableClause, ColumnElement[bool]]:
    name = f"{model.__tablename__}_index"
    index = sql_table(name, column("rowid"), column(name, String()))
    return index, index.c[name].op("MATCH")(query)


def index_rows(
    connection: Connection,
    model: type[SearchDocument],
    rows: Sequence[tuple[str, Iterable[str]]],
    described: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Have these subjects found by these tokens, and by no others. `described`: the table's other columns, by
    subject.
    """
    others = described or {}
    values = [
        {"subject_id": subject, "words": " ".join(sorted(set(tokens))), **others.get(subject, {})}
        for subject, tokens in rows
    ]
    if not values:
        return
    insert: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
    statement = insert(model)
    changed = {name: statement.excluded[name] for name in values[0] if name != "subject_id"}
    connection.execute(statement.on_conflict_do_update(index_elements=[model.subject_id], set_=changed), values)


def keep_indexed(model: type[SearchDocument]) -> None:
    """Have the table of this class made with what indexes it."""
    for dialect in ("sqlite", "postgresql"):
        for statement in index_ddl(model.__tablename__, dialect):
            make = DDL(statement)  # type: ignore[no-untyped-call]
            event.listen(model.__table__, "after_create", make.execute_if(dialect=dialect))


def index_ddl(table: str, dialect: str) -> list[str]:
    """What indexes the search table of this name."""
    index = f"{table}_index"
    if dialect == "postgresql":
        return [f"CREATE INDEX {index} ON {table} USING gin (words)"]
    gone = f"INSERT INTO {index} ({index}, rowid, words) VALUES ('delete', old.number, old.words);"
    came = f"INSERT INTO {index} (rowid, words) VALUES (new.number, new.words);"
    return [
        f"CREATE VIRTUAL TABLE {index} USING fts5 (words, content='{table}', content_rowid='number', detail=none, "
        "tokenize='unicode61 remove_diacritics 0')",
        f"CREATE TRIGGER {table}_added AFTER INSERT ON {table} BEGIN {came} END",
        f"CREATE TRIGGER {table}_removed AFTER DELETE ON {table} BEGIN {gone} END",
        f"CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} BEGIN {gone} {came} END",
    ]


def is_index_table(name: str) -> bool:
    """Whether `name` is what `index_ddl` makes, FTS5 beneath it, or a rebuild's: no model knows of these."""
    return any(part in name for part in ("_search_index", "_search_next_", "_search_old_"))
