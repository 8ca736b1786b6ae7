"""A client on a scripted server, with a clock that moves only when told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from pydantic import SecretStr

from ivr.ami import AmiClient, LinkState
from ivr.events import PhoneEvent
from ivr.settings import AmiSettings
from tests.fakes.ami_server import SECRET, USERNAME, AmiServer
from tests.fakes.clock import FakeClock


async def until(condition: Callable[[], object], *, within: float = 5.0) -> None:
    """Let the loop and its sockets run until `condition()` holds."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110  # any condition, not one that sets an event
            await asyncio.sleep(0.001)


@dataclass
class ClientRig:
    """A client, what it handed on, and its clock."""

    client: AmiClient
    clock: FakeClock
    events: list[PhoneEvent]
    states: list[LinkState] = field(default_factory=list)

    async def is_ready(self) -> None:
        await until(lambda: self.client.ready)

    async def passes(self, seconds: float) -> None:
        await self.clock.advance(timedelta(seconds=seconds))

    async def passes_until(self, condition: Callable[[], object], *, step: float = 0.5) -> None:
        """Move the clock on in steps, with the sockets running in between, until `condition()` holds."""
        async with asyncio.timeout(10):
            while not condition():
                await self.passes(step)
                await asyncio.sleep(0.002)

    async def event(self, kind: type[PhoneEvent], count: int = 1) -> PhoneEvent:
        """Wait for the `count`th event of this kind."""
        await until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    def of(self, kind: type[PhoneEvent]) -> list[PhoneEvent]:
        return [event for event in self.events if isinstance(event, kind)]


def settings_for(port: int, *, secret: str = SECRET) -> AmiSettings:
    return AmiSettings(port=port, username=USERNAME, secret=SecretStr(secret))


@asynccontextmanager
async def rig_for(
    settings: AmiSettings, *, on_event: Callable[[PhoneEvent], None] | None = None, chance: float = 0.5
) -> AsyncIterator[ClientRig]:
    """A started client that is closed at the end."""
    clock = FakeClock()
    events: list[PhoneEvent] = []
    client = AmiClient(settings, clock, on_event or events.append, chance=lambda: chance)
    rig = ClientRig(client, clock, events)
    client.on_link(rig.states.append)
    await client.start()
    try:
        yield rig
    finally:
        await client.close()


@pytest.fixture
async def server() -> AsyncIterator[AmiServer]:
    async with AmiServer() as server:
        yield server


@pytest.fixture
async def rig(server: AmiServer) -> AsyncIterator[ClientRig]:
    """Connected and ready."""
    async with rig_for(settings_for(server.port)) as rig:
        await rig.is_ready()
        yield rig
