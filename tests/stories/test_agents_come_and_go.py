"""An administrator makes and dismisses agents while `hotline up` runs: their phones and the queue follow."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from hotline.box.fetch import obtain
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import City, Desk, environment
from tests.stories.office import TONES, new_number

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "correct-horse-battery"


class Box:
    """`hotline up` as its own process, and the command line beside it."""

    def __init__(self, place: RealAsterisk) -> None:
        self.place = place  # Its addresses and home; its Asterisk is never started.
        self.env = environment(place.settings)
        self.log_file = place.home / "up.log"
        self.city: City
        self._process: asyncio.subprocess.Process

    async def __aenter__(self) -> Box:
        with self.log_file.open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hotline", "up", env=self.env, stdout=out, stderr=out
            )
        try:
            await until(self._is_ready, within=120, each=0.2, what="hotline up is ready")
        except BaseException:
            await self.__aexit__()
            raise
        self.city = City(self.place, self._passwords())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                await self._process.wait()

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    async def _is_ready(self) -> bool:
        assert self._process.returncode is None, self.log()[-3000:]
        address = f"http://127.0.0.1:{self.place.settings.http.port}/readyz"
        with contextlib.suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as http, http.get(address) as answer:
                return answer.status == 200
        return False

    def _passwords(self) -> dict[str, str]:
        lines = (self.place.home / "demo-logins.txt").read_text(encoding="utf-8").splitlines()
        return {line.split()[0]: line.split()[1] for line in lines}

    async def hotline(self, *arguments: str, typed: str = "") -> str:
        """What the command prints; it must end well."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hotline", *arguments),
            env=self.env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate(typed.encode())
        assert process.returncode == 0, output.decode()
        return output.decode()

    async def hire(self, number: str, username: str) -> None:
        """By the command line, with a new account."""
        await self.hotline(
            *("agent", "create", number, "--user", username, "--name", "赵敏", "--desks", "enterprise,public"),
            typed=f"{PASSWORD}\n",
        )
        self.city.passwords[username] = PASSWORD

    async def phone(self, number: str) -> PjsuaPhone:
        """The agent's desk phone, which tries until Asterisk knows it."""
        told = await self.hotline("phone", number)
        secret = told.split("password ")[1].strip()

        async def registered() -> PjsuaPhone | None:
            phone = PjsuaPhone(self.place, host=self.place.other_host, user=number, secret=secret)
            try:
                return await phone.__aenter__()
            except AssertionError:  # Refused so far.
                return None

        found = await until(registered, within=30, each=0.5, what=f"the phone of {number} is let in")
        assert isinstance(found, PjsuaPhone)
        return found

    async def is_known(self, username: str) -> bool:
        """Whether the user's page shows them as an agent."""
        async with self.city.as_user(username) as api, api.http.ws_connect("/api/desk/socket") as socket:
            return (await socket.receive_json())["agent"] is not None

    @contextlib.asynccontextmanager
    async def at_work(self, username: str, number: str) -> AsyncIterator[tuple[Desk, PjsuaPhone]]:
        async def known() -> bool:
            return await self.is_known(username)

        phone = await self.phone(number)
        try:
            await until(known, within=20, each=0.5, what=f"{number} is an agent to the service")
            async with self.city.desk(username) as desk:
                await desk.ready()
                yield desk, phone
        finally:
            await phone.close()

    @contextlib.asynccontextmanager
    async def caller(self) -> AsyncIterator[PjsuaPhone]:
        async with PjsuaPhone.caller(self.place, new_number()) as phone:
            phone.tone(TONES["caller"])
            await phone.call_and_wait()
            phone.press("1")
            yield phone

    async def members(self, number: str) -> bool:
        """Whether the queue has this agent."""
        config = self.place.home / "asterisk" / "etc" / "asterisk.conf"
        pid = await asyncio.create_subprocess_exec(
            *self._asterisk, "-C", str(config), "-rx", "queue show enterprise", stdout=asyncio.subprocess.PIPE
        )
        output, _ = await pid.communicate()
        assert b"enterprise" in output
        return f"PJSIP/{number}".encode() in output

    @property
    def _asterisk(self) -> list[str]:
        return [str(part) for part in obtain(self.place.settings.cache).command]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def box() -> AsyncIterator[Box]:
    place = RealAsterisk()
    try:
        async with Box(place) as box:
            yield box
    finally:
        place.stop_now()


async def test_an_agent_made_while_it_runs_gets_the_next_call_and_none_once_dismissed(box: Box) -> None:
    await box.hire("1077", "zhaomin")
    assert "1077" in await box.hotline("agent", "list")
    async with box.at_work("zhaomin", "1077") as (desk, phone), box.caller() as caller:
        await desk.wait_call("ringing", within=30)
        await phone.wait_for("ringing")
        phone.answer()
        await desk.wait_call("talking")

        await box.hotline("agent", "deactivate", "1077")
        await until(lambda: "agent is to go" in box.log(), within=20, what="the service has heard of it")
        # The talk goes on, and the page with it.
        await caller.listen(2)
        assert not phone.seen("disconnected")
        assert desk.agent["state"] == "talking"
        assert await box.members("1077")

        phone.hang_up()
        # The case of the last call can still be written.
        await desk.wait_state("wrap_up")
        await desk.do("finish_wrap_up")
        await until(lambda: "agent has gone" in box.log(), within=20, what="the agent has gone")
        assert not await box.members("1077")
        async with desk.api.http.get("/api/session") as answer:
            assert answer.status == 401

        async with box.caller() as another:
            await another.listen(8)
            assert len(phone.seen("ringing")) == 1, "the dismissed agent's phone rang again"
    await until(lambda: box.log().count("agents' phones are known to Asterisk") >= 2, within=20, what="phones are gone")
    etc = box.place.home / "asterisk" / "etc" / "instance" / "pjsip.conf"
    assert "1077" not in etc.read_text()
    assert "Traceback" not in box.log()


async def test_by_the_api_too_and_new_desks_hold_at_once(box: Box) -> None:
    boss = "supervisor"
    async with box.city.as_user(boss) as api:
        agents = {agent["number"]: agent for agent in await api.get("/api/agents")}
        assert agents["1001"]["active"]
        async with box.city.desk("agent1"):
            await until(lambda: box.members("1001"), within=10, what="1001 is at the desk")
            async with api.http.put("/api/agents/1001", json={"desks": [{"queue": "public"}]}) as answer:
                assert answer.status == 200

            async def moved() -> bool:
                return not await box.members("1001")

            await until(moved, within=10, what="1001 has left the enterprise desk")
            await api.post("/api/agents/1001/deactivate")
            await until(lambda: box.log().count("agent has gone") >= 2, within=10, what="1001 has gone")
        await api.post("/api/agents/1001/activate")

        async def back() -> bool:
            return await box.is_known("agent1")

        await until(back, within=10, each=0.3, what="1001 is an agent again")
