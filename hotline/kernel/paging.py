"""Pages of a list: opaque cursors over the sort key, so that a page never shifts while rows are added."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from hotline.kernel.errors import InvalidInputError

T = TypeVar("T")
V = TypeVar("V")
SortColumn = InstrumentedAttribute[Any] | ColumnElement[Any]


class InvalidCursorError(InvalidInputError):
    error_id = "input.cursor"
    title = "The cursor is not one of ours"


class PageQuery(BaseModel):
    """Base of a list's query. Subclasses add their filters; an unknown parameter is refused."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=1000)


class Page(BaseModel, Generic[T]):
    """One page; `next` is the cursor of the one after it, `total` is given where it is cheap to know."""

    items: list[T]
    next: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Rows of one page as the repository hands them up."""

    rows: Sequence[T]
    next: str | None = None
    total: int | None = None

    def page(self, view: Callable[[T], V]) -> Page[V]:
        return Page(items=[view(row) for row in self.rows], next=self.next, total=self.total)


def encode_cursor(*key: Any) -> str:
    """The sort key of the last row shown, as an opaque text."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=").decode()


def decode_cursor(cursor: str, *types: type) -> tuple[Any, ...]:
    """What `encode_cursor` was given. Raises `InvalidCursorError` on anything else."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        key = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(key, list) or len(key) != len(types):
            raise ValueError("wrong number of values")
        return tuple(_value(item, kind) for item, kind in zip(key, types, strict=True))
    except (ValueError, OverflowError, binascii.Error) as error:
        raise InvalidCursorError("Take `cursor` unchanged from the `next` of a page of the same list.") from error


def _value(item: Any, kind: type) -> Any:
    if kind is datetime and isinstance(item, str):
        moment = datetime.fromisoformat(item)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment.astimezone(UTC)
    if type(item) is not kind or (isinstance(item, str) and "\0" in item):
        raise ValueError("wrong type")
    if isinstance(item, int) and not -(2**63) <= item < 2**63:
        raise ValueError("out of range")
    return item


async def fetch_page(
    db: AsyncSession,
    statement: Select[T],
    query: PageQuery,
    *,
    by: Sequence[SortColumn],
    descending: bool = True,
    with_total: bool = False,
    most_counted: int | None = None,
) -> Slice[T]:
    """Run `statement` (one entity, filtered, unsorted) for the page that `query` asks for.

    The total is None where there are more than `most_counted`. `by` is the sort key; it must not be null and its last
    column must be unique, or rows get lost between pages.
    """
    total = None
    if with_total:
        total = await count_up_to(db, statement.order_by(None), most_counted)
    page = statement.add_columns(*by).order_by(*((c.desc() if descending else c.asc()) for c in by))
    if query.cursor is not None:
        key = decode_cursor(query.cursor, *(c.type.python_type for c in by))
        bound = tuple_(*(literal(value, c.type) for value, c in zip(key, by, strict=True)))
        page = page.where(tuple_(*by) < bound if descending else tuple_(*by) > bound)
    rows = (await db.execute(page.limit(query.limit + 1))).all()
    shown = rows[: query.limit]
    more = encode_cursor(*shown[-1][1:]) if len(rows) > query.limit else None
    return Slice([row[0] for row in shown], more, total)


async def count_up_to(db: AsyncSession, statement: Select[Any], most: int | None) -> int | None:
    """How many rows there are; None where there are more than `most`."""
    bounded = statement.with_only_columns(literal(1), maintain_column_froms=True)
    if most is not None:
        bounded = bounded.limit(most + 1)
    found = await db.scalar(select(func.count()).select_from(bounded.subquery())) or 0
    return None if most is not None and found > most else found
