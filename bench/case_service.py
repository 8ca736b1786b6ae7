"""The real service on a large city's database, and the pages of its people."""

from __future__ import annotations

import contextlib
import secrets
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import select

from bench.large_city_people import NOW
from hotline.accounts.models import User, UserSession
from hotline.accounts.service import hash_token
from hotline.app.composition import Hotline
from hotline.app.settings import Settings
from hotline.kernel.clock import SystemClock
from hotline.kernel.gate import REQUESTED_WITH, REQUESTED_WITH_VALUE, SESSION_COOKIE
from hotline.kernel.ids import uuid7
from tests.phones.waiting import until


class CityClock(SystemClock):
    """The machine's, but beginning at the city's present."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - self._begun)


class RequestFailedError(RuntimeError):
    pass


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds until the whole answer is there."""

    wall: float
    processor: float
    """Of the service and of whoever asks, without the database's where that is a process of its own."""


@dataclass(slots=True)
class CityPages:
    """Requests of people by their names, each with its session."""

    session: aiohttp.ClientSession
    origin: str
    tokens: dict[str, str]

    async def ask(self, who: str, method: str, path: str, **given: Any) -> tuple[Took, Any]:
        """Raises RequestFailedError."""
        headers = {
            "Origin": self.origin,
            REQUESTED_WITH: REQUESTED_WITH_VALUE,
            "Cookie": f"{SESSION_COOKIE}={self.tokens[who]}",
        }
        begun, used = time.perf_counter(), time.process_time()
        async with self.session.request(method, self.origin + path, headers=headers, **given) as response:
            text = await response.read()
        took = Took((time.perf_counter() - begun) * 1000, (time.process_time() - used) * 1000)
        if response.status >= 400:
            raise RequestFailedError(f"{method} {path} {given} as {who}: {response.status} {text.decode()[:500]}")
        return took, await response.json() if text else None


@contextlib.asynccontextmanager
async def serving(url: str, home: Path) -> AsyncIterator[tuple[Hotline, CityPages]]:
    """The service, whose Asterisk is away, with everybody logged in."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        ami = {"port": nobody.getsockname()[1], "secret": "no-such-secret"}
    given: dict[str, Any] = {"http": {"port": 0}, "database": {"url": url}, "ami": ami}
    hotline = Hotline(Settings(home=home, **given), clock=CityClock(), web_build=home)
    async with hotline, aiohttp.ClientSession() as session:
        tokens = await _log_in_all(hotline)
        await until(lambda: hotline.crm.directory.loaded, within=120, what="the directory of numbers")
        yield hotline, CityPages(session, f"http://127.0.0.1:{hotline.http_port}", tokens)


async def _log_in_all(hotline: Hotline) -> dict[str, str]:
    """Sessions as after a log-in, without the time that a password takes."""
    tokens: dict[str, str] = {}
    async with hotline.database.transaction() as db:
        for id, username in await db.execute(select(User.id, User.username)):
            tokens[username] = secrets.token_urlsafe(32)
            db.add(
                UserSession(
                    id=uuid7(),
                    token_hash=hash_token(tokens[username]),
                    user_id=id,
                    created_at=NOW,
                    renewed_at=NOW,
                    expires_at=NOW + timedelta(hours=8),
                    address="127.0.0.1",
                )
            )
    return tokens
