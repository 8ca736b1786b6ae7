"""The accounts feature at a running edge, with cheap password hashes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from hotline.accounts.audit import AuditLog
from hotline.accounts.feature import AccountFeature
from hotline.accounts.models import PasswordState, User
from hotline.accounts.options import AccountOptions
from hotline.accounts.passwords import Passwords
from hotline.accounts.roles import Role
from hotline.accounts.routes import account_routes
from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.edge import build_application
from hotline.kernel.http import EdgeOptions, Routes
from hotline.kernel.keyfile import KEY_BYTES, KeyFile
from tests.hotline.web import NoJournal, from_page

PASSWORD = "correct horse battery"


def cheap_passwords() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class FixedKey(KeyFile):
    """A key without a file."""

    def __init__(self) -> None:
        super().__init__(Path("/nowhere"))

    def make(self) -> None:
        pass

    def read(self) -> bytes:
        return bytes(KEY_BYTES)


class Accounts:
    """A service with accounts; `log_in` returns the token of a session."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        options: AccountOptions | None = None,
        edge: EdgeOptions | None = None,
        passwords: Passwords | None = None,
        key: KeyFile | None = None,
        more: Iterable[Routes] = (),
    ) -> None:
        self.database = database
        self.journal = NoJournal()
        audit = AuditLog(clock)
        self.feature = AccountFeature(
            database,
            clock,
            audit,
            key=key or FixedKey(),
            options=options,
            passwords=passwords or cheap_passwords(),
        )
        self.service = self.feature.users
        self.app = build_application(
            [*account_routes(self.feature), *more],
            database=database,
            bus=Bus(self.journal),
            clock=clock,
            principal=self.feature.sessions.principal_for,
            peek=self.feature.sessions.peek,
            audit=audit,
            options=edge,
        )
        self.client: TestClient[web.Request, web.Application] = TestClient(TestServer(self.app))

    async def start(self) -> None:
        await self.client.start_server()

    async def close(self) -> None:
        await self.client.close()
        self.feature.close()

    async def add(
        self, username: str, *roles: Role, name: str = "王芳", state: PasswordState = PasswordState.OWN
    ) -> User:
        password_hash = await self.service.hash_password(PASSWORD)
        async with self.database.transaction() as db:
            return await self.service.create_user(
                db, username=username, name=name, password_hash=password_hash, roles=roles, password_state=state
            )

    async def log_in(self, username: str, password: str = PASSWORD) -> str:
        status, _body, token = await self.try_log_in(username, password)
        assert status == 200
        return token

    async def try_log_in(self, username: str, password: str, **headers: str) -> tuple[int, dict[str, Any], str]:
        body = {"username": username, "password": password}
        self.client.session.cookie_jar.clear()
        response = await self.client.post("/api/session", json=body, **from_page(self.client, **headers))
        cookie = response.cookies.get("hotline_session")
        self.client.session.cookie_jar.clear()
        return response.status, await response.json(), cookie.value if cookie else ""

    async def ask(self, method: str, path: str, token: str, json: Any = None) -> tuple[int, Any]:
        status, body, _token = await self.step(method, path, token, json)
        return status, body

    async def step(self, method: str, path: str, token: str, json: Any = None) -> tuple[int, Any, str]:
        """As `ask`, with the session's token after it, which a step of the log-in replaces."""
        self.client.session.cookie_jar.clear()
        response = await self.client.request(method, path, json=json, **from_page(self.client, token))
        text = await response.text()
        cookie = response.cookies.get("hotline_session")
        body: Any = text or None
        if text and response.content_type != "application/x-ndjson":
            body = await response.json(content_type=None)
        return response.status, body, cookie.value if cookie else token
