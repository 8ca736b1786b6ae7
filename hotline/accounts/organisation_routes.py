"""/api/organisations, and where a user belongs."""

from __future__ import annotations

from hotline.accounts.audit import changes
from hotline.accounts.feature import AccountFeature
from hotline.accounts.organisation_schemas import (
    OrganisationChange,
    OrganisationDraft,
    OrganisationView,
    UserOrganisation,
)
from hotline.accounts.roles import Permission
from hotline.accounts.schemas import UserView
from hotline.accounts.views import user_view
from hotline.kernel.http import RequestContext, Routes


def organisation_routes(feature: AccountFeature) -> Routes:
    """Who users work for."""
    routes = Routes("/api/organisations", tag="users")
    organisations = feature.organisations

    @routes.get("", permission=Permission.USER_READ)
    async def list_organisations(ctx: RequestContext) -> list[OrganisationView]:
        """The whole tree, by name; deactivated ones too."""
        return await organisations.listed(ctx.db)

    @routes.post("", permission=Permission.USER_MANAGE, status=201)
    async def create_organisation(ctx: RequestContext, body: OrganisationDraft) -> OrganisationView:
        """Add one under another."""
        view = await organisations.create(ctx.db, body)
        await ctx.audit("organisation.create", view.id, before=None, after=view.audited())
        return view

    @routes.patch("/{organisation_id}", permission=Permission.USER_MANAGE)
    async def update_organisation(
        ctx: RequestContext, organisation_id: str, body: OrganisationChange
    ) -> OrganisationView:
        """Rename, move, deactivate or activate one."""
        before = await organisations.view(ctx.db, organisation_id)
        view = await organisations.update(ctx.db, organisation_id, body)
        await ctx.audit("organisation.change", view.id, **changes(before.audited(), view.audited()))
        return view

    return routes


def user_organisation_routes(feature: AccountFeature) -> Routes:
    routes = Routes("/api/users", tag="users")

    @routes.put("/{user_id}/organisation", permission=Permission.USER_MANAGE)
    async def set_organisation(ctx: RequestContext, user_id: str, body: UserOrganisation) -> UserView:
        """Move a user to another organisation; roles and sessions stay as they are."""
        user = await feature.users.user(ctx.db, user_id, lock=True)
        before = user.organisation_id
        await feature.organisations.assign(ctx.db, user, body.organisation_id)
        await ctx.audit("user.set_organisation", user_id, before=before, after=user.organisation_id)
        return await user_view(ctx.db, feature, user)

    return routes
