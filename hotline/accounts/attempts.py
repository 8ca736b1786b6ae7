"""Lock-out that others cannot use against the owner.

Failures are counted apart for each browser and each network that logged in as the user before, and together for all
others (OWASP, "device cookies"): guesses from unknown browsers lock out
unknown browsers, and the owner can still log in. A name that does not exist is counted the same way, so that a lock-out
does not reveal which names exist.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.models import LogInSlot, SlotKind
from hotline.accounts.options import AccountOptions
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import TooManyRequestsError
from hotline.kernel.rate import RateLimit, visitor_of


class LockedOutError(TooManyRequestsError):
    error_id = "auth.locked_out"
    title = "Locked out for some minutes"


@dataclass(frozen=True, slots=True)
class Tally:
    """Failures of one slot; `refused`: this attempt is not even looked at."""

    failed: int
    since: datetime | None
    locked_until: datetime | None
    refused: bool = False


def count_attempt(before: Tally, now: datetime, *, most: int, window: timedelta) -> Tally:
    """Count an attempt before it is checked, so that none slip through side by side; success clears the tally."""
    if before.locked_until is not None and now < before.locked_until:
        return Tally(before.failed, before.since, before.locked_until, refused=True)
    fresh = before.since is None or before.locked_until is not None or now - before.since >= window
    since = now if fresh or before.since is None else before.since
    failed = 1 if fresh else before.failed + 1
    return Tally(failed, since, since + window if failed >= most else None)


@dataclass(frozen=True, slots=True)
class LogInAttempt:
    """One that was counted; `last` where its failure locks the slot."""

    owner: str
    kind: SlotKind
    key: str
    last: bool


class LogInAttempts:
    """Counts attempts to log in, in transactions of its own; remembers browsers and networks."""

    def __init__(self, database: Database, clock: Clock, options: AccountOptions) -> None:
        self._database = database
        self._clock = clock
        self._options = options
        self._by_address = RateLimit("log-in by address", options.attempts_by_address)
        self._nobody = secrets.token_bytes(32)

    def owner_of_unknown(self, username: str) -> str:
        """An unknown name may be a password typed into the wrong field: only a keyed hash is stored."""
        return hmac.new(self._nobody, username.encode(), hashlib.sha256).hexdigest()

    async def begin(self, owner: str, *, address: str, device: str) -> LogInAttempt:
        """Raises `LockedOutError`, or `TooManyRequestsError` for too many from one address."""
        async with self._database.snapshot() as db:
            kind, key = await self._place(db, owner, visitor_of(address), hash_device(device))
        if kind is not SlotKind.DEVICE:
            self._by_address.hit(visitor_of(address))
        return await self._count(owner, kind, key)

    async def begin_code(self, user_id: str) -> LogInAttempt:
        """For a code of the second factor: whoever gives one knows the password already."""
        return await self._count(user_id, SlotKind.SECOND_FACTOR, "")

    async def clear(self, db: AsyncSession, attempt: LogInAttempt) -> None:
        """The attempt proved right."""
        slot = await db.get(LogInSlot, (attempt.owner, attempt.kind, attempt.key))
        if slot is not None:
            slot.failed, slot.failed_since, slot.locked_until = 0, None, None

    async def remember(self, db: AsyncSession, user_id: str, *, address: str, device: str) -> str:
        """After a log-in: this browser and network are the user's. Returns the browser's token, new or as it was."""
        if (
            not device
            or await db.scalar(_known_device(hash_device(device), self._clock.now() - self._options.known_for)) is None
        ):
            device = secrets.token_urlsafe(32)
        for kind, key in ((SlotKind.DEVICE, hash_device(device)), (SlotKind.NETWORK, visitor_of(address)[:64])):
            slot = await self._slot(db, user_id, kind, key)
            slot.last_log_in_at = self._clock.now()
        return device

    async def unlock(self, db: AsyncSession, user_id: str) -> list[str]:
        """The kinds that were locked."""
        locked = await self.locked(db, [user_id])
        await db.execute(
            update(LogInSlot)
            .where(LogInSlot.owner == user_id)
            .values(failed=0, failed_since=None, locked_until=None)
            .execution_options(synchronize_session=False)
        )
        return [slot.kind for slot in locked]

    async def forget_devices(self, db: AsyncSession, user_id: str) -> None:
        """Nothing is known to be the user's any more."""
        await db.execute(delete(LogInSlot).where(LogInSlot.owner == user_id))

    async def locked(self, db: AsyncSession, user_ids: list[str]) -> list[LogInSlot]:
        return list(
            await db.scalars(
                select(LogInSlot)
                .where(LogInSlot.owner.in_(user_ids), LogInSlot.locked_until > self._clock.now())
                .order_by(LogInSlot.owner, LogInSlot.kind)
            )
        )

    async def forget_old(self, db: AsyncSession) -> int:
        """Clear away counts that are over and places that were not used for long."""
        now = self._clock.now()
        result = await db.execute(
            delete(LogInSlot)
            .where(or_(LogInSlot.last_log_in_at.is_(None), LogInSlot.last_log_in_at < now - self._options.known_for))
            .where(or_(LogInSlot.failed_since.is_(None), LogInSlot.failed_since < now - self._options.attempts_window))
            .execution_options(synchronize_session=False)
        )
        return cast(CursorResult[Any], result).rowcount

    async def _place(self, db: AsyncSession, owner: str, visitor: str, device: str) -> tuple[SlotKind, str]:
        known_since = self._clock.now() - self._options.known_for
        for kind, key in ((SlotKind.DEVICE, device), (SlotKind.NETWORK, visitor[:64])):
            slot = await db.get(LogInSlot, (owner, kind, key)) if key else None
            if slot is not None and slot.last_log_in_at is not None and slot.last_log_in_at > known_since:
                return kind, key
        return SlotKind.UNKNOWN, ""

    async def _count(self, owner: str, kind: SlotKind, key: str) -> LogInAttempt:
        now = self._clock.now()
        async with self._database.transaction() as db:
            slot = await self._slot(db, owner, kind, key)
            tally = count_attempt(
                Tally(slot.failed, slot.failed_since, slot.locked_until),
                now,
                most=self._options.attempts,
                window=self._options.attempts_window,
            )
            slot.failed, slot.failed_since, slot.locked_until = tally.failed, tally.since, tally.locked_until
        if tally.refused and tally.locked_until is not None:
            wait = max(1, round((tally.locked_until - now).total_seconds()))
            raise LockedOutError(
                f"Too many wrong attempts; try again in {wait} s, "
                "or ask a security administrator to unlock the account.",
                retry_after=wait,
            )
        return LogInAttempt(owner, kind, key, tally.locked_until is not None)

    @staticmethod
    async def _slot(db: AsyncSession, owner: str, kind: SlotKind, key: str) -> LogInSlot:
        if (slot := await db.get(LogInSlot, (owner, kind, key), with_for_update=True)) is not None:
            return slot
        try:
            async with db.begin_nested():
                slot = LogInSlot(owner=owner, kind=kind, key=key, failed=0)
                db.add(slot)
            return slot
        except IntegrityError:  # somebody else was first
            return await db.get_one(LogInSlot, (owner, kind, key), with_for_update=True)


def hash_device(device: str) -> str:
    """How a browser's token is stored; "" stays "" for a browser without one."""
    return hashlib.sha256(device.encode()).hexdigest() if device else ""


def _known_device(key: str, since: datetime) -> Any:
    return (
        select(LogInSlot.key)
        .where(LogInSlot.kind == SlotKind.DEVICE, LogInSlot.key == key, LogInSlot.last_log_in_at > since)
        .limit(1)
    )
