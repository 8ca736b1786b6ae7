"""A unit's organisation, whose users handle its cases: it is named, placed and in use as the unit is."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.ports import OpenCases
from crm.units import repository
from crm.units.models import Unit
from hotline.accounts.models import ROOT_ORGANISATION, Organisation, OrganisationKind
from hotline.accounts.organisation_schemas import OrganisationChange, OrganisationDraft
from hotline.accounts.organisations import Organisations
from hotline.kernel.errors import ConflictError


class UnitInUseError(ConflictError):
    error_id = "unit.in_use"
    title = "The unit is in use"


class UnitOffices:
    def __init__(self, open_cases: OpenCases) -> None:
        self._open_cases = open_cases
        self._organisations = Organisations()

    async def lock(self, db: AsyncSession) -> None:
        """First of all: whoever changes an organisation takes its unit's row after this one, too."""
        await self._organisations.lock(db)

    async def link(self, db: AsyncSession, row: Unit) -> None:
        """Give the unit its organisation, or bring that one in line with it.

        One of the same name, of the kind unit and of no other unit, is taken over. Raises the errors of
        `Organisations`: a name that is taken, users who are still active.
        """
        office = await self._office(db, row)
        if office is None and not row.active:
            return
        parent_id = await self._parent_organisation(db, row, office)
        if office is None:
            draft = OrganisationDraft(name=row.name, kind=OrganisationKind.UNIT, parent_id=parent_id)
            row.organisation_id = (await self._organisations.create(db, draft)).id
            return
        row.organisation_id = office.id
        changed = OrganisationChange(
            version=office.version,
            name=row.name if row.name != office.name else None,
            parent_id=parent_id if parent_id != office.parent_id else None,
            active=row.active if row.active != office.active else None,
        )
        if changed.model_dump(exclude={"version"}, exclude_none=True):
            await self._organisations.update(db, office.id, changed)

    async def check_active(self, db: AsyncSession, row: Unit, *, active: bool) -> None:
        """Raises `UnitInUseError`."""
        if active:
            parent = await db.get(Unit, row.parent_id) if row.parent_id else None
            if parent is not None and not parent.active:
                raise UnitInUseError(f"{parent.name}, above it, is not in use; put that one into use first.")
            return
        cases, children = await self._open_cases.of_unit(db, row.id), await repository.active_below(db, row.id)
        if cases or children:
            raise UnitInUseError(
                f"It has {cases} open cases and {children} units in use below it; have the cases dispatched to another "
                "unit or answered, and move or deactivate those units first.",
                cases=cases,
                children=children,
            )

    async def _parent_organisation(self, db: AsyncSession, row: Unit, office: Organisation | None) -> str:
        parent = await db.get(Unit, row.parent_id) if row.parent_id else None
        if parent is None:
            above = office.parent_id if office else None
            # Under an organisation that is no unit, such as a district, it stays there.
            kept = above is not None and await repository.unit_of_organisation(db, above) is None
            return above if above is not None and kept else ROOT_ORGANISATION
        if parent.organisation_id is None:
            await self.link(db, parent)
        return parent.organisation_id or ROOT_ORGANISATION

    async def _office(self, db: AsyncSession, row: Unit) -> Organisation | None:
        if row.organisation_id is not None:
            return await db.get(Organisation, row.organisation_id, populate_existing=True)
        query = select(Organisation).where(Organisation.name == row.name, Organisation.kind == OrganisationKind.UNIT)
        found = (await db.scalars(query)).one_or_none()
        if found is None or await repository.unit_of_organisation(db, found.id) is not None:
            return None
        return found
