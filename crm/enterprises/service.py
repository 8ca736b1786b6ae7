"""The book of enterprises: who they are, who speaks for them, and by which numbers they call."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from crm.enterprises import repository
from crm.enterprises.credit_codes import CreditCode, organisation_of, require_credit_code
from crm.enterprises.duplicates import DuplicateFinder
from crm.enterprises.errors import (
    CreditCodeTakenError,
    EnterpriseMergedError,
    EnterpriseVersionConflictError,
    TooManyContactsError,
)
from crm.enterprises.events import EnterpriseRegistered, EnterpriseUpdated
from crm.enterprises.models import Contact, ContactNumber, Enterprise
from crm.enterprises.names import search_forms
from crm.enterprises.numbers import NumberPlan
from crm.enterprises.schemas import (
    MOST_CONTACTS,
    ContactChange,
    ContactDraft,
    EnterpriseChange,
    EnterpriseDraft,
    EnterpriseQuery,
    NumberChange,
)
from hotline.kernel.clock import Clock
from hotline.kernel.errors import InvalidInputError, NotFoundError
from hotline.kernel.events import Event
from hotline.kernel.ids import uuid7
from hotline.kernel.paging import Slice
from hotline.kernel.words import plain

Emit = Callable[[Event], None]


class EnterpriseService:
    """Each method works in the caller's transaction and emits its events, to be published after the commit."""

    def __init__(self, clock: Clock, plan: NumberPlan, duplicates: DuplicateFinder) -> None:
        self._clock = clock
        self._duplicates = duplicates
        self.plan = plan

    async def search(self, db: AsyncSession, query: EnterpriseQuery) -> Slice[Enterprise]:
        return await repository.search(db, query, self.plan.canonical)

    async def read(self, db: AsyncSession, enterprise_id: str) -> Enterprise:
        """The enterprise with contacts and numbers, or the one it was merged into; raises NotFoundError."""
        return await self._load(db, await repository.survivor_of(db, enterprise_id), lock=False)

    async def register(self, db: AsyncSession, draft: EnterpriseDraft, *, by: str, emit: Emit) -> Enterprise:
        now = self._clock.now()
        code = await self._free_code(db, draft.credit_code, confirmed=draft.credit_code_confirmed, excluding=None)
        row = Enterprise(
            id=uuid7(),
            credit_code=code.code if code else None,
            credit_code_confirmed=bool(code and code.confirmed),
            organisation_code=organisation_of(code.code if code else None),
            created_at=now,
            updated_at=now,
            **draft.model_dump(exclude={"credit_code", "credit_code_confirmed", "contacts"}),
            **search_forms(draft.name),
        )
        row.contacts = [self._new_contact(contact) for contact in draft.contacts]
        db.add(row)
        await self._duplicates.look_at(db, row)
        emit(EnterpriseRegistered(at=now, enterprise_id=row.id, by=by))
        return row

    async def update(
        self, db: AsyncSession, enterprise_id: str, change: EnterpriseChange, *, by: str, emit: Emit
    ) -> Enterprise:
        row = await self._load(db, enterprise_id, lock=True)
        check_version(row, change.version)
        given = change.model_dump(exclude_unset=True, exclude={"version", "credit_code_confirmed"})
        for field in ("name", "kind", "industry", "skips_menu"):
            if field in given and given[field] is None:
                raise InvalidInputError(f"{field} cannot be emptied; leave it out to keep it.")
        # A code that stays was checked, or confirmed, when it was entered.
        if "credit_code" in given and given["credit_code"] != row.credit_code:
            code = await self._free_code(
                db, given["credit_code"], confirmed=change.credit_code_confirmed, excluding=row.id
            )
            given["credit_code"] = code.code if code else None
            given["credit_code_confirmed"] = bool(code and code.confirmed)
            given["organisation_code"] = organisation_of(given["credit_code"])
        if "name" in given:
            given |= search_forms(given["name"])
        for field, value in given.items():
            setattr(row, field, value)
        self._touch(row, tuple(sorted(given)), by=by, emit=emit)
        await self._duplicates.look_at(db, row)
        return row

    async def add_contact(
        self, db: AsyncSession, enterprise_id: str, draft: ContactDraft, *, by: str, emit: Emit
    ) -> Contact:
        row = await self._load(db, enterprise_id, lock=True)
        if len(row.contacts) >= MOST_CONTACTS:
            raise TooManyContactsError(
                f"An enterprise has at most {MOST_CONTACTS} contacts; change one who has left instead."
            )
        contact = self._new_contact(draft)
        row.contacts.append(contact)
        self._touch(row, ("contacts",), by=by, emit=emit)
        await self._duplicates.look_at(db, row)
        return contact

    async def update_contact(
        self, db: AsyncSession, enterprise_id: str, contact_id: str, change: ContactChange, *, by: str, emit: Emit
    ) -> Contact:
        row = await self._load(db, enterprise_id, lock=True)
        check_version(row, change.version)
        contact = contact_of(row, contact_id)
        if change.name is not None:
            contact.name = change.name
        if change.role is not None:
            contact.role = change.role
        if change.preferred is not None:
            contact.preferred = change.preferred
        if change.numbers is not None:
            contact.numbers = self._changed_numbers(contact, change.numbers)
        self._touch(row, ("contacts",), by=by, emit=emit)
        await self._duplicates.look_at(db, row)
        return contact

    async def _load(self, db: AsyncSession, enterprise_id: str, *, lock: bool) -> Enterprise:
        row = await repository.enterprise(db, enterprise_id, lock=lock)
        if row is None:
            raise NotFoundError("No enterprise has this id.")
        if lock and row.merged_into is not None:
            raise EnterpriseMergedError.into(row.merged_into)
        return row

    async def _free_code(
        self, db: AsyncSession, text: str | None, *, confirmed: bool, excluding: str | None
    ) -> CreditCode | None:
        if text is None or not plain(text).strip():
            return None
        code = require_credit_code(text, confirmed=confirmed)
        if await repository.code_taken(db, code.code, excluding=excluding):
            raise CreditCodeTakenError("Search for the code; the enterprise is in the book already.")
        return code

    def _new_contact(self, draft: ContactDraft) -> Contact:
        numbers = dict.fromkeys((self.plan.require(item.number), item.purpose) for item in draft.numbers)
        return Contact(
            id=uuid7(),
            name=draft.name,
            role=draft.role,
            preferred=draft.preferred,
            numbers=[ContactNumber(id=uuid7(), number=number, purpose=purpose) for number, purpose in numbers],
        )

    def _changed_numbers(self, contact: Contact, changes: list[NumberChange]) -> list[ContactNumber]:
        present = {number.id: number for number in contact.numbers}
        by_value = {(number.number, number.purpose): number for number in contact.numbers}
        result: dict[tuple[str, str], ContactNumber] = {}
        for change in changes:
            if change.id is not None and change.id not in present:
                raise NotFoundError("This contact has no number with that id; load it again.")
            canonical = present[change.id].number if change.id else self.plan.require(change.number or "")
            # A row with the same value is kept as it is: the unique constraint would see the new one first.
            key = (canonical, str(change.purpose))
            result.setdefault(
                key, by_value.get(key) or ContactNumber(id=uuid7(), number=canonical, purpose=change.purpose)
            )
        return list(result.values())

    def _touch(self, row: Enterprise, fields: tuple[str, ...], *, by: str, emit: Emit) -> None:
        now = self._clock.now()
        row.version += 1
        row.updated_at = now
        emit(EnterpriseUpdated(at=now, enterprise_id=row.id, by=by, fields=fields))


def contact_of(row: Enterprise, contact_id: str) -> Contact:
    """The contact of `row` with this id; raises NotFoundError."""
    for contact in row.contacts:
        if contact.id == contact_id:
            return contact
    raise NotFoundError("This enterprise has no contact with that id.")


def check_version(row: Enterprise, version: int) -> None:
    if version != row.version:
        raise EnterpriseVersionConflictError(
            f"It is at version {row.version}, not {version}; load it again and repeat the change.",
            version=row.version,
        )
