"""Changes of the catalogue: five levels, codes that occur once, no cycle, and nothing in use under what is not."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm.catalogue import repository
from crm.catalogue.errors import (
    CatalogueFullError,
    ItemCodeTakenError,
    ItemCycleError,
    ItemInUseError,
    ItemParentError,
    ItemTooDeepError,
    ItemUnitError,
    ItemVersionConflictError,
)
from crm.catalogue.models import CatalogueItem
from crm.catalogue.schemas import MOST_ITEMS, MOST_LEVELS, CatalogueItemView, ItemChange, ItemDraft, ItemLimit
from hotline.kernel.errors import NotFoundError
from hotline.kernel.ids import uuid7
from hotline.kernel.trees import above, height, would_cycle


class CatalogueService:
    """Each method works in the caller's transaction."""

    async def listed(self, db: AsyncSession, *, active: bool | None) -> list[CatalogueItemView]:
        """By code."""
        outline = await repository.outline(db)
        rows = (row for row in outline.rows.values() if active is None or row.active is active)
        return [CatalogueItemView.of(row, outline) for row in rows]

    async def view(self, db: AsyncSession, item_id: str) -> CatalogueItemView:
        """Raises NotFoundError."""
        outline = await repository.outline(db)
        row = outline.rows.get(item_id)
        if row is None:
            raise NotFoundError("No item of the catalogue has this id.")
        return CatalogueItemView.of(row, outline)

    async def create(self, db: AsyncSession, draft: ItemDraft) -> CatalogueItem:
        known = await repository.parents(db)
        if len(known) >= MOST_ITEMS:
            raise CatalogueFullError(f"A catalogue has at most {MOST_ITEMS} items; use one that is there.")
        row = CatalogueItem(id=uuid7(), name=draft.name, keywords=_once(draft.keywords), active=True, version=1)
        await self._set_code(db, row, draft.code)
        await self._set_parent(db, row, draft.parent_id, known)
        await self._set_unit(db, row, draft.unit_id)
        _set_limit(row, draft.limit)
        db.add(row)
        await db.flush()
        return row

    async def update(self, db: AsyncSession, item_id: str, change: ItemChange) -> CatalogueItem:
        # Before the item's own row is locked: two who move items wait for each other here.
        known = await repository.parents(db)
        row = await repository.item(db, item_id, lock=True)
        if row is None:
            raise NotFoundError("No item of the catalogue has this id.")
        if change.version != row.version:
            raise ItemVersionConflictError(
                f"It is at version {row.version}, not {change.version}; load it again and repeat the change.",
                version=row.version,
            )
        given = change.model_fields_set
        if change.code is not None:
            await self._set_code(db, row, change.code)
        if change.name is not None:
            row.name = change.name
        if "parent_id" in given and change.parent_id != row.parent_id:
            await self._set_parent(db, row, change.parent_id, known)
        if "unit_id" in given and change.unit_id != row.unit_id:
            await self._set_unit(db, row, change.unit_id)
        if "limit" in given:
            _set_limit(row, change.limit)
        if change.keywords is not None:
            row.keywords = _once(change.keywords)
        if change.active is not None and change.active != row.active:
            await self._set_active(db, row, active=change.active)
        row.version += 1
        await db.flush()
        return row

    async def _set_code(self, db: AsyncSession, row: CatalogueItem, code: str) -> None:
        if await repository.code_taken(db, code, excluding=row.id):
            raise ItemCodeTakenError(f"{code} is another item's; choose another code, or change that item.")
        row.code = code

    async def _set_parent(
        self, db: AsyncSession, row: CatalogueItem, parent_id: str | None, known: dict[str, str | None]
    ) -> None:
        if parent_id is not None:
            if would_cycle(known, row.id, parent_id):
                raise ItemCycleError("Choose a parent that is not the item itself nor below it.")
            await self._require_parent(db, parent_id)
            levels = len(above(known, parent_id)) + 1 + height(known | {row.id: row.parent_id}, row.id)
            if levels > MOST_LEVELS:
                raise ItemTooDeepError(
                    f"There it would reach level {levels}; choose a parent that is higher, up to level {MOST_LEVELS}."
                )
        row.parent_id = parent_id

    async def _require_parent(self, db: AsyncSession, parent_id: str) -> None:
        parent = await repository.item(db, parent_id)
        if parent is None or not parent.active:
            raise ItemParentError("Choose an item that is in use as the parent, or none.")

    async def _set_unit(self, db: AsyncSession, row: CatalogueItem, unit_id: str | None) -> None:
        if unit_id is not None and not await repository.unit_active(db, unit_id):
            raise ItemUnitError("Choose a unit that is in use, or none: then the item above decides.")
        row.unit_id = unit_id

    async def _set_active(self, db: AsyncSession, row: CatalogueItem, *, active: bool) -> None:
        if active and row.parent_id is not None:
            await self._require_parent(db, row.parent_id)
        if not active and (count := await repository.active_below(db, row.id)):
            raise ItemInUseError(f"{count} items in use are below it; move or deactivate them first.", children=count)
        row.active = active


def _set_limit(row: CatalogueItem, limit: ItemLimit | None) -> None:
    row.limit_amount = limit.amount if limit else None
    row.limit_unit = limit.unit.value if limit else None
    row.limit_basis = limit.basis if limit else ""


def _once(words: list[Any]) -> list[Any]:
    return list(dict.fromkeys(words))
