"""The HTTP edge: every request passes here, from its id to its problem document."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import timedelta
from functools import cache
from typing import Any

import structlog
from aiohttp import hdrs, web
from sqlalchemy.exc import DataError, StatementError

from hotline.kernel.binding import Binding, bind, read_body
from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import ForbiddenError, HotlineError, InvalidInputError, TooManyRequestsError
from hotline.kernel.gate import GATE, EdgeOptions, Gate, PrincipalResolver
from hotline.kernel.http import SIGNED_IN, AuditTrail, RepeatedTrail, RequestContext, Route, Routes
from hotline.kernel.ids import uuid7
from hotline.kernel.metrics import HTTP_SECONDS, http_method
from hotline.kernel.openapi import describe
from hotline.kernel.problems import problem_of, problem_of_bug, problem_of_http
from hotline.kernel.rate import visitor_of
from hotline.kernel.repeated_audit import RepeatedAudit

log = structlog.get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
REQUEST_ID = web.RequestKey("request_id", str)
USER_ID = web.RequestKey("user_id", str)
PREPARED = web.RequestKey("prepared", bool)
_HOST = re.compile(r"^[A-Za-z0-9.\-_:\[\]]+$")
_SOURCE = re.compile(r"^[A-Za-z0-9.\-_:/\[\]*']+$")
_PERMISSIONS_POLICY = (
    "microphone=(self), speaker-selection=(self), autoplay=(self), camera=(), geolocation=(), payment=(), usb=()"
)
_OUT_OF_RANGE = "A value is too long or out of range for the database."
_EXPECTED = (101, 200, 206, 304, 401, 404)
"""Answers that a page read gets every day; a session that is over among them."""
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_MOST_LOGGED = 20
_LONGEST_LOGGED = 200
_SLOW = timedelta(seconds=1)
"""A page read that takes longer is worth a line in the log."""


def build_application(
    routes: Iterable[Routes],
    *,
    database: Database,
    bus: Bus,
    clock: Clock,
    principal: PrincipalResolver,
    peek: PrincipalResolver | None = None,
    audit: AuditTrail,
    repeated: RepeatedTrail | None = None,
    options: EdgeOptions | None = None,
    title: str = "12345 hotline",
    version: str = "0",
) -> web.Application:
    """The web application that serves `routes`, and to whoever is logged in their description at `/api/openapi.json`.

    Raises TypeError where a handler's signature does not fit its route.
    """
    options = options or EdgeOptions()
    repeated = repeated or RepeatedAudit(database, audit, clock)
    gate = Gate(options, principal, peek)
    # aiohttp counts the body against this while it reads; a route may lower or raise it.
    app = web.Application(client_max_size=options.max_body, middlewares=[_Observe(clock), _problems, _csrf])
    app[GATE] = gate
    app.on_response_prepare.append(_Headers(options))
    bound = [(route, bind(route)) for group in routes for route in group]
    for route, binding in bound:
        endpoint = _Endpoint(
            route, binding, gate=gate, database=database, bus=bus, clock=clock, audit=audit, repeated=repeated
        )
        app.router.add_route(route.method, route.path, endpoint.handle)
        if route.method == hdrs.METH_GET and not route.websocket:
            app.router.add_route(hdrs.METH_HEAD, route.path, endpoint.handle)

    @cache
    def description() -> bytes:
        # Half a second of work, which only who reads it pays.
        return describe(bound, title=title, version=version)

    async def openapi(request: web.Request) -> web.Response:
        await gate.authenticate(request)
        return web.Response(body=await asyncio.to_thread(description), content_type="application/json")

    app.router.add_get("/api/openapi.json", openapi)
    return app


class _Endpoint:
    """One route: who asks, with what, in which transaction; then the events, then the answer."""

    def __init__(
        self,
        route: Route,
        binding: Binding,
        *,
        gate: Gate,
        database: Database,
        bus: Bus,
        clock: Clock,
        audit: AuditTrail,
        repeated: RepeatedTrail,
    ) -> None:
        self._route = route
        self._binding = binding
        self._gate = gate
        self._database = database
        self._bus = bus
        self._clock = clock
        self._audit = audit
        self._repeated = repeated

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ctx = RequestContext(
            request=request,
            clock=self._clock,
            database=self._database,
            gate=self._gate,
            audit_trail=self._audit,
            repeated_trail=self._repeated,
        )
        try:
            return await self._answer(ctx)
        except (ForbiddenError, TooManyRequestsError) as error:
            await self._refused(ctx, error)
            raise

    async def _answer(self, ctx: RequestContext) -> web.StreamResponse:
        request = ctx.request
        await self._admit(ctx)
        arguments = await self._arguments(request)
        async with self._session(ctx):
            result = await self._route.handler(ctx, **arguments)
            response = self._response(result)
        # No await between the commit and here: what is committed is also published.
        for event in ctx.events:
            self._bus.publish(event)
        if not response.prepared:
            for finish in ctx.finishers:
                finish(response)
        return response

    async def _refused(self, ctx: RequestContext, error: HotlineError) -> None:
        """Who was refused what. Of those who are not logged in, a log-in alone counts, which accounts see to."""
        if ctx.principal is None:
            return
        route = self._route
        action = "access.refused" if isinstance(error, ForbiddenError) else "access.rate_limited"
        target = f"{route.method} {route.path}"
        await ctx.audit_repeated(action, target, permission=route.permission, error_id=error.error_id)

    async def _admit(self, ctx: RequestContext) -> None:
        route = self._route
        if route.websocket:
            self._gate.check_origin(ctx.request)
        if route.limit is not None:
            try:
                route.limit.hit(visitor_of(ctx.address))
            except TooManyRequestsError as error:
                await ctx.audit_repeated("access.rate_limited", f"{route.method} {route.path}", error_id=error.error_id)
                raise
        if route.permission is None:
            return
        principal = await ctx.authenticate(any_session=route.any_session, in_use=not route.websocket)
        ctx.request[USER_ID] = principal.user_id
        if route.permission != SIGNED_IN and route.permission not in principal.permissions:
            raise ForbiddenError(f"This needs the permission {route.permission}; ask an administrator for it.")

    async def _arguments(self, request: web.Request) -> dict[str, Any]:
        binding = self._binding
        arguments = binding.path_arguments(request.match_info)
        if binding.query is not None:
            arguments["query"] = binding.query_argument(request)
        if binding.body is not None:
            options = self._gate.options
            raw = await read_body(request, most=self._route.max_body or options.max_body, within=options.body_timeout)
            arguments["body"] = binding.body_argument(raw)
        return arguments

    @contextlib.asynccontextmanager
    async def _session(self, ctx: RequestContext) -> AsyncIterator[None]:
        reads = self._route.method == hdrs.METH_GET
        try:
            if not self._route.transaction:  # The handler may still open sessions of its own.
                yield
                return
            async with self._database.snapshot() if reads else self._database.transaction() as session:
                ctx.session = session
                yield
        except (DataError, OverflowError) as error:
            raise InvalidInputError(_OUT_OF_RANGE) from error
        except StatementError as error:
            if isinstance(error.orig, OverflowError):  # raised while a value was made ready for the database
                raise InvalidInputError(_OUT_OF_RANGE) from error
            raise

    def _response(self, result: Any) -> web.StreamResponse:
        if isinstance(result, web.StreamResponse):
            return result
        adapter = self._binding.result
        if adapter is None:
            return web.Response(status=204)
        body = adapter.dump_json(result, by_alias=True)
        return web.Response(body=body, status=self._route.status, content_type="application/json")


class _Observe:
    """Outermost: names the request, times it, and logs it without its query's values."""

    __middleware_version__ = 1

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = request[REQUEST_ID] = uuid7()
        started = self._clock.monotonic()
        status = 499  # the client went away
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                response = await handler(request)
                status = response.status
                return response
            finally:
                self._log(request, status, self._clock.monotonic() - started)

    @staticmethod
    def _log(request: web.Request, status: int, elapsed: float) -> None:
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "(none)"
        if status != 101:
            HTTP_SECONDS.labels(http_method(request.method), route, status).observe(elapsed)
        path = request.rel_url.raw_path[:_LONGEST_LOGGED]
        # What an operator looks for: who changed something, what failed, what was slow. Not every page read.
        read = request.method in (hdrs.METH_GET, hdrs.METH_HEAD) and status in _EXPECTED
        daily = read and (elapsed < _SLOW.total_seconds() or status == 101)
        # A load balancer asks each second; that a part went wrong is logged once, by the health checks.
        daily = daily or (route in _PROBES and status in (200, 503))
        write = log.debug if daily else log.info
        write(
            "request",
            method=request.method,
            path=path,
            query=_names(request) or None,
            status=status,
            milliseconds=round(elapsed * 1000, 1),
            user_id=request.get(USER_ID),
            address=request.app[GATE].address(request),
        )


def _names(request: web.Request) -> list[str]:
    """The query's names: as many and as much of them as a line of the log may hold."""
    some = itertools.islice(dict.fromkeys(request.query), _MOST_LOGGED)
    return sorted(name[:_LONGEST_LOGGED] for name in some)


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    request_id = request[REQUEST_ID]
    try:
        return await handler(request)
    except web.HTTPException as error:
        return error if error.status < 400 else problem_of_http(error, request_id)
    except HotlineError as error:
        if PREPARED in request:
            raise
        level = log.warning if error.status >= 500 else log.debug
        level("request refused", error_id=error.error_id, detail=error.detail, context=error.context or None)
        return problem_of(error, request_id)
    except Exception as error:
        if PREPARED in request or (isinstance(error, ConnectionError) and _gone(request)):
            raise
        log.exception("request failed", path=request.rel_url.raw_path[:_LONGEST_LOGGED])
        return problem_of_bug(request_id)


@web.middleware
async def _csrf(request: web.Request, handler: Handler) -> web.StreamResponse:
    request.app[GATE].check_write(request)
    return await handler(request)


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


class _Headers:
    """The security headers of every response."""

    def __init__(self, options: EdgeOptions) -> None:
        self._options = options

    async def __call__(self, request: web.Request, response: web.StreamResponse) -> None:
        request[PREPARED] = True
        headers = response.headers
        headers["X-Request-ID"] = request.get(REQUEST_ID, "")
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Permissions-Policy"] = _PERMISSIONS_POLICY
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers.setdefault("X-Robots-Tag", "noindex")
        headers.popall(hdrs.SERVER, None)
        if self._options.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.path.startswith("/api/"):
            headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
            headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        elif "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = self._page_policy(request)

    def _page_policy(self, request: web.Request) -> str:
        connect = ["'self'", *(source for source in self._options.connect_src(request) if _SOURCE.match(source))]
        if _HOST.match(request.host):  # older browsers do not count ws: as 'self'
            connect += [f"ws://{request.host}", f"wss://{request.host}"]
        return "; ".join(
            [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data: blob:",
                "font-src 'self' data:",
                "media-src 'self' blob:",
                "worker-src 'self'",
                "manifest-src 'self'",
                f"connect-src {' '.join(dict.fromkeys(connect))}",
                "base-uri 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
            ]
        )
