"""The password of an agent's browser phone: one for each log-in, good in Asterisk for as long as that lasts.

It is derived from the log-in's own token, so it lies in no database of ours and a reloaded page gets the same again.
Asterisk keeps it in AstDB, where the dialplan puts it (`hotline-phone`); see docs/adr/0011.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import structlog

from cti.presence import repository
from hotline.accounts.service import hash_token
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import HotlineError
from hotline.kernel.ids import uuid7
from ivr.dialplan import Context, Variable
from ivr.errors import PhoneUnavailableError
from ivr.switchboard import DialResult, Place

log = structlog.get_logger(__name__)

_CONTEXT = Context.PHONE_PASSWORD
_LIMIT = timedelta(seconds=5)


class Dialler(Protocol):
    """What of the switchboard is needed here."""

    async def dial(
        self,
        endpoint: str,
        to: Place,
        *,
        call_id: str,
        unique_id: str,
        caller_number: str,
        variables: Mapping[str, str] | None = None,
        ring: timedelta = timedelta(seconds=30),
    ) -> DialResult: ...


def secret_of(number: str, token: str) -> str:
    """128 bits that reveal nothing about the token, in the form that the dialplan accepts."""
    return hmac.new(token.encode(), f"browser phone {number}".encode(), hashlib.sha256).hexdigest()[:32]


class WebSecrets:
    """Gives passwords to browser phones and takes them away. One instance, for a lock of its own guards the order."""

    def __init__(self, dialler: Dialler, database: Database, clock: Clock) -> None:
        self._dialler = dialler
        self._database = database
        self._clock = clock
        self._order = asyncio.Lock()
        self._given: dict[str, str] = {}
        """By number, those that this process has given: put again should Asterisk have lost its database."""

    async def give(self, number: str, token: str) -> str:
        """The password of agent `number`'s browser phone during the log-in of `token`; the one before is void.

        Raises a PhoneError if Asterisk does not accept it; to be called outside any transaction.
        """
        secret = secret_of(number, token)
        async with self._order:
            async with self._database.transaction() as db:
                # First, so that what is put into Asterisk is always known to be there.
                await repository.set_web_session(db, number, hash_token(token))
            await self._put(number, secret)
            self._given[number] = secret
        return secret

    async def take_back(self) -> None:
        """Delete every password whose log-in is over. What fails is retried by the next call."""
        async with self._order:
            async with self._database.snapshot() as db:
                over = await repository.web_sessions_over(db, self._clock.now())
            for number in over:
                self._given.pop(number, None)
                try:
                    await self._put(number, "")
                except HotlineError as error:
                    log.warning("deleting a browser phone's password failed", agent=number, reason=error.error_id)
                    return
                async with self._database.transaction() as db:
                    await repository.set_web_session(db, number, None)

    async def put_again(self) -> None:
        """After each log-in at AMI: the Asterisk behind it may be another, or have lost its last second."""
        async with self._order:
            for number, secret in self._given.items():
                await self._put(number, secret)

    async def _put(self, number: str, secret: str) -> None:
        done = await self._dialler.dial(
            f"Local/{number}@{_CONTEXT}/n",
            Place(context=_CONTEXT, extension="done"),
            call_id="",
            unique_id=uuid7(),
            caller_number="",
            variables={Variable.PHONE_SECRET: secret},
            ring=_LIMIT,
        )
        if not done.answered:
            raise PhoneUnavailableError("Asterisk did not take the phone's password; look into its messages.log.")
