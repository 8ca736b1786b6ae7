from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hotline.kernel.bus import Dispatcher
from ivr.events import AgiStarted, PhoneEvent
from ivr.registry import CallRegistry
from ivr.session import CallSession
from ivr.state import CallState
from tests.fakes.agi_call import CALL_ID, CHANNEL, UNIQUE_ID
from tests.fakes.clock import FakeClock
from tests.fakes.switchboard import FakeSwitchboard

SECOND = timedelta(seconds=1)


class RegistryWorld:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.phone: Dispatcher[PhoneEvent] = Dispatcher()
        self.switchboard = FakeSwitchboard(self.phone.deliver)
        self.calls: list[CallSession] = []
        self.registry = CallRegistry(self.switchboard, self.phone, self.clock, self._on_call)

    def _on_call(self, session: CallSession, event: AgiStarted) -> None:
        self.calls.append(session)

    @property
    def lease(self) -> int:
        return int(self.switchboard.variables["", "APP_LEASE"])

    @property
    def renewals(self) -> list[tuple[object, ...]]:
        return [action for action in self.switchboard.sent if action[0] == "absolute timeout"]

    async def pass_time(self, seconds: int) -> None:
        for _ in range(seconds):
            await self.clock.advance(SECOND)


@pytest.fixture
async def world() -> AsyncIterator[RegistryWorld]:
    world = RegistryWorld()
    world.registry.start()
    await world.pass_time(1)
    yield world
    await world.registry.close()


async def test_a_new_call_is_reported_once_and_its_events_find_it(world: RegistryWorld) -> None:
    world.switchboard.agi.begin()
    world.switchboard.agi.begin()
    assert [session.call_id for session in world.calls] == [CALL_ID]
    session = world.calls[0]
    await session.begin()
    world.switchboard.agi.caller_hangs_up()
    await session.until_ended()
    assert session.state is CallState.ENDED
    assert world.registry.by_unique_id(UNIQUE_ID) is session
    world.registry.remove(session)
    world.registry.remove(session)
    assert len(world.registry) == 0


async def test_the_lease_is_always_good_for_more_than_five_seconds(world: RegistryWorld) -> None:
    for _ in range(20):
        assert world.lease - world.clock.now().timestamp() > 5
        await world.pass_time(1)


async def test_the_lease_is_renewed_after_any_error(world: RegistryWorld) -> None:
    world.switchboard.refuse = KeyError("a bug")
    await world.pass_time(5)
    before, world.switchboard.refuse = world.lease, None
    await world.pass_time(4)
    assert world.lease > before


async def test_a_closed_service_lets_go_of_the_lease_at_once(world: RegistryWorld) -> None:
    await world.registry.close()
    assert world.lease == 0


async def test_the_dead_mans_timer_is_renewed_long_before_it_ends(world: RegistryWorld) -> None:
    world.switchboard.agi.begin()
    await world.calls[0].begin()
    await world.pass_time(11)
    assert world.renewals == [("absolute timeout", CHANNEL, timedelta(seconds=30))]
    await world.pass_time(60)
    assert 7 <= len(world.renewals) <= 11


async def test_a_short_call_costs_no_renewal(world: RegistryWorld) -> None:
    world.switchboard.agi.begin()
    await world.calls[0].begin()
    await world.pass_time(5)
    assert not world.renewals


@pytest.mark.parametrize("state", [state for state in CallState if state is not CallState.IN_FLOW])
async def test_no_timer_is_set_on_a_call_outside_agi(world: RegistryWorld, state: CallState) -> None:
    world.registry.new_session(call_id=CALL_ID, channel=CHANNEL, unique_id=UNIQUE_ID, state=state)
    await world.pass_time(30)
    assert not world.renewals


async def test_a_call_that_no_flow_tends_is_left_to_the_timer(world: RegistryWorld) -> None:
    world.switchboard.agi.begin()
    world.calls[0].tended = False
    await world.pass_time(30)
    assert not world.renewals


async def test_without_a_link_nothing_is_sent_and_all_continues_after_it(world: RegistryWorld) -> None:
    world.switchboard.agi.begin()
    await world.calls[0].begin()
    world.switchboard.ready = False
    before = world.lease
    await world.pass_time(8)
    assert world.lease == before
    world.switchboard.ready = True
    await world.pass_time(4)
    assert world.lease > before
    assert world.renewals
