"""Case sheets over HTTP."""

from __future__ import annotations

from aiohttp import hdrs, web

from crm.cases.opening import open_case
from crm.sheets.pdf import SheetPrinter
from crm.sheets.schemas import CaseSheet, SheetQuery
from crm.sheets.service import SheetService
from hotline.accounts.roles import Permission
from hotline.kernel.http import RequestContext, Routes


def sheet_routes(service: SheetService, printer: SheetPrinter) -> Routes:
    routes = Routes("/api/cases", tag="sheets")

    async def made(ctx: RequestContext, case_id: str, query: SheetQuery, *, form: str) -> CaseSheet:
        if query.unmask:
            ctx.require(Permission.NUMBER_UNMASK)
        case = await open_case(ctx, service.cases, case_id)
        sheet = await service.sheet(ctx.db, case, who=ctx.user, unmask=query.unmask, language=query.language)
        await ctx.audit("case.sheet", case.id, form=form, unmasked=query.unmask)
        return sheet

    @routes.get("/{case_id}/sheet", permission=Permission.CASE_READ)
    async def read_sheet(ctx: RequestContext, case_id: str, query: SheetQuery) -> CaseSheet:
        """The sheet for the print view; each reading is audited."""
        return await made(ctx, case_id, query, form="print")

    @routes.get(
        "/{case_id}/sheet.pdf",
        permission=Permission.CASE_READ,
        raw=True,
        transaction=False,
        produces="application/pdf",
    )
    async def export_sheet(ctx: RequestContext, case_id: str, query: SheetQuery) -> web.StreamResponse:
        """The sheet as PDF; each export is audited."""
        async with ctx.database.snapshot() as db:
            ctx.session = db
            try:
                sheet = await made(ctx, case_id, query, form="pdf")
            finally:
                ctx.session = None
        body = await printer.pdf(sheet)
        headers = {
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{sheet.number}.pdf"',
            hdrs.CACHE_CONTROL: "private, no-store",
        }
        return web.Response(body=body, content_type="application/pdf", headers=headers)

    return routes
