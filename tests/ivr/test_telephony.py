from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from ivr.agi_telephony import AgiTelephony
from ivr.errors import CallEndedError
from ivr.events import PhoneEvent
from ivr.session import CallSession
from ivr.telephony import QueueOutcome, QueueRequest, SpeechKind, SpeechParts
from tests.fakes.agi_call import CALL_ID, CHANNEL, UNIQUE_ID
from tests.fakes.clock import FakeClock
from tests.fakes.switchboard import FakeSwitchboard

PATIENCE = timedelta(seconds=5)


class Prompts:
    def __init__(self, *available: str) -> None:
        self._available = available

    def available(self, id: str, language: str) -> bool:
        return f"{language}/{id}" in self._available


class CallUnderTelephony:
    def __init__(self) -> None:
        self.switchboard = FakeSwitchboard(self._deliver)
        self.session = CallSession(
            call_id=CALL_ID,
            channel=CHANNEL,
            unique_id=UNIQUE_ID,
            switchboard=self.switchboard,
            clock=FakeClock(),
        )
        prompts = Prompts("zh/welcome", "zh/notice", "zh/menu", "en/menu")
        self.telephony = AgiTelephony(self.session, prompts)
        self.results: list[str] = []

    def _deliver(self, event: PhoneEvent) -> None:
        self.session.deliver(event)  # type: ignore[arg-type]

    def answers(self, *results: str) -> None:
        """Each command gets the next of these; the last one for all that follow."""
        self.results = list(results)

        def answer(command: str, command_id: str) -> None:
            self.switchboard.agi.result(command_id, self.results.pop(0) if len(self.results) > 1 else self.results[0])

        self.switchboard.agi.answer = answer

    @property
    def commands(self) -> list[str]:
        return self.switchboard.agi.commands


@pytest.fixture
async def call() -> CallUnderTelephony:
    call = CallUnderTelephony()
    call.switchboard.agi.begin()
    await call.session.begin()
    return call


async def test_a_menu_costs_one_command(call: CallUnderTelephony) -> None:
    call.answers("200 result=1")
    answer = await call.telephony.collect(SpeechParts("menu"), max_digits=1, patience=PATIENCE)
    assert answer.digits == "1"
    assert call.commands == ["GET DATA hotline/menu 5000 1"]


async def test_what_was_typed_ahead_costs_none(call: CallUnderTelephony) -> None:
    call.switchboard.agi.press("2")
    await call.telephony.play(SpeechParts("welcome"), interruptible=False)
    call.commands.clear()
    answer = await call.telephony.collect(SpeechParts("menu"), max_digits=1, patience=PATIENCE)
    assert answer.digits == "2"
    assert not call.commands


async def test_a_key_interrupts_the_rest_and_waits(call: CallUnderTelephony) -> None:
    call.answers("200 result=49 endpos=800")
    await call.telephony.play(SpeechParts("welcome"), SpeechParts("notice"))
    assert call.commands == ['STREAM FILE hotline/welcome "0123456789*#"']
    assert call.telephony.typed_ahead() == "1"


async def test_a_prompt_that_may_not_be_interrupted_keeps_the_key_for_later(call: CallUnderTelephony) -> None:
    call.switchboard.agi.press("1")
    await call.telephony.play(SpeechParts("welcome"), SpeechParts("notice"), interruptible=False)
    assert call.commands == ['STREAM FILE hotline/welcome ""', 'STREAM FILE hotline/notice ""']
    assert call.telephony.typed_ahead() == "1"


async def test_silence_is_distinguished_from_the_closing_key(call: CallUnderTelephony) -> None:
    call.answers("200 result= (timeout)", "200 result=")
    silence = await call.telephony.collect(SpeechParts("menu"), max_digits=1, patience=PATIENCE)
    closing = await call.telephony.collect(SpeechParts("menu"), max_digits=1, patience=PATIENCE)
    assert (silence.digits, silence.timed_out) == ("", True)
    assert (closing.digits, closing.timed_out) == ("#", False)


async def test_a_closing_key_neither_cuts_the_next_prompt_nor_answers_the_next_menu(call: CallUnderTelephony) -> None:
    call.answers("200 result=1", "200 result=0", "200 result=", "200 result=2")
    first = await call.telephony.collect(SpeechParts("menu"), max_digits=1, patience=PATIENCE)
    second = await call.telephony.collect(SpeechParts("menu"), max_digits=1, patience=PATIENCE)
    assert (first.digits, second.digits) == ("1", "2")
    assert call.commands == [
        "GET DATA hotline/menu 5000 1",
        'STREAM FILE hotline/menu "0123456789*"',
        'GET DATA "" 5000 1',
        'GET DATA "" 5000 1',
    ]


async def test_a_number_begun_ahead_is_only_completed(call: CallUnderTelephony) -> None:
    call.switchboard.agi.press("12")
    await call.telephony.play(SpeechParts("welcome"), interruptible=False)
    call.commands.clear()
    call.answers("200 result=34")
    answer = await call.telephony.collect(SpeechParts("menu"), max_digits=4, patience=PATIENCE)
    assert answer.digits == "1234"
    assert call.commands == ['GET DATA "" 5000 2']


async def test_a_missing_prompt_is_silence_and_a_missing_translation_the_other_language(
    call: CallUnderTelephony,
) -> None:
    await call.telephony.set_language("en")
    await call.telephony.play(SpeechParts("nowhere"), SpeechParts("menu"), SpeechParts("welcome"))
    assert call.commands[1:] == [
        'STREAM FILE hotline/menu "0123456789*#"',
        'STREAM FILE zh/hotline/welcome "0123456789*#"',
    ]


async def test_a_prompt_get_data_cannot_open_is_asked_for_in_silence(call: CallUnderTelephony) -> None:
    call.answers("200 result=-1", "200 result=2")
    answer = await call.telephony.collect(SpeechParts("menu"), max_digits=1, patience=PATIENCE)
    assert answer.digits == "2"
    assert call.commands == ["GET DATA hotline/menu 5000 1", 'GET DATA "" 5000 1']


async def test_a_broken_file_that_ends_agi_is_played_no_second_time(call: CallUnderTelephony) -> None:
    def break_agi(command: str, command_id: str) -> None:
        call.switchboard.agi.result(command_id, "200 result=-1 endpos=0")
        call.switchboard.agi.end()
        call.switchboard.agi.begin(stage="failed")
        call.switchboard.agi.answer = call.switchboard.agi.done

    call.switchboard.agi.answer = break_agi
    await call.telephony.play(SpeechParts("welcome"), SpeechParts("notice"))
    await call.telephony.play(SpeechParts("welcome"))
    assert call.commands == [
        'STREAM FILE hotline/welcome "0123456789*#"',
        'STREAM FILE hotline/notice "0123456789*#"',
    ]


async def test_digits_and_numbers_are_said(call: CallUnderTelephony) -> None:
    await call.telephony.play(SpeechParts("1001", SpeechKind.DIGITS), SpeechParts("3", SpeechKind.NUMBER))
    assert call.commands == ['SAY DIGITS 1001 "0123456789*#"', 'SAY NUMBER 3 "0123456789*#"']


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("CONTINUE", QueueOutcome.ANSWERED),
        ("TIMEOUT", QueueOutcome.TIMED_OUT),
        ("JOINEMPTY", QueueOutcome.NO_AGENTS),
        ("FULL", QueueOutcome.FULL),
        ("WITHDRAW", QueueOutcome.WITHDRAWN),
        ("NOQUEUE", QueueOutcome.UNAVAILABLE),
        ("", QueueOutcome.UNAVAILABLE),
    ],
)
async def test_the_queues_status_becomes_an_outcome(
    call: CallUnderTelephony, status: str, outcome: QueueOutcome
) -> None:
    def answer(command: str, command_id: str) -> None:
        call.switchboard.agi.done(command, command_id)
        if command == "ASYNCAGI BREAK":
            call.switchboard.agi.begin(stage="return", status=status, agent="1001", waited="012", talked="034")

    call.switchboard.agi.answer = answer
    result = await call.telephony.to_queue(QueueRequest(queue="enterprise", timeout=timedelta(seconds=60)))
    assert result.outcome is outcome
    assert (result.waited, result.talked) == (timedelta(seconds=12), timedelta(seconds=34))
    assert "SET VARIABLE HOTLINE_QUEUE_TIMEOUT 60" in call.commands


async def test_a_message_is_kept_though_its_caller_hung_up(call: CallUnderTelephony) -> None:
    def hang_up(command: str, command_id: str) -> None:
        call.switchboard.agi.result(command_id, "200 result=-1 (hangup) endpos=16000")
        call.switchboard.agi.caller_hangs_up()

    call.switchboard.agi.answer = hang_up
    recorded = await call.telephony.record(
        "/recordings/x", longest=timedelta(seconds=60), silence=PATIENCE, stop_keys="#0"
    )
    assert recorded.length == timedelta(seconds=2)
    with pytest.raises(CallEndedError):
        await call.telephony.check()


async def test_after_a_message_the_hang_up_that_ended_it_is_waited_for(call: CallUnderTelephony) -> None:
    """Asterisk tells of the command's end first; the flow must not be a node further when the hang-up is told."""
    call.answers("200 result=-1 (hangup) endpos=16000")
    await call.telephony.record("/recordings/x", longest=PATIENCE, silence=PATIENCE, stop_keys="#")
    check = asyncio.create_task(call.telephony.check())
    await asyncio.sleep(0)
    assert not check.done()
    call.switchboard.agi.caller_hangs_up()
    with pytest.raises(CallEndedError):
        await check


async def test_hanging_up_twice_is_no_error(call: CallUnderTelephony) -> None:
    await call.telephony.hang_up()
    await call.telephony.hang_up()
    assert call.switchboard.sent == [("hang up", CHANNEL)]


async def test_a_message_that_could_not_be_written_is_none_and_the_call_continues(call: CallUnderTelephony) -> None:
    call.answers("200 result=-1 (writefile) endpos=0")
    recorded = await call.telephony.record("/full", longest=PATIENCE, silence=PATIENCE, stop_keys="#")
    assert recorded.length == timedelta(0)
    await call.telephony.check()
