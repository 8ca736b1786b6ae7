"""Hints for SQLite's planner, which knows how many rows a value has at the mean, and not which values are common."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class Unindexed(FunctionElement[Any]):
    """A column of which SQLite looks nothing up in an index: what is compared with it holds for many rows, or the rows
    are better found by something else. PostgreSQL decides by itself.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any] | Any) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(Unindexed)
def _as_it_is(element: Unindexed, compiler: Any, **options: Any) -> str:
    return str(compiler.process(list(element.clauses)[0], **options))


@compiles(Unindexed, "sqlite")
def _hidden(element: Unindexed, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(list(element.clauses)[0], **options)}"


def literal_number(value: int) -> ColumnElement[int]:
    """As part of the statement's text: an index of some rows alone is not used for a bound value."""
    return literal_column(str(int(value)))
