"""Units over HTTP."""

from __future__ import annotations

from crm.units.schemas import SpecialistChange, SpecialistDraft, UnitChange, UnitDetail, UnitDraft, UnitQuery, UnitView
from crm.units.service import UnitService
from hotline.accounts.audit import changes
from hotline.accounts.roles import Permission
from hotline.kernel.errors import ForbiddenError
from hotline.kernel.http import RequestContext, Routes

_MOST = 1024 * 1024
"""Bytes: a new unit may bring fifty specialists, with 4,000 characters each on what they may answer."""


def unit_routes(service: UnitService) -> Routes:
    routes = Routes("/api/units", tag="units")

    async def seen(ctx: RequestContext, unit_id: str) -> UnitDetail:
        return UnitDetail.of(await service.read(ctx.db, unit_id), fewest=service.fewest)

    @routes.get("", permission=Permission.UNIT_READ)
    async def list_units(ctx: RequestContext, query: UnitQuery) -> list[UnitView]:
        """Units by name, each with its parent; closed ones for whoever keeps the units."""
        if not query.active and Permission.UNIT_WRITE not in ctx.user.permissions:
            raise ForbiddenError("Only whoever keeps the units sees those that are closed.")
        rows = await service.listed(ctx.db, active=query.active)
        units = (UnitView.of(row).narrowed(query.search) for row in rows)
        return [unit for unit in units if unit is not None]

    @routes.get("/{unit_id}", permission=Permission.UNIT_WRITE)
    async def read_unit(ctx: RequestContext, unit_id: str) -> UnitDetail:
        return await seen(ctx, unit_id)

    @routes.post("", permission=Permission.UNIT_WRITE, status=201, max_body=_MOST)
    async def create_unit(ctx: RequestContext, body: UnitDraft) -> UnitDetail:
        row = await service.create(ctx.db, body)
        unit = UnitDetail.of(row, fewest=service.fewest)
        await ctx.audit("unit.create", unit.id, after=unit.audited())
        return unit

    @routes.patch("/{unit_id}", permission=Permission.UNIT_WRITE)
    async def update_unit(ctx: RequestContext, unit_id: str, body: UnitChange) -> UnitDetail:
        before = await seen(ctx, unit_id)
        row = await service.update(ctx.db, unit_id, body)
        unit = UnitDetail.of(row, fewest=service.fewest)
        await ctx.audit("unit.change", unit_id, **changes(before.audited(), unit.audited()))
        return unit

    @routes.post("/{unit_id}/specialists", permission=Permission.UNIT_WRITE, status=201)
    async def add_specialist(ctx: RequestContext, unit_id: str, body: SpecialistDraft) -> UnitDetail:
        row = await service.add_specialist(ctx.db, unit_id, body)
        unit = UnitDetail.of(row, fewest=service.fewest)
        added = unit.specialists[-1]
        await ctx.audit("specialist.create", added.id, unit_id=unit_id, after=added.audited())
        return unit

    @routes.patch("/{unit_id}/specialists/{specialist_id}", permission=Permission.UNIT_WRITE)
    async def update_specialist(
        ctx: RequestContext, unit_id: str, specialist_id: str, body: SpecialistChange
    ) -> UnitDetail:
        before = await seen(ctx, unit_id)
        row = await service.update_specialist(ctx.db, unit_id, specialist_id, body)
        unit = UnitDetail.of(row, fewest=service.fewest)
        changed = changes(before.specialist(specialist_id).audited(), unit.specialist(specialist_id).audited())
        await ctx.audit("specialist.change", specialist_id, unit_id=unit_id, **changed)
        return unit

    return routes
