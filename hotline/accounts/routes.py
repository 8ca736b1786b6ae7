"""All routes of accounts, with /api/audit."""

from __future__ import annotations

from hotline.accounts import repository
from hotline.accounts.feature import AccountFeature
from hotline.accounts.models import AuditEntry
from hotline.accounts.roles import Permission
from hotline.accounts.schemas import AuditQuery, AuditView
from hotline.accounts.session_routes import account_routes as own_account_routes
from hotline.accounts.session_routes import session_routes
from hotline.accounts.user_routes import access_routes, role_request_routes, user_routes
from hotline.kernel.http import Page, RequestContext, Routes


def audit_routes() -> Routes:
    """Read the audit log."""
    routes = Routes("/api/audit", tag="audit")

    @routes.get("", permission=Permission.AUDIT_READ)
    async def list_audit(ctx: RequestContext, query: AuditQuery) -> Page[AuditView]:
        """What was done, the newest first."""
        return (await repository.audit_entries(ctx.db, query)).page(_audit_view)

    return routes


def account_routes(feature: AccountFeature) -> tuple[Routes, ...]:
    """All routes of this feature."""
    return (
        session_routes(feature),
        own_account_routes(feature),
        user_routes(feature),
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
