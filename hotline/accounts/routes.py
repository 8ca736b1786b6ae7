"""All routes of accounts, with /api/audit."""

from __future__ import annotations

from aiohttp import hdrs, web

from hotline.accounts import repository
from hotline.accounts.audit_export import exported_lines, filters_of
from hotline.accounts.feature import AccountFeature
from hotline.accounts.models import AuditEntry
from hotline.accounts.organisation_routes import organisation_routes, user_organisation_routes
from hotline.accounts.roles import Permission
from hotline.accounts.schemas import AuditActions, AuditFilter, AuditQuery, AuditView
from hotline.accounts.session_routes import account_routes as own_account_routes
from hotline.accounts.session_routes import session_routes
from hotline.accounts.user_routes import access_routes, role_request_routes, user_routes
from hotline.kernel.http import Page, RequestContext, Routes


def audit_routes() -> Routes:
    """Read the audit log."""
    routes = Routes("/api/audit", tag="audit")

    @routes.get("", permission=Permission.AUDIT_READ)
    async def list_audit(ctx: RequestContext, query: AuditQuery) -> Page[AuditView]:
        """What was done, the newest first; who reads it is on record, once a minute."""
        page = (await repository.audit_entries(ctx.db, query)).page(_audit_view)
        await ctx.audit_repeated("audit.read", "audit", filters=filters_of(query))
        return page

    @routes.get("/actions", permission=Permission.AUDIT_READ)
    async def list_audit_actions(ctx: RequestContext) -> AuditActions:
        """Every action that the log holds, by name."""
        return AuditActions(items=await repository.audit_actions(ctx.db))

    @routes.get(
        "/export", permission=Permission.AUDIT_READ, raw=True, transaction=False, produces="application/x-ndjson"
    )
    async def export_audit(ctx: RequestContext, query: AuditFilter) -> web.StreamResponse:
        """The entries of the same filters as JSON lines, the newest first; each export is audited."""
        await ctx.audit("audit.export", "audit", filters=filters_of(query))
        response = web.StreamResponse()
        response.content_type = "application/x-ndjson"
        name = f"audit-{ctx.clock.now():%Y%m%d-%H%M%S}.jsonl"
        response.headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="{name}"'
        await response.prepare(ctx.request)
        async for lines in exported_lines(ctx.database, query):
            await response.write(lines)
        await response.write_eof()
        return response

    return routes


def account_routes(feature: AccountFeature) -> tuple[Routes, ...]:
    """All routes of this feature."""
    return (
        session_routes(feature),
        own_account_routes(feature),
        user_routes(feature),
        user_organisation_routes(feature),
        organisation_routes(feature),
        access_routes(feature),
        role_request_routes(feature),
        audit_routes(),
    )


def _audit_view(entry: AuditEntry) -> AuditView:
    return AuditView(
        id=entry.id,
        at=entry.at,
        user_id=entry.user_id,
        username=entry.username,
        action=entry.action,
        target=entry.target,
        address=entry.address,
        detail=entry.detail,
    )
