from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from ivr.lease import Lease, LeaseHeldError
from tests.fakes.clock import FakeClock
from tests.fakes.switchboard import FakeSwitchboard


class LeaseWorld:
    """Two services on one Asterisk."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.switchboard = FakeSwitchboard(lambda event: None)
        self.first, self.second = self.service("north"), self.service("south")

    def service(self, holder: str) -> Lease:
        return Lease(self.switchboard, self.clock, holder=holder)

    async def passes(self, seconds: int) -> None:
        await self.clock.advance(timedelta(seconds=seconds))


@pytest.fixture
def world() -> LeaseWorld:
    return LeaseWorld()


async def test_a_second_service_is_refused_once_the_first_is_seen_to_live(world: LeaseWorld) -> None:
    assert await world.first.renew()
    refused = asyncio.create_task(world.second.until_refused())
    assert not await world.second.renew()
    await world.passes(3)
    assert await world.first.renew()
    with pytest.raises(LeaseHeldError, match="north"):
        await world.second.renew()
    with pytest.raises(LeaseHeldError):
        await refused
    with pytest.raises(LeaseHeldError):
        await world.second.renew()
    await world.second.release()
    assert await world.first.renew()


async def test_one_that_died_is_waited_for_until_its_lease_has_run_out(world: LeaseWorld) -> None:
    await world.first.renew()
    for _ in range(3):
        assert not await world.second.renew()
        await world.passes(3)
    await world.passes(2)
    assert await world.second.renew()
    assert world.second.held


async def test_a_restarted_service_waits_for_nobody(world: LeaseWorld) -> None:
    await world.first.renew()
    assert await world.service("north").renew()


async def test_one_that_let_go_is_followed_at_once(world: LeaseWorld) -> None:
    await world.first.renew()
    await world.first.release()
    assert await world.second.renew()


async def test_one_that_slept_while_another_took_over_steps_back(world: LeaseWorld) -> None:
    await world.first.renew()
    await world.passes(15)
    await world.second.renew()
    assert not await world.first.renew()
    await world.passes(3)
    await world.second.renew()
    with pytest.raises(LeaseHeldError, match="south"):
        await world.first.renew()


async def test_a_holder_without_a_lease_holds_nothing(world: LeaseWorld) -> None:
    world.switchboard.variables["", "APP_LEASE_HOLDER"] = "north"
    assert await world.second.renew()
