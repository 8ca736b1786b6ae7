"""panoramisk's Manager, AMIProtocol and Action, fenced.

What is kept: opening the connection, action ids, finding an answer's action. What is replaced, and why, is documented
at each method; the defects are those of panoramisk 1.4. Its Message is not used: a dictionary that ignores case, made
of one that holds the same, costs more than to read the answer.
"""

from __future__ import annotations

import contextlib
import logging
from asyncio import BaseTransport, Future, Task, get_running_loop
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Protocol

import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from ivr.ami.answers import is_error
from ivr.ami.decode import DECODERS, ONLY_WITH, Decoder, Headers
from ivr.ami.wire import FrameReader, encode_action, event_name, parse_headers
from ivr.errors import OutcomeUnknownError, PhoneUnavailableError

log = structlog.get_logger(__name__)

MAX_PENDING = 5_000
MAX_UNSENT = 1 << 20
"""Bytes the peer may leave unread before sending is refused; the checked ping then ends the connection."""
_ACTION_ID = b"\r\nActionID: "

_silent = logging.getLogger("ivr.ami.panoramisk")
_silent.disabled = True  # panoramisk prints whole messages and actions: callers' numbers, the secret


class Completion(Enum):
    """Which message of Asterisk's answer is its last."""

    RESPONSE = "the response, or an error"
    LIST = "the event with EventList: Complete or cancelled"
    ORIGINATE = "OriginateResponse, after a response that reported the call as being placed"


class FencedAction(Action):  # type: ignore[misc]  # panoramisk is untyped
    """An action that knows when it is complete and until when to wait.

    panoramisk guesses from message texts and never completes AGI, QueueAdd or a list cut short, and raises on
    Atxfer, PlayDTMF and a synchronous Originate.
    """

    id = ""
    """Not panoramisk's property, which looks the header up each time."""

    def __init__(self, fields: Mapping[str, Any], completion: Completion, deadline: float) -> None:
        # Here because panoramisk's own builds a mapping header by header and formats it again, which at fifty calls a
        # second is a tenth of the service's time.
        self._store: dict[str, tuple[str, Any]] = {}
        self.id = self.action_id_generator()
        self.name: str = fields["Action"]
        self.wire = encode_action({**fields, "ActionID": self.id})
        self.responses: list[Headers] = []
        self.future: Future[tuple[Headers, ...]] = get_running_loop().create_future()
        self.completion = completion
        self.deadline = deadline

    def __repr__(self) -> str:
        return f"<FencedAction {self.name} {self.id}>"

    def add_message(self, message: Headers) -> bool:
        """Take one message of the answer; whether it was the last."""
        self.responses.append(message)
        if not self._is_last(message):
            return False
        if not self.future.done():
            self.future.set_result(tuple(self.responses))
        return True

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)

    def _is_last(self, message: Headers) -> bool:
        if "Event" not in message:
            return self.completion is Completion.RESPONSE or is_error(message) or not self._starts_more(message)
        if self.completion is Completion.ORIGINATE:
            return message["Event"] == "OriginateResponse"
        end = message.get("EventList", "").lower()
        return end in ("complete", "cancelled")

    def _starts_more(self, message: Headers) -> bool:
        return self.completion is Completion.ORIGINATE or message.get("EventList", "").lower() == "start"


class LinkOwner(Protocol):
    """What a connection reports to its client."""

    def event_came(self, name: bytes, decoder: Decoder, headers: Headers) -> None: ...

    def link_lost(self, protocol: FencedProtocol) -> None: ...


class FencedProtocol(AMIProtocol):  # type: ignore[misc]  # panoramisk is untyped
    """One connection. What it could not finish fails when it goes; nothing is carried over to the next."""

    reader: FrameReader
    responses: dict[str, FencedAction]

    def __init__(self, manager: FencedManager) -> None:
        self._manager = manager
        self.reader = FrameReader()
        self.encoding = "utf-8"
        self._following = 0
        self._settled = False
        self._held: list[bytes] | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.factory = self._manager
        self.log = _silent

    def send(self, data: FencedAction, as_list: bool | None = None) -> Any:
        """Write `data`; returns its future. Raises PhoneUnavailableError when nothing can be sent.

        Here because panoramisk's own logs the whole action when writing fails, and sends into a closed socket.
        """
        if self.closed or self.transport.is_closing():
            raise PhoneUnavailableError("The connection to Asterisk is down; nothing was sent.")
        if len(self.responses) >= MAX_PENDING or self.transport.get_write_buffer_size() > MAX_UNSENT:
            raise PhoneUnavailableError("Asterisk answers too slowly; nothing was sent.")
        self.responses[data.id] = data
        if data.completion is not Completion.RESPONSE:
            self._following += 1
        self._write(data.wire)
        return data.future

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What is sent inside goes out in one piece, so that Asterisk need not wait for the second action."""
        self._held = []
        try:
            yield
        finally:
            held, self._held = self._held, None
            if held and not self.transport.is_closing():
                self.transport.write(b"".join(held))

    def _write(self, data: bytes) -> None:
        if self._held is None:
            self.transport.write(data)
        else:
            self._held.append(data)

    def data_received(self, data: bytes) -> None:
        """Here because panoramisk loses characters split between reads and dies with a handler that raises."""
        dropped = self.reader.dropped
        for frame in self.reader.feed(data):
            try:
                self._frame_received(frame)
            except Exception:
                log.exception("AMI message failed", frame_bytes=len(frame))
        self.version = self.reader.banner
        if self.reader.dropped != dropped:
            log.warning("AMI message too long, dropped", count=self.reader.dropped - dropped)

    def _frame_received(self, frame: bytes) -> None:
        name = event_name(frame)
        if name is None:
            if "Response" in (message := parse_headers(frame)):
                self.handle_message(message)
            return
        decoder = DECODERS.get(name)
        if decoder is not None and (needed := ONLY_WITH.get(name)) is not None and needed not in frame:
            decoder = None
        following = self._following and _ACTION_ID in frame
        if decoder is None and not following:
            return
        headers = parse_headers(frame)
        if following and (action := self.responses.get(headers.get("ActionID", ""))) is not None:
            if action.completion is not Completion.RESPONSE:
                self.handle_message(headers)
            if action.completion is Completion.LIST:
                return
        if decoder is not None:
            self._manager.owner.event_came(name, decoder, headers)

    def handle_message(self, message: Headers) -> None:
        """Pass a message of an answer to its action; one that is no longer awaited is dropped.

        Here because panoramisk prefers CommandID, which a result event of another command also carries, and
        ends the connection itself on Shutdown.
        """
        action = self.responses.get(message.get("ActionID", ""))
        if action is not None and action.add_message(message):
            self._forget(action)

    def expire(self, now: float) -> None:
        """Fail what waited past its deadline; its answer, should it still come, is dropped."""
        for action in [one for one in self.responses.values() if one.deadline <= now]:
            self._forget(action)
            action.fail(OutcomeUnknownError("Asterisk did not answer in time.", action=action.name))

    def _forget(self, action: FencedAction) -> None:
        if self.responses.pop(action.id, None) is not None and action.completion is not Completion.RESPONSE:
            self._following -= 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._settle()

    def close(self) -> None:
        """End the connection at once. Safe to call twice.

        Here because panoramisk queues what is unanswered to be sent again, and reconnects.
        """
        if not self.closed:
            self.closed = True
            self.transport.abort()
        self._settle()

    def _settle(self) -> None:
        if self._settled:
            return
        self._settled = True
        lost = list(self.responses.values())
        self.responses.clear()
        for action in lost:
            action.fail(OutcomeUnknownError("The connection to Asterisk broke.", action=action.name))
        self._manager.owner.link_lost(self)


class FencedManager(Manager):  # type: ignore[misc]  # panoramisk is untyped
    """Opens one connection at a time; its client decides about logging in, pinging and connecting again.

    The secret is never given to it: panoramisk keeps its configuration in plain sight.
    """

    protocol: FencedProtocol | None

    def __init__(self, owner: LinkOwner, *, host: str, port: int) -> None:
        super().__init__(host=host, port=port, protocol_factory=lambda: FencedProtocol(self), log=_silent)
        self.owner = owner
        self.callbacks.clear()  # send_awaiting_actions: the replay
        self.patterns.clear()

    def connection_made(self, f: Task[tuple[BaseTransport, FencedProtocol]]) -> None:
        """Here because panoramisk logs in, pings without looking at the answer and retries by itself."""
        if f.cancelled() or f.exception() is not None:
            return
        _, self.protocol = f.result()

    def send_action(self, action: FencedAction, as_list: bool | None = None, **kwargs: Any) -> Any:
        """Send over the present connection; raises PhoneUnavailableError where there is none."""
        if self.protocol is None:
            raise PhoneUnavailableError("There is no connection to Asterisk; nothing was sent.")
        return self.protocol.send(action)

    def together(self) -> contextlib.AbstractContextManager[None]:
        """See `FencedProtocol.together`; without a connection there is nothing to hold together."""
        return self.protocol.together() if self.protocol is not None else contextlib.nullcontext()

    def close(self) -> None:
        """Drop the connection, if any, and open no other."""
        protocol, self.protocol = self.protocol, None
        if protocol is not None:
            protocol.close()
