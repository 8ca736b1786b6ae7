"""Sending actions and reading what becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from hotline.kernel.clock import Clock
from ivr.ami import metrics
from ivr.ami.answers import is_error, refused
from ivr.ami.decode import Headers
from ivr.ami.protocol import Completion, FencedAction, FencedManager
from ivr.errors import ActionRefusedError, OutcomeUnknownError, PhoneError, PhoneUnavailableError, UnsafeValueError

Fields = Mapping[str, str | int | list[str]]

_OUTCOMES: tuple[tuple[type[PhoneError], str], ...] = (
    (ActionRefusedError, "refused"),
    (OutcomeUnknownError, "unknown"),
    (PhoneUnavailableError, "unavailable"),
    (UnsafeValueError, "unsafe"),
)


class AmiExchange:
    """Sends actions on one connection after another. Nothing is ever sent twice.

    `is_ready` returns whether the link is logged in; else all but `exchange` raise PhoneUnavailableError.
    """

    def __init__(
        self, clock: Clock, manager: FencedManager, action_timeout: timedelta, is_ready: Callable[[], bool]
    ) -> None:
        self._clock = clock
        self._manager = manager
        self._action_timeout = action_timeout
        self._is_ready = is_ready

    @property
    def ready(self) -> bool:
        return self._is_ready()

    async def action(
        self,
        name: str,
        fields: Fields | None = None,
        *,
        timeout: timedelta | None = None,  # noqa: ASYNC109  # not a cancellation: the answer's deadline
    ) -> Headers:
        """Send one action and return its response; raises PhoneError."""
        return (await self._command(name, fields or {}, Completion.RESPONSE, timeout))[0]

    async def actions(self, *actions: tuple[str, Fields]) -> None:
        """Send several actions in one go, in this order, before anything else here gets its turn.

        Raises the PhoneError of the first that failed; the others have been sent all the same.
        """
        if not self.ready:
            metrics.action_done(actions[0][0], "unavailable")
            raise PhoneUnavailableError("There is no connection to Asterisk; nothing was sent.", action=actions[0][0])
        with self._manager.together():
            sent = [self._send(name, fields, Completion.RESPONSE, None) for name, fields in actions]
        try:
            for future in sent:
                with contextlib.suppress(PhoneError):
                    await future
        except asyncio.CancelledError:
            for future in sent:
                future.cancel()
            raise
        failures: list[PhoneError] = []
        for (name, _), future in zip(actions, sent, strict=True):
            try:
                self._settled(name, future)
            except PhoneError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    async def list_action(
        self,
        name: str,
        fields: Fields | None = None,
        *,
        timeout: timedelta | None = None,  # noqa: ASYNC109  # not a cancellation: the answer's deadline
    ) -> list[Headers]:
        """Send one action that answers with a list; return its events without the closing one."""
        messages = await self._command(name, fields or {}, Completion.LIST, timeout)
        if messages[-1].get("EventList", "").lower() == "cancelled":
            raise ActionRefusedError(f"Asterisk cut the answer to {name} short.", action=name)
        return list(messages[1:-1])

    async def originate(self, fields: Fields, within: timedelta) -> Headers:
        """Send Originate and return its OriginateResponse."""
        return (await self._command("Originate", fields, Completion.ORIGINATE, within))[-1]

    async def _command(
        self, name: str, fields: Fields, completion: Completion, within: timedelta | None
    ) -> Sequence[Headers]:
        if not self.ready:
            metrics.action_done(name, "unavailable")
            raise PhoneUnavailableError("There is no connection to Asterisk; nothing was sent.", action=name)
        return await self.exchange(name, fields, completion, within)

    async def exchange(
        self,
        name: str,
        fields: Mapping[str, Any],
        completion: Completion = Completion.RESPONSE,
        within: timedelta | None = None,
    ) -> Sequence[Headers]:
        """Send one action whatever the link's state, as the log-in needs, and return the messages of its answer."""
        future = self._send(name, fields, completion, within)
        with contextlib.suppress(PhoneError):
            await future
        return self._settled(name, future)

    def _send(
        self, name: str, fields: Mapping[str, Any], completion: Completion, within: timedelta | None
    ) -> asyncio.Future[tuple[Any, ...]]:
        """Send now; what cannot be sent is a future that has failed."""
        limit = (within or self._action_timeout).total_seconds()
        try:
            action = FencedAction({"Action": name, **fields}, completion, self._clock.monotonic() + limit)
            future: asyncio.Future[tuple[Any, ...]] = self._manager.send_action(action)
        except PhoneError as error:
            future = asyncio.get_running_loop().create_future()
            future.set_exception(error)
        return future

    def _settled(self, name: str, future: asyncio.Future[tuple[Any, ...]]) -> Sequence[Headers]:
        """The messages of an action that has ended; raises PhoneError where it failed or was refused."""
        try:
            messages = future.result()
            for message in messages:
                if is_error(message):
                    raise refused(name, message.get("Message", ""))
        except PhoneError as error:
            metrics.action_done(name, next((text for kind, text in _OUTCOMES if isinstance(error, kind)), "failed"))
            raise
        metrics.action_done(name, "ok")
        return messages
