"""Entries as people read them: what is published is everybody's, a revision those who work on it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.repository import names_of
from crm.cases.viewers import viewer_of
from crm.knowledge import citing_repository, repository
from crm.knowledge.asking import KnowledgeQuestion
from crm.knowledge.content import KnowledgeContent, missing_of
from crm.knowledge.facets import facets_of
from crm.knowledge.finding import KnowledgeFilter, find_knowledge, page_of
from crm.knowledge.guards import KnowledgeFacts, KnowledgeReader, actors_of, offered
from crm.knowledge.highlights import highlighted, snippet
from crm.knowledge.models import KnowledgeEntry, KnowledgeVersion
from crm.knowledge.schemas import (
    ANSWER_SHOWN,
    MOST_VERSIONS,
    CitingCase,
    CitingCases,
    EntryOffer,
    EntryRow,
    EntryView,
    KnowledgeList,
    KnowledgePage,
    KnowledgeQuery,
    KnowledgeSearched,
    NamedSubject,
    SearchCorrection,
    VersionView,
    entry_row,
    version_row,
)
from crm.knowledge.state import KnowledgeState
from crm.knowledge.suggestions import CaseInWords, suggest_knowledge
from crm.units import repository as units
from crm.units.models import Unit
from hotline.kernel.clock import Clock
from hotline.kernel.errors import NotFoundError
from hotline.kernel.http import Principal

MOST_CITING = 20


class KnowledgeReading:
    """Each method works in the caller's transaction. `zone` is the hotline's, by which days begin and end."""

    def __init__(self, clock: Clock, zone: ZoneInfo) -> None:
        self._clock = clock
        self._zone = zone

    async def reader_of(self, db: AsyncSession, who: Principal) -> KnowledgeReader:
        return KnowledgeReader(who=who, units=await units.units_of_user(db, who.user_id))

    async def page(self, db: AsyncSession, query: KnowledgeQuery, *, who: Principal) -> KnowledgePage:
        if query.list is KnowledgeList.PUBLISHED and query.search.strip():
            return await self._searched(db, query)
        reader = await self.reader_of(db, who)
        found = await repository.page(db, query, reader, today=self.today(), midnight=self.midnight())
        return KnowledgePage(items=await self._shown(db, found.rows), next=found.next)

    async def _searched(self, db: AsyncSession, query: KnowledgeQuery) -> KnowledgePage:
        """The best first."""
        wanted = KnowledgeFilter(await repository.filters_of(db, query))
        found = await find_knowledge(db, query.search, now=self._clock.now(), wanted=wanted)
        ids, after = page_of(found, query)
        rows = await repository.rows_of(db, ids)
        return KnowledgePage(
            items=await self._shown(db, rows, found.question),
            next=after,
            total=len(found.hits),
            searched=KnowledgeSearched(
                found_by=found.by,
                complete=found.complete,
                corrected=[SearchCorrection(word=word, meant=meant) for word, meant in found.corrected],
                facets=await facets_of(db, [hit.entry for hit in found.hits]),
            ),
        )

    async def suggestions(self, db: AsyncSession, case: CaseInWords) -> list[EntryRow]:
        """What may answer the case, the likeliest first."""
        question, found = await suggest_knowledge(db, case, now=self._clock.now())
        return await self._shown(db, await repository.rows_of(db, [hit.entry.id for hit in found]), question)

    async def published_rows(self, db: AsyncSession, ids: Collection[str]) -> list[EntryRow]:
        """Those of these that are published, in no order."""
        rows = await repository.rows_of(db, sorted(ids))
        return await self._shown(db, [row for row in rows if row.state == KnowledgeState.PUBLISHED])

    async def _shown(
        self, db: AsyncSession, rows: Sequence[KnowledgeEntry], question: KnowledgeQuestion | None = None
    ) -> list[EntryRow]:
        published = await repository.published(db, rows)
        names = await units.named(db, {row.unit_id for row in rows if row.unit_id})

        def shown(row: KnowledgeEntry) -> EntryRow:
            version = published.get(row.id)
            unit = names.get(row.unit_id or "")
            answer = str(version.content["answer"]) if version else ""
            view = entry_row(row, unit_name=unit.name if unit else "", answer=answer)
            if question is not None:
                view.title_parts = highlighted(row.title, question)
                view.answer_parts = snippet(answer, question, most=ANSWER_SHOWN)
            return view

        return [shown(row) for row in rows]

    async def counts(self, db: AsyncSession, *, who: Principal) -> dict[KnowledgeList, int]:
        return await repository.counts(db, await self.reader_of(db, who), today=self.today(), midnight=self.midnight())

    async def read(self, db: AsyncSession, entry_id: str, *, who: Principal) -> EntryView:
        """Raises NotFoundError."""
        reader = await self.reader_of(db, who)
        row = await self.load(db, entry_id, reader)
        facts = await self.facts(db, row, reader)
        acting = actors_of(row, reader)
        versions = await repository.versions(db, row.id)
        people = {row.revised_by, row.approved_by}
        people |= {one for version in versions for one in _people(version)}
        names = await names_of(db, [one for one in people if one])
        last = next((one for one in versions if one.number == row.published_number), None)
        published = KnowledgeContent.model_validate(last.content) if last else None
        revision = facts.content if acting else None
        named = await units.named(db, [row.unit_id] if row.unit_id else [])
        unit = named.get(row.unit_id or "")
        shown = entry_row(row, unit_name=unit.name if unit else "", answer=published.answer if published else "")
        subjects = await repository.subjects(db, _references(*(one for one in (published, revision) if one)), reader)
        return EntryView(
            **shown.model_dump(),
            version=row.version,
            published=published,
            published_at=row.published_at,
            revision=revision,
            revised_by_name=names.get(row.revised_by or "", "") if acting else "",
            approved_by_name=names.get(row.approved_by or "", "") if acting else "",
            publish_at=row.publish_at if acting else None,
            remark=row.remark if acting else "",
            missing=list(missing_of(revision)) if revision else [],
            offers=[EntryOffer(action=action, refused_by=refused) for action, refused in offered(facts).items()],
            versions=[version_row(one, names) for one in versions] if acting else [],
            subjects=[NamedSubject(id=id, name=name) for id, name in sorted(subjects.items())],
        )

    async def read_version(self, db: AsyncSession, entry_id: str, number: int) -> VersionView:
        """What was published once, as a case cites it; also of an entry that is no longer published."""
        # A larger one is no number of the database's.
        found = await repository.version(db, entry_id, number) if number <= MOST_VERSIONS else None
        row = await repository.entry_of_id(db, entry_id)
        if found is None or row is None:
            raise NotFoundError("There is no such version of an entry.")
        names = await names_of(db, _people(found))
        named = await units.named(db, [row.unit_id] if row.unit_id else [])
        unit = named.get(row.unit_id or "")
        return VersionView.of(found, unit_name=unit.name if unit else "", names=names)

    async def citing(self, db: AsyncSession, entry_id: str, *, who: Principal) -> CitingCases:
        """Raises NotFoundError."""
        row = await self.load(db, entry_id, await self.reader_of(db, who))
        counts = await citing_repository.count_citing(db, row.id)
        shown = await citing_repository.citing_cases(db, row.id, await viewer_of(db, who), most=MOST_CITING)
        return CitingCases(
            total=sum(counts.values()),
            of_current=counts.get(row.published_number or 0, 0),
            items=[CitingCase(number=number, entry_version=version, cited_at=at) for number, version, at in shown],
        )

    async def load(
        self, db: AsyncSession, entry_id: str, reader: KnowledgeReader, *, lock: bool = False
    ) -> KnowledgeEntry:
        row = await repository.entry(db, entry_id, reader, lock=lock)
        if row is None:
            raise NotFoundError("There is no such entry, or it is not published.")
        return row

    async def facts(self, db: AsyncSession, row: KnowledgeEntry, reader: KnowledgeReader) -> KnowledgeFacts:
        return KnowledgeFacts(
            entry=row,
            reader=reader,
            content=KnowledgeContent.model_validate(row.revision) if row.revision else None,
            today=self.today(),
            unit_active=row.unit_id is None or await self.unit_active(db, row.unit_id),
        )

    async def unit_active(self, db: AsyncSession, unit_id: str) -> bool:
        unit = await db.get(Unit, unit_id)
        return unit is not None and unit.active

    def today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()

    def midnight(self) -> datetime:
        """When today began, in the hotline's zone."""
        return datetime.combine(self.today(), time(), tzinfo=self._zone)


def _references(*contents: KnowledgeContent) -> Collection[str]:
    return {one for content in contents for one in (*content.item_ids, *content.related_ids, *content.specialist_ids)}


def _people(version: KnowledgeVersion) -> Sequence[str]:
    return [one for one in (version.written_by, version.approved_by, version.published_by) if one]
