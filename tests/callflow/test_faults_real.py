"""No caller is stranded: the service gone, restarted, hanging or cut off, with calls at every stage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from callflow.compile import compile_safe_flow
from callflow.document import SHIPPED_FLOW
from callflow.events import CallArrived, CallEnded, CallQueued, CallResumed, NodeEntered, QueueLeft, SurveyAnswered
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.onebox.configure import write_safe_flow
from ivr.ami import AmiClient
from tests.callflow.calls import shipped_flow
from tests.callflow.service import Service, hears, running_service
from tests.fakes.journal import ListJournal
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

pytestmark = pytest.mark.real


class Runs:
    """Runs of the service one after the other, on one database and one journal."""

    def __init__(self, asterisk: RealAsterisk, database: Database) -> None:
        self.asterisk, self.database, self.journal = asterisk, database, ListJournal()
        self._stack = AsyncExitStack()
        self.present: Service

    async def start(self, flow: Path | None = None) -> Service:
        self.journal.events.clear()
        run = running_service(self.asterisk, self.database, journal=self.journal, flow=flow)
        self.present = await self._stack.enter_async_context(run)
        return self.present

    async def die(self) -> None:
        """Go without a word, as a killed process does: with the link gone first, lease and calls stay as they are."""
        await self.present.ami.close()
        await self.present.calls.close()

    async def hang(self, *, lease: int) -> None:
        """Be there no more but for the link, with a lease of so many seconds."""
        await self.die()
        link = AmiClient(self.asterisk.settings.ami, SystemClock(), lambda event: None)
        await link.start()
        self._stack.push_async_callback(link.close)
        await until(lambda: link.ready)
        await link.switchboard.set_variable("", "APP_LEASE", str(int(time.time()) + lease))

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.fixture
async def runs(speaking_asterisk: RealAsterisk, database: Database) -> AsyncIterator[Runs]:
    write_safe_flow(speaking_asterisk.instance, compile_safe_flow(shipped_flow()))
    await speaking_asterisk.cli("dialplan reload")
    runs = Runs(speaking_asterisk, database)
    yield runs
    await runs.start()
    await runs.present.remove_agents("1001", "1002")
    await speaking_asterisk.hang_up_all()
    await runs.close()


async def test_a_call_in_the_menu_continues_there_after_a_restart(runs: Runs) -> None:
    service = await runs.start()
    async with PjsuaPhone.caller(runs.asterisk) as caller:
        await caller.call_and_wait()
        caller.press("4")
        await service.seen(NodeEntered, node="english-menu")
        call_id = service.of(CallArrived)[0].call_id
        await runs.die()
        service = await runs.start()
        assert (await service.seen(CallResumed)).node == "english-menu"
        await hears(caller, "menu-main", seconds=0.8)
        live = service.calls.live(call_id)
        assert live is not None
        assert [step.digits for step in live.path if step.digits] == ["4"]
        caller.press("1")
        assert (await service.seen(CallQueued)).queue == "enterprise"


async def test_a_talk_is_not_disturbed_by_a_restart_and_its_survey_follows(runs: Runs) -> None:
    service = await runs.start()
    async with PjsuaPhone.desk_phone(runs.asterisk, "1001") as agent, PjsuaPhone.caller(runs.asterisk) as caller:
        agent.answers()
        await service.put_agent("1001", "enterprise")
        await caller.call_and_wait()
        caller.press("1")
        await agent.wait_for("confirmed")
        await runs.die()
        service = await runs.start()
        await service.seen(CallResumed, node="enterprise-queue")
        assert not agent.seen("disconnected")
        agent.hang_up()
        assert (await service.seen(QueueLeft)).agent == "1001"
        await service.seen(NodeEntered, node="survey")
        caller.press("1")
        assert (await service.seen(SurveyAnswered)).agent == "1001"


async def test_a_caller_in_the_queue_keeps_the_place_through_a_restart(runs: Runs) -> None:
    service = await runs.start()
    async with PjsuaPhone.desk_phone(runs.asterisk, "1001") as agent, PjsuaPhone.caller(runs.asterisk) as caller:
        await caller.call_and_wait()
        caller.press("1")
        await service.seen(CallQueued)
        await runs.die()
        service = await runs.start()
        await service.seen(CallResumed)
        await service.put_agent("1001", "enterprise")
        await agent.wait_for("ringing")
        caller.hang_up()
        assert (await service.seen(QueueLeft)).outcome == "abandoned"
        await service.seen(CallEnded)


async def test_a_call_that_comes_back_from_its_talk_while_the_service_is_away_gets_the_safe_survey(runs: Runs) -> None:
    service = await runs.start()
    async with PjsuaPhone.desk_phone(runs.asterisk, "1001") as agent, PjsuaPhone.caller(runs.asterisk) as caller:
        agent.answers()
        await service.put_agent("1001", "enterprise")
        await caller.call_and_wait()
        caller.press("1")
        await agent.wait_for("confirmed")
        # In the middle of the announcement of the agent's number.
        await caller.listen(0.6)
        await runs.die()
        await hears(caller, "survey-ask", when=agent.hang_up)
        caller.press("3")
        await caller.wait_for("disconnected", within=15)
    queue_log = runs.asterisk.settings.asterisk_logs / "queue_log"
    assert "|1001|SURVEY|3" in await asyncio.to_thread(queue_log.read_text)


async def test_a_caller_whom_the_safe_flow_led_to_a_queue_is_resumed_at_that_one(runs: Runs) -> None:
    """Two queues of the flow share the queue."""
    await runs.start()
    await runs.die()
    async with PjsuaPhone.caller(runs.asterisk) as caller:
        await caller.call_and_wait()
        caller.press("0")

        async def waits() -> bool:
            return "public has 1 calls" in await runs.asterisk.cli("queue show public")

        await until(waits, what="the caller waits in public")
        service = await runs.start()
        assert (await service.seen(CallResumed)).node == "public-queue"


async def test_a_service_logged_in_but_hanging_leaves_new_callers_to_the_safe_flow(runs: Runs) -> None:
    service = await runs.start()
    await runs.hang(lease=-1)
    async with PjsuaPhone.caller(runs.asterisk) as caller:
        await caller.call_and_wait()
        caller.press("1")

        async def waits() -> bool:
            return "enterprise has 1 calls" in await runs.asterisk.cli("queue show enterprise")

        await until(waits, what="the safe flow led to the queue")
        assert not service.of(CallArrived)


async def test_a_service_that_dies_within_its_lease_loses_the_caller_to_the_dead_mans_timer(runs: Runs) -> None:
    await runs.start()
    await runs.hang(lease=30)
    async with PjsuaPhone.caller(runs.asterisk) as caller:
        await caller.call_and_wait()

        async def in_safe_flow() -> bool:
            return "hotline-safe-flow" in await runs.asterisk.cli("core show channels concise")

        await until(in_safe_flow, within=16, what="the dead man's timer led to the safe flow")
        assert "AGI" not in await runs.asterisk.cli("core show channels concise")


async def test_a_long_wait_for_a_key_outlives_the_dead_mans_first_timer(runs: Runs, tmp_path: Path) -> None:
    flow = tmp_path / "slow.yaml"
    text = SHIPPED_FLOW.read_text(encoding="utf-8")
    slow = text.replace("prompts: [menu-main]", "prompts: [menu-main]\n      patience: PT18S", 1)
    await asyncio.to_thread(flow.write_text, slow, encoding="utf-8")
    service = await runs.start(flow)
    async with PjsuaPhone.caller(runs.asterisk) as caller:
        await caller.call_and_wait()
        await service.seen(NodeEntered, node="menu")
        await caller.listen(15.0)
        caller.press("1")
        assert (await service.seen(CallQueued)).queue == "enterprise"


async def test_a_cut_link_costs_the_caller_nothing_but_a_prompt_heard_again(runs: Runs) -> None:
    service = await runs.start()
    async with PjsuaPhone.caller(runs.asterisk) as caller:
        await caller.call_and_wait()
        await service.seen(NodeEntered, node="menu")
        connected = await runs.asterisk.cli("manager show connected")
        descriptor = next(line.split()[-4] for line in connected.splitlines() if line.split()[:1] == ["hotline"])
        await runs.asterisk.cli(f"manager kick session {descriptor}")
        await until(lambda: not service.ami.ready, what="the link is down")
        await until(lambda: service.ami.ready, what="the link is up again")
        caller.press("1")
        assert (await service.seen(CallQueued)).queue == "enterprise"
        assert [event.node for event in service.of(NodeEntered)].count("menu") == 1
