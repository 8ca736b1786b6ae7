"""Who waits at which queue, after a lost connection: what callers do while a snapshot is read is newer than it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from cti.presence.queues import QueueBoard
from hotline.kernel.bus import Dispatcher
from ivr.events import CallerAbandonedQueue, CallerJoinedQueue, CallerLeftQueue, ChannelHungUp, PhoneEvent
from ivr.switchboard import PhoneSnapshot, QueueEntry
from tests.fakes.clock import FakeClock

CALLER = {"channel": "PJSIP/trunk-00000001", "unique_id": "1.1", "call_id": "c-1"}


@dataclass
class WaitingHall:
    board: QueueBoard
    phone: Dispatcher[PhoneEvent]
    clock: FakeClock

    def joins(self) -> None:
        self.phone.deliver(CallerJoinedQueue(**CALLER, queue="public", position=1, count=1))

    def snapshot(self, *channels: str) -> PhoneSnapshot:
        """With these callers in the public queue for ten seconds."""
        entries = tuple(
            QueueEntry(queue="public", channel=name, unique_id="1.1", position=1, waited=timedelta(seconds=10))
            for name in channels
        )
        return PhoneSnapshot(
            asked_at=self.clock.now(), started="today", channels=(), members=(), entries=entries, rooms={}
        )

    def waiting(self) -> int:
        return self.board.waiting("public").count


@pytest.fixture
def hall() -> Iterator[WaitingHall]:
    phone: Dispatcher[PhoneEvent] = Dispatcher()
    clock = FakeClock()
    board = QueueBoard(phone, clock, on_change=lambda: None)
    yield WaitingHall(board, phone, clock)
    board.close()


async def test_asterisk_says_who_waits_and_for_how_long(hall: WaitingHall) -> None:
    hall.joins()
    await hall.clock.advance(timedelta(seconds=1))
    hall.board.resync(hall.snapshot("PJSIP/trunk-00000002"))
    assert hall.waiting() == 1
    assert hall.board.waiting("public").longest_since == hall.clock.now() - timedelta(seconds=10)


async def test_whoever_joins_while_the_snapshot_is_read_waits(hall: WaitingHall) -> None:
    snapshot = hall.snapshot()
    await hall.clock.advance(timedelta(seconds=1))
    hall.joins()
    hall.board.resync(snapshot)
    assert hall.waiting() == 1


GONE = {
    "answered": CallerLeftQueue(**CALLER, queue="public", count=0),
    "abandoned": CallerAbandonedQueue(**CALLER, queue="public", position=1, waited=10),
    "hung up": ChannelHungUp(**CALLER, cause=16, cause_text=""),
}


@pytest.mark.parametrize("how", GONE)
async def test_whoever_leaves_while_the_snapshot_is_read_waits_no_more(hall: WaitingHall, how: str) -> None:
    snapshot = hall.snapshot(CALLER["channel"])
    await hall.clock.advance(timedelta(seconds=1))
    hall.phone.deliver(GONE[how])
    hall.board.resync(snapshot)
    assert hall.waiting() == 0


async def test_whoever_leaves_and_joins_again_while_the_snapshot_is_read_waits(hall: WaitingHall) -> None:
    snapshot = hall.snapshot(CALLER["channel"])
    await hall.clock.advance(timedelta(seconds=1))
    hall.phone.deliver(GONE["answered"])
    hall.joins()
    hall.board.resync(snapshot)
    assert (hall.waiting(), hall.board.waiting("public").longest_since) == (1, hall.clock.now())
