"""Agent, caller and specialist with real phones on a real Asterisk, each speaking as one tone."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cti.threeway.ports import SpecialistTarget
from cti.threeway.service import ThreewayService
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import SystemClock
from ivr.ami import AmiClient
from ivr.events import AgentConnected, PhoneEvent
from tests.fakes.hearing import load_sound, tone_levels
from tests.fakes.journal import ListJournal
from tests.phones.asterisk import MUSIC_HZ, RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

TONES = {"agent": 440, "caller": 1000, "specialist": 700, "colleague": 1600, "music": MUSIC_HZ}
QUEUE = "public"
"""Where the dialplan takes callers by itself, with no service to run a flow."""
QUIET = -40.0
"""dBFS; a tone that is there is about -12, music about -20, an absent one below -50."""


class TwoPhoneDirectory:
    """Every specialist has two phones outside."""

    async def phone(self, specialist_id: str, phone_index: int) -> SpecialistTarget | None:
        if phone_index > 1:
            return None
        return SpecialistTarget(
            specialist_id=specialist_id,
            name="李专员",
            unit_name="税务局",
            number=f"0473300{phone_index}",
            internal=False,
        )


@dataclass
class ThreewayStage:
    asterisk: RealAsterisk
    ami: AmiClient
    phone: Dispatcher[PhoneEvent]
    service: ThreewayService
    agent: PjsuaPhone
    caller: PjsuaPhone
    specialist: PjsuaPhone
    book: ListJournal = field(default_factory=ListJournal)
    call: AgentConnected | None = None
    connected_at: float = 0.0
    agent_legs: list[str] = field(default_factory=list)
    """Channels that took the place of the one app_queue rang."""

    async def talk(self) -> str:
        """The caller is connected with agent 1001; returns the call id."""
        await self.put_on_duty("1001")
        self.agent.answers()
        self.caller.call()
        await until(lambda: self.call, within=15, what="agent connected")
        assert self.call is not None
        await self.hear(agent={"caller"}, caller={"agent"})
        return self.call.call_id

    async def put_on_duty(self, number: str, *, off: str = "") -> None:
        if off:
            await self.ami.switchboard.remove_member(QUEUE, f"PJSIP/{off}")
        await self.ami.switchboard.add_member(QUEUE, f"PJSIP/{number}", member_name=number, penalty=0, paused=False)

        async def free() -> bool:
            members = (await self.ami.switchboard.snapshot()).members
            return any(m.member_name == number and m.status == 1 for m in members)

        await until(free, within=30, what=f"{number} is registered and free")

    def state(self) -> str | None:
        assert self.call is not None
        status = self.service.status(self.call.call_id)
        return status.state if status else None

    async def in_state(self, state: str | None, *, within: float = 10) -> None:
        await until(lambda: self.state() == state, within=within, what=f"state {state}")

    async def consulting(self) -> str:
        call_id = await self.talk()
        self.specialist.answers()
        await self.service.consult("1001", "s-1", 0)
        await self.in_state("consulting")
        return call_id

    async def hear(self, **who: set[str]) -> None:
        """Wait until each phone hears exactly these tones."""
        for name, expected in who.items():
            phone = getattr(self, name)
            heard: set[str] = set()
            for _ in range(12):
                heard = hears(await phone.listen(0.5))
                if heard == expected:
                    break
            assert heard == expected, f"{name} hears {heard}"

    async def places(self) -> dict[str, str]:
        """Channel → the dialplan context it is in."""
        return {channel.name: channel.context for channel in (await self.ami.switchboard.snapshot()).channels}

    async def caller_goes_on(self) -> None:
        """The caller is where a flow would ask for the survey, and alone."""

        async def there() -> bool:
            return list((await self.places()).values()) == ["hotline-flow"]

        await until(there, what="the caller is back in the flow")

    async def nobody_left(self) -> None:
        async def empty() -> bool:
            return not (await self.ami.switchboard.snapshot()).channels

        await until(empty, what="all channels are gone")

    def names(self) -> list[str]:
        return [event.name for event in self.book.events]

    def queue_log(self) -> list[str]:
        text = (self.asterisk.settings.asterisk_logs / "queue_log").read_text()
        assert self.call is not None
        return [line.split("|")[4] for line in text.splitlines() if line.split("|")[1] == self.call.unique_id]


def hears(recording: Path) -> set[str]:
    samples, rate = load_sound(recording)
    if len(samples) < rate // 10:
        return set()
    levels = tone_levels(samples[-rate // 3 :], rate, [float(hertz) for hertz in TONES.values()])
    return {name for name, level in zip(TONES, levels.values(), strict=True) if level > QUIET}


@contextlib.asynccontextmanager
async def on_stage(asterisk: RealAsterisk) -> AsyncIterator[ThreewayStage]:
    phone: Dispatcher[PhoneEvent] = Dispatcher()
    clock = SystemClock()
    ami = AmiClient(asterisk.settings.ami, clock, phone.deliver)
    book = ListJournal()
    async with contextlib.AsyncExitStack() as stack:
        await ami.start()
        stack.push_async_callback(ami.close)
        await until(lambda: ami.ready, what="AMI is ready")
        legs: list[str] = []
        service = make_service(ami, phone, book, legs)
        stack.push_async_callback(service.close)
        agent = await stack.enter_async_context(PjsuaPhone.desk_phone(asterisk, "1001"))
        caller = await stack.enter_async_context(PjsuaPhone.caller(asterisk))
        specialist = await stack.enter_async_context(PjsuaPhone.carrier(asterisk))
        for name, part in (("agent", agent), ("caller", caller), ("specialist", specialist)):
            part.tone(TONES[name])
        stage = ThreewayStage(asterisk, ami, phone, service, agent, caller, specialist, book)
        stage.agent_legs = legs

        def connected(event: PhoneEvent) -> None:
            assert isinstance(event, AgentConnected)
            stage.call = event
            stage.connected_at = time.monotonic()

        phone.subscribe(connected, AgentConnected)
        lease = asyncio.create_task(_keep_lease(ami, phone))
        try:
            yield stage
        finally:
            lease.cancel()
            await asyncio.gather(lease, return_exceptions=True)
            await asterisk.hang_up_all()
            for number in ("1001", "1002"):
                await ami.switchboard.remove_member(QUEUE, f"PJSIP/{number}")
            await ami.switchboard.set_variable("", "APP_LEASE", "0")


def make_service(
    ami: AmiClient, phone: Dispatcher[PhoneEvent], book: ListJournal, legs: list[str] | None = None
) -> ThreewayService:
    taken = legs if legs is not None else []
    return ThreewayService(
        ami.switchboard,
        phone,
        Bus(book),
        SystemClock(),
        TwoPhoneDirectory(),
        on_change=lambda _: None,
        on_agent_leg=lambda _, leg: taken.append(leg),
        ring=timedelta(seconds=5),
    )


async def _keep_lease(ami: AmiClient, phone: Dispatcher[PhoneEvent]) -> None:
    """From the first talk on: without a lease the dialplan takes the caller to the queue by itself."""
    connected = asyncio.Event()
    phone.subscribe(lambda _: connected.set(), AgentConnected)
    await connected.wait()
    await ami.switchboard.set_variable("", "APP_LEASE", str(int(time.time()) + 600))
