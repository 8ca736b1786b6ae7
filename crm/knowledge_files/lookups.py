"""What rows of a file name, found for many rows at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.catalogue.models import CatalogueItem
from crm.knowledge import repository as knowledge
from crm.knowledge.models import KnowledgeEntry, KnowledgeVersion
from crm.knowledge.state import KnowledgeState
from crm.units.models import Specialist, Unit
from hotline.kernel.imports.ports import PreparedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLookups:
    units: Mapping[str, str]
    """Ids of those in use, by name."""
    categories: Mapping[str, str]
    """Ids of those in use, by path and, where it is the only one, by name."""
    entries: Mapping[str, KnowledgeEntry]
    """By id."""
    published: Mapping[str, KnowledgeVersion]
    """By entry."""
    references: Mapping[str, Mapping[str, str]]
    """Ids by what a cell says, by field."""

    def named(self, title: str, unit_id: str | None) -> list[KnowledgeEntry]:
        """Those of the unit that have this title and are not withdrawn."""
        same = [row for row in self.entries.values() if (row.title, row.unit_id) == (title, unit_id)]
        return [row for row in same if row.state != KnowledgeState.WITHDRAWN]


async def look_up(db: AsyncSession, rows: Sequence[PreparedRow]) -> FileLookups:
    ids = {str(row.value["id"]) for row in rows if row.value["id"]}
    titles = {str(row.value["fields"]["title"]) for row in rows}
    found = or_(KnowledgeEntry.id.in_(ids), KnowledgeEntry.title.in_(titles))
    entries = (await db.scalars(select(KnowledgeEntry).where(found))).all()
    wanted = [row.value["references"] for row in rows]
    items = _of(wanted, "item_ids")
    item_query = select(CatalogueItem.code, CatalogueItem.id).where(CatalogueItem.code.in_(items))
    units = await db.execute(select(Unit.name, Unit.id).where(Unit.active))
    return FileLookups(
        units={name: id for name, id in units},
        categories=await category_paths(db),
        entries={row.id: row for row in entries},
        published=await knowledge.published(db, entries),
        references={
            "item_ids": {code: id for code, id in await db.execute(item_query)} if items else {},
            "related_ids": _same(await knowledge.existing(db, KnowledgeEntry.id, _of(wanted, "related_ids"))),
            "specialist_ids": _same(await knowledge.existing(db, Specialist.id, _of(wanted, "specialist_ids"))),
        },
    )


async def category_paths(db: AsyncSession) -> dict[str, str]:
    rows = {row.id: row for row in await knowledge.categories(db) if row.active}
    found: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    for row in rows.values():
        path, above = row.name, rows.get(row.parent_id or "")
        while above is not None:
            path, above = f"{above.name}/{path}", rows.get(above.parent_id or "")
        found[path] = row.id
        names.setdefault(row.name, []).append(row.id)
    return {name: ids[0] for name, ids in names.items() if len(ids) == 1} | found


def _of(wanted: Sequence[Mapping[str, Sequence[str]]], field: str) -> Collection[str]:
    return {one for references in wanted for one in references.get(field, ())}


def _same(ids: Collection[str]) -> dict[str, str]:
    return {id: id for id in ids}
