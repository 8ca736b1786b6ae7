"""The cti floor as the root puts it together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from callflow.events import CallQueued
from callflow.ports import QueueFigures
from cti.service import CtiService
from hotline.app.settings import Settings
from hotline.kernel.bus import Bus
from hotline.kernel.db import Database
from hotline.kernel.events import Recorded
from hotline.kernel.journal import Journal
from ivr.events import CallerJoinedQueue, ChannelVariableSet
from tests.cti.test_agents import Nothing
from tests.fakes.clock import FakeClock
from tests.fakes.switchboard import FakeSwitchboard
from tests.hotline.conftest import clock, database
from tests.hotline.web import NoJournal

__all__ = ["clock", "database"]
CALLER = {"channel": "PJSIP/trunk-00000001", "unique_id": "1.1", "call_id": "c-1"}


@dataclass
class OpenCti:
    cti: CtiService
    switchboard: FakeSwitchboard
    clock: FakeClock
    queued: list[str] = field(default_factory=list)
    """The calls told to wait in a queue."""

    def lost(self) -> None:
        self.switchboard.phone.deliver(ChannelVariableSet(**CALLER, variable="HOTLINE_LOST", value="1001"))

    def joins(self) -> None:
        self.switchboard.phone.deliver(CallerJoinedQueue(**CALLER, queue="enterprise", position=1, count=1))


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[OpenCti]:
    switchboard, clock, bus, nothing = FakeSwitchboard(), FakeClock(), Bus(NoJournal()), Nothing()
    cti = CtiService(
        switchboard=switchboard,
        phone=switchboard.phone,
        bus=bus,
        journal=Journal(database, tmp_path / "spool", clock),
        database=database,
        clock=clock,
        settings=Settings(home=tmp_path),
        specialists=nothing,
        cases=nothing,
    )
    house = OpenCti(cti, switchboard, clock)

    def on_queued(recorded: Recorded) -> None:
        house.queued.append(recorded.event.call_id or "")

    bus.subscribe(on_queued, CallQueued)
    yield house
    await cti.close()


async def test_a_caller_whose_agent_is_lost_is_told_to_wait_again(house: OpenCti) -> None:
    house.joins()
    house.lost()
    house.joins()
    assert house.queued == ["c-1"]


async def test_who_joins_the_queue_while_agents_are_compared_is_still_shown(house: OpenCti) -> None:
    await house.cti.load_agents()
    house.cti.presence.upsert("u-1", "1001", "王芳", (), timedelta(seconds=30))
    house.switchboard.when_asked = house.joins
    await house.cti.resync(await house.switchboard.snapshot())
    assert house.cti.queues.waiting("enterprise").count == 1


async def test_the_call_flow_can_ask_how_busy_a_queue_is(house: OpenCti) -> None:
    await house.cti.load_agents()
    house.joins()
    assert house.cti.figures("enterprise") == QueueFigures(waiting=1, free=0)
    assert house.cti.figures("public") == QueueFigures(waiting=0, free=0)
    assert house.cti.figures("nowhere") is None
