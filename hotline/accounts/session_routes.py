"""/api/session and /api/account: what people do with their own log-in."""

from __future__ import annotations

from aiohttp import hdrs, web

from hotline.accounts.events import AccessChanged
from hotline.accounts.feature import AccountFeature
from hotline.accounts.schemas import (
    AccountView,
    AdministratorView,
    Code,
    Credentials,
    EnrolledView,
    EnrolmentStart,
    EnrolmentView,
    OwnPassword,
    PasswordChange,
    RecoveryCodes,
    SessionView,
)
from hotline.accounts.second_factor import NoStepError
from hotline.accounts.sessions import OpenedSession, Visitor
from hotline.accounts.steps import LogInStep
from hotline.accounts.views import open_session, second_factor_view, session_user, session_view
from hotline.kernel.gate import cookie_value, session_token
from hotline.kernel.http import SESSION_COOKIE, SIGNED_IN, RequestContext, Routes
from hotline.kernel.rate import RateLimit

DEVICE_COOKIE = "hotline_device"
"""Tells that its browser logged in before; opens nothing by itself."""
_SMALL = 4 * 1024
_LOG_INS = "300/minute"
"""Whatever they hold; attempts with a name and a password have limits of their own."""


def session_routes(feature: AccountFeature) -> Routes:
    """Log in, see who one is, log out."""
    routes = Routes("/api/session", tag="session")
    requests = RateLimit("log-in requests by address", _LOG_INS)
    sessions = feature.sessions

    @routes.post("", public=True, transaction=False, max_body=_SMALL, limit=requests)
    async def log_in(ctx: RequestContext, body: Credentials) -> SessionView:
        """Log in; the session's cookie comes with the answer, and the step that is left."""
        opened = await sessions.log_in(body.username, body.password.get_secret_value(), _visitor(ctx))
        return _opened(ctx, feature, opened)

    @routes.get("", permission=SIGNED_IN, any_session=True)
    async def read_session(ctx: RequestContext) -> SessionView:
        """Who is logged in."""
        return session_view(ctx.user)

    @routes.get("/administrators", permission=SIGNED_IN)
    async def list_administrators(ctx: RequestContext) -> list[AdministratorView]:
        """Who can give a role, by name: for a user who misses one."""
        return [AdministratorView(name=user.name) for user in await feature.users.administrators(ctx.db)]

    @routes.delete("", permission=SIGNED_IN, any_session=True)
    async def log_out(ctx: RequestContext) -> None:
        """End this session."""
        await sessions.log_out(ctx.db, _token(ctx))
        await ctx.audit("session.close", ctx.user.user_id)
        _emit(ctx, "logged_out")
        ctx.on_response(lambda response: response.del_cookie(SESSION_COOKIE, path="/"))

    @routes.put("/password", permission=SIGNED_IN, any_session=True, transaction=False, max_body=_SMALL)
    async def change_password(ctx: RequestContext, body: PasswordChange) -> SessionView:
        """Change one's own password; every other session of the user ends."""
        if ctx.user.restriction not in ("", LogInStep.NEW_PASSWORD):
            raise NoStepError("Complete the log-in first.")
        await feature.users.change_password(
            ctx.user.user_id,
            old_password=None if ctx.user.restriction else body.old_password.get_secret_value(),
            new_password=body.new_password.get_secret_value(),
            token=_token(ctx),
            address=ctx.address,
        )
        _emit(ctx, "password")
        return _opened(ctx, feature, await sessions.refresh(_token(ctx), _visitor(ctx)))

    @routes.post("/second-factor", permission=SIGNED_IN, any_session=True, transaction=False, max_body=_SMALL)
    async def give_code(ctx: RequestContext, body: Code) -> SessionView:
        """The second step of a log-in: a code of the app, or a recovery code."""
        return _opened(ctx, feature, await feature.second_factor.give_code(_token(ctx), body.code, _visitor(ctx)))

    return routes


def account_routes(feature: AccountFeature) -> Routes:
    """One's own account."""
    routes = Routes("/api/account", tag="account")
    factor = feature.second_factor

    @routes.get("", permission=SIGNED_IN)
    async def read_account(ctx: RequestContext) -> AccountView:
        """Name, roles, second factor and sessions."""
        user = await feature.users.user(ctx.db, ctx.user.user_id)
        return AccountView(
            user=session_user(ctx.user),
            password_changed_at=user.password_changed_at,
            second_factor=second_factor_view(user, feature),
            sessions=[open_session(one, _token(ctx)) for one in await feature.sessions.listed(ctx.db, user)],
        )

    @routes.delete("/sessions", permission=SIGNED_IN)
    async def end_sessions(ctx: RequestContext) -> None:
        """Log out everywhere, also here."""
        before = await feature.sessions.end_all(ctx.db, ctx.user.user_id)
        await ctx.audit("session.end_all", ctx.user.user_id, before=before, after=0)
        _emit(ctx, "sessions_ended")
        ctx.on_response(lambda response: response.del_cookie(SESSION_COOKIE, path="/"))

    @routes.delete("/sessions/{session_id}", permission=SIGNED_IN)
    async def end_session(ctx: RequestContext, session_id: str) -> None:
        """Log out one browser."""
        ended = await feature.sessions.end(ctx.db, ctx.user.user_id, session_id)
        await ctx.audit("session.end", ctx.user.user_id, session=ended.id, address=ended.address)
        _emit(ctx, "sessions_ended")

    @routes.post("/second-factor", permission=SIGNED_IN, any_session=True, transaction=False, max_body=_SMALL)
    async def begin_enrolment(ctx: RequestContext, body: EnrolmentStart) -> EnrolmentView:
        """A QR code for an authenticator app; nothing changes before a code of it is confirmed."""
        enrolment = await factor.begin(_token(ctx), body.password.get_secret_value(), address=ctx.address)
        return EnrolmentView(secret=enrolment.secret, uri=enrolment.uri, qr_code=enrolment.qr_code)

    @routes.put("/second-factor", permission=SIGNED_IN, any_session=True, transaction=False, max_body=_SMALL)
    async def confirm_enrolment(ctx: RequestContext, body: Code) -> EnrolledView:
        """Confirm by the app's code; the user's other sessions end."""
        codes, opened = await factor.confirm(_token(ctx), body.code, _visitor(ctx))
        _emit(ctx, "second_factor")
        return EnrolledView(codes=codes, session=_opened(ctx, feature, opened))

    @routes.post("/second-factor/remove", permission=SIGNED_IN, transaction=False, max_body=_SMALL)
    async def remove_second_factor(ctx: RequestContext, body: OwnPassword) -> None:
        """Log in without a code from now on."""
        await factor.remove(ctx.user.user_id, body.password.get_secret_value(), address=ctx.address)
        _emit(ctx, "second_factor")

    @routes.post("/second-factor/recovery-codes", permission=SIGNED_IN, transaction=False, max_body=_SMALL)
    async def renew_recovery_codes(ctx: RequestContext, body: OwnPassword) -> RecoveryCodes:
        """New recovery codes; the old ones are good for nothing."""
        codes = await factor.renew_codes(ctx.user.user_id, body.password.get_secret_value(), address=ctx.address)
        return RecoveryCodes(codes=codes)

    return routes


def _visitor(ctx: RequestContext) -> Visitor:
    device = cookie_value(ctx.request, DEVICE_COOKIE)
    return Visitor(address=ctx.address, device=device, user_agent=ctx.request.headers.get(hdrs.USER_AGENT, ""))


def _token(ctx: RequestContext) -> str:
    return session_token(ctx.request)


def _emit(ctx: RequestContext, reason: str) -> None:
    ctx.emit(AccessChanged(at=ctx.clock.now(), user_id=ctx.user.user_id, reason=reason))


def _opened(ctx: RequestContext, feature: AccountFeature, opened: OpenedSession) -> SessionView:
    secure = ctx.gate.options.secure or ctx.request.secure
    known_for = int(feature.users.options.known_for.total_seconds())

    def finish(response: web.StreamResponse) -> None:
        def set_cookie(name: str, value: str, max_age: int | None) -> None:
            response.set_cookie(name, value, path="/", httponly=True, samesite="Strict", secure=secure, max_age=max_age)

        # No max_age: it goes with the browser, and the server decides how long it counts.
        set_cookie(SESSION_COOKIE, opened.token, None)
        if opened.device:
            set_cookie(DEVICE_COOKIE, opened.device, known_for)

    ctx.on_response(finish)
    return session_view(opened.principal)
