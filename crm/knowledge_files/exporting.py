"""Entries as files: a spreadsheet of what they say now, which imports again, or all versions, one entry a line."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import ColumnElement, false, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.repository import names_of
from crm.catalogue.models import CatalogueItem
from crm.knowledge import repository as knowledge
from crm.knowledge.content import IncentiveTerms, KnowledgeContent
from crm.knowledge.guards import KnowledgeReader
from crm.knowledge.models import KnowledgeEntry, KnowledgeVersion
from crm.knowledge.reading import KnowledgeReading
from crm.knowledge_files.columns import (
    COLUMNS,
    CONTINUED,
    INCENTIVE,
    KIND_NAMES,
    LISTS,
    REFERENCES,
    SCOPES,
    STAGES,
    halves,
    joined,
)
from crm.knowledge_files.lookups import category_paths
from crm.units import repository as units
from hotline.kernel.db import Database
from hotline.kernel.http import Principal
from hotline.kernel.spreadsheet import Cell
from hotline.kernel.tabular_export import Lines

_AT_ONCE = 100
HEADING: Sequence[str] = (*(column.names[0] for column in COLUMNS), "发布状态", "版次", "发布时间")
"""The last three say what an import does not take."""


T = TypeVar("T")
Make = Callable[[AsyncSession, Sequence[KnowledgeEntry]], Awaitable[T]]
"""Makes a page of the file of these entries."""


class KnowledgeExport:
    """What a person may take with them: the hotline's knowledge people all of it, a unit's people their own."""

    def __init__(self, reading: KnowledgeReading) -> None:
        self._reading = reading

    async def count(self, db: AsyncSession, *, who: Principal) -> int:
        reader = await self._reading.reader_of(db, who)
        return await db.scalar(select(func.count()).select_from(KnowledgeEntry).where(_own(reader))) or 0

    async def lines(self, database: Database, who: Principal, zone: ZoneInfo) -> Lines:
        """Of the spreadsheet: what is published, else what is being written."""

        async def page_of(db: AsyncSession, rows: Sequence[KnowledgeEntry]) -> list[list[Cell]]:
            published = await knowledge.published(db, rows)
            contents = {row.id: _present(row, published.get(row.id)) for row in rows}
            named = await units.named(db, {row.unit_id for row in rows if row.unit_id})
            paths = {id: path for path, id in sorted((await category_paths(db)).items(), key=lambda one: len(one[0]))}
            codes = await _codes(db, [content for content in contents.values() if content])
            page: list[list[Cell]] = []
            for row in rows:
                if (content := contents[row.id]) is None:
                    continue
                unit = named.get(row.unit_id or "")
                cells = _cells(content, paths, codes) | {"id": row.id, "unit": unit.name if unit else ""}
                at = row.published_at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if row.published_at else ""
                own = [cells.get(column.key, "") for column in COLUMNS]
                page.append([*own, row.state, row.published_number or "", at])
            return page

        async for page in self._pages(database, who, page_of):
            yield page

    async def versions(self, database: Database, who: Principal) -> AsyncGenerator[bytes, None]:
        """JSON of one entry a line, with its revision and every version, the oldest first."""
        async for page in self._pages(database, who, _lines_of):
            for line in page:
                yield line

    async def _pages(self, database: Database, who: Principal, make: Make[T]) -> AsyncIterator[T]:
        """A page is made before it is handed on: whoever reads slowly keeps no connection of the database."""
        last = ""
        while True:
            async with database.snapshot() as db:
                reader = await self._reading.reader_of(db, who)
                query = select(KnowledgeEntry).where(_own(reader), KnowledgeEntry.id > last)
                rows = (await db.scalars(query.order_by(KnowledgeEntry.id).limit(_AT_ONCE))).all()
                page = await make(db, rows)
            yield page
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1].id


async def _lines_of(db: AsyncSession, rows: Sequence[KnowledgeEntry]) -> list[bytes]:
    named = await units.named(db, {row.unit_id for row in rows if row.unit_id})
    query = select(KnowledgeVersion).where(KnowledgeVersion.entry_id.in_([row.id for row in rows]))
    found: dict[str, list[KnowledgeVersion]] = {}
    for version in await db.scalars(query.order_by(KnowledgeVersion.entry_id, KnowledgeVersion.number)):
        found.setdefault(version.entry_id, []).append(version)
    people = {one.written_by for versions in found.values() for one in versions}
    people |= {one.published_by for versions in found.values() for one in versions}
    names = await names_of(db, [one for one in people if one])

    def line(row: KnowledgeEntry) -> bytes:
        unit = named.get(row.unit_id or "")
        whole = {
            "id": row.id,
            "unit": unit.name if unit else None,
            "state": row.state,
            "revision_state": row.revision_state,
            "published_number": row.published_number,
            "review_due_on": row.review_due_on,
            "uses": row.uses,
            "created_at": row.created_at,
            "revision": row.revision,
            "versions": [_version(one, names) for one in found.get(row.id, [])],
        }
        return orjson.dumps(whole, option=orjson.OPT_APPEND_NEWLINE)

    return [line(row) for row in rows]


def _own(reader: KnowledgeReader) -> ColumnElement[bool]:
    if reader.hotline:
        return true()
    return KnowledgeEntry.unit_id.in_(sorted(reader.units)) if reader.units else false()


def _present(row: KnowledgeEntry, version: KnowledgeVersion | None) -> KnowledgeContent | None:
    stored = version.content if version else row.revision
    return KnowledgeContent.model_validate(stored) if stored else None


async def _codes(db: AsyncSession, contents: Sequence[KnowledgeContent]) -> dict[str, str]:
    ids = {one for content in contents for one in content.item_ids}
    query = select(CatalogueItem.id, CatalogueItem.code).where(CatalogueItem.id.in_(sorted(ids)))
    return {id: code for id, code in await db.execute(query)} if ids else {}


def _cells(content: KnowledgeContent, paths: dict[str, str], codes: dict[str, str]) -> dict[str, str]:
    whole = content.stored()
    cells = {name: value for name, value in whole.items() if isinstance(value, str)}
    terms = (content.incentive or IncentiveTerms()).model_dump()
    for more in CONTINUED:
        name = more.removesuffix("_more")
        cells[name], cells[more] = halves(whole[name])
    return cells | {
        "kind": KIND_NAMES[content.kind],
        "scope": SCOPES[content.scope],
        "category": paths.get(content.category_id or "", ""),
        "stages": joined([STAGES[stage] for stage in content.stages]),
        **{name: joined(whole[name]) for name in LISTS},
        **{name: terms[name] for name in INCENTIVE},
        **{name: joined([codes.get(one, one) for one in whole[name]]) for name in REFERENCES},
    }


def _version(version: KnowledgeVersion, names: dict[str, str]) -> dict[str, Any]:
    return {
        "number": version.number,
        "published_at": version.published_at,
        "written_by": names.get(version.written_by, ""),
        "published_by": names.get(version.published_by, ""),
        "content": version.content,
    }
