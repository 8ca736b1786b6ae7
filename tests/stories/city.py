"""A whole hotline for the stories: a real Asterisk, the service as its own process, and the demo city."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp

from hotline.accounts.masking import mask_number
from hotline.accounts.offline import users_of
from hotline.app.composition import safe_flow_of
from hotline.app.settings import Settings
from hotline.kernel.clock import SystemClock
from hotline.kernel.migrate import upgrade
from hotline.onebox.configure import write_safe_flow
from hotline.onebox.demo import load_demo, specialist_phones
from hotline.onebox.render import AgentEndpoints
from ivr.prompts.library import ensure
from tests.phones.asterisk import RealAsterisk
from tests.phones.waiting import until

SPECIALIST_SECRET = "specialists-secret"


class City:
    """`async with City(...) as city`: Asterisk and the service run. Both can be stopped, killed and frozen."""

    def __init__(self, asterisk: RealAsterisk, passwords: dict[str, str]) -> None:
        self.asterisk = asterisk
        self.settings = asterisk.settings
        self.passwords = passwords
        self.address = f"http://127.0.0.1:{self.settings.http.port}"
        self._service: asyncio.subprocess.Process | None = None

    @property
    def log_file(self) -> Path:
        return self.settings.home / "service.log"

    @property
    def pid(self) -> int:
        assert self._service is not None
        return self._service.pid

    async def start(self) -> None:
        """Start the service and wait until callers are served."""
        await self.launch()
        await until(self.ready, within=60, each=0.1, what="the service is ready")

    async def launch(self) -> None:
        """Start the service, as one that may have trouble."""
        with self.log_file.open("ab") as out:
            self._service = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hotline", "serve", env=self._environment(), stdout=out, stderr=out
            )

    def _environment(self) -> dict[str, str]:
        secret = self.asterisk.instance.secrets.web_caller
        return environment(self.settings) | {"HOTLINE_ASTERISK__WEB_CALLER_SECRET": secret}

    async def ready(self) -> bool:
        assert self._service is not None
        assert self._service.returncode is None, self.log()[-3000:]
        try:
            async with aiohttp.ClientSession() as http, http.get(f"{self.address}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    async def _end(self, how: signal.Signals) -> None:
        if self._service is None or self._service.returncode is not None:
            return
        self._service.send_signal(how)
        try:
            async with asyncio.timeout(20):
                await self._service.wait()
        except TimeoutError:
            self._service.kill()
            await self._service.wait()
            raise AssertionError("the service did not stop within 20 s") from None

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    @contextlib.asynccontextmanager
    async def as_user(self, username: str) -> AsyncIterator[Api]:
        """The API, logged in."""
        headers = {"Origin": self.address, "X-Requested-With": "hotline"}
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(self.address, headers=headers, cookie_jar=jar) as http:
            api = Api(http)
            await api.post("/api/session", username=username, password=self.passwords[username])
            yield api

    @contextlib.asynccontextmanager
    async def workspace(self, username: str, *, phone: str = "desk_phone") -> AsyncIterator[AgentPage]:
        """An agent's page without the page: signed in with `phone` and ready."""
        async with self.as_user(username) as api, api.http.ws_connect("/api/workspace/socket") as socket:
            workspace = AgentPage(api, socket)
            try:
                await workspace.wait(lambda d: d.agent, what="a snapshot")
                await workspace.do("sign_in", phone=phone)
                yield workspace
            finally:
                workspace.close()

    async def record_of(self, number: str, *, complete: bool = True, within: float = 10) -> dict[str, Any]:
        """The newest record of calls from `number`, once its call is over."""
        async with self.as_user("supervisor") as api:

            async def newest() -> dict[str, Any] | None:
                found = await api.calls_of(number)
                if not found or (complete and found[0]["outcome"] == "live"):
                    return None
                record: dict[str, Any] = await api.get(f"/api/calls/{found[0]['call_id']}")
                return record

            return await until(newest, within=within, each=0.2, what=f"a record of {number}")


class Api:
    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def get(self, path: str, **query: Any) -> Any:
        async with self.http.get(path, params=query) as answer:
            return await _content(answer)

    async def find(self, path: str) -> Any:
        """As `get`; None for what is not there."""
        async with self.http.get(path) as answer:
            return None if answer.status == 404 else await _content(answer)

    async def calls_of(self, number: str) -> list[dict[str, Any]]:
        """The calls from `number` among the newest two hundred, newest first, as the log lists them.

        By the number as it is shown: to search for digits is limited, and tests ask again and again.
        """
        shown = mask_number(number)
        rows = (await self.get("/api/calls", limit=200))["items"]
        return [row for row in rows if row["caller_number"] == shown]

    async def post(self, path: str, **body: Any) -> Any:
        async with self.http.post(path, json=body) as answer:
            return await _content(answer)

    async def put(self, path: str, **body: Any) -> Any:
        async with self.http.put(path, json=body) as answer:
            return await _content(answer)

    async def patch(self, path: str, **body: Any) -> Any:
        async with self.http.patch(path, json=body) as answer:
            return await _content(answer)


async def _content(answer: aiohttp.ClientResponse) -> Any:
    text = await answer.text()
    assert answer.status < 400, f"{answer.method} {answer.url}: {answer.status} {text}"
    return json.loads(text) if text else None


class CommandRefused(AssertionError):
    """The workspace's answer to a command was no."""


class AgentPage:
    """What the agent's page knows, by snapshot and events."""

    def __init__(self, api: Api, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.api = api
        self.agent: dict[str, Any] = {}
        self.call: dict[str, Any] | None = None
        self.pop: dict[str, Any] | None = None
        self.replies: dict[str, dict[str, Any]] = {}
        self.history: list[dict[str, Any]] = []
        self._socket = socket
        self._changed = asyncio.Condition()
        self._count = 0
        self._reader = asyncio.create_task(self._read())

    def close(self) -> None:
        self._reader.cancel()

    async def do(self, command: str, **arguments: Any) -> None:
        """Send a command and wait for its reply; raises CommandRefused."""
        self._count += 1
        key = str(self._count)
        await self._socket.send_json({"id": key, "command": command, **arguments})
        await self.wait(lambda d: key in d.replies, what=f"a reply to {command}", within=20)
        reply = self.replies[key]
        if not reply["ok"]:
            raise CommandRefused(f"{command}: {reply['error']}")

    async def ready(self) -> None:
        await self.wait(lambda d: d.agent["phone_registered"], what="the phone is registered")
        await self.do("ready")

    async def wait(self, seen: Callable[[AgentPage], Any], *, what: str, within: float = 15) -> None:
        try:
            async with asyncio.timeout(within), self._changed:
                await self._changed.wait_for(lambda: seen(self) or self._reader.done())
        except TimeoutError:
            raise AssertionError(f"not within {within} s: {what}; agent {self.agent}, call {self.call}") from None
        assert seen(self), f"the socket closed before: {what}"

    async def wait_call(self, state: str, *, within: float = 15) -> dict[str, Any]:
        await self.wait(lambda d: d.call and d.call["state"] == state, what=f"a call that is {state}", within=within)
        assert self.call is not None
        return self.call

    async def wait_state(self, state: str, *, within: float = 15) -> None:
        await self.wait(lambda d: d.agent["state"] == state, what=f"the agent is {state}", within=within)

    async def _read(self) -> None:
        async for message in self._socket:
            data = message.json()
            async with self._changed:
                self.history.append(data)
                match data["type"]:
                    case "snapshot":
                        self.agent, self.call, self.pop = data["agent"], data["call"], data["pop"]
                    case "agent":
                        self.agent = data["agent"]
                    case "call":
                        self.call = data["call"]
                    case "pop":
                        self.pop = data["pop"]
                    case "reply":
                        self.replies[data["id"]] = data
                self._changed.notify_all()
        async with self._changed:
            self._changed.notify_all()


@contextlib.asynccontextmanager
async def build_city(**overrides: Any) -> AsyncIterator[City]:
    """A city of one's own; everything is gone at the end."""
    asterisk = RealAsterisk(agents=(), **overrides)
    try:
        passwords, agents = await _found(asterisk.settings)
        phones = (*agents, *specialist_phones(SPECIALIST_SECRET))
        asterisk.agents = {phone.number: phone for phone in phones}
        await asyncio.to_thread(asterisk.start_now)
        write_safe_flow(asterisk.instance, await safe_flow_of(asterisk.settings))
        await asterisk.cli("dialplan reload")
        city = City(asterisk, passwords)
        try:
            await city.start()
            yield city
        finally:
            with contextlib.suppress(ProcessLookupError):
                city.thaw()
            await city.stop()
    finally:
        await asyncio.to_thread(asterisk.stop_now)


@contextlib.asynccontextmanager
async def impatient_with_silence(asterisk: RealAsterisk, seconds: int) -> AsyncIterator[None]:
    """A phone of which nothing is heard for so long counts as gone, also one on hold."""
    file = asterisk.instance.directories.etc / "pjsip.conf"
    shipped = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"(?m)^(rtp_timeout(?:_hold)?) = \d+$", rf"\1 = {seconds}", shipped), encoding="utf-8")
    await asterisk.cli("module reload res_pjsip.so")
    try:
        yield
    finally:
        file.write_text(shipped, encoding="utf-8")
        await asterisk.cli("module reload res_pjsip.so")


async def _found(settings: Settings) -> tuple[dict[str, str], list[AgentEndpoints]]:
    """Migrate, load the demo city and make the prompts; the log-ins' passwords and the agents' phones."""
    from sqlalchemy import select

    from cti.presence.models import Agent

    report = await ensure(settings)
    assert report.complete, report
    # The tests' own music is one tone, told apart from every voice; the service's has many.
    for file in (settings.sounds / "moh").glob("hold.*"):
        file.unlink()
    await upgrade(settings.database_url)
    async with users_of(settings) as (accounts, database), database.transaction() as db:
        made = await load_demo(db, clock=SystemClock(), accounts=accounts, settings=settings.crm)
        rows = (await db.scalars(select(Agent))).all()
        return (
            {login.username: login.password for login in made},
            [AgentEndpoints(row.number, row.web_secret, row.desk_secret) for row in rows],
        )


def environment(settings: Settings) -> dict[str, str]:
    """The settings as the service's environment."""
    asterisk = settings.asterisk
    values = {
        "HOTLINE_HOME": str(settings.home),
        "HOTLINE_CACHE": str(settings.cache),
        "HOTLINE_HTTP__PORT": str(settings.http.port),
        "HOTLINE_DATABASE__URL": settings.database.url,
        "HOTLINE_AMI__PORT": str(settings.ami.port),
        "HOTLINE_AMI__SECRET": settings.ami.secret.get_secret_value(),
        "HOTLINE_ASTERISK__SIP_HOST": asterisk.sip_host,
        "HOTLINE_ASTERISK__SIP_PORT": str(asterisk.sip_port),
        "HOTLINE_ASTERISK__WEB_PORT": str(asterisk.web_port),
        "HOTLINE_ASTERISK__TRUNK_HOST": asterisk.trunk_host,
        "HOTLINE_FLOW": str(settings.flow) if settings.flow else "",
        "HOTLINE_LOG_LEVEL": "info",
    }
    return os.environ | {name: value for name, value in values.items() if value}


__all__ = ["AgentPage", "Api", "City", "CommandRefused", "build_city", "environment", "impatient_with_silence"]
