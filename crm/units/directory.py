"""The specialists' phones, for three-way calls and for the call flow."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm.ports import InternalNumbers
from crm.units import repository
from crm.units.duty import DutyRosters
from crm.units.models import PhoneKind
from crm.units.models import Specialist as SpecialistRow
from crm.units.models import SpecialistPhone as PhoneRow
from crm.units.trunk import TrunkNumbers
from cti.threeway.conversation import UndiallableNumberError, endpoint_of
from cti.threeway.ports import SpecialistTarget
from hotline.kernel.db import Database
from ivr.dialplan import TRUNK, interface_of
from ivr.telephony import DialledPhone


class SpecialistNumbers:
    """Implements `cti.presence.ports.InternalPhones`."""

    async def holder(self, db: AsyncSession, number: str) -> str | None:
        """The specialist with this internal phone, and the unit; also one who has left, for they may come back."""
        row = await repository.by_internal_phone(db, number)
        return None if row is None else f"{row.name} ({row.unit.name})"


class UnitDirectory:
    """Implements `cti.threeway.ports.SpecialistDirectory` and `callflow.ports.PhoneBook`.

    Reads in a snapshot of its own.
    """

    def __init__(self, database: Database, trunk: TrunkNumbers, numbers: InternalNumbers, rosters: DutyRosters) -> None:
        self._database = database
        self._rosters = rosters
        self._trunk = trunk
        self._numbers = numbers

    async def phone(self, specialist_id: str, phone_index: int) -> SpecialistTarget | None:
        """The phone at `phone_index` (from 0) of an active specialist of an active unit; None where there is none."""
        async with self._database.snapshot() as db:
            row = await repository.specialist(db, specialist_id)
            if row is None or not row.active or not row.unit.active or not 0 <= phone_index < len(row.phones):
                return None
            unit = await repository.unit(db, row.unit_id)
            duty = self._rosters.of(unit)[row.id] if unit else None
            return await self._target(db, row, row.phones[phone_index], on_duty=duty is not None and duty.on_duty)

    async def on_duty(self, unit_id: str) -> list[DialledPhone]:
        """Of an active unit: the phones of each specialist on duty that may be called, in the unit's order."""
        found: list[DialledPhone] = []
        async with self._database.snapshot() as db:
            unit = await repository.unit(db, unit_id)
            if unit is None or not unit.active:
                return found
            duty = self._rosters.of(unit)
            for row in unit.specialists:
                if not row.active or not duty[row.id].on_duty:
                    continue
                for phone in row.phones:
                    try:
                        endpoint = endpoint_of(await self._target(db, row, phone, on_duty=True))
                    except UndiallableNumberError:
                        continue
                    found.append(DialledPhone(endpoint, row.id))
        return found

    def outside(self, number: str) -> str | None:
        """What Dial names an outside number as it is dialled; None where it may not be called."""
        return interface_of(f"{number}@{TRUNK}") if self._trunk.allows_a_flow(number) else None

    async def _target(
        self, db: AsyncSession, row: SpecialistRow, phone: PhoneRow, *, on_duty: bool
    ) -> SpecialistTarget:
        return SpecialistTarget(
            specialist_id=row.id,
            name=row.name,
            unit_name=row.unit.name,
            number=phone.number,
            internal=phone.kind == PhoneKind.INTERNAL,
            on_duty=on_duty,
            allowed=await self._allowed(db, phone),
        )

    async def _allowed(self, db: AsyncSession, phone: PhoneRow) -> bool:
        """Asked again: it may have been stored before the setting, or the agents, became what they are."""
        if phone.kind == PhoneKind.INTERNAL:
            return await self._numbers.holder(db, phone.number) is None
        return self._trunk.allows(phone.number)
