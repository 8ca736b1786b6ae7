"""The demo city's knowledge base shows each state, kind and scope, and its entries are fit to be read out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm.knowledge.content import KnowledgeContent, missing_of
from crm.knowledge.models import AnswerScope, KnowledgeCategory, KnowledgeEntry, KnowledgeKind, KnowledgeVersion
from crm.knowledge.state import KnowledgeState, RevisionState
from crm.knowledge_requests.models import NAMES_ENTRY, KnowledgeMiss, KnowledgeRequest, KnowledgeRequestKind
from crm.knowledge_requests.state import UNANSWERED, KnowledgeRequestState
from crm.settings import CrmSettings
from crm.units.models import Unit
from hotline.kernel.db import Database
from hotline.onebox.demo_knowledge import demo_knowledge
from hotline.onebox.demo_requests import demo_requests
from tests.crm.test_demo import Loader
from tests.fakes.clock import FakeClock

LOADED = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
async def rows(database: Database) -> list[KnowledgeEntry]:
    await Loader(database, FakeClock(LOADED)).load()
    async with database.snapshot() as db:
        return list(await db.scalars(select(KnowledgeEntry)))


def _today() -> date:
    return LOADED.astimezone(ZoneInfo(CrmSettings().time_zone)).date()


async def test_it_shows_every_state_kind_scope_and_unit(rows: list[KnowledgeEntry], database: Database) -> None:
    assert len(rows) >= 200
    assert {row.state for row in rows} == set(KnowledgeState)
    assert {row.revision_state for row in rows} == set(RevisionState)
    assert {row.kind for row in rows} == set(KnowledgeKind)
    assert {row.scope for row in rows} == set(AnswerScope)
    overdue = [
        row for row in rows if row.state == KnowledgeState.PUBLISHED and (row.review_due_on or date.max) < _today()
    ]
    assert len(overdue) >= 5
    async with database.snapshot() as db:
        assert {row.unit_id for row in rows} == {None, *await db.scalars(select(Unit.id))}
        parents = {row.id: row.parent_id for row in await db.scalars(select(KnowledgeCategory))}
    leaves = parents.keys() - set(parents.values())
    assert {row.category_id for row in rows} == leaves
    assert any((above := parents[leaf]) and parents[above] for leaf in leaves)


async def test_what_left_its_unit_is_complete_and_is_told_by_its_last_version(
    rows: list[KnowledgeEntry], database: Database
) -> None:
    async with database.snapshot() as db:
        versions = list(await db.scalars(select(KnowledgeVersion).order_by(KnowledgeVersion.published_at)))
    told = {version.entry_id: version for version in versions}
    assert {row.id for row in rows if row.published_number} == told.keys()
    for row in rows:
        if row.published_number:
            assert told[row.id].number == row.published_number
        if row.revision_state != RevisionState.DRAFT or row.published_number:
            content = KnowledgeContent.model_validate(row.revision or told[row.id].content)
            assert missing_of(content) == (), row.title
            assert content.title == row.title
    assert max(version.number for version in versions) == 2
    assert all(version.published_at < LOADED for version in versions)


async def test_nobody_of_the_demo_approves_or_publishes_what_they_wrote(
    rows: list[KnowledgeEntry], database: Database
) -> None:
    async with database.snapshot() as db:
        versions = list(await db.scalars(select(KnowledgeVersion)))
    for version in versions:
        assert "" not in (version.written_by, version.approved_by, version.published_by)
        assert version.written_by not in (version.approved_by, version.published_by)
    assert all(row.approved_by not in (None, row.revised_by) for row in rows if row.publish_at)


def test_the_answers_differ_and_are_fit_to_be_read_out() -> None:
    entries = [entry for group in demo_knowledge().groups for entry in group.entries]
    for texts in (Counter(entry.title for entry in entries), Counter(entry.answer for entry in entries)):
        assert [text for text, times in texts.items() if times > 1] == []
    for entry in entries:
        holds = entry.state is RevisionState.NONE and not entry.withdrawn and (entry.days or 0) >= 0
        assert not holds or 60 <= len(entry.answer) <= 200, entry.title
        assert len(entry.title) <= 20, entry.title


async def test_requests_show_every_state_and_kind_and_one_is_overdue(
    rows: list[KnowledgeEntry], database: Database
) -> None:
    async with database.snapshot() as db:
        requests = list(await db.scalars(select(KnowledgeRequest)))
        assert len(list(await db.scalars(select(KnowledgeMiss)))) == len(demo_requests().searches)
    assert {row.state for row in requests} == set(KnowledgeRequestState)
    assert {row.kind for row in requests} == set(KnowledgeRequestKind)
    assert all((row.kind in NAMES_ENTRY) == (row.entry_id is not None) for row in requests)
    assert any(row.state in UNANSWERED and row.due_at < LOADED for row in requests)
    published = {row.id for row in rows if row.state == KnowledgeState.PUBLISHED}
    for row in requests:
        # What is published would have closed it; what closed it is published.
        if row.answer_id:
            assert (row.answer_id in published) == (row.state == KnowledgeRequestState.CLOSED), row.question
        assert row.made_by, row.question
        assert (row.unit_id is None) == (row.question.startswith("企业问异地")), row.question
