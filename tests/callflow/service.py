"""The call flow's service on a real Asterisk, with prompts that are tones, and a list of what it published."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from callflow.document import SHIPPED_FLOW, Flow, load_flow
from callflow.pinning import SingleFlow
from callflow.ports import CalendarSource, CallerDirectory, CallerIdentity, NobodyKnown, PhoneBook, WebServices
from callflow.registry import all_actions
from callflow.service import CallflowService
from callflow.sessions import CallSessionRow
from hotline.calendars.seed import installed_calendars
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Base, Database
from hotline.kernel.events import Event
from hotline.kernel.tasks import TaskOwner
from ivr.ami import AmiClient, LinkState
from ivr.events import PhoneEvent
from tests.fakes.hearing import load_sound, tone_levels
from tests.fakes.journal import ListJournal
from tests.phones.asterisk import RealAsterisk, write_tone
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

E = TypeVar("E", bound=Event)

PROMPTS = (
    "welcome recording-notice menu-main menu-invalid menu-silence connecting-person connecting-enterprise "
    "enterprise-known agent-number-before agent-number-after queue-busy queue-next queue-position-before "
    "queue-position-after out-of-hours voicemail-offer voicemail-record voicemail-thanks survey-ask survey-retry "
    "survey-thanks survey-none system-trouble goodbye"
).split()


class OneEnterprise:
    """A directory with one number in it."""

    def __init__(self, number: str, *, skip_menu: bool) -> None:
        self._number, self._skip = number, skip_menu

    async def identify(self, number: str) -> CallerIdentity | None:
        if number != self._number:
            return None
        return CallerIdentity(
            enterprise_id="e-1",
            enterprise_name="乌海市测试商贸有限公司",
            contact_id="c-1",
            contact_name="张三",
            skip_menu=self._skip,
        )


class Service:
    """One run of the service; `journal.events` survives from run to run when handed on."""

    def __init__(self, asterisk: RealAsterisk, database: Database, journal: ListJournal) -> None:
        self.asterisk = asterisk
        self.database = database
        self.journal = journal
        self.calls: CallflowService
        self.ami: AmiClient

    @property
    def events(self) -> list[Event]:
        return self.journal.events

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def seen(self, kind: type[E], *, within: float = 10, **fields: object) -> E:
        """The first event of this kind with these fields."""

        def find() -> E | None:
            matching = (e for e in self.of(kind) if all(getattr(e, k) == v for k, v in fields.items()))
            return next(matching, None)

        found = await until(find, within=within, what=f"{kind.__name__} {fields}")
        assert found is not None
        return found

    async def put_agent(self, number: str, queue: str) -> None:
        await self.ami.switchboard.add_member(queue, f"PJSIP/{number}", member_name=number, penalty=0, paused=False)

    async def remove_agents(self, *numbers: str) -> None:
        for number in numbers:
            for queue in ("enterprise", "public"):
                await self.ami.switchboard.remove_member(queue, f"PJSIP/{number}")


def make_prompts(sounds: Path, names: Iterable[str] = PROMPTS, *, seconds: float = 0.4) -> None:
    """Each prompt a tone of its own, so that one can hear which was played."""
    for language in ("zh", "en"):
        folder = sounds / language / "hotline"
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            write_tone(folder / f"{name}.wav", tone_of(name), seconds=seconds)


def tone_of(prompt: str) -> float:
    return 500.0 + 100 * (PROMPTS.index(prompt) if prompt in PROMPTS else len(PROMPTS))


async def hears(
    phone: PjsuaPhone, prompt: str, *, seconds: float = 1.0, when: Callable[[], None] = lambda: None
) -> None:
    """Listen for so long from what `when` does, and find the prompt's tone in what was heard."""
    await phone.heard()
    when()
    await asyncio.sleep(seconds)
    samples, rate = load_sound(await phone.heard())
    frequency = tone_of(prompt)
    levels = tone_levels(samples, rate, (frequency, frequency + 50))
    assert levels[frequency] > levels[frequency + 50] + 15, f"{prompt} was not heard: {levels}"


@asynccontextmanager
async def opened_database(folder: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{folder / 'calls.db'}")
    await database.open()
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all, tables=[CallSessionRow.__table__])  # type: ignore[list-item]
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def running_service(
    asterisk: RealAsterisk,
    database: Database,
    *,
    journal: ListJournal | None = None,
    directory: CallerDirectory | None = None,
    calendars: CalendarSource | None = None,
    flow: Path | None = None,
    phones: PhoneBook | None = None,
    subflows: Iterable[Flow] = (),
    web: WebServices | None = None,
) -> AsyncIterator[Service]:
    """Logged in, with the lease held, and live calls taken up."""
    service = Service(asterisk, database, journal or ListJournal())
    phone: Dispatcher[PhoneEvent] = Dispatcher()
    clock = SystemClock()
    service.ami = AmiClient(asterisk.settings.ami, clock, phone.deliver)
    service.calls = CallflowService(
        switchboard=service.ami.switchboard,
        phone=phone,
        bus=Bus(service.journal),
        database=database,
        clock=clock,
        flows=SingleFlow(load_flow(flow or SHIPPED_FLOW, all_actions()), *subflows),
        directory=directory or NobodyKnown(),
        calendars=calendars or (lambda: installed_calendars(2027)),
        phones=phones,
        web=web,
        recordings=asterisk.settings.recordings,
        sounds=asterisk.settings.sounds,
    )
    tasks = TaskOwner("service-under-test")

    async def adopt() -> None:
        await service.calls.adopt(await service.ami.switchboard.snapshot())

    def on_link(state: LinkState) -> None:
        if state is LinkState.READY:
            tasks.spawn(adopt(), name="adopt")

    service.ami.on_link(on_link)
    service.calls.start()
    await service.ami.start()
    try:
        await until(lambda: service.ami.ready, what="the AMI link is ready")

        async def leased() -> bool:
            return float(await service.ami.switchboard.get_variable("", "APP_LEASE") or 0) > time.time()

        await until(leased, what="the lease is held")
        yield service
    finally:
        await tasks.close()
        await service.calls.close()
        await service.ami.close()
