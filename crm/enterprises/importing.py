"""Files of enterprises with their contacts, one contact a row; matched by credit code, then by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm.enterprises import import_lookups as lookups
from crm.enterprises.credit_codes import organisation_of
from crm.enterprises.events import EnterprisesImported
from crm.enterprises.import_rows import COLUMNS, prepare_row
from crm.enterprises.import_undo import ChangeRecord, take_back
from crm.enterprises.models import Contact, ContactNumber, Enterprise, EnterpriseKind, sort_name
from crm.enterprises.numbers import NumberPlan
from crm.enterprises.schemas import MOST_CONTACTS, MOST_NUMBERS
from crm.enterprises.search_index import index_enterprises
from hotline.accounts.roles import Permission
from hotline.kernel.events import Event
from hotline.kernel.ids import uuid7
from hotline.kernel.imports.ports import (
    EarlierRow,
    ImportColumn,
    ImportedRecord,
    ImportStaleError,
    PreparedRow,
    RowOutcome,
    RowProblem,
    WrittenRow,
)

_FORMS = ("name", "name_normal", "name_folded", "initials", "pinyin")


class EnterpriseImporter:
    """Implements `hotline.kernel.imports.ports.RowImporter`."""

    kind = "enterprises"
    permission: str = Permission.ENTERPRISE_MANAGE
    columns: Sequence[ImportColumn] = COLUMNS

    def __init__(self, plan: NumberPlan) -> None:
        self._plan = plan

    def prepare(self, records: Sequence[ImportedRecord]) -> list[PreparedRow]:
        return [prepare_row(record, self._plan) for record in records]

    async def compare(self, db: AsyncSession, rows: Sequence[PreparedRow], earlier: dict[str, EarlierRow]) -> None:
        codes = {row.value["credit_code"] for row in rows if row.value["credit_code"]}
        known = await lookups.known_enterprises(db, codes, {row.value["name_folded"] for row in rows})
        for row in rows:
            above = next((earlier[key] for key in row.seeks if key in earlier), None)
            if above is not None and above.target is not None:
                _same_as_above(row, above.target)
            else:
                _match(row, known)
            if not row.problems:
                for key in row.keys:
                    earlier.setdefault(key, EarlierRow(row.number, row.target))

    async def apply(self, db: AsyncSession, rows: Sequence[PreparedRow], *, at: datetime) -> dict[int, dict[str, Any]]:
        created = [row for row in rows if row.outcome is RowOutcome.CREATE]
        await _refuse_taken(db, created)
        await _insert(db, created, at)
        undo: dict[int, dict[str, Any]] = {row.number: {"at": at.isoformat()} for row in created}
        changed: dict[str, list[PreparedRow]] = defaultdict(list)
        for row in rows:
            if row.outcome is RowOutcome.UPDATE and row.target is not None:
                changed[row.target].append(row)
        present = await lookups.with_contacts(db, changed)
        for target, of_one in changed.items():
            undo[of_one[0].number] = _update(present.get(target), of_one, at)
        await db.flush()
        for enterprise in present.values():
            db.expunge(enterprise)
        return undo

    async def undo(self, db: AsyncSession, rows: Sequence[WrittenRow]) -> int:
        return await take_back(db, rows)

    def applied(self, *, import_id: str, by: str, at: datetime, counts: Mapping[str, int]) -> Event:
        return EnterprisesImported(
            at=at,
            import_id=import_id,
            by=by,
            created=counts.get(RowOutcome.CREATE, 0),
            updated=counts.get(RowOutcome.UPDATE, 0),
        )


def _same_as_above(row: PreparedRow, target: str) -> None:
    """A further contact of an enterprise that a row above creates or updates."""
    row.target = target
    row.outcome = RowOutcome.UPDATE
    row.value["version"] = None


def _match(row: PreparedRow, known: lookups.Known) -> None:
    value = row.value
    found = known.by_code.get(value["credit_code"]) if value["credit_code"] else None
    if found is None:
        named = known.by_name.get(value["name_folded"], [])
        # An enterprise with another code is another one, however alike the names are.
        named = [one for one in named if not (value["credit_code"] and one.credit_code)]
        if len(named) > 1:
            hint = "Several enterprises have this name; add the credit code, or merge them on their page first."
            row.problems.append(RowProblem(code="name_ambiguous", detail=hint, column="name"))
            return
        found = named[0] if named else None
    if found is None:
        row.target, row.outcome, value["version"] = uuid7(), RowOutcome.CREATE, None
        return
    row.target, value["version"] = found.id, found.version
    row.outcome = RowOutcome.UPDATE if _differs(found, value) else RowOutcome.SKIP


def _differs(enterprise: Enterprise, value: Mapping[str, Any]) -> bool:
    if _field_changes(enterprise, value):
        return True
    if not value["contact"]:
        return False
    contact = _contact_named(enterprise, value["contact"])
    if contact is None or (value["role"] and value["role"] != contact.role):
        return True
    present = {(number.number, number.purpose) for number in contact.numbers}
    return any((number, purpose) not in present for number, purpose in value["numbers"])


def _field_changes(enterprise: Enterprise, value: Mapping[str, Any]) -> dict[str, Any]:
    """What the row changes; an empty cell changes nothing."""
    changes = {
        field: value[field]
        for field in ("kind", "industry", "size")
        if value.get(field) and value[field] != getattr(enterprise, field)
    }
    if value["credit_code"] and value["credit_code"] != enterprise.credit_code:
        code = value["credit_code"]
        changes |= {"credit_code": code, "credit_code_confirmed": False, "organisation_code": organisation_of(code)}
    if value["name"] != enterprise.name:
        changes |= {form: value[form] for form in _FORMS}
    return changes


def _contact_named(enterprise: Enterprise, name: str) -> Contact | None:
    return next((contact for contact in enterprise.contacts if contact.name == name), None)


async def _refuse_taken(db: AsyncSession, created: Sequence[PreparedRow]) -> None:
    codes = {row.value["credit_code"]: row.number for row in created if row.value["credit_code"]}
    for taken in await lookups.taken_codes(db, codes):
        raise ImportStaleError(
            f"Row {codes[taken]}: somebody has registered this credit code since the file was checked; check it again."
        )


async def _insert(db: AsyncSession, rows: Sequence[PreparedRow], at: datetime) -> None:
    enterprises: list[dict[str, Any]] = []
    contacts: list[dict[str, Any]] = []
    numbers: list[dict[str, Any]] = []
    for row in rows:
        value = row.value
        enterprises.append(
            {form: value[form] for form in _FORMS}
            | {
                "id": row.target,
                "sort_name": sort_name(value["pinyin"]),
                "credit_code": value["credit_code"],
                "credit_code_confirmed": False,
                "organisation_code": organisation_of(value["credit_code"]),
                "kind": value["kind"] or EnterpriseKind.ENTERPRISE,
                "industry": value.get("industry") or "",
                "size": value["size"],
                "skips_menu": True,
                "version": 1,
                "created_at": at,
                "updated_at": at,
            }
        )
        if value["contact"]:
            contact_id = uuid7()
            contact = {"id": contact_id, "enterprise_id": row.target, "name": value["contact"], "role": value["role"]}
            contacts.append(contact | {"preferred": "phone"})
            numbers += [
                {"id": uuid7(), "contact_id": contact_id, "number": number, "purpose": purpose}
                for number, purpose in value["numbers"]
            ]
    for table, lines in ((Enterprise, enterprises), (Contact, contacts), (ContactNumber, numbers)):
        if lines:
            await (await db.connection()).execute(insert(table), lines)
    await (await db.connection()).run_sync(index_enterprises, enterprises)


def _update(enterprise: Enterprise | None, rows: Sequence[PreparedRow], at: datetime) -> dict[str, Any]:
    """Change the enterprise; what it takes to undo it, as `crm.enterprises.import_undo` reads it."""
    first = rows[0]
    if enterprise is None or enterprise.merged_into is not None:
        raise ImportStaleError(f"Row {first.number}: its enterprise was merged since the check; check the file again.")
    versions = {row.value["version"] for row in rows} - {None}
    if versions and enterprise.version not in versions:
        raise ImportStaleError(f"Row {first.number}: its enterprise was changed since the check; check the file again.")
    undo = ChangeRecord(at=at, touched_at=enterprise.updated_at)
    for row in rows:
        for field, value in _field_changes(enterprise, row.value).items():
            undo.note(enterprise, field, value)
            setattr(enterprise, field, value)
        if row.value["contact"]:
            _add_contact(enterprise, row, undo)
    enterprise.version += 1
    enterprise.updated_at = at
    return undo.as_json()


def _add_contact(enterprise: Enterprise, row: PreparedRow, undo: ChangeRecord) -> None:
    value = row.value
    contact = _contact_named(enterprise, value["contact"])
    if contact is None:
        if len(enterprise.contacts) >= MOST_CONTACTS:
            raise ImportStaleError(f"Row {row.number}: the enterprise would have more than {MOST_CONTACTS} contacts.")
        contact = Contact(id=uuid7(), name=value["contact"], role=value["role"], preferred="phone", numbers=[])
        enterprise.contacts.append(contact)
        undo.contacts.append(contact.id)
    elif value["role"] and value["role"] != contact.role:
        undo.roles.setdefault(contact.id, contact.role)
        contact.role = value["role"]
    present = {(number.number, number.purpose) for number in contact.numbers}
    for number, purpose in value["numbers"]:
        if (number, purpose) not in present:
            added = ContactNumber(id=uuid7(), number=number, purpose=purpose)
            contact.numbers.append(added)
            undo.numbers.append(added.id)
    if len(contact.numbers) > MOST_NUMBERS:
        raise ImportStaleError(f"Row {row.number}: the contact would have more than {MOST_NUMBERS} numbers.")
