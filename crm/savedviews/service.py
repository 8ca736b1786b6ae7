"""Saved views: each user's own; a supervisor shares one with a role, which is audited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.service import Audit
from crm.savedviews import repository
from crm.savedviews.errors import (
    SavedViewNameError,
    SavedViewOwnerError,
    SavedViewsFullError,
    SavedViewSharingError,
    SavedViewVersionError,
)
from crm.savedviews.models import SavedView
from crm.savedviews.schemas import SavedViewChange, SavedViewDraft, SavedViewFields
from hotline.accounts.roles import Role
from hotline.kernel.clock import Clock
from hotline.kernel.db import is_duplicate
from hotline.kernel.errors import ConflictError, NotFoundError
from hotline.kernel.http import Principal

MOST = 50


class SavedViewService:
    """Each method works in the caller's transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def all(self, db: AsyncSession, *, who: Principal) -> Sequence[SavedView]:
        return await repository.seen_by(db, who.user_id, who.roles)

    async def add(self, db: AsyncSession, draft: SavedViewDraft, *, who: Principal, audit: Audit) -> SavedView:
        """Raises SavedViewNameError, SavedViewSharingError, SavedViewsFullError; the same draft again is one view."""
        if (known := await repository.view(db, draft.id)) is not None:
            if known.owner_id != who.user_id:
                raise ConflictError("Another view has this id; make a new one.")
            return known
        _require_sharing(draft, None, who)
        if await repository.count_of(db, who.user_id) >= MOST:
            raise SavedViewsFullError(f"Delete one first: {MOST} are the most.")
        now = self._clock.now()
        row = SavedView(id=draft.id, owner_id=who.user_id, version=1, created_at=now, updated_at=now, **_columns(draft))
        await _store(db, row)
        if row.shared_with is not None:
            await audit("saved_view.share", row.id, after=_audited(row))
        return row

    async def change(
        self, db: AsyncSession, view_id: str, change: SavedViewChange, *, who: Principal, audit: Audit
    ) -> SavedView:
        row = await self._own(db, view_id, who)
        if row.version != change.version:
            raise SavedViewVersionError("Load it again.", version=row.version)
        _require_sharing(change, row.shared_with, who)
        before = _audited(row)
        for name, value in _columns(change).items():
            setattr(row, name, value)
        row.version += 1
        row.updated_at = self._clock.now()
        await _store(db, row)
        after = _audited(row)
        if before["shared_with"] is not None or after["shared_with"] is not None:
            await audit("saved_view.change", row.id, before=before, after=after)
        return row

    async def remove(self, db: AsyncSession, view_id: str, *, who: Principal, audit: Audit) -> None:
        row = await self._own(db, view_id, who)
        if row.shared_with is not None:
            await audit("saved_view.remove", row.id, before=_audited(row))
        await db.delete(row)

    async def _own(self, db: AsyncSession, view_id: str, who: Principal) -> SavedView:
        """Of another's, shared or not, nobody changes anything but its owner."""
        row = await repository.view(db, view_id, lock=True)
        if row is None or (row.owner_id != who.user_id and row.shared_with not in who.roles):
            raise NotFoundError("There is no such view.")
        if row.owner_id != who.user_id:
            raise SavedViewOwnerError("Save a copy under a name of your own.")
        return row


def _columns(fields: SavedViewFields) -> dict[str, Any]:
    return {**fields.model_dump(mode="json", exclude={"id", "version"}), "sort": fields.sort or ""}


def _audited(row: SavedView) -> dict[str, Any]:
    """Without the words somebody searched for."""
    filters = {name: value for name, value in row.filters.items() if name != "search"}
    return {"name": row.name, "work_list": row.work_list, "filters": filters, "shared_with": row.shared_with}


def _require_sharing(fields: SavedViewFields, shared_with: str | None, who: Principal) -> None:
    if fields.shared_with != shared_with and Role.SUPERVISOR not in who.roles:
        raise SavedViewSharingError("Ask a supervisor to share it.")


async def _store(db: AsyncSession, row: SavedView) -> None:
    try:
        async with db.begin_nested():
            db.add(row)
            await db.flush()
    except IntegrityError as error:
        if is_duplicate(error):
            raise SavedViewNameError("Choose another name, or change that view.") from None
        raise
