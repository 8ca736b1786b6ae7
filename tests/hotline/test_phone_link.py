"""What is said of the service while the link to Asterisk comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from hotline.app.phone_link import EventGate, PhoneLink
from hotline.kernel.bus import Dispatcher
from ivr.ami.link import LinkState
from ivr.errors import PhoneUnavailableError
from ivr.events import AsteriskBooted, PhoneEvent
from tests.fakes.clock import FakeClock
from tests.fakes.switchboard import FakeSwitchboard
from tests.phones.waiting import until


class Desktop:
    def resync(self) -> None:
        """Nothing to put into Asterisk again."""


class Parts:
    """AMI, lease, call flow and queue in one, as far as the link asks them."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.heard: list[PhoneEvent] = []
        self.phone: Dispatcher[PhoneEvent] = Dispatcher()
        self.phone.subscribe(self.heard.append, AsteriskBooted)
        self.gate = EventGate(self.phone)
        self.ready = False
        self.leases = [True]
        self.adopted = 0
        self.compared = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.refuses: list[Exception] = []
        self.link = PhoneLink(self, self.gate, self, self, self, Desktop(), self.clock)  # type: ignore[arg-type]

    def on_link(self, handler: Callable[[LinkState], None]) -> None:
        self._handler = handler

    async def start(self) -> None:
        pass

    def become(self, state: LinkState) -> None:
        self.ready = state is LinkState.READY
        self._handler(state)

    def set_link(self, up: bool) -> None:
        self.up = up

    async def renew(self) -> bool:
        return self.leases.pop(0) if len(self.leases) > 1 else self.leases[0]

    @property
    def switchboard(self) -> Any:
        return self

    async def snapshot(self) -> Any:
        return await FakeSwitchboard().snapshot()

    async def adopt(self, _: Any) -> None:
        self.adopted += 1

    async def resync(self, _: Any) -> None:
        if self.refuses:
            raise self.refuses.pop()
        await self.go_on.wait()
        self.compared += 1

    async def compared_to(self, times: int) -> None:
        await until(lambda: self.compared == times, within=3)


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    parts = Parts()
    await parts.link.start()
    yield parts
    await parts.link.close()


async def test_ready_is_said_once_calls_and_agents_are_compared(parts: Parts) -> None:
    assert not parts.link.served.is_set()
    parts.become(LinkState.READY)
    await parts.compared_to(1)
    await until(parts.link.served.is_set, within=3)
    parts.become(LinkState.DOWN)
    assert not parts.link.served.is_set()


async def test_what_was_compared_before_the_link_broke_does_not_count(parts: Parts) -> None:
    parts.go_on.clear()
    parts.become(LinkState.READY)
    await until(lambda: parts.gate.open, within=3)
    parts.become(LinkState.DOWN)
    parts.become(LinkState.READY)
    served: list[int] = []
    parts.link.served.set = lambda: served.append(parts.compared)  # type: ignore[method-assign]
    parts.go_on.set()
    await parts.compared_to(2)
    await until(lambda: served, within=3)
    assert served == [2]


async def test_nothing_is_heard_before_the_lease_is_ours(parts: Parts) -> None:
    parts.leases = [False, True]
    parts.become(LinkState.READY)
    parts.gate.deliver(AsteriskBooted())
    for _ in range(3):
        await parts.clock.advance(timedelta(seconds=1))
    await parts.compared_to(1)
    parts.gate.deliver(AsteriskBooted())
    assert len(parts.heard) == 1


@pytest.mark.parametrize("trouble", [PhoneUnavailableError("away"), RuntimeError("a bug")])
async def test_a_comparison_that_failed_is_tried_again_and_begins_no_menu_anew(
    parts: Parts, trouble: Exception
) -> None:
    parts.refuses = [trouble]
    parts.become(LinkState.READY)
    for _ in range(3):
        await parts.clock.advance(timedelta(seconds=1))
    await parts.compared_to(1)
    await until(parts.link.served.is_set, within=3)
    assert parts.adopted == 1
    parts.become(LinkState.DOWN)
    parts.become(LinkState.READY)
    await parts.compared_to(2)
    assert parts.adopted == 2
