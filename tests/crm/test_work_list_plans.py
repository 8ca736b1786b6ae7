"""Each work list reads its rows by an index, on both databases: by the plans of the very queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository as cases
from crm.cases.models import Assignment, Case
from crm.cases.visibility import UNIT_STAFF, Viewer
from crm.enterprises import repository as enterprises
from crm.enterprises.schemas import EnterpriseQuery
from crm.units.models import Unit
from crm.worklists import repository
from crm.worklists.rules import RULES, ListContext, WorkListName, lists_of
from crm.worklists.schemas import WorkListQuery
from hotline.accounts.roles import Role
from hotline.kernel.db import Database
from hotline.kernel.ids import uuid7
from tests.crm.conftest import MORNING
from tests.hotline.web import Somebody

CASES = 20_000
STATES = (
    "pending_review",
    "pending_dispatch",
    "dispatched",
    "in_progress",
    "replied",
    "callback",
    "need_info",
    "draft",
)
UNIT = uuid7()
SMALL = uuid7()


def case_row(at: int) -> dict[str, Any]:
    """One case in fifty is open, as in a hotline of some years."""
    state = STATES[at // 50 % len(STATES)] if at % 50 == 0 else "archived"
    made = MORNING - timedelta(minutes=CASES - at)
    due = MORNING + timedelta(hours=at % 200 - 100) if state != "archived" else None
    flags = {"hard": at % 1000 == 0, "mass": at % 2000 == 0, "urges": int(at % 500 == 0)}
    claimed = f"agent-{at % 40}" if at % 250 == 0 else None
    who = {"claimed_by": claimed, "created_by": f"agent-{at % 40}", "created_at": made, "updated_at": made}
    return {
        "id": uuid7(),
        "number": f"26{at:010}",
        "state": state,
        "next_due_at": due,
        "closed_at": None if due else made,
        **flags,
        **who,
    }


@pytest.fixture
async def filled(any_database: Database) -> Database:
    rows = [case_row(at) for at in range(CASES)]
    async with any_database.transaction() as db:
        units = [{"id": id, "name": name, "active": True, "version": 1} for id, name in ((UNIT, "局"), (SMALL, "所"))]
        await db.execute(insert(Unit), units)
        await db.execute(insert(Case), rows)
        led = [
            {"id": uuid7(), "case_id": row["id"], "unit_id": unit, "role": "lead"}
            | {"state": "replied" if row["closed_at"] else "signed"}
            | {"round": 1, "advice": "", "assigned_by": "x", "assigned_at": MORNING}
            for unit, some in ((UNIT, rows[::6]), (SMALL, rows[::500]))
            for row in some
        ]
        await db.execute(insert(Assignment), led)
        if not any_database.is_sqlite:  # Where nothing else would.
            await db.execute(text("ANALYZE"))
    return any_database


async def plans(db: AsyncSession, database: Database, asked: Any) -> list[str]:
    """How the database reads what `asked` executes."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, parameters))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        await asked
    finally:
        event.remove(engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    connection = await db.connection()
    return [
        "\n".join(str(row[-1]) for row in await connection.exec_driver_sql(explain + statement, parameters))
        for statement, parameters in seen
    ]


def whole_scans(plan: str) -> list[str]:
    """The lines of a plan that read every case."""
    return [
        line.strip()
        for line in plan.splitlines()
        if "Seq Scan on service_case" in line or (line.startswith("SCAN service_case") and "USING" not in line)
    ]


def context_of(*roles: Role, unit: str | None = None, many: bool = False) -> ListContext:
    who = Somebody(user_id="agent-1", username="x", name="x", roles=frozenset(roles), permissions=frozenset())
    viewer = Viewer(who=who, home=unit, units=frozenset({unit} if unit else ()), many_cases=many)
    return ListContext(viewer=viewer, now=MORNING, today=MORNING - timedelta(hours=1))


CONTEXTS = {
    "staff": context_of(Role.AGENT, Role.DISPATCHER, Role.CALLBACK, Role.SUPERVISOR),
    "unit": context_of(*UNIT_STAFF, unit=UNIT),
    "unit of many cases": context_of(*UNIT_STAFF, unit=UNIT, many=True),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("who", CONTEXTS)
async def test_no_list_and_no_count_scans_all_cases(filled: Database, who: str) -> None:
    context = CONTEXTS[who]
    names = lists_of(context.viewer)
    assert len(names) > 7
    scanned: dict[str, list[str]] = {}
    async with filled.transaction() as db:
        for name in names:
            for sort in (None, "due", "-created"):
                query = WorkListQuery.model_validate({"sort": sort, "limit": 50})
                for plan in await plans(db, filled, repository.page(db, name, query, context, units=None)):
                    if lines := whole_scans(plan):
                        scanned[f"{name} {sort}"] = lines
        for name in [name for name in names if RULES[name].counted]:
            for plan in await plans(db, filled, repository.counts(db, [name], context)):
                if lines := whole_scans(plan):
                    scanned[f"count of {name}"] = lines
    assert scanned == {}


def test_the_plan_of_a_whole_scan_is_known() -> None:
    assert whole_scans("SCAN service_case")
    assert whole_scans("  ->  Seq Scan on service_case  (cost=0.00..)")
    assert not whole_scans("SCAN service_case USING INDEX ix_service_case_created_at_id")
    assert WorkListName.ALL in RULES


FILTERS: list[dict[str, Any]] = [
    {},
    {"state": ["archived"]},
    {"state": ["archived", "closed"], "sort": "-updated"},
    {"type": ["report"]},
    {"item_id": uuid7()},
    {"flag": ["duplicate"]},
    {"flag": ["suspended"], "sort": "-created"},
    {"sort": "-updated"},
    {"sort": "due"},
]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("who", ["staff", "unit of many cases"])
async def test_nothing_is_sorted_that_an_index_has_in_order(filled: Database, who: str) -> None:
    if not filled.is_sqlite:
        return  # Its planner knows how many rows a value has, and may sort a few.
    sorted_ones: dict[str, list[str]] = {}
    async with filled.transaction() as db:
        for filters in FILTERS:
            query = WorkListQuery.model_validate({"limit": 50, **filters})
            asked = repository.page(db, WorkListName.ALL, query, CONTEXTS[who], units=None)
            found = [plan for plan in await plans(db, filled, asked) if "TEMP B-TREE" in plan]
            if found:
                sorted_ones[str(filters)] = found
    assert sorted_ones == {}


@pytest.mark.timeout(120)
async def test_a_search_reads_what_it_found_by_its_ids(filled: Database) -> None:
    async with filled.transaction() as db:
        for who in CONTEXTS:
            query = WorkListQuery.model_validate({"limit": 50, "search": "执照"})
            asked = repository.page(db, WorkListName.ALL, query, CONTEXTS[who], units=None)
            found = [plan for plan in await plans(db, filled, asked) if "service_case" in plan]
            assert found
            for plan in found:
                assert not filled.is_sqlite or "(id=?)" in plan, plan
                assert whole_scans(plan) == [], plan


@pytest.mark.timeout(120)
async def test_a_unit_of_many_cases_sees_the_same(filled: Database) -> None:
    async with filled.transaction() as db:
        assert await cases.have_many_cases(db, {UNIT, SMALL})
        assert not await cases.have_many_cases(db, {SMALL})
        for name in lists_of(CONTEXTS["unit"].viewer):
            query = WorkListQuery.model_validate({"limit": 50})
            found = [
                [row.id for row in (await repository.page(db, name, query, CONTEXTS[who], units=None)).rows]
                for who in ("unit", "unit of many cases")
            ]
            assert found[0] == found[1], name
            assert found[0] or name is not WorkListName.ALL


@pytest.mark.timeout(60)
async def test_no_list_of_enterprises_sorts_them(any_database: Database) -> None:
    if not any_database.is_sqlite:
        return
    async with any_database.transaction() as db:
        sorts = ({"sort": sort} for sort in ("-updated_at", "created_at", "name", "-name"))
        codes = ({"code": code} for code in ("none", "confirmed"))
        for filters in ({}, {"kind": "enterprise"}, *sorts, *codes):
            query = EnterpriseQuery.model_validate({"limit": 50, **filters})
            for plan in await plans(db, any_database, enterprises.search(db, query, lambda _: None)):
                assert "TEMP B-TREE" not in plan, filters
                assert "code" not in filters or f"{filters['code']}_code".replace("none", "without") in plan
        searched = EnterpriseQuery.model_validate({"limit": 50, "search": "酒店"})
        for plan in await plans(db, any_database, enterprises.search(db, searched, lambda _: None)):
            assert "SCAN enterprise\n" not in f"{plan}\n"
