"""The vocabulary of a feature's `routes.py`: typed handlers, their context, pages.

    def case_routes(service: CaseService) -> Routes:
        routes = Routes("/api/cases", tag="cases")

        @routes.post("", permission=Permission.CASE_WRITE, status=201)
        async def open_case(ctx: RequestContext, body: CaseDraft) -> CaseView: ...

`body` and `query` are pydantic models by name of the parameter; every other parameter is part of the path.
None answers 204. A handler for POST, PUT, PATCH or DELETE runs in one transaction, which the edge commits
before the events are published; one for GET reads a snapshot.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypedDict, TypeVar, Unpack

from aiohttp import hdrs, web
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import ForbiddenError, UnauthenticatedError
from hotline.kernel.events import Event
from hotline.kernel.gate import SESSION_COOKIE, CrossSiteError, EdgeOptions, Gate, Principal, PrincipalResolver
from hotline.kernel.paging import Page, PageQuery, Slice, decode_cursor, encode_cursor, fetch_page
from hotline.kernel.problems import FieldError, MalformedInputError, Problem
from hotline.kernel.rate import RateLimit

__all__ = [
    "SESSION_COOKIE",
    "SIGNED_IN",
    "AuditRecord",
    "AuditTrail",
    "CrossSiteError",
    "EdgeOptions",
    "FieldError",
    "Gate",
    "MalformedInputError",
    "Page",
    "PageQuery",
    "Principal",
    "PrincipalResolver",
    "Problem",
    "RequestContext",
    "Route",
    "Routes",
    "Slice",
    "SocketMessages",
    "decode_cursor",
    "encode_cursor",
    "fetch_page",
]

SIGNED_IN: Final = "signed-in"
"""In the place of a permission: whoever has a session."""

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """Who did what, to what, from where. `detail` is JSON; no caller's number belongs in it."""

    user_id: str | None
    username: str
    action: str
    target: str
    address: str
    detail: dict[str, Any]


class AuditTrail(Protocol):
    """Where audit records go; append only."""

    async def record(self, db: AsyncSession, record: AuditRecord) -> None: ...


class RepeatedTrail(Protocol):
    """Where records go that somebody may cause without end; `hotline.kernel.repeated_audit` is one."""

    async def note(self, record: AuditRecord) -> None: ...


@dataclass(kw_only=True)
class RequestContext:
    """What a handler has at hand, for one request."""

    request: web.Request
    clock: Clock
    database: Database
    gate: Gate
    audit_trail: AuditTrail
    repeated_trail: RepeatedTrail
    principal: Principal | None = None
    session: AsyncSession | None = None
    events: list[Event] = field(default_factory=list)
    finishers: list[Callable[[web.StreamResponse], None]] = field(default_factory=list)

    @property
    def db(self) -> AsyncSession:
        """The session of this request; absent on a route with `transaction=False`, outside its `transaction()`."""
        if self.session is None:
            raise RuntimeError("this route has no session of its own; use ctx.transaction()")
        return self.session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """On a route with `transaction=False`, after what was slow: `db` and `audit` are part of it while it lasts."""
        async with self.database.transaction() as session:
            self.session = session
            try:
                yield session
            finally:
                self.session = None

    @property
    def user(self) -> Principal:
        """Whoever is asking. Raises `UnauthenticatedError` on a public route."""
        if self.principal is None:
            raise UnauthenticatedError("Log in first.")
        return self.principal

    @property
    def address(self) -> str:
        """The client's address, past trusted proxies."""
        return self.gate.address(self.request)

    def may(self, permission: str) -> bool:
        return self.principal is not None and permission in self.principal.permissions

    def require(self, permission: str) -> None:
        """Raise `ForbiddenError` unless the principal may do this."""
        if not self.may(permission):
            raise ForbiddenError(f"This needs the permission {permission}; ask an administrator for it.")

    async def authenticate(self, *, any_session: bool = False, in_use: bool = True) -> Principal:
        """On a public route: find out who is asking. Raises as `Gate.authenticate`."""
        if self.principal is None:
            self.principal = await self.gate.authenticate(self.request, any_session=any_session, in_use=in_use)
        return self.principal

    def emit(self, event: Event) -> None:
        """Publish `event` once the transaction is committed; never, when it is rolled back."""
        self.events.append(event)

    def on_response(self, finish: Callable[[web.StreamResponse], None]) -> None:
        """Call `finish` with the response before it is sent: to set a cookie or a header."""
        self.finishers.append(finish)

    async def audit(self, action: str, target: str, **detail: Any) -> None:
        """Write to the audit log: with the request's transaction, or at once where it only reads.

        On a read this comes before the data leaves, and a failure to record is a failure of the request.
        """
        record = self._record(action, target, detail)
        if self.session is not None and self.request.method not in (hdrs.METH_GET, hdrs.METH_HEAD):
            await self.audit_trail.record(self.session, record)
            return
        async with self.database.transaction() as db:
            await self.audit_trail.record(db, record)

    async def audit_repeated(self, action: str, target: str, **detail: Any) -> None:
        """As `audit`, of what may happen often: at once, or counted to an equal entry of the last minute.

        Always in a transaction of its own, never within this request's; never fails the request.
        """
        await self.repeated_trail.note(self._record(action, target, detail))

    def _record(self, action: str, target: str, detail: dict[str, Any]) -> AuditRecord:
        user_id = self.principal.user_id if self.principal else None
        username = self.principal.username if self.principal else ""
        return AuditRecord(
            user_id=user_id, username=username, action=action, target=target, address=self.address, detail=detail
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketMessages:
    """What a WebSocket carries; described as `<name>Message` and `<name>Command`."""

    name: str
    sends: TypeAdapter[Any]
    receives: TypeAdapter[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation of the API."""

    method: str
    path: str
    handler: Callable[..., Awaitable[Any]]
    tag: str
    permission: str | None = None
    public: bool = False
    status: int = 200
    raw: bool = False
    transaction: bool = True
    websocket: bool = False
    messages: SocketMessages | None = None
    produces: str | tuple[str, ...] = "application/json"
    consumes: str = ""
    described: bool = True
    max_body: int | None = None
    limit: RateLimit | None = None
    any_session: bool = False

    def __post_init__(self) -> None:
        if self.public == (self.permission is not None):
            raise TypeError(f"{self.method} {self.path} must name a permission or be public, and not both")


class RouteOptions(TypedDict, total=False):
    """What may be said of a route; `permission` or `public=True` must be."""

    permission: str
    """What it asks for; `SIGNED_IN`: any session."""
    public: bool
    status: int
    raw: bool
    """The handler returns a response of its own, of the type or one of the types `produces`."""
    transaction: bool
    """False: the handler opens its own, because it waits for something slow in between."""
    websocket: bool
    messages: SocketMessages | None
    """A WebSocket's, for the API description."""
    produces: str | tuple[str, ...]
    consumes: str
    """The type of a body that the handler reads by itself, as it arrives."""
    described: bool
    """Whether the API description names it."""
    max_body: int
    """Instead of the edge's limit."""
    limit: RateLimit
    """How often one visitor may ask, counted before anything is read."""
    any_session: bool
    """Also for a session whose log-in is not complete."""


class Routes:
    """The operations of one feature under one prefix."""

    def __init__(self, prefix: str, *, tag: str) -> None:
        self._prefix = prefix
        self._tag = tag
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def add(self, method: str, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Register the decorated handler."""

        def register(handler: Handler) -> Handler:
            self._routes.append(
                Route(method=method, path=self._prefix + path, handler=handler, tag=self._tag, **options)
            )
            return handler

        return register

    def get(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        return self.add(hdrs.METH_GET, path, **options)

    def post(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        return self.add(hdrs.METH_POST, path, **options)

    def put(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        return self.add(hdrs.METH_PUT, path, **options)

    def patch(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        return self.add(hdrs.METH_PATCH, path, **options)

    def delete(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        return self.add(hdrs.METH_DELETE, path, **options)

    def websocket(
        self, path: str, *, permission: str, messages: SocketMessages | None = None
    ) -> Callable[[Handler], Handler]:
        """A handler that returns a `WebSocketResponse`: origin checked, no session of the database."""
        return self.add(
            hdrs.METH_GET,
            path,
            permission=permission,
            raw=True,
            transaction=False,
            websocket=True,
            described=False,
            messages=messages,
        )
