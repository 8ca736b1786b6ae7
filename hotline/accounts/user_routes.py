"""/api/users and /api/role-requests: what administrators do with others' accounts."""

from __future__ import annotations

from hotline.accounts import repository
from hotline.accounts.events import AccessChanged
from hotline.accounts.feature import AccountFeature
from hotline.accounts.models import PasswordState, RoleRequest
from hotline.accounts.roles import Permission
from hotline.accounts.schemas import (
    AccessView,
    Decision,
    PasswordReset,
    RoleRequestList,
    RoleRequestQuery,
    RoleRequestView,
    RolesChange,
    UserDraft,
    UserQuery,
    UserView,
)
from hotline.accounts.service import allowed_roles, require_other
from hotline.accounts.views import access_view, request_view, user_view, user_views
from hotline.kernel.http import Page, RequestContext, Routes


def user_routes(feature: AccountFeature) -> Routes:
    """Who may log in, and as what: accounts by system_admin, roles by security_admin."""
    routes = Routes("/api/users", tag="users")
    users = feature.users

    @routes.get("", permission=Permission.USER_READ)
    async def list_users(ctx: RequestContext, query: UserQuery) -> Page[UserView]:
        """Users by user name."""
        found = await repository.users(ctx.db, query)
        views = await user_views(ctx.db, feature, found.rows)
        return found.page(lambda user: views[user.id])

    @routes.post("", permission=Permission.USER_MANAGE, status=201, transaction=False)
    async def create_user(ctx: RequestContext, body: UserDraft) -> UserView:
        """Add a user, whose password is good for one log-in; the roles wait for a security administrator."""
        allowed_roles(body.roles)
        password_hash = await users.hash_password(body.password.get_secret_value(), username=body.username)
        async with ctx.transaction() as db:
            user = await users.create_user(
                db,
                username=body.username,
                name=body.name,
                password_hash=password_hash,
                roles=(),
                password_state=PasswordState.ONE_TIME,
            )
            await feature.organisations.assign(db, user, body.organisation_id)
            await ctx.audit(
                "user.create",
                user.id,
                username=user.username,
                organisation_id=user.organisation_id,
                roles=user.roles,
            )
            request = await feature.requests.ask(db, user, body.roles, ctx.user, approval=Permission.ROLE_ASSIGN)
            await _audit_request(ctx, request)
            return await user_view(db, feature, user)

    @routes.get("/{user_id}", permission=Permission.USER_READ)
    async def read_user(ctx: RequestContext, user_id: str) -> UserView:
        """One user."""
        return await user_view(ctx.db, feature, await users.user(ctx.db, user_id))

    @routes.put("/{user_id}/roles", permission=Permission.ROLE_ASSIGN)
    async def set_roles(ctx: RequestContext, user_id: str, body: RolesChange) -> UserView:
        """Replace a user's roles from the next request on; those that see cases wait for a second person."""
        result = await feature.requests.assign(ctx.db, user_id, body.roles, ctx.user)
        if result.before != result.user.roles:
            await ctx.audit("user.set_roles", user_id, before=result.before, after=result.user.roles)
            _emit(ctx, user_id, "roles")
        await _audit_request(ctx, result.request)
        return await user_view(ctx.db, feature, result.user)

    @routes.post("/{user_id}/deactivate", permission=Permission.USER_MANAGE)
    async def deactivate_user(ctx: RequestContext, user_id: str) -> UserView:
        """Shut a user out; their sessions end at once."""
        return await set_active(ctx, user_id, active=False)

    @routes.post("/{user_id}/activate", permission=Permission.USER_MANAGE)
    async def activate_user(ctx: RequestContext, user_id: str) -> UserView:
        """Let a user in again."""
        return await set_active(ctx, user_id, active=True)

    async def set_active(ctx: RequestContext, user_id: str, *, active: bool) -> UserView:
        user = await users.user(ctx.db, user_id, lock=True)
        before = user.active
        if active:
            await feature.organisations.require_active(ctx.db, user.organisation_id)
        user = await users.set_active(ctx.db, user_id, active=active)
        await ctx.audit("user.activate" if active else "user.deactivate", user_id, before=before, after=active)
        _emit(ctx, user_id, "activated" if active else "deactivated")
        return await user_view(ctx.db, feature, user)

    return routes


def access_routes(feature: AccountFeature) -> Routes:
    """How others log in; nobody can change their own access here."""
    routes = Routes("/api/users", tag="users")
    users = feature.users

    @routes.get("/{user_id}/access", permission=Permission.ACCESS_MANAGE)
    async def read_access(ctx: RequestContext, user_id: str) -> AccessView:
        """Sessions, locks and second factor of a user."""
        return await access_view(ctx.db, feature, await users.user(ctx.db, user_id))

    @routes.put("/{user_id}/password", permission=Permission.ACCESS_MANAGE, transaction=False)
    async def set_password(ctx: RequestContext, user_id: str, body: PasswordReset) -> None:
        """Set a password that is good for one log-in, which must change it; the user's sessions end."""
        require_other(user_id, ctx.user.user_id)
        password_hash = await users.hash_new_password(user_id, body.password.get_secret_value())
        async with ctx.transaction() as db:
            before = (await users.user(db, user_id)).password_state
            user = await users.set_password(db, user_id, password_hash, state=PasswordState.ONE_TIME)
            await ctx.audit("user.set_password", user_id, before=before, after=user.password_state)
        _emit(ctx, user_id, "password")

    @routes.post("/{user_id}/unlock", permission=Permission.ACCESS_MANAGE)
    async def unlock_user(ctx: RequestContext, user_id: str) -> AccessView:
        """Forget failed attempts to log in."""
        require_other(user_id, ctx.user.user_id)
        user = await users.user(ctx.db, user_id)
        before = await feature.attempts.unlock(ctx.db, user_id)
        await ctx.audit("user.unlock", user_id, before=before, after=[])
        return await access_view(ctx.db, feature, user)

    @routes.post("/{user_id}/second-factor/reset", permission=Permission.ACCESS_MANAGE)
    async def reset_second_factor(ctx: RequestContext, user_id: str) -> AccessView:
        """For a lost phone: log in without a code, or with a new enrolment; the user's sessions end."""
        require_other(user_id, ctx.user.user_id)
        before = await feature.second_factor.reset(ctx.db, user_id)
        await ctx.audit("user.reset_second_factor", user_id, before=before, after=False)
        _emit(ctx, user_id, "second_factor")
        return await access_view(ctx.db, feature, await users.user(ctx.db, user_id))

    @routes.delete("/{user_id}/sessions", permission=Permission.ACCESS_MANAGE)
    async def end_user_sessions(ctx: RequestContext, user_id: str) -> AccessView:
        """Log a user out everywhere."""
        user = await users.user(ctx.db, user_id)
        before = await feature.sessions.end_all(ctx.db, user_id)
        await ctx.audit("session.end_all", user_id, before=before, after=0)
        _emit(ctx, user_id, "sessions_ended")
        return await access_view(ctx.db, feature, user)

    @routes.delete("/{user_id}/sessions/{session_id}", permission=Permission.ACCESS_MANAGE)
    async def end_user_session(ctx: RequestContext, user_id: str, session_id: str) -> AccessView:
        """Log a user out in one browser."""
        user = await users.user(ctx.db, user_id)
        ended = await feature.sessions.end(ctx.db, user_id, session_id)
        await ctx.audit("session.end", user_id, session=ended.id, address=ended.address)
        _emit(ctx, user_id, "sessions_ended")
        return await access_view(ctx.db, feature, user)

    return routes


def role_request_routes(feature: AccountFeature) -> Routes:
    """Roles that wait for a second person."""
    routes = Routes("/api/role-requests", tag="users")

    @routes.get("", permission=Permission.ROLE_APPROVE)
    async def list_role_requests(ctx: RequestContext, query: RoleRequestQuery) -> RoleRequestList:
        """The oldest first."""
        rows = await repository.role_requests(ctx.db, state=query.state)
        return RoleRequestList(items=[request_view(row, ctx.user) for row in rows])

    @routes.post("/{request_id}/approve", permission=Permission.ROLE_APPROVE)
    async def approve_role_request(ctx: RequestContext, request_id: str, body: Decision) -> RoleRequestView:
        """Give the roles, as another person than asked for them."""
        return await decide(ctx, request_id, approve=True, reason=body.reason)

    @routes.post("/{request_id}/refuse", permission=Permission.ROLE_APPROVE)
    async def refuse_role_request(ctx: RequestContext, request_id: str, body: Decision) -> RoleRequestView:
        """Refuse them, or withdraw one's own request."""
        return await decide(ctx, request_id, approve=False, reason=body.reason)

    async def decide(ctx: RequestContext, request_id: str, *, approve: bool, reason: str) -> RoleRequestView:
        request, before = await feature.requests.decide(ctx.db, request_id, approve=approve, by=ctx.user, reason=reason)
        await ctx.audit(
            "user.roles_approved" if approve else "user.roles_refused",
            request.user_id,
            request=request.id,
            requested_by=request.requested_by,
            roles=request.roles,
            before=before,
            after=request.user.roles,
            reason=reason,
        )
        if approve:
            _emit(ctx, request.user_id, "roles")
        return request_view(request, ctx.user)

    return routes


def _emit(ctx: RequestContext, user_id: str, reason: str) -> None:
    ctx.emit(AccessChanged(at=ctx.clock.now(), user_id=user_id, reason=reason))


async def _audit_request(ctx: RequestContext, request: RoleRequest | None) -> None:
    if request is not None:
        await ctx.audit("user.roles_requested", request.user_id, request=request.id, roles=request.roles)
