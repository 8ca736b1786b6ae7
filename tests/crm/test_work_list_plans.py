"""Each work list reads its rows by an index, on both databases: by the plans of the very queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Assignment, Case
from crm.cases.visibility import UNIT_STAFF, Viewer
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
        await db.execute(insert(Unit), [{"id": UNIT, "name": "局", "active": True, "version": 1}])
        await db.execute(insert(Case), rows)
        led = [
            {"id": uuid7(), "case_id": row["id"], "unit_id": UNIT, "role": "lead", "state": "signed"}
            | {"round": 1, "advice": "", "assigned_by": "x", "assigned_at": MORNING}
            for row in rows[::500]
        ]
        await db.execute(insert(Assignment), led)
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


def context_of(*roles: Role, unit: str | None = None) -> ListContext:
    who = Somebody(user_id="agent-1", username="x", name="x", roles=frozenset(roles), permissions=frozenset())
    viewer = Viewer(who=who, home=unit, units=frozenset({unit} if unit else ()))
    return ListContext(viewer=viewer, now=MORNING, today=MORNING - timedelta(hours=1))


CONTEXTS = {
    "staff": context_of(Role.AGENT, Role.DISPATCHER, Role.CALLBACK, Role.SUPERVISOR),
    "unit": context_of(*UNIT_STAFF, unit=UNIT),
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
