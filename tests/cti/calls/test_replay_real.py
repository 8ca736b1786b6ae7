"""A real Asterisk serves callers by itself, and the call log learns of it afterwards."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.onebox.log_rotation import RENAMED, LogRotation
from ivr.ami import AmiClient
from ivr.switchboard import Place
from tests.cti.calls.conftest import House, opened
from tests.fakes.clock import FakeClock
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.sipp import HangUp, Pause, SippCaller, StayUntilBye
from tests.phones.waiting import until

pytestmark = pytest.mark.real

QUEUE = "public"
REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
async def queue(real_asterisk: RealAsterisk) -> AsyncIterator[RealAsterisk]:
    """With no service, the dialplan sends callers to this queue. Each test has agents of its own."""
    yield real_asterisk
    for number in real_asterisk.agents:
        await real_asterisk.cli(f"queue remove member PJSIP/{number} from {QUEUE}")
    await real_asterisk.hang_up_all()


@pytest.fixture
async def house(database: Database, tmp_path: Path, queue: RealAsterisk) -> AsyncIterator[House]:
    async with opened(
        database, tmp_path, logs=queue.settings.asterisk_logs, recordings=queue.settings.recordings
    ) as house:
        await house.replayed()
        yield house


async def found(house: House, number: str) -> Any:
    """The one call from this number, once the logs tell of its end."""

    async def calls() -> list[Any]:
        await house.replayed()
        page = await house.get("supervisor", "/api/calls", search=number)
        return [row for row in page["items"] if row["outcome"] != "live"]

    rows = await until(calls, within=15, each=0.3)
    assert len(rows) == 1
    return await house.get("supervisor", f"/api/calls/{rows[0]['call_id']}")


async def on_duty(asterisk: RealAsterisk, number: str) -> None:
    await asterisk.cli(f"queue add member PJSIP/{number} to {QUEUE} penalty 0 as {number}")

    async def free() -> bool:
        shown = await asterisk.cli(f"queue show {QUEUE}")
        return any(number in line and "Not in use" in line for line in shown.splitlines())

    await until(free, within=30, what=f"{number} is free")


async def test_an_answered_call(house: House, queue: RealAsterisk) -> None:
    number = "13904731001"
    async with (
        PjsuaPhone.desk_phone(queue, "1001") as agent,
        PjsuaPhone.caller(queue, number, name="李雷 经理") as caller,
    ):
        await on_duty(queue, "1001")
        agent.answers(after=1.5)
        caller.call()
        await agent.wait_for("confirmed", within=20)
        await queue.until_lasts("PJSIP/1001", 3)
        await house.replayed()
        agent.hang_up()
        await caller.wait_for("disconnected")
    call = await found(house, number)
    assert (call["outcome"], call["agents"], call["queue"], call["entry"]) == ("answered", ["1001"], QUEUE, "trunk")
    assert call["caller_name"] == "李雷 经理"
    assert call["gap"] is True
    assert call["safe_reason"]
    assert 2 <= call["talk_seconds"] <= 6
    assert [(a["agent"], a["result"]) for a in call["attempts"]] == [("1001", "answered")]
    assert call["recording"]["sides"] == ["mix", "caller", "agent"]
    assert call["recording"]["seconds"] >= 2


async def test_an_agent_who_declines_and_the_next_one(house: House, queue: RealAsterisk) -> None:
    number = "13904731002"
    async with PjsuaPhone.desk_phone(queue, "1002") as first:
        await on_duty(queue, "1002")
        first.declines(486)
        caller = asyncio.create_task(SippCaller(queue, number).call(StayUntilBye(40)))
        await first.wait_for("ringing", within=20)
        async with PjsuaPhone.desk_phone(queue, "1003") as second:
            second.answers(after=0.5)
            await on_duty(queue, "1003")
            await second.wait_for("confirmed", within=30)
            second.hang_up()
            await caller
    call = await found(house, number)
    assert (call["outcome"], call["agents"]) == ("answered", ["1003"])
    assert [a["result"] for a in call["attempts"] if a["agent"] == "1003"] == ["answered"]
    assert {a["result"] for a in call["attempts"] if a["agent"] == "1002"} == {"timeout"}


async def test_a_caller_who_gives_up_and_a_log_that_is_rotated_meanwhile(house: House, queue: RealAsterisk) -> None:
    number = "13904731003"
    caller = asyncio.create_task(SippCaller(queue, number).call(Pause(3), HangUp()))

    async def waits() -> bool:
        return "1 calls" in await queue.cli(f"queue show {QUEUE}")

    await until(waits)
    await queue.cli("logger rotate")
    await caller
    call = await found(house, number)
    assert (call["outcome"], call["agents"], call["attempts"]) == ("abandoned_queue", [], [])
    assert 2 <= call["waited_seconds"] <= 5
    assert any(path.name.startswith("queue_log.") for path in queue.settings.asterisk_logs.iterdir())


async def rotate_as_the_one_box(asterisk: RealAsterisk) -> None:
    tomorrow = FakeClock(datetime.now(UTC) + timedelta(days=1))
    await LogRotation(asterisk.settings.asterisk_logs, asterisk.process.reload, tomorrow).run()


async def rotate_as_the_shipped_logrotate_file(asterisk: RealAsterisk) -> None:
    """Its files are renamed and not made again, then its script is run."""
    text = (REPOSITORY / "deploy/logrotate/hotline-asterisk").read_text()
    assert {"nocreate", "missingok", "sharedscripts"} <= set(text.split())
    names = re.findall(r"/var/log/asterisk/(\S+)", text)
    assert sorted(names) == sorted(RENAMED)
    command = re.search(r"postrotate\n.*asterisk -rx '([^']+)'.*\n *endscript", text)
    assert command is not None
    for name in names:
        path = asterisk.settings.asterisk_logs / name
        if path.exists():
            path.rename(path.with_name(f"{path.name}.1"))
    await asterisk.cli(command[1])


@pytest.mark.parametrize(
    ("rotate", "numbers"),
    [
        (rotate_as_the_one_box, ("13904731011", "13904731012", "13904731013")),
        (rotate_as_the_shipped_logrotate_file, ("13904731021", "13904731022", "13904731023")),
    ],
)
@pytest.mark.parametrize("running", [True, False], ids=["service up", "service down"])
async def test_calls_across_a_rotation_are_in_the_call_log_once(
    house: House,
    queue: RealAsterisk,
    rotate: Callable[[RealAsterisk], Awaitable[None]],
    numbers: tuple[str, str, str],
    running: bool,
) -> None:
    before, across, after = (number + str(int(running)) for number in numbers)
    logs = queue.settings.asterisk_logs
    await SippCaller(queue, before).call(Pause(1), HangUp())
    if running:
        await found(house, before)
    caller = asyncio.create_task(SippCaller(queue, across).call(Pause(3), HangUp()))

    async def waits() -> bool:
        return "1 calls" in await queue.cli(f"queue show {QUEUE}")

    await until(waits, within=20)
    if running:
        await house.replayed()
    await rotate(queue)
    await caller
    await SippCaller(queue, after).call(Pause(1), HangUp())
    for number in (before, across, after):
        assert (await found(house, number))["outcome"] == "abandoned_queue"
    # Asterisk has opened each again.
    assert "ABANDON" in (logs / "queue_log").read_text()
    assert after in (logs / "cdr-custom/hotline.csv").read_text()
    assert (logs / "messages.log").exists()
    assert (logs / "security.log").exists()
    assert await house.replayed() == 0


async def test_a_call_has_not_ended_because_it_was_moved(house: House, queue: RealAsterisk) -> None:
    """From the queue to a talk, from there to music, and back to the queue: one call, and no CDR before its end."""
    number = "13904731004"
    ami = AmiClient(queue.settings.ami, SystemClock(), lambda event: None)
    async with PjsuaPhone.desk_phone(queue, "1004") as agent, PjsuaPhone.caller(queue, number) as caller:
        await on_duty(queue, "1004")
        agent.answers(after=0.5)
        caller.call()
        await agent.wait_for("confirmed", within=20)
        agent.rings()
        await ami.start()
        await until(lambda: ami.ready)
        (channel,) = [
            c for c in (await ami.switchboard.snapshot()).channels if c.call_id and c.name.startswith("PJSIP/trunk")
        ]
        await ami.switchboard.redirect(channel.name, Place(context="hotline-hold", extension=channel.call_id))

        async def back_in_the_queue() -> bool:
            return bool((await ami.switchboard.snapshot()).entries)

        await until(back_in_the_queue, within=10)
        back = datetime.now(UTC) - timedelta(seconds=1)
        await house.replayed()
        assert (await house.ask("supervisor", "GET", f"/api/calls/{channel.call_id}"))[0] == 404
        caller.hang_up()
        await caller.wait_for("disconnected")
        await ami.close()
    call = await found(house, number)
    assert (call["call_id"], call["outcome"]) == (channel.call_id, "answered")
    assert datetime.fromisoformat(call["ended_at"]) >= back
