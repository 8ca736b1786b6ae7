"""Files of items, one a row, matched by code; the whole file is placed in the tree before anything is written."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm.catalogue import repository
from crm.catalogue.import_rows import COLUMNS, prepare_row
from crm.catalogue.import_tree import place_rows, row_changes, stored_columns
from crm.catalogue.models import CatalogueItem
from crm.catalogue.outline import Outline
from crm.catalogue.schemas import MOST_ITEMS
from hotline.accounts.roles import Permission
from hotline.kernel.imports.cells import refuse_repeated
from hotline.kernel.imports.ports import (
    EarlierRow,
    ImportColumn,
    ImportedRecord,
    ImportStaleError,
    PreparedRow,
    RowOutcome,
    WrittenRow,
)
from hotline.kernel.imports.undo import delete_unless_used
from hotline.kernel.trees import levels


class CatalogueImporter:
    """Implements `hotline.kernel.imports.ports.WholeFileImporter`."""

    kind = "catalogue"
    permission: str = Permission.UNIT_WRITE
    columns: Sequence[ImportColumn] = COLUMNS
    most_rows = MOST_ITEMS

    def prepare(self, records: Sequence[ImportedRecord]) -> list[PreparedRow]:
        return [prepare_row(record) for record in records]

    async def compare(self, db: AsyncSession, rows: Sequence[PreparedRow], earlier: dict[str, EarlierRow]) -> None:
        refuse_repeated(rows, earlier, "code")

    async def review(self, db: AsyncSession, rows: Sequence[PreparedRow], refused: Sequence[int]) -> None:
        await asyncio.to_thread(place_rows, rows, await repository.outline(db))

    async def apply(self, db: AsyncSession, rows: Sequence[PreparedRow], *, at: datetime) -> dict[int, dict[str, Any]]:
        await repository.parents(db)  # whoever moves items meanwhile waits
        outline = await repository.outline(db)
        await asyncio.to_thread(_require_fresh, rows, outline)
        undo: dict[int, dict[str, Any]] = {}
        await _insert(db, [row for row in rows if row.outcome is RowOutcome.CREATE], outline)
        for row in rows:
            undo[row.number] = {}
            if row.outcome is RowOutcome.UPDATE:
                undo[row.number] = _update(outline.rows[str(row.target)], row)
        await db.flush()
        return undo

    async def undo(self, db: AsyncSession, rows: Sequence[WrittenRow]) -> int:
        outline = await repository.outline(db)
        for row in rows:
            if row.undo and (item := outline.rows.get(row.target)) is not None:
                for column, value in row.undo["before"].items():
                    if getattr(item, column) == row.undo["after"][column]:
                        setattr(item, column, value)
                item.version += 1
        await db.flush()
        created = {row.target for row in rows if not row.undo} & outline.rows.keys()
        return await _remove(db, [id_ for id_ in created if outline.rows[id_].version == 1], outline) + sum(
            outline.rows[id_].version > 1 for id_ in created
        )

    def applied(self, *, import_id: str, by: str, at: datetime, counts: Mapping[str, int]) -> None:
        """Whoever reads the catalogue looks at its revision."""


def _require_fresh(rows: Sequence[PreparedRow], outline: Outline) -> None:
    """Raises ImportStaleError where the check would end otherwise by now."""
    again = [
        PreparedRow(number=row.number, target=row.target, value={**row.value, "parent_id": None, "unit_id": None})
        for row in rows
    ]
    place_rows(again, outline)
    for row, now in zip(rows, again, strict=True):
        reason = now.problems[0].detail if now.problems else "its item was added or changed."
        same = (now.outcome, now.target, now.value) == (row.outcome, row.target, {"unit_id": None} | row.value)
        if now.problems or not same:
            raise ImportStaleError(f"Row {row.number}: since the check the catalogue changed. {reason} Check it again.")


async def _insert(db: AsyncSession, rows: Sequence[PreparedRow], outline: Outline) -> None:
    """Add the items, each after the one above it."""
    parents = {item.id: item.parent_id for item in outline.rows.values()}
    level, _ = levels(parents | {str(row.target): row.value["parent_id"] for row in rows})
    items = [
        stored_columns(row.value)
        | {
            "id": row.target,
            "code": row.value["code"],
            "limit_basis": (row.value["limit"] or {}).get("basis", ""),
            "keywords": row.value["keywords"] or [],
            "active": True,
            "version": 1,
        }
        for row in sorted(rows, key=lambda row: level[str(row.target)])
    ]
    if items:
        await (await db.connection()).execute(insert(CatalogueItem), items)


def _update(item: CatalogueItem, row: PreparedRow) -> dict[str, Any]:
    """Change the item; what it takes to undo that."""
    after = row_changes(item, row.value)
    before = {column: getattr(item, column) for column in after}
    for column, value in after.items():
        setattr(item, column, value)
    item.version += 1
    return {"before": before, "after": after}


async def _remove(db: AsyncSession, ids: Sequence[str], outline: Outline) -> int:
    """Delete these items; those that a case or another item refers to stay, and are counted."""
    if not ids or await delete_unless_used(db, delete(CatalogueItem).where(CatalogueItem.id.in_(ids))):
        return 0
    kept = 0
    for one in sorted(ids, key=outline.level, reverse=True):
        kept += not await delete_unless_used(db, delete(CatalogueItem).where(CatalogueItem.id == one))
    return kept
