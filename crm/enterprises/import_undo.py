"""Taking back what an import of enterprises wrote, as far as nobody has used it since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.enterprises import import_lookups as lookups
from crm.enterprises.models import Contact, ContactNumber, Enterprise, EnterpriseDuplicate
from hotline.kernel.imports.ports import WrittenRow
from hotline.kernel.imports.undo import delete_unless_used


@dataclass(slots=True, kw_only=True)
class ChangeRecord:
    """What an import changed of one enterprise."""

    at: datetime
    touched_at: datetime
    """When it had been changed before."""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    contacts: list[str] = field(default_factory=list)
    """Ids of those added; so are `numbers`."""
    numbers: list[str] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    """Contact id to the role it had."""

    def note(self, enterprise: Enterprise, column: str, value: object) -> None:
        self.before.setdefault(column, getattr(enterprise, column))
        self.after[column] = value

    def as_json(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("before", "after", "contacts", "numbers", "roles")}
        return own | {"at": self.at.isoformat(), "touched_at": self.touched_at.isoformat()}


async def take_back(db: AsyncSession, rows: Sequence[WrittenRow]) -> int:
    """Undo these rows, the last first; how many enterprises stay because somebody has used them."""
    changed = [row for row in rows if "touched_at" in row.undo]
    present = await lookups.with_contacts(db, {row.target for row in changed})
    for row in sorted(changed, key=lambda one: one.number, reverse=True):
        if (enterprise := present.get(row.target)) is not None:
            await _restore(db, enterprise, row.undo)
    await db.flush()
    created = {row.target: datetime.fromisoformat(row.undo["at"]) for row in rows if "touched_at" not in row.undo}
    query = select(Enterprise.id, Enterprise.updated_at, Enterprise.merged_into).where(Enterprise.id.in_(created))
    found = (await db.execute(query)).all()
    untouched = [id_ for id_, updated, merged in found if updated == created[id_] and merged is None]
    return len(found) - len(untouched) + await _remove(db, untouched)


async def _restore(db: AsyncSession, enterprise: Enterprise, undo: dict[str, Any]) -> None:
    untouched = enterprise.updated_at == datetime.fromisoformat(undo["at"])
    for column, value in undo["before"].items():
        if getattr(enterprise, column) == undo["after"][column]:
            setattr(enterprise, column, value)
    for contact in enterprise.contacts:
        contact.role = undo["roles"].get(contact.id, contact.role)
    enterprise.version += 1
    if untouched:
        enterprise.updated_at = datetime.fromisoformat(undo["touched_at"])
    await db.flush()
    await db.execute(delete(ContactNumber).where(ContactNumber.id.in_(undo["numbers"])))
    for contact_id in undo["contacts"]:
        await delete_unless_used(db, delete(Contact).where(Contact.id == contact_id))
    db.expunge(enterprise)


async def _remove(db: AsyncSession, ids: Sequence[str]) -> int:
    """Delete these enterprises; those that a case or a note refers to stay, and are counted."""
    if not ids:
        return 0
    contacts = select(Contact.id).where(Contact.enterprise_id.in_(ids))
    pairs = or_(EnterpriseDuplicate.first_id.in_(ids), EnterpriseDuplicate.second_id.in_(ids))
    gone = await delete_unless_used(
        db,
        delete(EnterpriseDuplicate).where(pairs),
        delete(ContactNumber).where(ContactNumber.contact_id.in_(contacts)),
        delete(Contact).where(Contact.enterprise_id.in_(ids)),
        delete(Enterprise).where(Enterprise.id.in_(ids)),
    )
    if gone:
        return 0
    if len(ids) == 1:
        return 1
    middle = len(ids) // 2
    return await _remove(db, ids[:middle]) + await _remove(db, ids[middle:])
