"""Calls at every stage at once, and what is asked about them: where they are, what is heard, what the log holds."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.fakes.hearing import load_sound, tone_levels
from tests.faults.figures import Stopwatch
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until
from tests.stories.city import AgentPage, Api, City

CALLER_HZ, AGENT_HZ = 700, 1100
FRAME = 0.1
HEARD_DB = -35.0
LONGEST_GAP = 1.0
"""Seconds without the other's voice. Phones and Asterisk share two cores with whatever starts meanwhile."""

_numbers = itertools.count(13_860_000_001)


def new_number() -> str:
    """A caller's number that no call of this run had."""
    return str(next(_numbers))


@dataclass(frozen=True)
class At:
    """Where a caller's channel is."""

    context: str
    application: str
    bridged: bool

    @property
    def in_service(self) -> bool:
        return self.application == "AGI"

    @property
    def in_safe_flow(self) -> bool:
        return self.context in ("hotline-safe", "hotline-safe-flow")

    @property
    def waiting(self) -> bool:
        return self.application == "Queue" and not self.bridged

    @property
    def talking(self) -> bool:
        return self.bridged


async def where(city: City, number: str) -> At | None:
    """Where the caller from `number` is; None where there is no such call."""
    for line in (await city.asterisk.cli("core show channels concise")).splitlines():
        fields = line.split("!")
        # The agent's leg shows the caller's number too: as the one connected, not as its own.
        if len(fields) > 12 and fields[7] == number and fields[0].startswith("PJSIP/trunk-"):
            return At(fields[1], fields[5], bool(fields[12].strip()))
    return None


async def until_at(city: City, number: str, place: str, *, within: float = 30) -> None:
    """Wait until the caller is at `place`, a property of `At`."""

    async def there() -> bool:
        at = await where(city, number)
        return at is not None and getattr(at, place)

    await until(there, within=within, each=0.2, what=f"{number} is {place}")


async def call_until_served(city: City, log: Api, callers: AsyncIterator[PjsuaPhone]) -> Sequence[PjsuaPhone]:
    """Have them call, one after the other, until the service leads one through the flow; those who have called.

    Whoever comes to the safe flow rings off: only the last one is on the line. An AssertionError after 30 s.
    """
    called: list[PjsuaPhone] = []
    watch = Stopwatch()
    async for caller in callers:
        assert watch.seconds < 30, f"the safe flow took {len(called)} callers in turn"
        called.append(caller)
        await caller.call_and_wait()

        async def place(caller: PjsuaPhone = caller) -> At | None:
            at = await where(city, caller.user)
            return at if at is not None and (at.in_service or at.in_safe_flow) else None

        at = await until(place, within=10, what=f"{caller.user} is with the service or in the safe flow")
        assert at is not None
        if at.in_service:
            await until_node(log, caller.user, "welcome", each=0.1)
            break
        caller.hang_up()
        await caller.wait_for("disconnected")
    return called


@asynccontextmanager
async def newcomers(city: City) -> AsyncIterator[AsyncIterator[PjsuaPhone]]:
    """Callers from new numbers, as many as are asked for; the first two are ready, so that they can be timed."""
    async with AsyncExitStack() as stack:

        async def one() -> PjsuaPhone:
            return await stack.enter_async_context(PjsuaPhone.caller(city.asterisk, new_number()))

        ready = [await one(), await one()]

        async def each() -> AsyncGenerator[PjsuaPhone, None]:
            for phone in ready:
                yield phone
            while True:
                yield await one()

        async with contextlib.aclosing(each()) as callers:
            yield callers


async def lost(city: City, callers: Sequence[PjsuaPhone]) -> int:
    """How many of `callers`, none of whom hung up, are not on the line any more."""
    there = await asyncio.gather(*(where(city, caller.user) for caller in callers))
    return sum(at is None for at in there)


async def first_talking(city: City, callers: Sequence[PjsuaPhone]) -> PjsuaPhone:
    """The one of `callers` whom the agent serves next."""

    async def served() -> PjsuaPhone | None:
        for caller in callers:
            at = await where(city, caller.user)
            if at is not None and at.talking:
                return caller
        return None

    found = await until(served, within=30, each=0.2, what="one of those who wait talks")
    assert found is not None
    return found


@dataclass
class Scene:
    """Three callers and an agent: one caller chooses in the menu, one waits in the queue, one talks with the agent."""

    city: City
    log: Api
    """The call log, as the supervisor sees it."""
    choosing: PjsuaPhone
    waiting: PjsuaPhone
    talking: PjsuaPhone
    agent: PjsuaPhone

    @property
    def callers(self) -> tuple[PjsuaPhone, ...]:
        return (self.choosing, self.waiting, self.talking)

    async def longest_gap(self) -> float:
        """The longest silence that either side of the talk heard since the scene was set or the last question."""
        heard = [(await self.agent.heard(), CALLER_HZ), (await self.talking.heard(), AGENT_HZ)]
        return max(longest_gap(path, hertz) for path, hertz in heard)

    async def assert_talk_goes_on(self) -> float:
        gap = await self.longest_gap()
        assert gap < LONGEST_GAP, f"the talk was silent for {gap:.1f} s"
        assert not self.talking.seen("disconnected")
        assert not self.agent.seen("disconnected")
        return gap

    async def end(self) -> None:
        """Everybody hangs up."""
        for caller in self.callers:
            caller.hang_up()
        for caller in self.callers:
            if not caller.seen("disconnected"):
                await caller.wait_for("disconnected")


@asynccontextmanager
async def scene_in(city: City) -> AsyncIterator[Scene]:
    """The scene set; at the end nobody calls and the agent is away."""
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(city.as_user("supervisor"))
        callers = [PjsuaPhone.caller(city.asterisk, new_number()) for _ in range(3)]
        agent = PjsuaPhone.desk_phone(city.asterisk, "1001")
        await asyncio.gather(*(stack.enter_async_context(phone) for phone in (*callers, agent)))
        stack.push_async_callback(_leave, city)
        workspace = await stack.enter_async_context(city.workspace("agent1"))
        await workspace.ready()
        first, second, third = callers
        scene = Scene(city, log, first, second, third, agent)
        await _fill(scene, workspace)
        yield scene


async def _fill(scene: Scene, workspace: AgentPage) -> None:
    scene.agent.answers()
    scene.talking.tone(CALLER_HZ)
    scene.agent.tone(AGENT_HZ)
    await asyncio.gather(scene.talking.call_and_wait(), scene.waiting.call_and_wait())
    scene.talking.press("1")
    await workspace.wait_call("talking", within=40)
    scene.waiting.press("1")
    await until_at(scene.city, scene.waiting.user, "waiting")
    await scene.choosing.call_and_wait()
    scene.choosing.press("4")
    await until_node(scene.log, scene.choosing.user, "english-menu")
    # What is heard is looked at from here on.
    await scene.agent.listen(1)
    await scene.talking.heard()


async def until_node(log: Api, number: str, node: str, *, each: float = 0.3) -> None:
    """Wait until the log shows the live call from `number` at `node`."""

    async def entered() -> bool:
        return any(node in [step["node"] for step in record["path"]] for record in await records(log, number))

    await until(entered, within=40, each=each, what=f"{number} has reached {node}")


async def _leave(city: City) -> None:
    await city.asterisk.hang_up_all()
    if not await runs(city):
        await city.start()
    async with city.workspace("agent1") as workspace:
        if workspace.agent["state"] != "offline":
            await workspace.do("sign_out")


async def runs(city: City) -> bool:
    """Whether the service is there and serves."""
    try:
        return await city.ready()
    except AssertionError:
        return False


# --- the log --------------------------------------------------------------------------------------------


async def records(log: Api, number: str) -> list[dict[str, Any]]:
    """All records of calls from `number`, in full."""
    return [await log.get(f"/api/calls/{row['call_id']}") for row in await log.calls_of(number)]


async def finished(log: Api, numbers: list[str], *, within: float = 40) -> dict[str, dict[str, Any]]:
    """The records of the calls from `numbers`, one each; without those that have none, or more than one, in time."""
    found: dict[str, dict[str, Any]] = {}

    async def all_over() -> bool:
        for number in set(numbers) - set(found):
            held = await records(log, number)
            if len(held) == 1 and held[0]["outcome"] != "live":
                found[number] = held[0]
        return len(found) == len(numbers)

    with contextlib.suppress(AssertionError):
        await until(all_over, within=within, each=0.3)
    return found


# --- hearing --------------------------------------------------------------------------------------------


def longest_gap(recording: Path, hertz: int) -> float:
    """The longest time in seconds in which the tone was not heard."""
    samples, rate = load_sound(recording)
    assert len(samples) > rate, "too little was recorded to tell of a gap"
    size = int(rate * FRAME)
    longest = gap = 0
    for start in range(0, len(samples) - size, size):
        level = tone_levels(np.asarray(samples[start : start + size]), rate, (hertz,))[hertz]
        gap = gap + 1 if level < HEARD_DB else 0
        longest = max(longest, gap)
    return longest * FRAME
