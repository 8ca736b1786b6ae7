"""What an agent's page requests apart from its socket, and how a caller's browser calls the hotline."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import BaseModel

from cti.desktop.commands import COMMANDS
from cti.desktop.messages import messages_with
from cti.desktop.phones import SipOverWebSocket
from cti.desktop.schemas import ClockView, PauseReasonView, PublicPhoneView, WorkspacePhoneView
from cti.desktop.socket import WorkspaceSocket
from cti.desktop.web_secrets import WebSecrets
from cti.presence import reasons, repository
from cti.presence.service import NoAgentError
from cti.presence.session import Phone, endpoint_of
from hotline.accounts.roles import Permission
from hotline.kernel.http import SESSION_COOKIE, RequestContext, Routes, SocketMessages
from hotline.kernel.rate import RateLimit, visitor_of


def workspace_routes(
    socket: WorkspaceSocket, phones: SipOverWebSocket, secrets: WebSecrets, *, pop: type[BaseModel]
) -> Routes:
    """`pop` is the screen pop's model."""
    routes = Routes("/api/workspace", tag="workspace")

    @routes.get("/phone", permission=Permission.WORKSPACE_USE, transaction=False)
    async def read_phone(ctx: RequestContext) -> WorkspacePhoneView:
        """The agent's own browser phone: where it registers, and its account. The password ends with this log-in."""
        async with ctx.database.snapshot() as db:
            agent = await repository.agent_of_user(db, ctx.user.user_id)
            if agent is None:
                raise NoAgentError("Ask an administrator to make this account an agent.")
            number = agent.number
        await ctx.audit("workspace.phone_credentials", number)
        password = await secrets.give(number, ctx.request.cookies.get(SESSION_COOKIE, ""))
        endpoint = endpoint_of(number, Phone.BROWSER)
        return WorkspacePhoneView(
            ws_url=phones.url(ctx.request),
            sip_uri=phones.uri(ctx.request, endpoint),
            username=endpoint,
            password=password,
            ice_servers=phones.ice_servers,
            endpoint=endpoint,
        )

    @routes.get("/pause-reasons", permission=Permission.WORKSPACE_USE)
    async def list_pause_reasons(ctx: RequestContext) -> list[PauseReasonView]:
        """The reasons an agent may choose from."""
        return [
            PauseReasonView(code=reason.code, label_zh=reason.label_zh, label_en=reason.label_en)
            for reason in reasons.CHOSEN
        ]

    messages = SocketMessages(name="Workspace", sends=messages_with(pop), receives=COMMANDS)

    @routes.websocket("/socket", permission=Permission.WORKSPACE_USE, messages=messages)
    async def open_socket(ctx: RequestContext) -> web.WebSocketResponse:
        return await socket.serve(ctx)

    return routes


def public_routes(phones: SipOverWebSocket, zone: ZoneInfo) -> Routes:
    routes = Routes("/api/public", tag="public")
    limit = RateLimit("browser calls by address", "30/minute")

    @routes.get("/call", public=True, transaction=False)
    async def read_public_phone(ctx: RequestContext) -> PublicPhoneView:
        """How a browser calls the hotline: an endpoint that may dial this one number and nothing else."""
        limit.hit(visitor_of(ctx.address))
        return PublicPhoneView(
            ws_url=phones.url(ctx.request),
            sip_uri=phones.uri(ctx.request, phones.CALLER),
            username=phones.CALLER,
            password=phones.caller_secret,
            dial=phones.hotline_number,
            ice_servers=phones.ice_servers,
        )

    @routes.get("/clock", public=True, transaction=False)
    async def read_clock(ctx: RequestContext) -> ClockView:
        return ClockView(time_zone=zone.key)

    return routes
