"""Calls through the shipped flow on a real Asterisk."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from callflow.events import (
    CallArrived,
    CallEnded,
    CallIdentified,
    CallQueued,
    DigitsEntered,
    NodeEntered,
    QueueLeft,
    SurveyAnswered,
    VoicemailLeft,
)
from callflow.live import LiveCall
from hotline.kernel.db import Database
from hotline.kernel.ids import is_uuid
from tests.callflow.service import OneEnterprise, Service, hears, running_service, tone_of
from tests.fakes.hearing import load_recorded, load_sound, tone_levels
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

pytestmark = pytest.mark.real


def rewrite(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


async def test_key_1_reaches_the_enterprise_queue_and_a_survey_follows(service: Service) -> None:
    asterisk = service.asterisk
    async with PjsuaPhone.desk_phone(asterisk, "1001") as agent, PjsuaPhone.caller(asterisk) as caller:
        agent.answers(after=0.2)
        await service.put_agent("1001", "enterprise")
        await caller.call_and_wait()
        await service.seen(NodeEntered, node="menu")
        caller.press("1")
        await service.seen(CallQueued, queue="enterprise")
        await agent.wait_for("confirmed")
        arrived = await service.seen(CallArrived)

        def talking() -> LiveCall | None:
            live = service.calls.live(arrived.call_id)
            return live if live is not None and live.agent_channel else None

        live = await until(talking, what="the talk is seen")
        assert live is not None
        assert (live.queue, live.agent) == ("enterprise", "1001")
        assert live.recording.endswith(f"/{arrived.call_id}")
        assert [step.label for step in live.path][-1] == "企业服务专席"
        agent.hang_up()
        left = await service.seen(QueueLeft)
        assert (left.outcome, left.agent) == ("answered", "1001")
        await service.seen(NodeEntered, node="survey")
        caller.press("2")
        assert (await service.seen(SurveyAnswered)).rating == 2
        ended = await service.seen(CallEnded)
        assert ended.by == "agent"
        await caller.wait_for("disconnected")
    assert [event.digits for event in service.of(DigitsEntered)] == ["1", "2"]
    assert service.calls.live(arrived.call_id) is None


async def test_caller_and_agent_hear_each_other_and_both_sides_are_recorded(service: Service) -> None:
    asterisk = service.asterisk
    async with PjsuaPhone.desk_phone(asterisk, "1001") as agent, PjsuaPhone.caller(asterisk) as caller:
        agent.answers()
        agent.tone(900)
        caller.tone(450)
        await service.put_agent("1001", "public")
        await caller.call_and_wait()
        caller.press("0")
        await agent.wait_for("confirmed")
        samples, rate = load_sound(await caller.listen(6.0))
        announced = [tone_of("agent-number-before"), tone_of("agent-number-after")]
        levels = tone_levels(samples, rate, (900.0, *announced, 777.0))
        assert min(levels[tone] for tone in (900.0, *announced)) > levels[777.0] + 6, levels
        caller.hang_up()
        await caller.wait_for("disconnected")
        await service.seen(CallEnded, by="caller")
    call_id = service.of(CallArrived)[0].call_id
    folder = asterisk.settings.recordings
    for side, heard, silent in (("-caller", 450.0, 900.0), ("-agent", 900.0, 450.0)):
        samples, rate = load_sound(folder / f"{call_id}{side}.wav")
        levels = tone_levels(samples, rate, (heard, silent))
        assert levels[heard] > levels[silent] + 20, (side, levels)
    samples, rate = load_recorded(folder, call_id)
    both = tone_levels(samples, rate, (450.0, 900.0, 777.0))
    assert min(both[450.0], both[900.0]) > both[777.0] + 20, both


async def test_0_in_the_greeting_reaches_a_person(service: Service) -> None:
    async with PjsuaPhone.caller(service.asterisk) as caller:
        await caller.call_and_wait()
        caller.press("0")
        await service.seen(CallQueued, queue="public")
        assert not [event for event in service.of(NodeEntered) if event.node == "menu"]


async def test_a_key_in_the_greeting_answers_the_menu_to_come(service: Service) -> None:
    async with PjsuaPhone.caller(service.asterisk) as caller:
        await caller.call_and_wait()
        caller.press("41")
        await service.seen(CallQueued, queue="enterprise")
        assert [event.digits for event in service.of(DigitsEntered)] == ["4", "1"]
        live = service.calls.live(service.of(CallArrived)[0].call_id)
        assert live is not None
        assert live.language == "en"


async def test_silence_reaches_a_person(quick_service: Service) -> None:
    async with PjsuaPhone.caller(quick_service.asterisk) as caller:
        await caller.call_and_wait()
        await quick_service.seen(CallQueued, queue="public", within=15)
        assert not quick_service.of(DigitsEntered)


async def test_three_wrong_keys_reach_a_person(quick_service: Service) -> None:
    async with PjsuaPhone.caller(quick_service.asterisk) as caller:
        await caller.call_and_wait()
        await quick_service.seen(NodeEntered, node="menu")
        for count, key in enumerate("9*8", 1):
            caller.press(key)
            await hears(caller, "menu-invalid" if count < 3 else "connecting-person", seconds=0.8)
        await quick_service.seen(CallQueued, queue="public")
        assert [event.digits for event in quick_service.of(DigitsEntered)] == ["9", "*", "8"]


async def keys_seen(service: Service, digits: list[str]) -> None:
    await until(lambda: [event.digits for event in service.of(DigitsEntered)] == digits, what=f"keys {digits}")


async def test_a_hash_key_closes_the_key_before_and_cuts_no_prompt(service: Service) -> None:
    async with PjsuaPhone.caller(service.asterisk) as caller:
        await caller.call_and_wait()
        await service.seen(NodeEntered, node="menu")
        caller.press("4")
        await service.seen(NodeEntered, node="english-menu")
        await hears(caller, "menu-main", seconds=0.8, when=lambda: caller.press("#"))
        caller.press("1")
        await service.seen(NodeEntered, node="to-enterprise")
        await hears(caller, "connecting-enterprise", seconds=0.8, when=lambda: caller.press("#"))
        await service.seen(CallQueued, queue="enterprise")
        await keys_seen(service, ["4", "1"])


@pytest.mark.parametrize(("keys", "digits"), [("1#", ["1"]), ("4#1#", ["4", "1"])])
async def test_keys_typed_ahead_may_be_closed_each_with_a_hash_key(
    service: Service, keys: str, digits: list[str]
) -> None:
    async with PjsuaPhone.caller(service.asterisk) as caller:
        await caller.call_and_wait()
        caller.press(keys)
        await service.seen(CallQueued, queue="enterprise")
        await keys_seen(service, digits)


async def test_a_hash_key_alone_is_one_wrong_key_and_no_silence(service: Service) -> None:
    async with PjsuaPhone.caller(service.asterisk) as caller:
        await caller.call_and_wait()
        await service.seen(NodeEntered, node="menu")
        await hears(caller, "menu-invalid", seconds=0.8, when=lambda: caller.press("#"))
        await keys_seen(service, ["#"])
        caller.press("9#")
        await keys_seen(service, ["#", "9"])
        caller.press("1")
        await service.seen(CallQueued, queue="enterprise")
        await keys_seen(service, ["#", "9", "1"])


async def test_a_known_enterprise_goes_straight_to_its_desk(
    speaking_asterisk: RealAsterisk, database: Database
) -> None:
    directory = OneEnterprise("13904739999", skip_menu=True)
    async with running_service(speaking_asterisk, database, directory=directory) as service:
        async with PjsuaPhone.caller(speaking_asterisk, "13904739999") as caller:
            await caller.call_and_wait()
            queued = await service.seen(CallQueued)
            assert (queued.queue, queued.priority) == ("enterprise", 10)
            assert (await service.seen(CallIdentified)).enterprise_id == "e-1"
        await service.seen(CallEnded)


async def test_who_waits_too_long_overflows_and_then_leaves_a_message(quick_service: Service) -> None:
    service = quick_service
    async with PjsuaPhone.caller(service.asterisk) as caller:
        caller.tone(450)
        await caller.call_and_wait()
        caller.press("1")
        await service.seen(QueueLeft, queue="enterprise", outcome="timed_out")
        await service.seen(QueueLeft, queue="public", outcome="timed_out")
        await service.seen(NodeEntered, node="busy")
        caller.press("1")
        await service.seen(NodeEntered, node="voicemail")
        await caller.listen(3.0)
        caller.press("#")
        left = await service.seen(VoicemailLeft)
        assert left.seconds > 1
        await service.seen(CallEnded, in_node="voicemail-thanks")
    samples, rate = load_sound(Path(left.file))
    assert tone_levels(samples, rate, (450.0,))[450.0] > -30


async def test_a_message_whose_caller_just_hangs_up_is_kept(quick_service: Service) -> None:
    service = quick_service
    async with PjsuaPhone.caller(service.asterisk) as caller:
        caller.tone(450)
        await caller.call_and_wait()
        caller.press("0")
        await service.seen(NodeEntered, node="busy", within=15)
        caller.press("1")
        await service.seen(NodeEntered, node="voicemail")
        await caller.listen(3.0)
        caller.hang_up()
        assert (await service.seen(VoicemailLeft)).seconds > 1
        await service.seen(CallEnded, by="caller", in_node="voicemail")


async def test_out_of_hours_the_caller_is_told_and_may_reach_a_person(
    speaking_asterisk: RealAsterisk, database: Database, quick_flow: Path
) -> None:
    never = "options: {week: {}}\n    branches: {open: welcome, closed: closed}"
    rewrite(quick_flow, "branches: {open: welcome, closed: closed}", never)
    async with running_service(speaking_asterisk, database, flow=quick_flow) as service:
        async with PjsuaPhone.caller(speaking_asterisk) as caller:
            await caller.call_and_wait()
            await hears(caller, "out-of-hours", seconds=0.6)
            caller.press("0")
            await service.seen(CallQueued, queue="public")
        await service.seen(CallEnded)


@pytest.mark.parametrize("where", ["identify", "welcome", "menu", "to-enterprise"])
async def test_a_caller_may_hang_up_anywhere(service: Service, where: str) -> None:
    async with PjsuaPhone.caller(service.asterisk) as caller:
        caller.call()
        if where == "to-enterprise":
            await service.seen(NodeEntered, node="menu")
            caller.press("1")
        await service.seen(NodeEntered, node=where)
        caller.hang_up()
        ended = await service.seen(CallEnded)
        assert ended.by == "caller"
    assert not service.calls.all_live()


async def test_a_caller_who_hangs_up_in_the_queue_has_abandoned(service: Service) -> None:
    async with PjsuaPhone.caller(service.asterisk) as caller:
        await caller.call_and_wait()
        caller.press("1")
        await service.seen(CallQueued)
        caller.hang_up()
        assert (await service.seen(QueueLeft)).outcome == "abandoned"
        assert (await service.seen(CallEnded)).by == "caller"


async def test_a_caller_who_hangs_up_while_the_agent_rings_stops_the_ringing(service: Service) -> None:
    async with PjsuaPhone.desk_phone(service.asterisk, "1001") as agent, PjsuaPhone.caller(service.asterisk) as caller:
        await service.put_agent("1001", "enterprise")
        await caller.call_and_wait()
        caller.press("1")
        await agent.wait_for("ringing")
        caller.hang_up()
        await agent.wait_for("disconnected")
        assert (await service.seen(QueueLeft)).outcome == "abandoned"


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("13904730001", '乌海市“诚信”商贸 "老板" \\ ${EVIL} ,&;'),
        ("13904730001", "😀" * 30),
        ("anonymous", ""),
        ("9" * 200, "long number"),
    ],
)
async def test_odd_callers_are_served(service: Service, number: str, name: str) -> None:
    async with PjsuaPhone.caller(service.asterisk, number, name=name) as caller:
        await caller.call_and_wait()
        caller.press("1234567890" * 4)
        await service.seen(CallQueued, queue="enterprise")
        arrived = service.of(CallArrived)[0]
        assert is_uuid(arrived.call_id)
        assert arrived.call_id[14] == "7"
        assert len(arrived.caller_name) <= 80
        assert len(arrived.caller_number) <= 32
        caller.hang_up()
        await service.seen(CallEnded)


async def test_a_name_of_1000_characters_is_cut(service: Service) -> None:
    asterisk = service.asterisk
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((asterisk.trunk_host, 0))
        host, port = line.getsockname()
        sdp = f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio 41000 RTP/AVP 8\r\n"
        invite = (
            f"INVITE sip:12345@{asterisk.sip_host} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKlong\r\n"
            f'From: "{"长" * 1000}" <sip:13900000000@{host}>;tag=long\r\n'
            f"To: <sip:12345@{asterisk.sip_host}>\r\nCall-ID: long-{port}\r\nCSeq: 1 INVITE\r\n"
            f"Contact: <sip:long@{host}:{port}>\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\n"
            f"Content-Length: {len(sdp)}\r\n\r\n{sdp}"
        )
        line.sendto(invite.encode(), (asterisk.sip_host, asterisk.sip_port))
        arrived = await service.seen(CallArrived)
        assert set(arrived.caller_name) == {"长"}
        assert len(arrived.caller_name) == 26
        await service.seen(NodeEntered, node="welcome")


async def test_a_missing_prompt_is_passed_over_in_silence(service: Service) -> None:
    lost = [
        path
        for path in service.asterisk.settings.sounds.glob("*/hotline/*.wav")
        if path.stem in ("welcome", "menu-main")
    ]
    kept = {path: path.read_bytes() for path in lost}
    for path in lost:
        path.unlink()
    try:
        async with PjsuaPhone.caller(service.asterisk) as caller:
            await caller.call_and_wait()
            await service.seen(NodeEntered, node="menu")
            caller.press("2")
            await service.seen(CallQueued, queue="public")
    finally:
        for path, sound in kept.items():
            path.write_bytes(sound)


async def test_a_broken_prompt_does_not_end_the_call(service: Service) -> None:
    path = service.asterisk.settings.sounds / "zh" / "hotline" / "welcome.wav"
    sound = path.read_bytes()
    path.write_bytes(b"this is no sound" * 50)
    try:
        async with PjsuaPhone.caller(service.asterisk) as caller:
            await caller.call_and_wait()
            await service.seen(NodeEntered, node="menu")
            caller.press("2")
            await service.seen(CallQueued, queue="public")
    finally:
        path.write_bytes(sound)


async def test_0_in_the_queue_keeps_the_place(service: Service) -> None:
    async with PjsuaPhone.desk_phone(service.asterisk, "1001") as agent, PjsuaPhone.caller(service.asterisk) as caller:
        await caller.call_and_wait()
        caller.press("1")
        await service.seen(CallQueued, queue="enterprise")
        caller.press("0")
        await caller.listen(0.5)
        await service.put_agent("1001", "enterprise")
        await agent.wait_for("ringing")
        assert not service.of(QueueLeft)


async def test_the_next_agent_rings_when_the_first_does_not_answer(service: Service) -> None:
    asterisk = service.asterisk
    async with (
        PjsuaPhone.desk_phone(asterisk, "1001") as first,
        PjsuaPhone.desk_phone(asterisk, "1002") as second,
        PjsuaPhone.caller(asterisk) as caller,
    ):
        first.declines()
        second.declines()
        await service.put_agent("1001", "enterprise")
        await caller.call_and_wait()
        caller.press("1")
        await first.wait_for("ringing")
        second.answers()
        await service.put_agent("1002", "enterprise")
        await second.wait_for("confirmed", within=30)
        caller.hang_up()
        left = await service.seen(QueueLeft)
        assert (left.outcome, left.agent) == ("answered", "1002")
