"""Passwords: argon2id, off the event loop, a few at a time."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hotline.kernel.errors import TooManyRequestsError

PasswordHash = NewType("PasswordHash", str)
"""What is stored of a password. Made before a transaction begins: it is slow, and would hold up every writer."""

_THREADS = 2
_MOST_WAITING = 40
"""At some 150 ms each on two threads, the last in the queue waits about 3 s."""


class Passwords:
    """Hashes and checks passwords. Each takes about 150 ms and 64 MiB, so both numbers are bounded."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
        self._pending = 0
        # Unknown users are checked against this, so that the time taken does not reveal which names exist.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> PasswordHash:
        """Raises `TooManyRequestsError` when too many are waiting already."""
        return PasswordHash(await self._run(password))

    async def check(self, password: str, password_hash: str | None) -> bool:
        """Whether `password` is the one; None, for a user who does not exist, takes as long and is False."""
        matches = await self._run(password, password_hash or self._nobody)
        return matches == "yes" and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, password: str, password_hash: str | None = None) -> str:
        if self._pending >= _MOST_WAITING:
            raise TooManyRequestsError("Too many people are logging in at once; try again shortly.", retry_after=5)
        self._pending += 1
        try:
            loop = asyncio.get_running_loop()
            if password_hash is None:
                return await loop.run_in_executor(self._threads, self._hasher.hash, password)
            return await loop.run_in_executor(self._threads, self._verify, password, password_hash)
        finally:
            self._pending -= 1

    def _verify(self, password: str, password_hash: str) -> str:
        try:
            return "yes" if self._hasher.verify(password_hash, password) else "no"
        except (VerificationError, InvalidHashError):
            return "no"
