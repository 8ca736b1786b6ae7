"""One page: what is still to be sent to it."""

from __future__ import annotations

import asyncio
from collections import deque

import structlog

from cti.desktop.messages import CommandReply, ErrorView, NumberedMessage
from hotline.accounts.roles import Permission
from hotline.kernel.gate import Principal

log = structlog.get_logger(__name__)

OUTBOX = 64
"""Messages a client may be behind: some seconds of the busiest workspace."""


class Client:
    """Its reader and writer are `cti.desktop.socket`'s; the hub only fills the outbox."""

    def __init__(self, principal: Principal, number: str | None, *, bound: int = OUTBOX) -> None:
        self.principal = principal
        self.number = number
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

    def send(self, message: NumberedMessage) -> None:
        """Number and queue a message, which may be meant for other pages too."""
        self._seq += 1
        self._put(message.model_copy(update={"seq": self._seq}))

    def reply(self, command_id: str, error: ErrorView | None = None) -> None:
        self._put(CommandReply(id=command_id, ok=error is None, error=error))

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

    def _put(self, message: NumberedMessage | CommandReply) -> None:
        if self.dropped:
            return
        if len(self._outbox) >= self._bound:
            log.warning("page dropped, it does not keep up", agent=self.number)
            self.drop()
            return
        self._outbox.append(message.model_dump_json())
        self._arrived.set()
