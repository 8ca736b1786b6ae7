"""/api/system and /api/roles: the service's health and settings, for those who run it."""

from __future__ import annotations

from pydantic import BaseModel

from hotline.accounts.roles import ROLE_PERMISSIONS, Permission, Role
from hotline.app.settings import Settings
from hotline.app.settings_view import SettingView, settings_in_force
from hotline.kernel.health import HealthChecks, Readiness
from hotline.kernel.http import SIGNED_IN, RequestContext, Routes


class RoleView(BaseModel):
    role: Role
    permissions: list[Permission]


def system_routes(health: HealthChecks, settings: Settings) -> Routes:
    routes = Routes("/api/system", tag="system")

    @routes.get("/health", permission=Permission.SETTINGS_MANAGE, transaction=False)
    async def read_health(ctx: RequestContext) -> Readiness:
        """What `/readyz` says, also to a browser that reaches the service through a proxy."""
        return await health.readiness()

    @routes.get("/settings", permission=Permission.SETTINGS_MANAGE, transaction=False)
    async def read_settings(ctx: RequestContext) -> list[SettingView]:
        """The settings in force and where each comes from; a secret says only whether it is set."""
        return settings_in_force(settings)

    return routes


def role_routes() -> Routes:
    routes = Routes("/api/roles", tag="users")

    @routes.get("", permission=SIGNED_IN, transaction=False)
    async def list_roles(ctx: RequestContext) -> list[RoleView]:
        """What each role may do."""
        return [RoleView(role=role, permissions=sorted(ROLE_PERMISSIONS[role])) for role in Role]

    return routes
