"""The tree of categories: four levels, no cycle, and nothing in use under what is not."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge import repository
from crm.knowledge.errors import KnowledgeCategoryConflictError, KnowledgeCategoryError
from crm.knowledge.models import KnowledgeCategory
from crm.knowledge.schemas import (
    MOST_CATEGORIES,
    MOST_CATEGORY_LEVELS,
    CategoryChange,
    CategoryDraft,
    CategoryView,
)
from hotline.kernel.errors import NotFoundError
from hotline.kernel.ids import uuid7
from hotline.kernel.trees import above, height, would_cycle


class KnowledgeCategories:
    """Each method works in the caller's transaction."""

    async def listed(self, db: AsyncSession) -> list[CategoryView]:
        return [CategoryView.of(row) for row in await repository.categories(db)]

    async def create(self, db: AsyncSession, draft: CategoryDraft) -> CategoryView:
        known = await repository.category_parents(db, lock=True)
        if len(known) >= MOST_CATEGORIES:
            raise KnowledgeCategoryError(f"There are {MOST_CATEGORIES} categories already; use one that is there.")
        row = KnowledgeCategory(id=uuid7(), name=draft.name, position=draft.position, active=True, version=1)
        await self._place(db, row, draft.parent_id, known)
        db.add(row)
        await db.flush()
        return CategoryView.of(row)

    async def change(
        self, db: AsyncSession, category_id: str, change: CategoryChange
    ) -> tuple[CategoryView, CategoryView]:
        """Before and after. Raises NotFoundError and the errors of version and place."""
        known = await repository.category_parents(db, lock=True)
        row = await repository.category(db, category_id)
        if row is None:
            raise NotFoundError("There is no such category.")
        if change.version != row.version:
            raise KnowledgeCategoryConflictError(
                f"It is at version {row.version}, not {change.version}; load it again.", version=row.version
            )
        before = CategoryView.of(row)
        if "parent_id" in change.model_fields_set and change.parent_id != row.parent_id:
            await self._place(db, row, change.parent_id, known)
        row.name = change.name if change.name is not None else row.name
        row.position = change.position if change.position is not None else row.position
        if change.active is not None and change.active != row.active:
            await self._set_active(db, row, active=change.active)
        row.version += 1
        await db.flush()
        return before, CategoryView.of(row)

    async def _place(
        self, db: AsyncSession, row: KnowledgeCategory, parent_id: str | None, known: dict[str, str | None]
    ) -> None:
        if parent_id is not None:
            parent = await repository.category(db, parent_id)
            if parent is None or not parent.active:
                raise KnowledgeCategoryError("Choose a category that is in use to stand under, or none.")
            if would_cycle(known, row.id, parent_id):
                raise KnowledgeCategoryError("A category cannot stand under itself, nor under one below it.")
            levels = len(above(known, parent_id)) + 1 + height(known | {row.id: row.parent_id}, row.id)
            if levels > MOST_CATEGORY_LEVELS:
                raise KnowledgeCategoryError(f"The tree has {MOST_CATEGORY_LEVELS} levels; choose a higher one.")
        row.parent_id = parent_id

    async def _set_active(self, db: AsyncSession, row: KnowledgeCategory, *, active: bool) -> None:
        rows = await repository.categories(db)
        if active and any(one.id == row.parent_id and not one.active for one in rows):
            raise KnowledgeCategoryConflictError("The category above it is not in use; put that one into use first.")
        if not active and any(one.parent_id == row.id and one.active for one in rows):
            raise KnowledgeCategoryConflictError("Categories in use stand under it; move or close them first.")
        row.active = active
