"""The service on a scripted switchboard: which calls it starts, takes up, watches and leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from callflow.action import CallFacts, PathStep
from callflow.events import (
    CallArrived,
    CallEnded,
    CallQueued,
    CallResumed,
    NodeEntered,
    QueueLeft,
    SafeFlowUsed,
    SurveyAnswered,
)
from callflow.live import RunningCall
from callflow.pinning import SingleFlow
from callflow.ports import NobodyKnown
from callflow.service import CallflowService
from callflow.sessions import CallStore, StoredCall
from hotline.calendars.seed import installed_calendars
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.events import Event
from ivr.events import ChannelHungUp, ChannelVariableSet, PhoneEvent
from ivr.session import CallSession
from ivr.switchboard import Channel, PhoneSnapshot
from tests.callflow.calls import shipped_flow
from tests.callflow.test_adoption import channel
from tests.fakes.agi_call import CALL_ID, CHANNEL, IDS, UNIQUE_ID
from tests.fakes.clock import FakeClock
from tests.fakes.journal import ListJournal
from tests.fakes.switchboard import LATEST, FakeSwitchboard
from tests.phones.waiting import until

IN_AGI = replace(
    channel(UNIQUE_ID, context="hotline-flow", application="AGI", data="agi:async", call_id=CALL_ID), name=CHANNEL
)
IN_QUEUE = replace(
    channel(UNIQUE_ID, context="hotline-queue", application="Queue", data="enterprise,c", call_id=CALL_ID), name=CHANNEL
)
IN_SAFE_FLOW = replace(
    channel(UNIQUE_ID, context="hotline-safe-flow", application="Read", call_id=CALL_ID), name=CHANNEL
)


class NoSounds:
    def available(self, id: str, language: str) -> bool:
        return False


class FlowWorld:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FakeClock()
        self.journal = ListJournal()
        self.phone: Dispatcher[PhoneEvent] = Dispatcher()
        self.switchboard = FakeSwitchboard(self.phone.deliver)
        self.switchboard.agi.answer = self.say_nothing
        self.service = CallflowService(
            switchboard=self.switchboard,
            phone=self.phone,
            bus=Bus(self.journal),
            database=database,
            clock=self.clock,
            flows=SingleFlow(shipped_flow()),
            directory=NobodyKnown(),
            calendars=lambda: installed_calendars(2027),
            recordings=Path("/recordings"),
            prompts=NoSounds(),
        )

    def say_nothing(self, command: str, command_id: str) -> None:
        """GET DATA waits indefinitely; all else is done at once."""
        if not command.startswith("GET DATA"):
            self.switchboard.agi.done(command, command_id)

    def snapshot(self, *channels: Channel, asked_at: datetime = LATEST) -> PhoneSnapshot:
        return PhoneSnapshot(asked_at=asked_at, started="", channels=channels, members=(), entries=(), rooms={})

    async def store(self, node: str, *before: str, **facts: str) -> None:
        """A call that an earlier run of the service had at `node`, after the nodes `before`."""
        session = CallSession(
            call_id=CALL_ID,
            channel=CHANNEL,
            unique_id=UNIQUE_ID,
            switchboard=self.switchboard,
            clock=self.clock,
        )
        now = self.clock.now()
        path = [PathStep(now, step, "") for step in (*before, node)]
        call = RunningCall(shipped_flow(), session, CallFacts(CALL_ID, **facts), now, node, path)  # type: ignore[arg-type]
        await self.write(call.stored())

    async def write(self, stored: StoredCall) -> None:
        store = CallStore(self.database, SystemClock())
        store.start()
        store.put(stored.call_id, lambda: stored)
        await store.close()

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.journal.events if isinstance(event, kind)]

    async def seen(self, kind: type[Event], **fields: object) -> Event:
        def find() -> Event | None:
            return next((e for e in self.of(kind) if all(getattr(e, k) == v for k, v in fields.items())), None)

        found = await until(find, within=3, each=0.01, what=f"{kind.__name__} {fields}")
        assert found is not None
        return found


@pytest.fixture
async def world(database: Database) -> AsyncIterator[FlowWorld]:
    world = FlowWorld(database)
    world.service.start()
    yield world
    await world.service.close()


async def test_a_new_call_is_published_and_seen_live_until_it_ends(world: FlowWorld) -> None:
    world.switchboard.agi.begin()
    await world.seen(NodeEntered, node="menu")
    live = world.service.live(CALL_ID)
    assert live is not None
    assert (live.caller_number, live.caller_name, live.dialed, live.entry) == ("13904730001", "张三", "12345", "trunk")
    world.switchboard.agi.caller_hangs_up()
    await world.seen(CallEnded, by="caller", in_node="menu", cause=16)
    await until(lambda: world.service.live(CALL_ID) is None, within=1)
    assert not world.service.all_live()


async def test_a_call_in_agi_continues_at_its_node(world: FlowWorld) -> None:
    await world.store("english-menu", language="en")
    await world.service.adopt(world.snapshot(IN_AGI))
    await world.seen(CallResumed, node="english-menu")
    assert ("redirect", CHANNEL, "hotline-return", "resume") in world.switchboard.sent
    assert not world.of(CallArrived)
    live = world.service.live(CALL_ID)
    assert live is not None
    assert live.language == "en"


async def test_a_call_in_agi_that_nobody_knows_begins_the_flow(world: FlowWorld) -> None:
    await world.service.adopt(world.snapshot(IN_AGI))
    await world.seen(CallArrived)
    await world.seen(NodeEntered, node="menu")


async def test_a_row_that_cannot_be_read_costs_the_caller_the_place_and_not_the_call(world: FlowWorld) -> None:
    await world.write(
        StoredCall(
            call_id=CALL_ID, channel=CHANNEL, unique_id=UNIQUE_ID, flow="f", flow_version=1, node="menu", facts={}
        )
    )
    await world.service.adopt(world.snapshot(IN_AGI))
    await world.seen(NodeEntered, node="menu")


@pytest.mark.parametrize("known", [True, False])
async def test_a_call_in_the_queue_is_not_touched_and_is_served_when_it_comes_back(
    world: FlowWorld, known: bool
) -> None:
    if known:
        await world.store("enterprise-queue", queue="enterprise")
    await world.service.adopt(world.snapshot(IN_QUEUE))
    await world.seen(CallResumed, node="enterprise-queue")
    assert not world.switchboard.sent
    assert not world.switchboard.agi.commands
    world.switchboard.agi.begin(stage="return", queue="enterprise", status="CONTINUE", agent="1001")
    await world.seen(QueueLeft, outcome="answered", agent="1001")
    await world.seen(NodeEntered, node="survey")


async def test_a_call_that_came_back_between_two_runs_is_not_queued_again(world: FlowWorld) -> None:
    await world.store("enterprise-queue", queue="enterprise")
    world.switchboard.agi.begin(stage="return", queue="enterprise", status="CONTINUE", agent="1001")
    await world.seen(QueueLeft, outcome="answered", agent="1001")
    await world.seen(NodeEntered, node="survey")
    assert "EXEC Goto hotline-to-queue,enterprise,1" not in world.switchboard.agi.commands


async def test_a_call_resumed_on_its_way_to_the_queue_is_sent_there_again(world: FlowWorld) -> None:
    await world.store("enterprise-queue", queue="enterprise")
    world.switchboard.agi.begin(stage="leaving")
    await world.seen(CallQueued, queue="enterprise")
    await until(lambda: "ASYNCAGI BREAK" in world.switchboard.agi.commands, within=3)


async def test_a_call_in_the_safe_flow_is_left_there_and_its_end_is_reported(world: FlowWorld) -> None:
    world.switchboard.variables[CHANNEL, "HOTLINE_SAFE_REASON"] = "stale-lease"
    await world.service.adopt(world.snapshot(IN_SAFE_FLOW))
    await world.seen(SafeFlowUsed, reason="stale-lease")
    assert not world.switchboard.agi.commands
    world.phone.deliver(ChannelHungUp(**IDS, cause=16, cause_text=""))
    await world.seen(CallEnded)


async def test_a_call_at_a_queue_that_the_safe_flow_sent_it_to_is_reported_as_such(world: FlowWorld) -> None:
    world.switchboard.variables[CHANNEL, "HOTLINE_SAFE_REASON"] = "no-client"
    world.switchboard.variables[CHANNEL, "HL_ENTRY"] = "web"
    await world.service.adopt(world.snapshot(IN_QUEUE))
    await world.seen(SafeFlowUsed, reason="no-client")
    await world.seen(CallArrived, entry="web")
    await world.seen(CallResumed, node="enterprise-queue")


async def test_a_call_that_vanished_while_the_link_was_down_has_ended(world: FlowWorld) -> None:
    world.switchboard.agi.begin()
    await world.seen(NodeEntered, node="menu")
    await world.service.adopt(world.snapshot())
    await world.seen(CallEnded)


async def test_a_call_that_went_to_the_safe_flow_while_the_link_was_down_is_not_pulled_out_of_its_talk(
    world: FlowWorld,
) -> None:
    world.switchboard.agi.begin()
    await world.seen(NodeEntered, node="menu")
    await until(lambda: any(c.startswith("GET DATA") for c in world.switchboard.agi.commands), within=3)
    await world.service.adopt(world.snapshot(IN_QUEUE))
    await world.seen(SafeFlowUsed, reason="unmatched")
    for _ in range(5):
        await world.clock.advance(timedelta(minutes=1))
    moved = [action for action in world.switchboard.sent if action[0] == "redirect"]
    timers = [action[2] for action in world.switchboard.sent if action[0] == "absolute timeout"]
    assert not moved
    assert timers[-1] == timedelta(0)
    world.phone.deliver(ChannelHungUp(**IDS, cause=16, cause_text=""))
    await world.seen(CallEnded)


async def test_a_call_whose_way_to_the_queue_nobody_saw_is_not_sent_there_twice(world: FlowWorld) -> None:
    world.switchboard.agi.answer = lambda command, command_id: (
        world.switchboard.agi.result(command_id, "200 result=0")
        if command != "ASYNCAGI BREAK" and not command.startswith("GET DATA")
        else None
    )
    world.switchboard.agi.begin()
    await world.seen(NodeEntered, node="menu")
    await until(lambda: any(c.startswith("GET DATA") for c in world.switchboard.agi.commands), within=3)
    world.switchboard.agi.press("0")
    await world.clock.advance(timedelta(seconds=3))
    await until(lambda: "ASYNCAGI BREAK" in world.switchboard.agi.commands, within=3)
    asked = len(world.switchboard.sent)
    await world.service.adopt(world.snapshot(IN_QUEUE))
    for _ in range(10):
        await world.clock.advance(timedelta(seconds=1))
    assert not [action for action in world.switchboard.sent[asked:] if action[0] == "redirect"]
    world.switchboard.agi.begin(stage="return", queue="public", status="CONTINUE", agent="1001")
    await world.seen(QueueLeft, outcome="answered", agent="1001")


async def test_a_call_that_began_after_stock_was_taken_continues(world: FlowWorld) -> None:
    asked_at = world.clock.now()
    await world.clock.advance(timedelta(seconds=1))
    world.switchboard.agi.begin()
    await world.seen(NodeEntered, node="menu")
    await world.service.adopt(world.snapshot(asked_at=asked_at))
    assert world.service.live(CALL_ID) is not None
    world.switchboard.agi.press("0")
    await world.seen(CallQueued, queue="public")
    assert not world.of(CallEnded)


async def test_a_call_that_came_back_from_its_queue_while_stock_was_taken_is_served(world: FlowWorld) -> None:
    await world.store("enterprise-queue", queue="enterprise")
    await world.service.adopt(world.snapshot(IN_QUEUE))
    await world.seen(CallResumed, node="enterprise-queue")
    asked_at = world.clock.now()
    await world.clock.advance(timedelta(seconds=1))
    world.switchboard.agi.begin(stage="return", queue="enterprise", status="CONTINUE", agent="1001")
    await world.seen(NodeEntered, node="survey")
    await world.service.adopt(world.snapshot(IN_QUEUE, asked_at=asked_at))
    world.switchboard.agi.press("1")
    await world.seen(SurveyAnswered, rating=1)
    assert not world.of(SafeFlowUsed)


async def test_a_call_that_went_to_its_queue_while_stock_was_taken_stays_there(world: FlowWorld) -> None:
    world.switchboard.agi.begin()
    await world.seen(NodeEntered, node="menu")
    asked_at = world.clock.now()
    await world.clock.advance(timedelta(seconds=1))
    world.switchboard.agi.press("0")
    await until(lambda: "ASYNCAGI BREAK" in world.switchboard.agi.commands, within=3)
    await world.service.adopt(world.snapshot(IN_AGI, asked_at=asked_at))
    await world.clock.advance(timedelta(seconds=1))
    assert not [action for action in world.switchboard.sent if action[0] == "redirect"]
    world.switchboard.agi.begin(stage="return", queue="public", status="CONTINUE", agent="1001")
    await world.seen(QueueLeft, outcome="answered", agent="1001")


@pytest.mark.parametrize("where", [IN_AGI, IN_QUEUE, IN_SAFE_FLOW])
async def test_a_call_that_ended_while_stock_was_taken_has_ended(world: FlowWorld, where: Channel) -> None:
    await world.store("menu")
    world.switchboard.agi.gone = True
    await world.service.adopt(world.snapshot(where))
    async with asyncio.timeout(5):
        while not world.of(CallEnded):  # noqa: ASYNC110
            await world.clock.advance(timedelta(seconds=1))
    assert not world.service.all_live()


async def test_who_hung_up_while_stock_was_taken_does_not_come_back(world: FlowWorld) -> None:
    world.switchboard.agi.begin()
    await world.seen(NodeEntered, node="menu")
    asked_at = world.clock.now()
    await world.clock.advance(timedelta(seconds=1))
    world.switchboard.agi.caller_hangs_up()
    await world.seen(CallEnded)
    await until(lambda: not world.service.all_live(), within=3)
    told = len(world.journal.events)
    await world.service.adopt(world.snapshot(IN_QUEUE, asked_at=asked_at))
    await world.clock.advance(timedelta(seconds=1))
    assert not world.service.all_live()
    assert len(world.journal.events) == told


async def test_a_call_whose_return_from_the_safe_flow_nobody_heard_is_resumed(world: FlowWorld) -> None:
    world.switchboard.agi.begin()
    await world.seen(NodeEntered, node="menu")
    await until(lambda: any(c.startswith("GET DATA") for c in world.switchboard.agi.commands), within=3)
    world.phone.deliver(ChannelVariableSet(**IDS, variable="HOTLINE_SAFE_REASON", value="agi-failed"))
    await world.seen(SafeFlowUsed, reason="agi-failed")
    await world.service.adopt(world.snapshot(IN_AGI))
    await world.seen(CallResumed, node="menu")


async def test_a_call_that_the_safe_flow_gives_back_is_served_at_once(world: FlowWorld) -> None:
    world.switchboard.agi.begin()
    await world.seen(NodeEntered, node="menu")
    await until(lambda: any(c.startswith("GET DATA") for c in world.switchboard.agi.commands), within=3)
    world.phone.deliver(ChannelVariableSet(**IDS, variable="HOTLINE_SAFE_REASON", value="agi-failed"))
    await world.seen(SafeFlowUsed, reason="agi-failed")
    world.switchboard.agi.begin(stage="return", queue="public", status="CONTINUE", agent="1001", talked="42")
    await world.seen(QueueLeft, queue="public", outcome="answered", agent="1001", talked=42)
    await world.seen(NodeEntered, node="survey")
    assert len([step for step in world.of(NodeEntered) if step.node == "menu"]) == 1  # type: ignore[attr-defined]
    assert not world.of(CallQueued)
    world.switchboard.agi.press("1")
    await world.seen(SurveyAnswered, rating=1)
    world.switchboard.agi.caller_hangs_up()
    await world.seen(CallEnded)


async def test_who_was_at_a_queue_without_us_continues_behind_it(world: FlowWorld) -> None:
    await world.store("menu")
    world.switchboard.agi.begin(stage="return", queue="enterprise", status="CONTINUE", agent="1001")
    await world.seen(QueueLeft, queue="enterprise", outcome="answered", agent="1001")
    await world.seen(NodeEntered, node="survey")


async def test_who_was_sent_on_to_another_queue_takes_that_queues_answer(world: FlowWorld) -> None:
    await world.store("enterprise-queue", "menu", queue="enterprise")
    world.switchboard.agi.begin(stage="return", queue="public", status="TIMEOUT")
    await world.seen(QueueLeft, queue="public", outcome="timed_out")
    await world.seen(NodeEntered, node="busy")
    assert not world.of(CallQueued)


async def test_whose_queue_was_reported_continues_at_their_node(world: FlowWorld) -> None:
    await world.store("survey", "menu", "enterprise-queue", queue="enterprise", agent="1001")
    world.switchboard.agi.begin(stage="return", queue="enterprise", status="CONTINUE", agent="1001")
    await world.seen(CallResumed, node="survey")
    world.switchboard.agi.press("1")
    await world.seen(SurveyAnswered, rating=1)
    assert not world.of(QueueLeft)


async def test_taking_stock_twice_resumes_nothing_twice(world: FlowWorld) -> None:
    world.switchboard.agi.begin()
    await world.seen(NodeEntered, node="menu")
    await world.service.adopt(world.snapshot(IN_AGI))
    await world.service.adopt(world.snapshot(IN_AGI))
    await until(lambda: len(world.switchboard.sent) == 2, within=3)
    assert len(world.service.all_live()) == 1
    assert len(world.of(CallArrived)) == 1


async def test_a_closing_service_leaves_its_calls_to_the_next(world: FlowWorld, database: Database) -> None:
    world.switchboard.agi.begin()
    await world.seen(NodeEntered, node="menu")
    await world.service.close()
    await world.service.close()
    assert not world.of(CallEnded)
    assert world.switchboard.variables["", "APP_LEASE"] == "0"
    again = FlowWorld(database)
    again.service.start()
    await again.service.adopt(again.snapshot(IN_AGI))
    await again.seen(CallResumed, node="menu")
    await again.service.close()


async def test_a_hundred_calls_at_once_share_nothing(world: FlowWorld) -> None:
    for number in range(100):
        ids = {"channel": f"PJSIP/trunk-{number}", "unique_id": f"u{number}", "call_id": f"c{number}"}
        world.switchboard.agi.begin(ids=ids)
    await until(lambda: len(world.of(CallArrived)) == 100, within=5)
    assert len({live.channel for live in world.service.all_live()}) == 100
    async with asyncio.timeout(5):
        await world.clock.advance(timedelta(seconds=1))
