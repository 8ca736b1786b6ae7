"""The whole service in a thread of its own, with the demo data and somebody of each role logged in."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import inspect, select

from cti.calls.history.record import Attempt, CallRecord
from cti.calls.history.rows import write_records
from cti.presence.roster import new_agent
from cti.presence.schemas import AgentQueues, QueueShare
from hotline.accounts.models import UserSession
from hotline.accounts.roles import Permission, Role, permissions_of
from hotline.accounts.service import hash_token
from hotline.app.composition import Hotline
from hotline.app.settings import Settings
from hotline.kernel.db import Base
from hotline.kernel.ids import uuid7
from hotline.kernel.migrate import upgrade
from hotline.onebox.demo import load_demo

T = TypeVar("T")
START = 60
"""Seconds for the service to start, and for a request of ours to its database."""
NAMES = {"service_case": "case", "role_request": "request", "user_account": "user"}
"""What requests call a table's rows, where it is not the table's name."""
MOST_IDS = 50
AGENT = "1900"
"""The number of the agent who sends requests."""


@dataclass(slots=True)
class Identity:
    """Somebody who sends requests; without a role, whoever is not logged in."""

    name: str
    user_id: str
    permissions: frozenset[Permission]
    token: str = ""

    def may(self, permission: str) -> bool:
        return permission in self.permissions


ANONYMOUS = Identity("anonymous", "", frozenset())


class FuzzedService:
    """`with FuzzedService(folder) as service`: the real service on SQLite, whose Asterisk is away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="service", daemon=True)
        self._stack = contextlib.AsyncExitStack()
        self._hotline: Hotline
        self.identities: list[Identity] = []

    def __enter__(self) -> FuzzedService:
        self._thread.start()
        try:
            self.do(self._start())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._hotline.http_port}"

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the service's loop and wait for it."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(START)

    def log_in(self, identity: Identity) -> None:
        """Give `identity` a new session, as after a log-in, without the time a password takes."""
        identity.token = secrets.token_urlsafe(32)
        self.do(self._open_session(identity))

    def known_ids(self) -> dict[str, list[str]]:
        """By names that requests use, such as `unit_id`: ids of rows that exist, without those of the
        identities, whom a request must not lock out."""
        return self.do(self._known_ids())

    def _stop(self) -> None:
        self.do(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START)
        self._loop.close()

    async def _start(self) -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            ami = {"port": nobody.getsockname()[1], "secret": "no-such-secret"}
        url = f"sqlite:///{self._folder / 'hotline.db'}"
        given: dict[str, Any] = {"http": {"port": 0}, "database": {"url": url}, "ami": ami}
        settings = Settings(home=self._folder, **given)
        await upgrade(url)
        self._hotline = hotline = Hotline(settings, web_build=self._folder)
        await self._stack.enter_async_context(hotline)
        users = hotline.accounts.users
        password_hash = await users.hash_password(secrets.token_urlsafe())
        async with hotline.database.transaction() as db:
            await load_demo(db, clock=hotline._clock, accounts=users, settings=settings.crm)
            await write_records(db, [(_call(hotline._clock.now()), True)])
            for role in Role:
                user = await users.create_user(
                    db, username=f"fuzz-{role}", name=role, password_hash=password_hash, roles=[role]
                )
                if role is Role.AGENT:
                    db.add(new_agent(user, AGENT, AgentQueues(queues=[QueueShare(queue="enterprise")])))
                self.identities.append(Identity(role, user.id, permissions_of([role])))

    async def _open_session(self, identity: Identity) -> None:
        now = self._hotline._clock.now()
        async with self._hotline.database.transaction() as db:
            db.add(
                UserSession(
                    id=uuid7(),
                    token_hash=hash_token(identity.token),
                    user_id=identity.user_id,
                    created_at=now,
                    renewed_at=now,
                    expires_at=now + timedelta(hours=8),
                    address="127.0.0.1",
                )
            )

    async def _known_ids(self) -> dict[str, list[str]]:
        own = {identity.user_id for identity in self.identities}
        async with self._hotline.database.snapshot() as db:
            present = await (await db.connection()).run_sync(lambda found: set(inspect(found).get_table_names()))
        # Other tests of this process declare tables of their own.
        tables = {name: table for name, table in Base.metadata.tables.items() if name in present}
        columns = {f"{NAMES.get(name, name)}_id": table.c["id"] for name, table in tables.items() if "id" in table.c}
        columns["number"] = tables["agent"].c["number"]
        columns["call_id"] = tables["call_record"].c["call_id"]
        known = {}
        async with self._hotline.database.snapshot() as db:
            for name, column in columns.items():
                found = [str(value) for value in await db.scalars(select(column).order_by(column).limit(MOST_IDS))]
                if usable := [value for value in found if value not in (*own, AGENT)]:
                    known[name] = usable
        return known


def _call(ended: datetime) -> CallRecord:
    """A call that is over, whose recording is lost."""
    answered = ended - timedelta(minutes=2)
    return CallRecord(
        call_id=uuid7(),
        started_at=answered - timedelta(seconds=30),
        caller_number="13800138000",
        queue="enterprise",
        answered_at=answered,
        ended_at=ended,
        attempts=[Attempt(agent=AGENT, queue="enterprise", rang_at=answered, answered_at=answered)],
        whole=True,
    )
