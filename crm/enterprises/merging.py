"""Two enterprises become one, and two again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm.enterprises import duplicate_queries, merge_queries, repository
from crm.enterprises.credit_codes import organisation_of
from crm.enterprises.errors import EnterpriseMergedError, MergeError
from crm.enterprises.events import EnterpriseMergeUndone, EnterprisesMerged
from crm.enterprises.merge_schemas import MergeBody, MergeField, Take
from crm.enterprises.models import Enterprise, EnterpriseMerge
from crm.enterprises.names import search_forms
from crm.enterprises.schemas import MOST_CONTACTS
from crm.enterprises.service import Emit, check_version
from hotline.kernel.clock import Clock
from hotline.kernel.errors import NotFoundError
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7

_CODE = ("credit_code", "credit_code_confirmed", "organisation_code")
_COLUMNS = {MergeField.CREDIT_CODE: _CODE}


class MovedCases(Protocol):
    """The cases of enterprises; `crm.cases.enterprise_moves` implements it."""

    async def move(self, db: AsyncSession, *, source: str, target: str) -> list[str]: ...
    async def move_back(
        self, db: AsyncSession, ids: Collection[str], *, contacts: Collection[str], source: str, target: str
    ) -> int: ...


@dataclass(frozen=True, slots=True)
class Undone:
    merge: EnterpriseMerge
    kept: tuple[str, ...]
    """Fields of the survivor that were changed since the merge and stay as they are."""
    contacts: int
    cases: int
    notes: int


class EnterpriseMerges:
    """Each method works in the caller's transaction. Calls stay at the enterprise they were with: lists of calls ask
    for all ids that lead to a survivor, see `repository.ids_leading_to`.
    """

    def __init__(self, clock: Clock, cases: MovedCases) -> None:
        self._clock = clock
        self._cases = cases

    async def merge(self, db: AsyncSession, body: MergeBody, *, by: Principal, emit: Emit) -> EnterpriseMerge:
        """`merged_id` into `survivor_id`. Raises NotFoundError, EnterpriseVersionConflictError, MergeError."""
        survivor, merged = await self._both(db, body.survivor_id, body.merged_id)
        check_version(survivor, body.survivor_version)
        check_version(merged, body.merged_version)
        if len(survivor.contacts) + len(merged.contacts) > 2 * MOST_CONTACTS:
            raise MergeError("Together they have too many contacts; they cannot be merged.")
        before, after = _choose(survivor, merged, body.take)
        merge = EnterpriseMerge(
            id=uuid7(),
            survivor_id=survivor.id,
            merged_id=merged.id,
            at=self._clock.now(),
            by=by.user_id,
            by_name=by.name,
            before=before,
            after=after,
            merged_code={column: getattr(merged, column) for column in _CODE},
            contacts=[contact.id for contact in merged.contacts],
            cases=await self._cases.move(db, source=merged.id, target=survivor.id),
            notes=await merge_queries.move_notes(db, source=merged.id, target=survivor.id),
        )
        await merge_queries.move_contacts(db, merge.contacts, source=merged.id, target=survivor.id)
        merged.merged_into = survivor.id
        if "credit_code" in after:
            # One row alone may have the code: first the one gives it away.
            merged.credit_code, merged.credit_code_confirmed, merged.organisation_code = None, False, None
            await db.flush()
        _set(survivor, after)
        self._touch(survivor, merged)
        db.add(merge)
        await duplicate_queries.drop_all_of(db, merged.id)
        await db.flush()
        db.expire_all()
        await db.refresh(merge)
        emit(EnterprisesMerged(at=merge.at, survivor_id=merge.survivor_id, merged_id=merge.merged_id, by=by.user_id))
        return merge

    async def undo(self, db: AsyncSession, merge_id: str, *, by: Principal, emit: Emit) -> Undone:
        """Put back what the merge moved, as far as nobody has changed it since; `Undone` says what stays."""
        merge = await merge_queries.merge(db, merge_id)
        if merge is None:
            raise NotFoundError("No merge has this id.")
        if merge.undone_at is not None:
            raise MergeError("This merge is undone already.")
        survivor = await repository.enterprise(db, merge.survivor_id, lock=True)
        merged = await repository.enterprise(db, merge.merged_id, lock=True)
        if survivor is None or merged is None or merged.merged_into != survivor.id:
            raise MergeError("The two are no longer as this merge left them; look at the later merges.")
        if survivor.merged_into is not None:
            raise MergeError("The enterprise was merged into another one since; undo that merge first.")
        kept = await self._restore_fields(db, merge, survivor, merged)
        contacts = await merge_queries.move_contacts(db, merge.contacts, source=survivor.id, target=merged.id)
        cases = await self._cases.move_back(
            db, merge.cases, contacts=merge.contacts, source=survivor.id, target=merged.id
        )
        notes = await merge_queries.move_back_notes(db, merge.notes, source=survivor.id, target=merged.id)
        merged.merged_into = None
        merge.undone_at, merge.undone_by = self._clock.now(), by.user_id
        self._touch(survivor, merged)
        await db.flush()
        ids = {"survivor_id": survivor.id, "merged_id": merged.id}
        db.expire_all()
        await db.refresh(merge)
        emit(EnterpriseMergeUndone(at=self._clock.now(), by=by.user_id, **ids))
        return Undone(merge, kept, contacts, cases, notes)

    async def _restore_fields(
        self, db: AsyncSession, merge: EnterpriseMerge, survivor: Enterprise, merged: Enterprise
    ) -> tuple[str, ...]:
        """The survivor's fields as before, unless changed since; the code goes back as a whole or not at all."""
        changed = {column for column in merge.after if getattr(survivor, column) != merge.after[column]}
        if changed & set(_CODE):
            changed |= set(_CODE) & merge.after.keys()
        back = {column: value for column, value in merge.before.items() if column not in changed}
        kept = [column for column in changed if column not in (*_CODE[1:], *_DERIVED)]
        if (
            "credit_code" in back
            and back["credit_code"]
            and await repository.code_taken(db, back["credit_code"], excluding=survivor.id)
        ):
            back = {column: value for column, value in back.items() if column not in _CODE}
            kept.append("credit_code")
        _set(survivor, back)
        await db.flush()  # a code is free before the other takes it again
        wanted = merge.merged_code["credit_code"]
        if merged.credit_code is None and wanted:
            if await repository.code_taken(db, wanted, excluding=merged.id):
                kept.append("merged_credit_code")
            else:
                _set(merged, merge.merged_code)
        return tuple(sorted(kept))

    async def _both(self, db: AsyncSession, survivor_id: str, merged_id: str) -> tuple[Enterprise, Enterprise]:
        if survivor_id == merged_id:
            raise MergeError("Choose two different enterprises.")
        rows: dict[str, Enterprise] = {}
        for enterprise_id in sorted((survivor_id, merged_id)):  # in one order, so that two merges never wait in a ring
            row = await repository.enterprise(db, enterprise_id, lock=True)
            if row is None:
                raise NotFoundError("No enterprise has this id.")
            if row.merged_into is not None:
                raise EnterpriseMergedError.into(row.merged_into)
            rows[enterprise_id] = row
        return rows[survivor_id], rows[merged_id]

    def _touch(self, *rows: Enterprise) -> None:
        for row in rows:
            row.version += 1
            row.updated_at = self._clock.now()


_DERIVED = ("name_normal", "name_folded", "initials", "pinyin")


def _choose(
    survivor: Enterprise, merged: Enterprise, take: dict[MergeField, Take]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What changes of the survivor, before and after."""
    after: dict[str, Any] = {}
    for field, whose in take.items():
        if whose is Take.SURVIVOR:
            continue
        for column in _COLUMNS.get(field, (field.value,)):
            after[column] = getattr(merged, column)
    if "name" in after:
        after |= search_forms(after["name"])
    if "credit_code" in after:
        after["organisation_code"] = organisation_of(after["credit_code"])
    after = {column: value for column, value in after.items() if value != getattr(survivor, column)}
    if "credit_code" in after:
        after |= {column: getattr(merged, column) for column in _CODE}
    return {column: getattr(survivor, column) for column in after}, after


def _set(row: Enterprise, values: dict[str, Any]) -> None:
    for column, value in values.items():
        setattr(row, column, value)
