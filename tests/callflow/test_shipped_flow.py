"""The shipped flow, walked without a telephone."""

from __future__ import annotations

import pytest

from callflow.document import SHIPPED_FLOW
from callflow.events import (
    CallEnded,
    CallIdentified,
    CallQueued,
    DigitsEntered,
    QueueLeft,
    SurveyAnswered,
    VoicemailLeft,
)
from ivr.errors import CallEndedError
from ivr.events import AgentCompleted, AgentConnected, CallerAbandonedQueue, CallerJoinedQueue
from ivr.queue_visit import QueueVisit, queue_visit_after
from ivr.telephony import QueueOutcome
from tests.callflow.calls import Through, flow_of, shipped_flow, through
from tests.callflow.service import OneEnterprise
from tests.fakes.agi_call import CALL_ID, CHANNEL, UNIQUE_ID
from tests.fakes.telephony import HANG_UP, SILENCE, FakeTelephony

WITHOUT_MENU = SHIPPED_FLOW.read_text(encoding="utf-8").replace("no_menu: false", "no_menu: true")


def queues(call: Through) -> list[str]:
    return [event.queue for event in call.of(CallQueued) if isinstance(event, CallQueued)]


@pytest.mark.parametrize(
    ("answers", "queue"),
    [
        (["1"], "enterprise"),
        (["2"], "public"),
        (["0"], "public"),
        (["4", "1"], "enterprise"),
        (["4", "0"], "public"),
        ([SILENCE, SILENCE], "public"),
        ([SILENCE, "1"], "enterprise"),
        (["9", "8", "7"], "public"),
        (["9", "#", "1"], "enterprise"),
        (["4", SILENCE, SILENCE], "public"),
    ],
)
async def test_every_way_through_the_menu_reaches_its_desk(answers: list[str], queue: str) -> None:
    assert queues(await through(shipped_flow(), answers)) == [queue]


async def test_the_menu_is_heard_within_one_level_and_after_the_recording_notice() -> None:
    telephony = FakeTelephony(["1"])
    await Through(shipped_flow()).run(telephony)
    assert telephony.said[:3] == ["welcome", "recording-notice", "menu-main"]


async def test_a_0_in_the_greeting_is_enough() -> None:
    call = await through(shipped_flow(), ahead="0")
    assert queues(call) == ["public"]
    assert "menu" not in call.nodes


async def test_english_is_kept_to_the_end() -> None:
    call = await through(shipped_flow(), ["4", "1"])
    assert call.call.facts.language == "en"


async def test_after_the_talk_comes_the_survey_with_one_retry() -> None:
    telephony = FakeTelephony(["1", "9", "5"])
    call = await Through(shipped_flow()).run(telephony)
    [answer] = call.of(SurveyAnswered)
    assert isinstance(answer, SurveyAnswered)
    assert (answer.rating, answer.agent) == (5, "1001")
    assert telephony.said[-3:] == ["survey-ask", "survey-retry", "survey-thanks"]
    assert telephony.hung_up


async def test_who_gives_no_rating_is_thanked_and_hung_up() -> None:
    telephony = FakeTelephony(["1", SILENCE, SILENCE])
    call = await Through(shipped_flow()).run(telephony)
    assert not call.of(SurveyAnswered)
    assert telephony.said[-1] == "goodbye"


async def test_the_enterprise_queue_overflows_before_the_caller_is_asked_for_a_message() -> None:
    busy = [QueueOutcome.TIMED_OUT, QueueOutcome.TIMED_OUT]
    telephony = FakeTelephony(["1", "1"], queues=busy)
    call = await Through(shipped_flow()).run(telephony)
    assert [(request.queue, request.priority) for request in telephony.queued] == [("enterprise", 0), ("public", 5)]
    assert call.of(VoicemailLeft)


async def test_at_the_message_prompt_0_still_reaches_a_person() -> None:
    call = await through(shipped_flow(), ["2", "0"], queues=[QueueOutcome.TIMED_OUT])
    assert queues(call) == ["public", "public"]


async def test_a_missing_queue_is_no_dead_end() -> None:
    call = await through(shipped_flow(), ["1"], queues=[QueueOutcome.UNAVAILABLE])
    assert queues(call) == ["enterprise", "public"]


async def test_a_known_enterprise_skips_the_menu_and_goes_first() -> None:
    telephony = FakeTelephony()
    call = Through(shipped_flow(), directory=OneEnterprise("13904730001", skip_menu=True))
    await call.run(telephony)
    assert telephony.said[:2] == ["recording-notice", "enterprise-known"]
    assert [(request.queue, request.priority) for request in telephony.queued] == [("enterprise", 10)]
    assert call.of(CallIdentified)


async def test_a_known_enterprise_that_wants_the_menu_gets_it_and_goes_first() -> None:
    telephony = FakeTelephony(["1"])
    await Through(shipped_flow(), directory=OneEnterprise("13904730001", skip_menu=False)).run(telephony)
    assert "menu-main" in telephony.said
    assert telephony.queued[0].priority == 10


async def test_one_switch_takes_the_menu_away() -> None:
    telephony = FakeTelephony()
    call = await Through(flow_of(WITHOUT_MENU)).run(telephony)
    assert queues(call) == ["public"]
    assert "menu-main" not in telephony.said


async def test_a_caller_who_hangs_up_in_the_menu_ends_the_call() -> None:
    call = await through(shipped_flow(), [HANG_UP])
    [ended] = call.of(CallEnded)
    assert isinstance(ended, CallEnded)
    assert ended.in_node == "menu"


async def test_a_caller_who_hangs_up_in_the_queue_has_abandoned() -> None:
    call = await through(shipped_flow(), ["1"], queues=[CallEndedError("gone")])
    [left] = call.of(QueueLeft)
    assert isinstance(left, QueueLeft)
    assert left.outcome == "abandoned"


async def test_who_hangs_up_in_a_second_wait_has_waited_as_long_as_app_queue_says() -> None:
    """The agent was lost in the talk, and the dialplan put the caller back."""
    about = {"channel": CHANNEL, "unique_id": UNIQUE_ID, "call_id": CALL_ID, "queue": "public"}
    agent = {"interface": "PJSIP/1001", "member_name": "1001"}
    visit: QueueVisit | None = None
    for event in (
        CallerJoinedQueue(**about, position=1, count=1),
        AgentConnected(**about, **agent, agent_channel="PJSIP/1001-1", waited=4, rang=3),
        AgentCompleted(**about, **agent, agent_channel="", waited=4, talked=300, reason="agent"),
        CallerJoinedQueue(**about, position=1, count=1),
        CallerAbandonedQueue(**about, position=1, waited=30),
    ):
        visit = queue_visit_after(visit, event)
    telephony = FakeTelephony(["1"], queues=[CallEndedError("gone")])
    telephony.visit = visit
    [left] = (await Through(shipped_flow()).run(telephony)).of(QueueLeft)
    assert isinstance(left, QueueLeft)
    assert (left.outcome, left.waited, left.talked, left.agent) == ("abandoned", 30, 0, "")


async def test_what_the_caller_pressed_is_in_the_path() -> None:
    call = await through(shipped_flow(), ["9", "4", "1"])
    digits = {step.node: step.digits for step in call.call.path if step.digits}
    assert digits == {"menu": "9 4", "english-menu": "1"}
    assert len(call.of(DigitsEntered)) == 3
