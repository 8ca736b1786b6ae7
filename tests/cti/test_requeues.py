"""A caller whose agent was lost waits again: as the service tells it, and as the call log then has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from callflow.events import CallQueued
from cti.requeues import Requeues
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.events import Event
from ivr.events import CallerJoinedQueue, ChannelHungUp, ChannelVariableSet, PhoneEvent
from tests.fakes.clock import FakeClock
from tests.fakes.journal import ListJournal

CALLER = {"channel": "PJSIP/trunk-00000001", "unique_id": "1.1", "call_id": "c-1"}
SAID = {"lost in a talk": ("HOTLINE_LOST", "1001"), "lost in a consultation": ("HOTLINE_PLACE", "queue")}


@dataclass
class RequeueLine:
    phone: Dispatcher[PhoneEvent]
    clock: FakeClock
    events: list[Event]

    def says(self, variable: str, value: str) -> None:
        self.phone.deliver(ChannelVariableSet(**CALLER, variable=variable, value=value))

    def joins(self, queue: str = "enterprise") -> None:
        self.phone.deliver(CallerJoinedQueue(**CALLER, queue=queue, position=1, count=1))


@pytest.fixture
def line() -> Iterator[RequeueLine]:
    phone: Dispatcher[PhoneEvent] = Dispatcher()
    clock, journal = FakeClock(), ListJournal()
    requeues = Requeues(phone, Bus(journal), clock)
    yield RequeueLine(phone, clock, journal.events)
    requeues.close()


async def test_a_stay_to_which_the_flow_sent_the_caller_is_told_by_the_flow(line: RequeueLine) -> None:
    line.joins()
    assert line.events == []


@pytest.mark.parametrize("how", SAID)
async def test_a_caller_whose_agent_is_lost_waits_from_when_they_are_in_the_queue_again(
    line: RequeueLine, how: str
) -> None:
    line.joins()
    line.says(*SAID[how])
    await line.clock.advance(timedelta(seconds=6))
    assert line.events == []
    line.joins()
    [queued] = line.events
    assert isinstance(queued, CallQueued)
    assert (queued.call_id, queued.queue, queued.at) == ("c-1", "enterprise", line.clock.now())


async def test_it_is_reported_once_each_time(line: RequeueLine) -> None:
    for _ in range(2):
        for how in SAID.values():
            line.says(*how)
        line.joins()
        line.joins()
    assert len(line.events) == 2


async def test_a_caller_who_hangs_up_before_waits_no_more(line: RequeueLine) -> None:
    line.says("HOTLINE_LOST", "1001")
    line.phone.deliver(ChannelHungUp(**CALLER, cause=16, cause_text=""))
    line.joins()
    assert line.events == []
