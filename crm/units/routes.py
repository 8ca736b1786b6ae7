"""Units over HTTP."""

from __future__ import annotations

from crm.units import repository
from crm.units.duty import RosterChange
from crm.units.models import Unit
from crm.units.schemas import (
    SpecialistChange,
    SpecialistDraft,
    UnitChange,
    UnitDetail,
    UnitDraft,
    UnitPerson,
    UnitQuery,
    UnitView,
)
from crm.units.service import UnitService
from crm.units.week import OwnSpecialist, RosterReader, UnitRoster, WeekQuery
from hotline.accounts.audit import changes
from hotline.accounts.roles import Permission, Role
from hotline.kernel.errors import ForbiddenError, NotFoundError
from hotline.kernel.http import RequestContext, Routes

_MOST = 1024 * 1024
"""Bytes: a new unit may bring fifty specialists, with 4,000 characters each on what they may answer."""
_ROSTER = 256 * 1024


def unit_routes(service: UnitService) -> Routes:
    routes = Routes("/api/units", tag="units")
    keepers = _Keepers(service)
    _add_reading(routes, service, keepers)
    _add_units(routes, service, keepers)
    _add_specialists(routes, service, keepers)
    return routes


def specialist_routes(service: UnitService) -> Routes:
    routes = Routes("/api/specialists", tag="units")
    keepers = _Keepers(service)

    @routes.get("", permission=Permission.UNIT_READ)
    async def list_own_specialists(ctx: RequestContext) -> list[OwnSpecialist]:
        """Who the user is as a specialist: one, or nobody."""
        row = await repository.specialist_of_user(ctx.db, ctx.user.user_id)
        if row is None:
            return []
        duty = service.rosters.of(await service.read(ctx.db, row.unit_id))[row.id]
        return [
            OwnSpecialist(
                id=row.id,
                unit_name=row.unit.name,
                on_duty=duty.on_duty,
                on_duty_until=duty.until,
                next_duty=duty.begins,
            )
        ]

    @routes.get("/{specialist_id}", permission=Permission.UNIT_READ)
    async def read_specialist(ctx: RequestContext, specialist_id: str, query: WeekQuery) -> UnitRoster:
        """The week of the specialist's unit, with the specialist in it."""
        roster = await keepers.week(ctx, await service.unit_of_specialist(ctx.db, specialist_id), query)
        if not any(one.id == specialist_id for one in roster.specialists):
            raise NotFoundError("This specialist has left.")
        return roster

    return routes


class _Keepers:
    """Who may see and change a unit, and how they see it."""

    def __init__(self, service: UnitService) -> None:
        self._service = service

    async def seen(self, ctx: RequestContext, unit_id: str) -> UnitDetail:
        return self.detail(await self._service.read(ctx.db, unit_id))

    def detail(self, row: Unit) -> UnitDetail:
        return UnitDetail.of(row, self._service.rosters.of(row), fewest=self._service.fewest)

    async def week(self, ctx: RequestContext, row: Unit, query: WeekQuery) -> UnitRoster:
        """Raises NotFoundError of a unit that is closed, but for whoever keeps it."""
        may_edit = ctx.may(Permission.UNIT_WRITE) or row.id == await self.own_unit(ctx)
        if not row.active and not may_edit:
            raise NotFoundError("No unit in use has this id.")
        reader = RosterReader(ctx.user.user_id, may_edit)
        return self._service.week(row, query.day).view(reader, fewest=self._service.fewest, most=self._service.most)

    async def require(self, ctx: RequestContext, unit_id: str) -> None:
        """Raises ForbiddenError for all but those who keep the units, and this unit's own people."""
        if not ctx.may(Permission.UNIT_WRITE) and unit_id != await self.own_unit(ctx):
            raise ForbiddenError("Only whoever keeps the units, and the unit's own people, may see and do that.")

    async def own_unit(self, ctx: RequestContext) -> str | None:
        """The unit whose specialists the user keeps, as its head or as one of its handlers."""
        if {Role.UNIT_HEAD, Role.UNIT_HANDLER}.isdisjoint(ctx.user.roles):
            return None
        return await repository.unit_of_user(ctx.db, ctx.user.user_id)


def _add_reading(routes: Routes, service: UnitService, keepers: _Keepers) -> None:
    @routes.get("", permission=Permission.UNIT_READ)
    async def list_units(ctx: RequestContext, query: UnitQuery) -> list[UnitView]:
        """Units by name, each with its parent; closed ones for whoever keeps the units."""
        if not query.active and Permission.UNIT_WRITE not in ctx.user.permissions:
            raise ForbiddenError("Only whoever keeps the units sees those that are closed.")
        own = await keepers.own_unit(ctx)
        may_all = ctx.may(Permission.UNIT_WRITE)
        units = (
            UnitView.of(row, service.rosters.of(row), may_edit=may_all or row.id == own).narrowed(query.search)
            for row in await service.listed(ctx.db, active=query.active)
        )
        return [unit for unit in units if unit is not None]

    @routes.get("/{unit_id}", permission=Permission.UNIT_READ)
    async def read_unit(ctx: RequestContext, unit_id: str) -> UnitDetail:
        """With numbers and rosters: for whoever keeps the units, and for the unit's own people."""
        await keepers.require(ctx, unit_id)
        return await keepers.seen(ctx, unit_id)

    @routes.get("/{unit_id}/roster", permission=Permission.UNIT_READ)
    async def read_roster(ctx: RequestContext, unit_id: str, query: WeekQuery) -> UnitRoster:
        """A week of the unit: who is on duty when."""
        return await keepers.week(ctx, await service.read(ctx.db, unit_id), query)

    @routes.get("/{unit_id}/people", permission=Permission.UNIT_READ)
    async def list_people(ctx: RequestContext, unit_id: str) -> list[UnitPerson]:
        """The users who work for the unit; also for whoever manages users."""
        if not ctx.may(Permission.USER_READ):
            await keepers.require(ctx, unit_id)
        unit = await service.read(ctx.db, unit_id)
        users = await repository.people(ctx.db, unit.organisation_id) if unit.organisation_id else ()
        return [UnitPerson.of(user) for user in users]


def _add_units(routes: Routes, service: UnitService, keepers: _Keepers) -> None:
    @routes.post("", permission=Permission.UNIT_WRITE, status=201, max_body=_MOST)
    async def create_unit(ctx: RequestContext, body: UnitDraft) -> UnitDetail:
        unit = keepers.detail(await service.create(ctx.db, body))
        await ctx.audit("unit.create", unit.id, after=unit.audited())
        return unit

    @routes.patch("/{unit_id}", permission=Permission.UNIT_WRITE)
    async def update_unit(ctx: RequestContext, unit_id: str, body: UnitChange) -> UnitDetail:
        before = await keepers.seen(ctx, unit_id)
        unit = keepers.detail(await service.update(ctx.db, unit_id, body))
        await ctx.audit("unit.change", unit_id, **changes(before.audited(), unit.audited()))
        return unit


def _add_specialists(routes: Routes, service: UnitService, keepers: _Keepers) -> None:
    """What a unit's own people do too."""

    async def audit_change(ctx: RequestContext, action: str, before: UnitDetail, after: UnitDetail, id: str) -> None:
        changed = changes(before.specialist(id).audited(), after.specialist(id).audited())
        await ctx.audit(action, id, unit_id=after.id, **changed)

    @routes.post("/{unit_id}/specialists", permission=Permission.UNIT_READ, status=201)
    async def add_specialist(ctx: RequestContext, unit_id: str, body: SpecialistDraft) -> UnitDetail:
        await keepers.require(ctx, unit_id)
        unit = keepers.detail(await service.add_specialist(ctx.db, unit_id, body))
        added = unit.specialists[-1]
        await ctx.audit("specialist.create", added.id, unit_id=unit_id, after=added.audited())
        return unit

    @routes.patch("/{unit_id}/specialists/{specialist_id}", permission=Permission.UNIT_READ)
    async def update_specialist(
        ctx: RequestContext, unit_id: str, specialist_id: str, body: SpecialistChange
    ) -> UnitDetail:
        await keepers.require(ctx, unit_id)
        before = await keepers.seen(ctx, unit_id)
        unit = keepers.detail(await service.update_specialist(ctx.db, unit_id, specialist_id, body))
        await audit_change(ctx, "specialist.change", before, unit, specialist_id)
        return unit

    @routes.put("/{unit_id}/specialists/{specialist_id}/roster", permission=Permission.UNIT_READ, max_body=_ROSTER)
    async def set_roster(ctx: RequestContext, unit_id: str, specialist_id: str, body: RosterChange) -> UnitDetail:
        """The whole roster; without weekly shifts there is none."""
        await keepers.require(ctx, unit_id)
        before = await keepers.seen(ctx, unit_id)
        unit = keepers.detail(await service.set_roster(ctx.db, unit_id, specialist_id, body))
        await audit_change(ctx, "specialist.roster", before, unit, specialist_id)
        return unit
