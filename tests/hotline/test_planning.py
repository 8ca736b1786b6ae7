"""Hints for SQLite's planner, which PostgreSQL does not get."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from crm.enterprises.models import Enterprise
from crm.enterprises.search_index import EnterpriseSearch
from hotline.kernel.planning import Unindexed, literal_number
from hotline.kernel.search import SearchTerm, is_hit

NAME = select(Enterprise.id).where(Unindexed(Enterprise.kind) == "enterprise", Enterprise.version > literal_number(3))


def sql(statement: Any, dialect: Any) -> str:
    return " ".join(str(statement.compile(dialect=dialect)).split())


def test_a_column_is_hidden_from_the_indices_of_sqlite_alone() -> None:
    assert "WHERE +enterprise.kind = ? AND enterprise.version > 3" in sql(NAME, sqlite.dialect())
    assert "WHERE enterprise.kind = %(" in sql(NAME, postgresql.dialect())  # type: ignore[no-untyped-call]


def test_what_is_found_is_looked_up_by_its_ids() -> None:
    found = is_hit(Enterprise.id, EnterpriseSearch, [[[[SearchTerm("酒店")]]]])
    for condition in (found, ~found, found & (Enterprise.kind == "enterprise")):
        assert "= 1" not in sql(select(Enterprise.id).where(condition), sqlite.dialect())


def test_the_newest_rows_are_read_before_postgresql_asks_the_index() -> None:
    found = is_hit(Enterprise.id, EnterpriseSearch, [[[[SearchTerm("酒店")]]]])
    postgres = sql(select(Enterprise.id).where(found), postgresql.dialect())  # type: ignore[no-untyped-call]
    lately = "FROM enterprise_search ORDER BY enterprise_search.number DESC LIMIT %(param_1)s::INTEGER"
    assert f"{lately}) AS anon_2 WHERE anon_2.words @@" in postgres
    # Of the others, only where those hold too few.
    assert "AND (SELECT count(*) AS count_1 FROM anon_1) <" in postgres
