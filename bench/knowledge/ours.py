"""The knowledge base itself, filled with the entries and asked as the API asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import hotline.app.models  # noqa: F401  # All tables are known once it is imported.
from bench.knowledge.entries import EntryKey, JudgedEntry, bench_entries, demo_keys
from bench.knowledge.peers import SHOWN, SearchedText
from crm.knowledge.models import KnowledgeEntry, KnowledgeVersion
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge.schemas import KnowledgeQuery
from crm.knowledge.search_index import index_entries
from crm.knowledge.state import KnowledgeState, RevisionState
from crm.settings import CrmSettings
from hotline.accounts.roles import Role, UserPrincipal, permissions_of
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.ids import uuid7
from hotline.kernel.migrate import upgrade
from hotline.onebox.demo_knowledge import load_knowledge

_AGENT = UserPrincipal("agent", "agent", "agent", frozenset({Role.AGENT}), permissions_of(frozenset({Role.AGENT})))


@dataclass(frozen=True, slots=True)
class FilledKnowledge:
    database: Database
    reading: KnowledgeReading
    keys: Mapping[str, EntryKey]
    """By the entry's id; those of the demo that answer nothing are left out."""
    texts: Sequence[SearchedText]
    """Of all that is published."""

    async def search(self, query: str) -> list[str]:
        async with self.database.snapshot() as db:
            page = await self.reading.page(db, KnowledgeQuery(search=query, limit=SHOWN), who=_AGENT)
        return [row.id for row in page.items]


@asynccontextmanager
async def filled(url: str) -> AsyncIterator[FilledKnowledge]:
    """An empty database, with the demo's entries and the bench's in it."""
    await upgrade(url)
    database, settings, clock = Database(url), CrmSettings(), SystemClock()
    await database.open()
    try:
        async with database.transaction() as db:
            await load_knowledge(db, clock, settings)
            keys = await _add(db, bench_entries())
        async with database.snapshot() as db:
            keys |= await _demo(db)
            texts = await _texts(db)
        reading = KnowledgeReading(clock, ZoneInfo(settings.time_zone))
        yield FilledKnowledge(
            database, reading, {text.entry_id: keys[text.entry_id] for text in texts if text.entry_id in keys}, texts
        )
    finally:
        await database.close()


async def _add(db: AsyncSession, entries: Sequence[JudgedEntry]) -> dict[str, EntryKey]:
    """All published on the same day, none ever cited: only what they say ranks them."""
    at = SystemClock().now() - timedelta(days=30)
    rows = [(uuid7(), entry) for entry in entries]
    db.add_all(
        KnowledgeEntry(
            id=id,
            state=KnowledgeState.PUBLISHED,
            revision_state=RevisionState.NONE,
            version=1,
            title=entry.content.title,
            kind=entry.content.kind,
            scope=entry.content.scope,
            published_number=1,
            published_at=at,
            remark="",
            uses=0,
            created_by="bench",
            created_at=at,
            updated_at=at,
        )
        for id, entry in rows
    )
    await db.flush()
    db.add_all(
        KnowledgeVersion(
            id=uuid7(),
            entry_id=id,
            number=1,
            content=entry.content.stored(),
            written_by="bench",
            approved_by="bench",
            published_by="bench",
            published_at=at,
        )
        for id, entry in rows
    )
    await index_entries(db, [(id, entry.content) for id, entry in rows])
    return {id: entry.key for id, entry in rows}


async def _demo(db: AsyncSession) -> dict[str, EntryKey]:
    keys = demo_keys()
    rows = await db.execute(select(KnowledgeEntry.id, KnowledgeEntry.title).where(KnowledgeEntry.title.in_(keys)))
    return {id: keys[title] for id, title in rows}


async def _texts(db: AsyncSession) -> list[SearchedText]:
    query = (
        select(KnowledgeVersion.entry_id, KnowledgeVersion.content)
        .join(KnowledgeEntry, KnowledgeEntry.id == KnowledgeVersion.entry_id)
        .where(KnowledgeEntry.state == KnowledgeState.PUBLISHED)
        .where(KnowledgeEntry.published_number == KnowledgeVersion.number)
        .order_by(KnowledgeVersion.entry_id)
    )
    return [_text(id, content) for id, content in await db.execute(query)]


def _text(id: str, content: Mapping[str, object]) -> SearchedText:
    words = [content[name] for name in ("keywords", "synonyms")]
    keywords = " ".join(str(word) for some in words if isinstance(some, list) for word in some)
    return SearchedText(id, str(content["title"]), keywords, str(content["answer"]), str(content["details"]))
