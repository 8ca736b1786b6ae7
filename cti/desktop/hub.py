"""The hub: every open page gets what concerns its agent, at once, and a slow page slows nobody.

A client starts from a snapshot and then gets whole objects, numbered one by one: a page that sees a gap, or loses
the connection, asks for a new snapshot. A change never waits: a message is put in the client's outbox, and a client
whose outbox is full is dropped; its page connects again and starts from a snapshot.

The way of a ring: Asterisk's event → presence → `Changes` → the hub → the call, and behind it its screen pop, to
the agent's pages. The hub reads the services it shows and never commands them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol, assert_never

from cti.calls.history.record import CallRecord
from cti.changes import AgentChanged, CallChanged, Change, Changes, QueuesChanged
from cti.desktop.client import Client
from cti.desktop.messages import AgentMessage, CallMessage, QueuesMessage, WorkspaceSnapshot
from cti.desktop.pops import ScreenPopFeed
from cti.desktop.schemas import CallView, LiveQueueView
from cti.desktop.views import agent_view, call_view, queue_view
from cti.ports import ScreenPopReader
from cti.presence.queues import QueueBoard
from cti.presence.service import PresenceService
from cti.presence.session import AgentSession
from cti.threeway.conversation import ThreewayStatus
from hotline.accounts.roles import Permission
from hotline.kernel.clock import Clock
from hotline.kernel.gate import Principal
from hotline.kernel.ids import uuid7
from hotline.kernel.tasks import TaskOwner

MOST_PAGES = 20
"""Pages of one user at once; each costs every message again."""
_QUEUES_EVERY = timedelta(milliseconds=100)
"""Queue figures change with every caller; they are sent to everybody, but not more often than this."""


class Records(Protocol):
    def live(self, call_id: str) -> CallRecord | None:
        """The call's record as far as it goes; from memory, and cheap."""
        ...


class DesktopHub:
    def __init__(
        self,
        *,
        changes: Changes,
        presence: PresenceService,
        queues: QueueBoard,
        records: Records,
        threeway: Callable[[str], ThreewayStatus | None],
        pops: ScreenPopReader,
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
        self._pops = ScreenPopFeed(pops, clock, self._at_phone)
        self._unsubscribe = changes.subscribe(self._on_change)

    async def close(self) -> None:
        self._unsubscribe()
        for client in self._clients:
            client.drop()
        await self._pops.close()
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
        """A new page; `send_snapshot()` is to follow."""
        client = Client(principal, self._presence.number_of(principal.user_id))
        self._clients.append(client)
        return client

    def detach(self, client: Client) -> None:
        """The page is gone; may be called twice."""
        if client not in self._clients:
            return
        self._clients.remove(client)
        client.drop()

    def drop_user(self, user_id: str) -> None:
        """Close the user's pages: what they may do has changed."""
        for client in self._clients:
            if client.principal.user_id == user_id:
                client.drop()

    def drop_changed_agents(self) -> None:
        """Close the pages of who became an agent, or is one no more: they come back and begin again."""
        for client in self._clients:
            if client.number != self._presence.number_of(client.principal.user_id):
                client.drop()

    async def send_snapshot(self, client: Client) -> None:
        """Send everything, with the screen pop read again; what changes meanwhile is in it."""
        session = self._presence.find(client.number)
        asked = session.call.call_id if session and session.call else None
        pop = await self._pops.for_snapshot(asked, client) if asked else None
        session = self._presence.find(client.number)
        call = self._call(session, unmask=client.may(Permission.NUMBER_UNMASK)) if session else None
        client.send(
            WorkspaceSnapshot[Any](
                boot=self._boot,
                server_time=self._clock.now(),
                agent=agent_view(session, link=self._presence.link) if session else None,
                call=call,
                pop=pop if call and call.call_id == asked else None,
                queues=self._queue_views(),
            )
        )
        if call:
            self._pops.push(call.call_id, [client])

    # --- changes ----------------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        match change:
            case AgentChanged():
                self._send_agent(change.number)
                self._send_queues_soon()
            case CallChanged():
                for session in self._presence.with_call(change.call_id):
                    self._send_call(session, self._pages(session.number))
            case QueuesChanged():
                self._send_queues_soon()
            case _:
                assert_never(change)

    def _send_agent(self, number: str) -> None:
        """The call goes out first: a screen pops before the agent's state changes."""
        pages = self._pages(number)
        session = self._presence.find(number)
        if not pages or session is None:
            return
        self._send_call(session, pages)
        message = AgentMessage(agent=agent_view(session, link=self._presence.link))
        for page in pages:
            page.send(message)

    def _send_call(self, session: AgentSession, pages: list[Client]) -> None:
        messages: dict[bool, CallMessage] = {}
        for page in pages:
            unmask = page.may(Permission.NUMBER_UNMASK)
            if unmask not in messages:
                messages[unmask] = CallMessage(call=self._call(session, unmask=unmask))
            page.send(messages[unmask])
        if session.call is not None:
            self._pops.push(session.call.call_id, pages)

    def _send_queues_soon(self) -> None:
        if not self._queues_due and self._clients:
            self._queues_due = True
            self._tasks.spawn(self._send_queues(), name="queues")

    async def _send_queues(self) -> None:
        await self._clock.sleep(_QUEUES_EVERY)
        self._queues_due = False
        message = QueuesMessage(queues=self._queue_views())
        for client in self._clients:
            client.send(message)

    # --- what is read -----------------------------------------------------------------------------------

    def _call(self, session: AgentSession, *, unmask: bool) -> CallView | None:
        if session.call is None:
            return None
        call_id = session.call.call_id
        record, threeway = self._records.live(call_id), self._threeway(call_id)
        return call_view(session.state, session.call, record, threeway, unmask=unmask)

    def _at_phone(self, client: Client, call_id: str) -> bool:
        session = self._presence.find(client.number)
        return session is not None and session.call is not None and session.call.call_id == call_id

    def _queue_views(self) -> list[LiveQueueView]:
        sessions = self._presence.sessions()
        return [queue_view(queue, self._queues.waiting(queue), sessions) for queue in self._queues.queues]

    def _pages(self, number: str) -> list[Client]:
        return [client for client in self._clients if client.number == number and not client.dropped]
