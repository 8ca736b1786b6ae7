"""The lease on new calls: until when, and to which service, the dialplan sends callers.

The dialplan looks at APP_LEASE alone. APP_LEASE_HOLDER is for services: a second one on the same Asterisk, with other
agents and another database, would take agents out of queues and answer callers that the first one answers.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import NoReturn

import structlog

from hotline.kernel.clock import Clock
from ivr.dialplan import ServiceVariable, Variable
from ivr.errors import PhoneError
from ivr.switchboard import Switchboard

log = structlog.get_logger(__name__)

LEASE_LASTS = timedelta(seconds=10)


class LeaseHeldError(PhoneError):
    error_id = "phone.lease_held"
    status = 409
    title = "Another service serves this Asterisk"


class Lease:
    """`holder` names this service and is the same after its restart; "" takes the lease without asking."""

    def __init__(
        self, switchboard: Switchboard, clock: Clock, *, holder: str = "", lasts: timedelta = LEASE_LASTS
    ) -> None:
        self._switchboard = switchboard
        self._clock = clock
        self._holder = holder
        self._lasts = lasts
        self._others = 0
        """Until when another's lease was valid when first seen; 0 if there was none."""
        self._refusal: LeaseHeldError | None = None
        self._refused = asyncio.Event()
        self.held = False
        """Whether the last renewal was ours."""

    async def renew(self) -> bool:
        """Claim new calls for the next ten seconds, unless another's lease is still valid.

        Whether it is ours now. An extra renewal does no harm. Raises `PhoneError`; if the other
        service is seen to live, or took over from us, `LeaseHeldError`, for good.
        """
        if self._refusal is not None:
            raise self._refusal
        if self._holder and (holder := await self._other()):
            self.held = False
            return self._wait_for(*holder)
        self._others = 0
        if self._holder:
            await self._switchboard.set_variable("", ServiceVariable.LEASE_HOLDER, self._holder)
        await self._set(int((self._clock.now() + self._lasts).timestamp()))
        self.held = True
        return True

    async def release(self) -> None:
        """The next caller gets the safe flow at once; another's lease stays as it is."""
        if self.held:
            self.held = False
            try:
                await self._set(0)
            except PhoneError as error:
                log.warning("releasing the lease failed", reason=error.error_id)

    async def until_refused(self) -> NoReturn:
        """Raise `LeaseHeldError` once it is clear that another service is active."""
        await self._refused.wait()
        assert self._refusal is not None
        raise self._refusal

    async def _set(self, until: int) -> None:
        await self._switchboard.set_variable("", Variable.LEASE, str(until))

    async def _other(self) -> tuple[str, int] | None:
        """The other service with a valid lease, and until when."""
        holder = await self._switchboard.get_variable("", ServiceVariable.LEASE_HOLDER)
        if holder in ("", self._holder):
            return None
        until = await self._switchboard.get_variable("", Variable.LEASE)
        good = until.isdecimal() and int(until) >= self._clock.now().timestamp()
        return (holder, int(until)) if good else None

    def _wait_for(self, holder: str, until: int) -> bool:
        """False at first: one that died never renews its lease, and we take over when it runs out."""
        if self._others == 0:
            self._others = until
            log.info("another service's lease is still valid", holder=holder)
        if until == self._others:
            return False
        self._refusal = LeaseHeldError(
            f"Callers of this Asterisk are served by another service, {holder}; stop that one first."
        )
        self._refused.set()
        raise self._refusal
