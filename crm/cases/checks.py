"""What a case says of its caller and its calls, held against the book of enterprises and the call log."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.errors import UnknownCallerError, UnknownItemError, UnknownUnitError
from crm.cases.fields import missing
from crm.cases.models import Case
from crm.catalogue import repository as catalogue
from crm.enterprises import repository as enterprises
from crm.enterprises.numbers import NumberPlan
from crm.ports import CallHistory
from crm.units import repository as units


class CaseChecks:
    """Each works in the caller's transaction; `calls` are the ids of those linked to the case."""

    def __init__(self, plan: NumberPlan, history: CallHistory) -> None:
        self.plan = plan
        self._history = history

    async def require_caller(self, db: AsyncSession, row: Case) -> None:
        """The contact is in the book, and of the enterprise; a contact alone brings its enterprise into `row`.

        Of an enterprise that was merged into another, `row` names the survivor. Raises UnknownCallerError.
        """
        if row.enterprise_id is not None:
            row.enterprise_id = await enterprises.survivor_of(db, row.enterprise_id)
        if row.contact_id is not None:
            contact = await enterprises.contact(db, row.contact_id)
            if contact is None or row.enterprise_id not in (None, contact.enterprise_id):
                raise UnknownCallerError("That contact does not exist, or belongs to another enterprise.")
            row.enterprise_id = contact.enterprise_id
        elif row.enterprise_id is not None and not await enterprises.names(db, [row.enterprise_id]):
            raise UnknownCallerError("That enterprise does not exist.")

    async def require_unit(self, db: AsyncSession, row: Case) -> None:
        """The unit complained of is one we know, and brings its name into `row`. Raises UnknownUnitError."""
        if row.unit_complained_of_id is not None:
            unit = (await units.named(db, [row.unit_complained_of_id])).get(row.unit_complained_of_id)
            if unit is None:
                raise UnknownUnitError("That unit does not exist; choose another, or write its name.")
            row.unit_complained_of = unit.name

    async def require_item(self, db: AsyncSession, item_id: str | None) -> None:
        """The item is in the catalogue. Raises UnknownItemError."""
        if item_id is not None and await catalogue.item(db, item_id) is None:
            raise UnknownItemError("The catalogue has no such item; choose another.")

    async def missing(self, db: AsyncSession, row: Case, calls: Collection[str]) -> tuple[str, ...]:
        """The fields that `row` still lacks before it can be submitted, in the order of the form."""
        return missing(row, reachable=await self._is_reachable(db, row, calls))

    async def _is_reachable(self, db: AsyncSession, row: Case, calls: Collection[str]) -> bool:
        """Whether the caller can be called back: at the number given, as a contact, or where a call came from."""
        if row.callback_number.strip():
            return self.plan.canonical(row.callback_number) is not None
        if row.contact_id is not None:
            return True
        for call_id in calls:
            party = await self._history.party(db, call_id)
            if party is not None and self.plan.canonical(party.caller_number) is not None:
                return True
        return False
