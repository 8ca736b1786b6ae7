"""Specialists and outside numbers, on a real Asterisk: with the service, without it, and while it is replaced."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from callflow.compile import compile_safe_flow
from callflow.events import CallEnded, CallResumed, DialBegan, DialEnded, NodeEntered
from hotline.kernel.db import Database
from hotline.onebox.configure import write_safe_flow
from ivr.telephony import DialledPhone
from tests.callflow.calls import flow_of, shipped_flow
from tests.callflow.service import Service, make_prompts, running_service
from tests.fakes.hearing import load_sound, tone_levels
from tests.fakes.journal import ListJournal
from tests.phones.asterisk import MUSIC_HZ, RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

pytestmark = pytest.mark.real

FLOW = """
id: dials
entry: start
person: person
nodes:
  start: {action: answer, branches: {done: ask}}
  ask:
    action: menu
    options: {prompts: [menu-main], keys: ["1", "2"], patience: PT10S}
    branches: {"1": expert, "2": police, silence: bye, errors: bye, no_menu: bye}
  expert:
    action: specialist
    options: {unit: taxes, ring: PT5S}
    branches: {answered: talked, nobody: nobody, unavailable: person}
  police:
    action: dial
    options: {number: "110", ring: PT5S, longest: PT10S}
    branches: {answered: talked, busy: busy, no_answer: nobody, failed: failed}
  talked: {action: menu, options: {prompts: [survey-ask], keys: ["1"], patience: PT30S},
           branches: {"1": bye, silence: bye, errors: bye, no_menu: bye}}
  busy: {action: hangup, options: {prompts: [goodbye]}}
  nobody: {action: hangup, options: {prompts: [goodbye]}}
  failed: {action: hangup, options: {prompts: [goodbye]}}
  person:
    action: queue
    options: {queue: public}
    branches: {answered: bye, timed_out: bye, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}
  bye: {action: hangup}
"""
CALLER_HZ, OTHER_HZ = 700, 900


@dataclass
class OnDuty:
    """A phone book with these specialists, who have the desk phones of these numbers."""

    numbers: Sequence[str] = ()

    def outside(self, number: str) -> str | None:
        return f"PJSIP/{number}@trunk"

    async def on_duty(self, unit: str) -> Sequence[DialledPhone]:
        return [DialledPhone(f"PJSIP/{number}", f"s-{number}") for number in self.numbers]


@pytest.fixture
async def asterisk(speaking_asterisk: RealAsterisk) -> AsyncIterator[RealAsterisk]:
    make_prompts(speaking_asterisk.settings.sounds)
    make_prompts(speaking_asterisk.settings.sounds, ["goodbye"], seconds=0.2)
    for language in ("zh", "en"):
        folder = speaking_asterisk.settings.sounds / language / "hotline"
        (folder / "specialist-offer.wav").write_bytes((folder / "goodbye.wav").read_bytes())
    write_safe_flow(speaking_asterisk.instance, compile_safe_flow(flow_of(FLOW)))
    await speaking_asterisk.cli("dialplan reload")
    yield speaking_asterisk
    await speaking_asterisk.hang_up_all()
    write_safe_flow(speaking_asterisk.instance, compile_safe_flow(shipped_flow()))
    await speaking_asterisk.cli("dialplan reload")


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    file = tmp_path / "dials.yaml"
    file.write_text(FLOW, encoding="utf-8")
    return file


async def level(phone: PjsuaPhone, hertz: int) -> float:
    """How much louder this tone is than silence next to it."""
    samples, rate = load_sound(await phone.listen(1.0))
    levels = tone_levels(samples, rate, (hertz, hertz + 50))
    return levels[hertz] - levels[hertz + 50]


async def talk_together(one: PjsuaPhone, other: PjsuaPhone) -> None:
    one.tone(CALLER_HZ)
    other.tone(OTHER_HZ)
    assert await level(one, OTHER_HZ) > 15
    assert await level(other, CALLER_HZ) > 15


async def choose(service: Service, caller: PjsuaPhone, key: str, *, within: float = 10) -> DialBegan:
    await caller.call_and_wait()
    await service.seen(NodeEntered, node="ask")
    caller.press(key)
    return await service.seen(DialBegan, within=within)


async def test_the_first_specialist_who_presses_the_key_talks(
    asterisk: RealAsterisk, database: Database, flow: Path
) -> None:
    # 1004 has no phone registered; 1001 refuses, 1002 is a voicemail box, which presses nothing.
    book = OnDuty(["1004", "1001", "1002", "1003"])
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(running_service(asterisk, database, flow=flow, phones=book))
        refuses, box, accepts = [
            await stack.enter_async_context(PjsuaPhone.desk_phone(asterisk, number))
            for number in ("1001", "1002", "1003")
        ]
        caller = await stack.enter_async_context(PjsuaPhone.caller(asterisk))
        refuses.declines(603)
        box.answers()
        accepts.answers()
        assert (await choose(service, caller, "1")).unit == "taxes"
        await box.wait_for("confirmed")
        assert await level(caller, MUSIC_HZ) > 15, "the caller hears music while the box talks to itself"
        await box.wait_for("disconnected", within=15)
        ringing = await accepts.wait_for("ringing")
        assert "12345" in ringing["peer"]
        await accepts.wait_for("confirmed")
        assert await level(caller, MUSIC_HZ) > 15
        accepts.press("1")
        await talk_together(caller, accepts)
        accepts.hang_up()
        ended = await service.seen(DialEnded)
        assert (ended.outcome, ended.specialist) == ("answered", "s-1003")
        assert ended.talked >= 1
        await service.seen(NodeEntered, node="talked")


async def test_nobody_accepts(asterisk: RealAsterisk, database: Database, flow: Path) -> None:
    async with AsyncExitStack() as stack:
        book = OnDuty(["1001", "1002"])
        service = await stack.enter_async_context(running_service(asterisk, database, flow=flow, phones=book))
        silent, busy = [
            await stack.enter_async_context(PjsuaPhone.desk_phone(asterisk, number)) for number in ("1001", "1002")
        ]
        caller = await stack.enter_async_context(PjsuaPhone.caller(asterisk))
        silent.rings()
        busy.declines(486)
        await choose(service, caller, "1")
        ended = await service.seen(DialEnded, within=15)
        assert ended.outcome != "answered"
        assert ended.specialist == ""
        await service.seen(NodeEntered, node="nobody")


async def test_a_caller_who_hangs_up_lets_no_phone_ring_on(
    asterisk: RealAsterisk, database: Database, flow: Path
) -> None:
    async with AsyncExitStack() as stack:
        book = OnDuty(["1001"])
        service = await stack.enter_async_context(running_service(asterisk, database, flow=flow, phones=book))
        specialist = await stack.enter_async_context(PjsuaPhone.desk_phone(asterisk, "1001"))
        caller = await stack.enter_async_context(PjsuaPhone.caller(asterisk))
        specialist.rings()
        await choose(service, caller, "1")
        await specialist.wait_for("ringing")
        caller.hang_up()
        await specialist.wait_for("disconnected", within=5)
        assert (await service.seen(DialEnded)).outcome == "abandoned"
        await service.seen(CallEnded)


async def test_a_talk_outlives_the_service_and_the_flow_goes_on_after_it(
    asterisk: RealAsterisk, database: Database, flow: Path
) -> None:
    journal, book = ListJournal(), OnDuty(["1001"])
    async with AsyncExitStack() as stack:
        specialist = await stack.enter_async_context(PjsuaPhone.desk_phone(asterisk, "1001"))
        caller = await stack.enter_async_context(PjsuaPhone.caller(asterisk))
        specialist.answers()
        async with running_service(asterisk, database, flow=flow, phones=book) as service:
            await choose(service, caller, "1")
            await specialist.wait_for("confirmed")
            specialist.press("1")
            await talk_together(caller, specialist)
        await talk_together(caller, specialist)
        async with running_service(asterisk, database, flow=flow, phones=book, journal=journal) as service:
            await service.seen(CallResumed, node="expert")
            await talk_together(caller, specialist)
            specialist.hang_up()
            ended = await service.seen(DialEnded)
            assert (ended.outcome, ended.specialist) == ("answered", "s-1001")
            await service.seen(NodeEntered, node="talked")
            caller.press("1")
            await service.seen(NodeEntered, node="bye")


@pytest.mark.parametrize(
    ("code", "outcome", "node"), [(486, "busy", "busy"), (404, "failed", "failed"), (0, "no_answer", "nobody")]
)
async def test_a_number_that_is_not_reached(
    asterisk: RealAsterisk, database: Database, flow: Path, code: int, outcome: str, node: str
) -> None:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(running_service(asterisk, database, flow=flow, phones=OnDuty()))
        outside = await stack.enter_async_context(PjsuaPhone.carrier(asterisk))
        caller = await stack.enter_async_context(PjsuaPhone.caller(asterisk))
        if code:
            outside.declines(code)
        else:
            outside.rings()
        assert (await choose(service, caller, "2")).number == "110"
        assert (await service.seen(DialEnded, within=15)).outcome == outcome
        await service.seen(NodeEntered, node=node)


async def test_an_outside_number_is_called_with_the_hotlines(
    asterisk: RealAsterisk, database: Database, flow: Path
) -> None:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(running_service(asterisk, database, flow=flow, phones=OnDuty()))
        outside = await stack.enter_async_context(PjsuaPhone.carrier(asterisk))
        caller = await stack.enter_async_context(PjsuaPhone.caller(asterisk))
        await choose(service, caller, "2")
        ringing = await outside.wait_for("ringing")
        assert "12345" in ringing["peer"]
        assert "110" in ringing["local"]
        assert await level(caller, 450) > 15, "the caller hears it ringing"
        outside.answer()
        await outside.wait_for("confirmed")
        await talk_together(caller, outside)
        outside.hang_up()
        ended = await service.seen(DialEnded)
        assert (ended.outcome, ended.specialist) == ("answered", "")
        await service.seen(NodeEntered, node="talked")


async def test_the_safe_flow_calls_an_outside_number(asterisk: RealAsterisk) -> None:
    async def at(node: str) -> bool:
        return f"!hotline-safe-flow!n_{node}!" in await asterisk.cli("core show channels concise")

    async with AsyncExitStack() as stack:
        outside = await stack.enter_async_context(PjsuaPhone.carrier(asterisk))
        caller = await stack.enter_async_context(PjsuaPhone.caller(asterisk))
        outside.answers()
        await caller.call_and_wait()
        await until(lambda: at("ask"), what="the caller is asked")
        caller.press("2")
        await outside.wait_for("confirmed")
        await talk_together(caller, outside)
        outside.hang_up()
        await until(lambda: at("talked"), what="the flow goes on")


async def test_a_talk_that_takes_too_long_ends_and_the_flow_goes_on(
    asterisk: RealAsterisk, database: Database, flow: Path
) -> None:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(running_service(asterisk, database, flow=flow, phones=OnDuty()))
        outside = await stack.enter_async_context(PjsuaPhone.carrier(asterisk))
        caller = await stack.enter_async_context(PjsuaPhone.caller(asterisk))
        outside.answers()
        await choose(service, caller, "2")
        await outside.wait_for("confirmed")
        await outside.wait_for("disconnected", within=20)
        assert (await service.seen(DialEnded)).outcome == "answered"
        await service.seen(NodeEntered, node="talked")
