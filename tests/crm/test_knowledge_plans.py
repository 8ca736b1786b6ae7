"""What waits among many published entries is read by an index; PostgreSQL, which counts its rows, has the same ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge import repository
from crm.knowledge.guards import KnowledgeReader
from crm.knowledge.schemas import KnowledgeList, KnowledgeQuery
from hotline.accounts.roles import Role, permissions_of
from hotline.kernel.db import Database
from tests.crm.conftest import MORNING
from tests.crm.test_work_list_plans import plans
from tests.hotline.web import Somebody

TODAY = MORNING.date()
_EDITOR = Somebody(roles=frozenset({Role.KB_EDITOR}), permissions=permissions_of([Role.KB_EDITOR]))


def _listed(name: KnowledgeList) -> Callable[[AsyncSession], Awaitable[Any]]:
    reader = KnowledgeReader(who=_EDITOR)
    return lambda db: repository.page(db, KnowledgeQuery(list=name), reader, today=TODAY, midnight=MORNING)


READ: Mapping[str, tuple[Callable[[AsyncSession], Awaitable[Any]], str]] = {
    "due for review": (_listed(KnowledgeList.REVIEW_DUE), "(state=? AND review_due_on<?)"),
    "one's own": (_listed(KnowledgeList.MINE), "(revised_by=? AND revision_state=?)"),
    "past their last day": (
        lambda db: repository.due(db, now=MORNING, today=TODAY, after="", most=100),
        "(state=? AND expires_on<?)",
    ),
}


@pytest.mark.parametrize("name", READ)
async def test_what_waits_is_read_by_an_index(database: Database, name: str) -> None:
    asked, index = READ[name]
    async with database.transaction() as db:
        found = await plans(db, database, asked(db))
    assert any(index in plan for plan in found), found
    assert not any(line.startswith("SCAN knowledge_entry") for plan in found for line in plan.splitlines()), found
