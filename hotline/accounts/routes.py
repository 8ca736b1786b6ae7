"""/api/session, /api/users, /api/audit."""

from __future__ import annotations

from aiohttp import web

from hotline.accounts import repository
from hotline.accounts.events import AccessChanged
from hotline.accounts.models import AuditEntry, User
from hotline.accounts.roles import Permission, Principal
from hotline.accounts.schemas import (
    AdministratorView,
    AuditQuery,
    AuditView,
    Credentials,
    PasswordChange,
    PasswordReset,
    RolesChange,
    SessionUser,
    SessionView,
    UserDraft,
    UserQuery,
    UserView,
)
from hotline.accounts.service import AccountService
from hotline.kernel.gate import session_token
from hotline.kernel.http import SESSION_COOKIE, SIGNED_IN, Page, RequestContext, Routes
from hotline.kernel.http import Principal as AnyPrincipal
from hotline.kernel.rate import RateLimit

_SMALL = 4 * 1024
_LOG_INS = "300/minute"
"""Whatever they hold; attempts with a name and a password have limits of their own."""


def session_routes(service: AccountService) -> Routes:
    """Log in, see who one is, log out."""
    routes = Routes("/api/session", tag="session")

    requests = RateLimit("log-in requests by address", _LOG_INS)

    @routes.post("", public=True, transaction=False, max_body=_SMALL, limit=requests)
    async def log_in(ctx: RequestContext, body: Credentials) -> SessionView:
        """Log in; the session's cookie comes with the answer."""
        opened = await service.log_in(body.username, body.password.get_secret_value(), address=ctx.address)
        _set_cookie(ctx, opened.token)
        return SessionView(user=_session_user(opened.principal))

    @routes.get("", permission=SIGNED_IN)
    async def read_session(ctx: RequestContext) -> SessionView:
        """Who is logged in."""
        return SessionView(user=_session_user(ctx.user))

    @routes.get("/administrators", permission=SIGNED_IN)
    async def list_administrators(ctx: RequestContext) -> list[AdministratorView]:
        """Who can give a role, by name: for a user who misses one."""
        return [AdministratorView(name=user.name) for user in await service.administrators(ctx.db)]

    @routes.delete("", permission=SIGNED_IN)
    async def log_out(ctx: RequestContext) -> None:
        """End this session."""
        await service.log_out(ctx.db, _token(ctx))
        await ctx.audit("session.close", ctx.user.user_id)
        ctx.emit(AccessChanged(at=ctx.clock.now(), user_id=ctx.user.user_id, reason="logged_out"))
        ctx.on_response(lambda response: response.del_cookie(SESSION_COOKIE, path="/"))

    @routes.put("/password", permission=SIGNED_IN, transaction=False, max_body=_SMALL)
    async def change_password(ctx: RequestContext, body: PasswordChange) -> None:
        """Change one's own password; every other session of the user ends."""
        await service.change_password(
            ctx.user.user_id,
            old_password=body.old_password.get_secret_value(),
            new_password=body.new_password.get_secret_value(),
            token=_token(ctx),
            address=ctx.address,
        )
        ctx.emit(AccessChanged(at=ctx.clock.now(), user_id=ctx.user.user_id, reason="password"))

    return routes


def user_routes(service: AccountService) -> Routes:
    """Manage who may log in, and as what."""
    routes = Routes("/api/users", tag="users")

    @routes.get("", permission=Permission.USER_MANAGE)
    async def list_users(ctx: RequestContext, query: UserQuery) -> Page[UserView]:
        """Users by user name."""
        return (await repository.users(ctx.db, query)).page(_user_view)

    @routes.post("", permission=Permission.USER_MANAGE, status=201, transaction=False)
    async def create_user(ctx: RequestContext, body: UserDraft) -> UserView:
        """Add a user."""
        password_hash = await service.hash_password(body.password.get_secret_value())
        async with ctx.transaction() as db:
            user = await service.create_user(
                db, username=body.username, name=body.name, password_hash=password_hash, roles=body.roles
            )
            await ctx.audit("user.create", user.id, username=user.username, roles=user.roles)
        return _user_view(user)

    @routes.get("/{user_id}", permission=Permission.USER_MANAGE)
    async def read_user(ctx: RequestContext, user_id: str) -> UserView:
        """One user."""
        return _user_view(await service.user(ctx.db, user_id))

    @routes.put("/{user_id}/roles", permission=Permission.USER_MANAGE)
    async def set_roles(ctx: RequestContext, user_id: str, body: RolesChange) -> UserView:
        """Replace a user's roles; they hold from the next request on."""
        before = (await service.user(ctx.db, user_id)).roles
        user = await service.set_roles(ctx.db, user_id, body.roles)
        await ctx.audit("user.set_roles", user_id, before=before, after=user.roles)
        ctx.emit(AccessChanged(at=ctx.clock.now(), user_id=user_id, reason="roles"))
        return _user_view(user)

    @routes.put("/{user_id}/password", permission=Permission.USER_MANAGE, transaction=False)
    async def set_password(ctx: RequestContext, user_id: str, body: PasswordReset) -> None:
        """Set a user's password; their sessions end."""
        password_hash = await service.hash_password(body.password.get_secret_value())
        async with ctx.transaction() as db:
            await service.set_password(db, user_id, password_hash)
            await ctx.audit("user.set_password", user_id)
        ctx.emit(AccessChanged(at=ctx.clock.now(), user_id=user_id, reason="password"))

    @routes.post("/{user_id}/deactivate", permission=Permission.USER_MANAGE)
    async def deactivate_user(ctx: RequestContext, user_id: str) -> UserView:
        """Shut a user out; their sessions end at once."""
        user = await service.set_active(ctx.db, user_id, active=False)
        await ctx.audit("user.deactivate", user_id)
        ctx.emit(AccessChanged(at=ctx.clock.now(), user_id=user_id, reason="deactivated"))
        return _user_view(user)

    @routes.post("/{user_id}/activate", permission=Permission.USER_MANAGE)
    async def activate_user(ctx: RequestContext, user_id: str) -> UserView:
        """Let a user in again."""
        user = await service.set_active(ctx.db, user_id, active=True)
        await ctx.audit("user.activate", user_id)
        ctx.emit(AccessChanged(at=ctx.clock.now(), user_id=user_id, reason="activated"))
        return _user_view(user)

    return routes


def audit_routes() -> Routes:
    """Read the audit log."""
    routes = Routes("/api/audit", tag="audit")

    @routes.get("", permission=Permission.AUDIT_READ)
    async def list_audit(ctx: RequestContext, query: AuditQuery) -> Page[AuditView]:
        """What was done, the newest first."""
        return (await repository.audit_entries(ctx.db, query)).page(_audit_view)

    return routes


def account_routes(service: AccountService) -> tuple[Routes, ...]:
    """All routes of this feature."""
    return session_routes(service), user_routes(service), audit_routes()


def _set_cookie(ctx: RequestContext, token: str) -> None:
    secure = ctx.gate.options.secure or ctx.request.secure

    def finish(response: web.StreamResponse) -> None:
        # No max_age: it goes with the browser, and the server decides how long it counts.
        response.set_cookie(SESSION_COOKIE, token, path="/", httponly=True, samesite="Strict", secure=secure)

    ctx.on_response(finish)


def _token(ctx: RequestContext) -> str:
    return session_token(ctx.request)


def _session_user(principal: AnyPrincipal | Principal) -> SessionUser:
    return SessionUser.model_validate(
        {
            "id": principal.user_id,
            "username": principal.username,
            "name": principal.name,
            "roles": sorted(principal.roles),
            "permissions": sorted(principal.permissions),
        }
    )


def _user_view(user: User) -> UserView:
    return UserView(
        id=user.id,
        username=user.username,
        name=user.name,
        roles=sorted(user.role_set()),
        active=user.active,
        created_at=user.created_at,
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
