"""The specialists' phones, for three-way calls."""

from __future__ import annotations

from crm.units import repository
from crm.units.models import PhoneKind
from cti.threeway.ports import SpecialistPhone
from hotline.kernel.db import Database


class UnitDirectory:
    """Implements `cti.threeway.ports.SpecialistDirectory`; reads in a snapshot of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def phone(self, specialist_id: str, phone_index: int) -> SpecialistPhone | None:
        """The phone at `phone_index` (from 0) of an active specialist of an active unit; None where there is none."""
        async with self._database.snapshot() as db:
            row = await repository.specialist(db, specialist_id)
        if row is None or not row.active or not row.unit.active or not 0 <= phone_index < len(row.phones):
            return None
        phone = row.phones[phone_index]
        return SpecialistPhone(
            specialist_id=row.id,
            name=row.name,
            unit_name=row.unit.name,
            number=phone.number,
            internal=phone.kind == PhoneKind.INTERNAL,
            on_duty=row.on_duty,
        )
