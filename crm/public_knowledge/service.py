"""The knowledge base as everybody reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge import repository as knowledge
from crm.knowledge.content import KnowledgeContent
from crm.knowledge.models import AnswerScope, KnowledgeCategory, KnowledgeEntry
from crm.knowledge.state import KnowledgeState
from crm.knowledge_attachments import repository as files
from crm.knowledge_attachments.models import KnowledgeFile
from crm.public_knowledge import repository
from crm.public_knowledge.errors import PublicEntryGoneError
from crm.public_knowledge.schemas import (
    PublicCorrection,
    PublicEntry,
    PublicEntryRow,
    PublicFile,
    PublicIncentive,
    PublicKnowledgePage,
    PublicKnowledgeQuery,
    PublicName,
)
from crm.units import repository as units
from hotline.kernel.clock import Clock
from hotline.kernel.errors import NotFoundError
from hotline.kernel.paging import Page, Slice

_SHOWN = 120
"""Characters of an answer in a list."""
_MOST_ADDRESSES = 20_000
"""In the sitemap: the newest; a sitemap may have 50,000."""


class PublicKnowledge:
    """Each method works in the caller's transaction. `zone` is the hotline's, by which days begin and end."""

    def __init__(self, clock: Clock, zone: ZoneInfo) -> None:
        self._clock = clock
        self._zone = zone

    async def page(self, db: AsyncSession, query: PublicKnowledgeQuery) -> PublicKnowledgePage:
        if not query.search.strip():
            rows = await repository.page(db, query, today=self._today())
            return PublicKnowledgePage(**dict(await self._shown(db, rows)))
        rows, found = await repository.found(db, query, now=self._clock.now(), today=self._today())
        complete = {hit.entry.id for hit in found.hits[: found.complete]}
        return PublicKnowledgePage(
            **dict(await self._shown(db, rows)),
            complete=sum(row.id in complete for row in rows.rows),
            corrected=[PublicCorrection(word=word, meant=meant) for word, meant in found.corrected],
        )

    async def _shown(self, db: AsyncSession, found: Slice[KnowledgeEntry]) -> Page[PublicEntryRow]:
        published = await knowledge.published(db, found.rows)
        names = await units.named(db, {row.unit_id for row in found.rows if row.unit_id})
        categories = {row.id: row for row in await repository.category_tree(db)} if found.rows else {}

        def shown(row: KnowledgeEntry) -> PublicEntryRow:
            content = KnowledgeContent.model_validate(published[row.id].content)
            unit = names.get(row.unit_id or "")
            return PublicEntryRow(
                id=row.id,
                title=content.title,
                title_en=content.title_en,
                kind=content.kind,
                category=_named(categories.get(content.category_id or "")),
                unit_name=unit.name if unit else "",
                answer=content.answer[:_SHOWN],
                updated_on=self._day(row.published_at),
            )

        return found.page(shown)

    async def read(self, db: AsyncSession, entry_id: str) -> PublicEntry:
        """Raises NotFoundError, and PublicEntryGoneError for what everybody could read once."""
        row = await knowledge.entry_of_id(db, entry_id)
        if row is None or row.scope != AnswerScope.PUBLIC or row.published_number is None:
            raise NotFoundError("There is no such entry.")
        if row.state != KnowledgeState.PUBLISHED or (row.expires_on is not None and row.expires_on < self._today()):
            raise PublicEntryGoneError("It is expired or was withdrawn. Search for another, or dial 12345.")
        version = (await knowledge.published(db, [row]))[row.id]
        content = KnowledgeContent.model_validate(version.content)
        unit = (await units.named(db, [row.unit_id])).get(row.unit_id) if row.unit_id else None
        category = await knowledge.category(db, content.category_id) if content.category_id else None
        related = await repository.titles(db, content.related_ids, today=self._today())
        terms = content.incentive
        return PublicEntry(
            id=row.id,
            title=content.title,
            title_en=content.title_en,
            kind=content.kind,
            category=_named(category),
            unit_name=unit.name if unit else "",
            answer=content.answer,
            answer_en=content.answer_en,
            details=content.details,
            details_en=content.details_en,
            issuing_body=content.issuing_body,
            document_number=content.document_number,
            source=content.source,
            region=content.region,
            effective_on=content.effective_on,
            expires_on=content.expires_on,
            incentive=PublicIncentive.model_validate(terms.model_dump()) if terms else None,
            attachments=[
                PublicFile(id=one.id, name=one.name, size=one.size)
                for one in await files.ready(db, row.id, content.attachment_ids)
            ],
            related=[PublicName(id=id, name=related[id]) for id in content.related_ids if id in related],
            updated_on=self._day(version.published_at),
        )

    async def read_file(self, db: AsyncSession, entry_id: str, file_id: str) -> KnowledgeFile:
        """One that the entry has now. Raises as `read`."""
        entry = await self.read(db, entry_id)
        found = await files.ready(db, entry_id, [one.id for one in entry.attachments if one.id == file_id])
        if not found:
            raise NotFoundError("The entry has no such file.")
        return found[0]

    async def categories(self, db: AsyncSession) -> list[tuple[int, PublicName]]:
        """Those in use, each below the one above it, with its level from 0."""
        return _in_order(await repository.category_tree(db))

    async def addresses(self, db: AsyncSession) -> list[tuple[str, date]]:
        """Of the sitemap: ids, and the day of their last change."""
        found = await repository.addresses(db, today=self._today(), most=_MOST_ADDRESSES)
        return [(id, self._day(at)) for id, at in found]

    def _today(self) -> date:
        return self._day(self._clock.now())

    def _day(self, at: datetime | None) -> date:
        return (at or self._clock.now()).astimezone(self._zone).date()


def _named(category: KnowledgeCategory | None) -> PublicName | None:
    return PublicName(id=category.id, name=category.name) if category else None


def _in_order(rows: Sequence[KnowledgeCategory]) -> list[tuple[int, PublicName]]:
    children: dict[str | None, list[KnowledgeCategory]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)

    def under(parent: str | None, level: int) -> list[tuple[int, PublicName]]:
        return [
            one
            for row in children.get(parent, [])
            for one in ((level, PublicName(id=row.id, name=row.name)), *under(row.id, level + 1))
        ]

    return under(None, 0)
