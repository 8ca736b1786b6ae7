"""The workspace's WebSocket: reads commands, writes the outbox, ends when either side does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog
from aiohttp import ClientConnectionError, WSMsgType, web

from cti.desktop.client import Client
from cti.desktop.commands import AnyCommand, Commands, Dialled, MalformedCommandError, dialled_by, parse, problem
from cti.desktop.hub import DesktopHub
from cti.presence.service import NoAgentError, PresenceService
from hotline.accounts.roles import Permission
from hotline.kernel.clock import Clock
from hotline.kernel.errors import ForbiddenError, HotlineError, TooManyRequestsError, UnauthenticatedError
from hotline.kernel.gate import GATE
from hotline.kernel.http import RequestContext
from hotline.kernel.tasks import TaskOwner

log = structlog.get_logger(__name__)

MAX_MESSAGE = 8 * 1024
HEARTBEAT = timedelta(seconds=15)
SEND_WITHIN = timedelta(seconds=10)
"""A client that reads nothing for this long is dropped, even if its outbox is not full."""
MAX_RUNNING = 8
"""Commands of one page under way at once; one that waits for Asterisk must not hold up a hang-up."""
CHECK_SESSION_EVERY = timedelta(minutes=1)
"""A session that is over does not live on in an open page, and an open page alone does not keep one alive."""
RATE = 10.0
BURST = 30.0


class Allowance:
    """A token bucket: `BURST` at once, `RATE` a second after that."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = BURST
        self._at = clock.monotonic()

    def take(self) -> bool:
        now = self._clock.monotonic()
        self._left = min(BURST, self._left + (now - self._at) * RATE)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class WorkspaceSocket:
    """A command outlives its page: half a three-way move would leave a caller alone on hold."""

    def __init__(self, hub: DesktopHub, commands: Commands, presence: PresenceService, clock: Clock) -> None:
        """`presence` is notified of pages that come and go."""
        self._hub = hub
        self._commands = commands
        self._presence = presence
        self._clock = clock
        self._running = TaskOwner("workspace-commands")

    async def close(self) -> None:
        """End the commands in progress; after the hub, which drops the pages."""
        await self._running.close()

    async def serve(self, ctx: RequestContext) -> web.WebSocketResponse:
        """Run one page's connection to its end. Raises TooManyRequestsError where the user has too many open."""
        request, principal = ctx.request, ctx.user
        if not self._hub.has_room(principal):
            raise TooManyRequestsError("Too many pages are open; close some of them.")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT.total_seconds(), max_msg_size=MAX_MESSAGE)
        try:
            await socket.prepare(request)
        except ConnectionError:
            return socket  # The page was closed before the handshake.
        client = self._hub.attach(principal)
        if client.number is not None:
            self._presence.page_opened(client.number)
        tasks = TaskOwner("workspace-socket")
        tasks.spawn(self._hub.send_snapshot(client), name="snapshot")
        writer = tasks.spawn(self._write(client, socket, request), name="writer")
        tasks.spawn(self._watch_session(client, request), name="session")
        try:
            await self._read(client, socket, ctx)
        finally:
            self._hub.detach(client)
            if client.number is not None:
                self._presence.page_closed(client.number)
            try:
                await asyncio.wait({writer}, timeout=1)
            finally:  # The writer ends the connection, and with it this handler.
                await tasks.close()
        return socket

    async def _read(self, client: Client, socket: web.WebSocketResponse, ctx: RequestContext) -> None:
        allowance = Allowance(self._clock)
        running: set[asyncio.Task[None]] = set()
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                return
            try:
                command = parse(message.data)
            except MalformedCommandError as error:
                client.reply(error.command_id, problem(error))
                if not allowance.take():
                    return
                continue
            if not allowance.take() or len(running) >= MAX_RUNNING:
                client.reply(command.id, problem(TooManyRequestsError("Wait for the replies before asking more.")))
                continue
            if client.dropped:
                return
            if command.command != "resync":  # The page asks for that by itself.
                client.used = True
            task = self._running.spawn(self._run(client, command, ctx), name="command")
            running.add(task)
            task.add_done_callback(running.discard)

    async def _run(self, client: Client, command: AnyCommand, ctx: RequestContext) -> None:
        outcome = "done"
        try:
            if command.command == "resync":
                await self._hub.send_snapshot(client)
                client.reply(command.id)
                return
            if not client.may(Permission.WORKSPACE_USE):
                raise ForbiddenError("This account may not work at a workspace.")
            if client.number is None:
                raise NoAgentError("Ask an administrator to make this account an agent.")
            await self._commands.run(client.number, command)
        except Exception as error:
            refused = problem(error)
            outcome = refused.error_id
            client.reply(command.id, refused)
            if isinstance(error, ForbiddenError):
                await ctx.audit_repeated(
                    "access.refused",
                    f"workspace command {command.command}",
                    permission=Permission.WORKSPACE_USE.value,
                    error_id=error.error_id,
                )
        else:
            client.reply(command.id)
        if (dialled := dialled_by(command)) is not None:
            await self._audit_dialling(client, ctx, dialled, outcome)

    async def _audit_dialling(self, client: Client, ctx: RequestContext, dialled: Dialled, outcome: str) -> None:
        """After the reply: a call does not wait for the database."""
        try:
            await ctx.audit(dialled.action, dialled.target or client.number or "", **dialled.detail, outcome=outcome)
        except HotlineError as error:
            log.error("audit entry lost", action=dialled.action, agent=client.number, error_id=error.error_id)

    async def _watch_session(self, client: Client, request: web.Request) -> None:
        while True:
            await self._clock.sleep(CHECK_SESSION_EVERY)
            if self._hub.is_at_call(client):
                continue
            try:
                used, client.used = client.used, False
                await request.app[GATE].authenticate(request, in_use=used)
            except UnauthenticatedError:
                client.drop()
                return
            except HotlineError as error:  # The database is down: an open session continues.
                log.debug("session not checked", error_id=error.error_id)
            except Exception:
                # One failed check must not end the checks: a user who lost access would keep the page.
                log.exception("checking the session failed", agent=client.number)

    async def _write(self, client: Client, socket: web.WebSocketResponse, request: web.Request) -> None:
        try:
            while (message := await client.next()) is not None:
                async with asyncio.timeout(SEND_WITHIN.total_seconds()):
                    await socket.send_str(message)
        except TimeoutError:
            log.warning("page dropped, it does not read", agent=client.number)
        except (ConnectionError, ClientConnectionError, RuntimeError):
            pass  # The page is gone; the reader sees it too.
        client.drop()
        # A polite close would wait behind what the client does not read.
        if request.transport is not None:
            request.transport.abort()
