"""The hub: every open page gets what concerns its agent, at once, and a slow page slows nobody.

A client starts from a snapshot and then gets whole objects, numbered one by one: a page that sees a gap, or loses
the connection, asks for a new snapshot. Nothing here waits: a message is put in the client's outbox, and a client
whose outbox is full is dropped; its page connects again and starts from a snapshot.

A ringing call brings its screen pop along, unasked: a page that had to ask would show it much later.

An agent may have several pages open. The first holds the softphone (it registers the phone and rings); when it
goes, the next one takes over.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

import orjson
import structlog
from pydantic import BaseModel

from cti.calls.history.record import CallRecord
from cti.desktop.schemas import LiveQueueView
from cti.desktop.views import agent_view, call_view, queue_view
from cti.ports import ScreenPopReader
from cti.presence.queues import QueueBoard
from cti.presence.service import PresenceService
from cti.presence.session import AgentSession
from cti.presence.state import AgentState
from cti.threeway.conversation import ThreewayStatus
from hotline.accounts.roles import Permission
from hotline.kernel.clock import Clock
from hotline.kernel.errors import HotlineError
from hotline.kernel.gate import Principal
from hotline.kernel.ids import uuid7
from hotline.kernel.tasks import TaskOwner

log = structlog.get_logger(__name__)

OUTBOX = 64
"""Messages a client may be behind: some seconds of the busiest workspace."""
MOST_PAGES = 20
"""Pages of one user at once; each costs every message again."""
POP_WITHIN = timedelta(seconds=1)
"""A pop that is later is left to the page, which asks for it itself."""
_QUEUES_EVERY = timedelta(milliseconds=100)
"""Queue figures change with every caller; they are sent to everybody, but not more often than this."""


class Records(Protocol):
    def live(self, call_id: str) -> CallRecord | None:
        """The call's record as far as it goes; from memory."""
        ...


class Client:
    """One page. Its reader and writer are `cti.desktop.socket`'s; the hub only fills the outbox."""

    def __init__(self, principal: Principal, number: str | None, *, bound: int = OUTBOX) -> None:
        self.principal = principal
        self.number = number
        self.holds_softphone = False
        self.dropped = False
        self.used = False
        """Its agent asked for something since the session was last looked at."""
        self.popped: str | None = None
        """The call whose screen pop was last sent, or is on its way."""
        self._seq = 0
        self._bound = bound
        self._outbox: deque[str] = deque()
        self._arrived = asyncio.Event()

    def may(self, permission: Permission) -> bool:
        return permission in self.principal.permissions

    def send(self, kind: str, **payload: Any) -> None:
        """Number and queue a message."""
        self._seq += 1
        self._put({"type": kind, "seq": self._seq, **payload})

    def reply(self, command_id: str, error: dict[str, str] | None = None) -> None:
        """Answer a command; not numbered, since it is no part of the state."""
        message: dict[str, Any] = {"type": "reply", "id": command_id, "ok": error is None}
        self._put(message if error is None else {**message, "error": error})

    def drop(self) -> None:
        """Give the client up; its writer closes the connection."""
        self.dropped = True
        self._outbox.clear()
        self._arrived.set()

    async def next(self) -> str | None:
        """The oldest message; None when the client is dropped."""
        while not self._outbox and not self.dropped:
            self._arrived.clear()
            await self._arrived.wait()
        return None if self.dropped else self._outbox.popleft()

    def _put(self, message: dict[str, Any]) -> None:
        if self.dropped:
            return
        if len(self._outbox) >= self._bound:
            log.warning("desktop dropped, it does not keep up", agent=self.number)
            self.drop()
            return
        self._outbox.append(orjson.dumps(message, default=_encode, option=orjson.OPT_UTC_Z).decode())
        self._arrived.set()


class DesktopHub:
    """`agent_changed`, `call_changed` and `queues_changed` are quick and never raise for a client's sake."""

    def __init__(
        self,
        presence: PresenceService,
        queues: QueueBoard,
        records: Records,
        threeway: Callable[[str], ThreewayStatus | None],
        clock: Clock,
    ) -> None:
        self._presence = presence
        self._queues = queues
        self._records = records
        self._threeway = threeway
        self._clock = clock
        self._boot = uuid7()
        self._clients: list[Client] = []
        self._tasks = TaskOwner("desktop")
        self._queues_due = False
        self.pops: ScreenPopReader | None = None
        """Set by the root once crm is there, which needs this floor first."""

    async def close(self) -> None:
        for client in self._clients:
            client.drop()
        await self._tasks.close()

    # --- clients ----------------------------------------------------------------------------------------

    def has_room(self, principal: Principal) -> bool:
        """Whether the user may open one page more."""
        return sum(client.principal.user_id == principal.user_id for client in self._clients) < MOST_PAGES

    def is_at_call(self, client: Client) -> bool:
        """Whether the page's agent has a call, which the page's end would trouble."""
        session = self._presence.find(client.number)
        return session is not None and session.call is not None

    def attach(self, principal: Principal) -> Client:
        """A new page; its first message is the snapshot."""
        number = self._presence.number_of(principal.user_id)
        client = Client(principal, number)
        self._clients.append(client)
        if number is not None:
            self._presence.page_opened(number)
            self._choose_softphone(number, telling=False)
        self.send_snapshot(client)
        return client

    def detach(self, client: Client) -> None:
        """The page is gone; may be called twice."""
        if client not in self._clients:
            return
        self._clients.remove(client)
        client.drop()
        if client.number is not None:
            self._presence.page_closed(client.number)
            self._choose_softphone(client.number, telling=True)

    def drop_user(self, user_id: str) -> None:
        """Close the user's pages: what they may do has changed."""
        for client in self._clients:
            if client.principal.user_id == user_id:
                client.drop()

    def send_snapshot(self, client: Client) -> None:
        session = self._presence.find(client.number)
        client.send(
            "snapshot",
            boot=self._boot,
            server_time=self._clock.now(),
            agent=agent_view(session, link=self._presence.link) if session else None,
            call=self._call(client, session),
            queues=self._queue_views(),
            softphone=client.holds_softphone,
        )
        if session:
            self._pop([client], session)

    def _choose_softphone(self, number: str, *, telling: bool) -> None:
        pages = self._pages(number)
        if not pages or any(page.holds_softphone for page in pages):
            return
        pages[0].holds_softphone = True
        if telling:
            pages[0].send("softphone", holder=True)

    # --- changes ----------------------------------------------------------------------------------------

    def agent_changed(self, number: str) -> None:
        """The call goes out first: a screen pops before the state beside it changes."""
        pages = self._pages(number)
        session = self._presence.find(number)
        if pages and session is not None:
            self._send_call(session, pages)
            view = agent_view(session, link=self._presence.link)
            for page in pages:
                page.send("agent", agent=view)
        self.queues_changed()

    def agents_changed(self) -> None:
        """Who became an agent, or is one no more, begins anew: their pages are closed and come back."""
        for client in self._clients:
            if client.number != self._presence.number_of(client.principal.user_id):
                client.drop()

    def call_changed(self, call_id: str) -> None:
        for session in self._presence.with_call(call_id):
            self._send_call(session, self._pages(session.number))

    def queues_changed(self) -> None:
        if not self._queues_due and self._clients:
            self._queues_due = True
            self._tasks.spawn(self._send_queues(), name="queues")

    async def _send_queues(self) -> None:
        await self._clock.sleep(_QUEUES_EVERY)
        self._queues_due = False
        views = self._queue_views()
        for client in self._clients:
            client.send("queues", queues=views)

    def _send_call(self, session: AgentSession, pages: list[Client]) -> None:
        for page in pages:
            page.send("call", call=self._call(page, session))
        self._pop(pages, session)

    def _pop(self, pages: list[Client], session: AgentSession) -> None:
        """Read once for all pages whose principals may know the same."""
        call = session.call
        if self.pops is None or call is None or session.state is not AgentState.RINGING:
            return
        alike: dict[tuple[str, frozenset[str], frozenset[str]], list[Client]] = {}
        for page in pages:
            if page.popped != call.call_id:
                page.popped = call.call_id
                who = page.principal
                rights = (who.user_id, frozenset(who.roles), frozenset(who.permissions))
                alike.setdefault(rights, []).append(page)
        for group in alike.values():
            self._tasks.spawn(self._send_pop(group, call.call_id, self.pops), name="pop")

    async def _send_pop(self, pages: list[Client], call_id: str, pops: ScreenPopReader) -> None:
        pop, agent = None, pages[0].number
        try:
            async with asyncio.timeout(POP_WITHIN.total_seconds()):
                pop = await pops.read(call_id, pages[0].principal)
        except TimeoutError:
            log.warning("screen pop too late", call_id=call_id, agent=agent)
        except HotlineError as error:
            log.warning("no screen pop", call_id=call_id, agent=agent, error_id=error.error_id)
        for page in pages:
            page.send("pop", call_id=call_id, pop=pop)

    def _call(self, client: Client, session: AgentSession | None) -> BaseModel | None:
        if session is None or session.call is None:
            return None
        return call_view(
            session.state,
            session.call,
            self._records.live(session.call.call_id),
            self._threeway(session.call.call_id),
            unmask=client.may(Permission.NUMBER_UNMASK),
        )

    def _queue_views(self) -> list[LiveQueueView]:
        sessions = self._presence.sessions()
        return [queue_view(queue, self._queues.waiting(queue), sessions) for queue in self._queues.queues]

    def _pages(self, number: str) -> list[Client]:
        return [client for client in self._clients if client.number == number and not client.dropped]


def _encode(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    raise TypeError(type(value).__name__)
