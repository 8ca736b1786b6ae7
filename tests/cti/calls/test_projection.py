"""Events of a call become its record, whatever their order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callflow.events import (
    CallEnded,
    CallFoundClosed,
    CallResumed,
    DialBegan,
    DialEnded,
    FlowFailed,
    NodeEntered,
    SafeFlowUsed,
    SubflowEntered,
    SubflowLeft,
    VoicemailLeft,
)
from cti.calls.history.projection import MOST_PATH_EVENTS, Trace, apply, fill, project
from cti.calls.history.record import CallRecord, Outcome, outcome_of
from cti.events import (
    AgentLost,
    ConsultStarted,
    HoldBegan,
    HoldEnded,
    SpecialistAnswered,
    SpecialistMissed,
    ThreeWayMerged,
)
from hotline.kernel.events import Event
from tests.cti.calls.callers import CallStory

BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CALL = CallStory("0195a5d0-0000-7000-8000-000000000001", BEGAN, name="李雷")


def trace_of(events: Sequence[Event]) -> Trace:
    trace = Trace(CALL.call_id)
    for seq, event in enumerate(events, start=1):
        trace = apply(trace, seq, event)
    return trace


def record_of(*events: Event) -> CallRecord:
    record = project(trace_of(events))
    assert record is not None
    return record


def consulted(seconds: float, specialist: str = "s-1") -> Event:
    return ConsultStarted(
        at=CALL.at(seconds),
        call_id=CALL.call_id,
        agent="1001",
        specialist_id=specialist,
        specialist="李专员",
        unit="税务局",
    )


LONG_STORY: list[Event] = [
    CALL.arrives(),
    CALL.is_known(),
    *CALL.menu(1, "9"),
    *CALL.menu(2, "1"),
    CALL.queues(3),
    CALL.rings(4, "1001"),
    CALL.misses(24, "1001"),
    CALL.rings(25, "1002"),
    CALL.answers(28, "1002", waited=25),
    HoldBegan(at=CALL.at(30), call_id=CALL.call_id, agent="1002"),
    HoldEnded(at=CALL.at(40), call_id=CALL.call_id, agent="1002"),
    consulted(50),
    SpecialistAnswered(at=CALL.at(55), call_id=CALL.call_id, agent="1002", specialist_id="s-1", rang_seconds=5.0),
    ThreeWayMerged(at=CALL.at(60), call_id=CALL.call_id, agent="1002", specialist_id="s-1"),
    CALL.talk_ends(88, 60, "1002"),
    CALL.leaves_queue(88, "answered", waited=25, talked=60, agent="1002"),
    CALL.rates(95, 2),
    CALL.ends(97),
]


def test_a_whole_call() -> None:
    record = record_of(*LONG_STORY)
    assert (record.caller_name, record.enterprise_name, record.contact_name) == (
        "李雷",
        "乌海市蒙西煤业有限公司",
        "李雷",
    )
    assert [(step.node, step.digits) for step in record.path] == [("menu", "9"), ("menu", "1")]
    assert [(a.agent, a.result) for a in record.attempts] == [("1001", "timeout"), ("1002", "answered")]
    assert record.agents == ["1002"]
    assert (record.waited_seconds, record.talk_seconds, record.hold_seconds) == (25, 60, 10)
    assert [(part.specialist, part.result) for part in record.threeway] == [("李专员", "merged")]
    assert (record.survey, record.ended_by, record.cause) == (2, "caller", 16)
    assert (record.whole, record.gap) == (True, False)
    assert outcome_of(record) is Outcome.ANSWERED


@given(st.permutations(range(len(LONG_STORY))), st.lists(st.integers(0, len(LONG_STORY) - 1)))
def test_order_and_repetition_change_nothing(order: list[int], again: list[int]) -> None:
    trace = Trace(CALL.call_id)
    for place in [*order, *again]:
        trace = apply(trace, place + 1, LONG_STORY[place])
    assert project(trace) == record_of(*LONG_STORY)


@given(st.lists(st.sampled_from(LONG_STORY), max_size=30))
def test_no_selection_of_events_breaks_the_projection(events: list[Event]) -> None:
    record = project(trace_of(events))
    assert (record is None) == (not events)
    if record is not None:
        assert outcome_of(record) in Outcome
        assert min(record.waited_seconds, record.talk_seconds, record.hold_seconds) >= 0


@given(st.lists(st.sampled_from(LONG_STORY), max_size=30), st.sampled_from(LONG_STORY))
def test_an_event_seen_twice_adds_nothing(events: list[Event], event: Event) -> None:
    once = apply(trace_of(events), 1000, event)
    assert apply(once, 1000, event) is once


def closed(seconds: float) -> list[Event]:
    at, call_id = CALL.at(seconds), CALL.call_id
    return [
        NodeEntered(at=at, call_id=call_id, node="when", action="hours", label=""),
        CallFoundClosed(at=at, call_id=call_id, node="when"),
        NodeEntered(at=at, call_id=call_id, node="tell-them", action="menu", label="非服务时间"),
    ]


def message(seconds: float) -> Event:
    file = f"/rec/{CALL.call_id}-voicemail.wav"
    return VoicemailLeft(at=CALL.at(seconds), call_id=CALL.call_id, file=file, seconds=7.5)


def safe(seconds: float) -> Event:
    return SafeFlowUsed(at=CALL.at(seconds), call_id=CALL.call_id, reason="dead-man")


FAILED = FlowFailed(at=CALL.at(2), call_id=CALL.call_id, node="menu", reason="KeyError")


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([], Outcome.LIVE),
        ([CALL.queues(2), CALL.rings(3), CALL.answers(5)], Outcome.LIVE),
        ([CALL.queues(2), CALL.rings(3), CALL.answers(5), CALL.ends(9)], Outcome.ANSWERED),
        ([safe(1), CALL.queues(2), CALL.answers(5), CALL.ends(9)], Outcome.ANSWERED),
        ([CALL.ends(3)], Outcome.ABANDONED_MENU),
        ([CALL.ends(3, by="system")], Outcome.ABANDONED_MENU),
        ([CALL.queues(2), CALL.ends(9)], Outcome.ABANDONED_QUEUE),
        ([CALL.queues(2), CALL.rings(3), CALL.ends(9)], Outcome.ABANDONED_QUEUE),
        ([CALL.queues(2), CALL.leaves_queue(62, "timed_out", waited=60), CALL.ends(70)], Outcome.ABANDONED_QUEUE),
        (
            [CALL.queues(2), CALL.leaves_queue(62, "timed_out", waited=60), message(80), CALL.ends(81)],
            Outcome.VOICEMAIL,
        ),
        ([*closed(1), CALL.ends(9)], Outcome.OUT_OF_HOURS),
        ([*closed(1), message(20), CALL.ends(21)], Outcome.VOICEMAIL),
        ([safe(1), CALL.ends(9)], Outcome.SAFE_FLOW),
        ([safe(1), CALL.queues(3), CALL.ends(9)], Outcome.ABANDONED_QUEUE),
        ([FAILED, CALL.ends(9)], Outcome.FAILED),
        ([CALL.ends(9, by="system", cause=38)], Outcome.FAILED),
        ([CALL.queues(2), CALL.ends(9, by="system", cause=38)], Outcome.FAILED),
    ],
)
def test_outcomes(events: list[Event], outcome: Outcome) -> None:
    assert outcome_of(record_of(CALL.arrives(), *events)) is outcome


def test_who_is_ringing_when_the_caller_goes_was_rung_in_vain() -> None:
    record = record_of(CALL.arrives(), CALL.queues(2), CALL.rings(3), CALL.ends(9.5))
    assert [(a.result, a.rang_seconds, a.ended_at) for a in record.attempts] == [("withdrawn", 6.5, CALL.at(9.5))]
    assert record.waited_seconds == 7


def test_a_talk_without_a_reported_end_lasts_as_long_as_the_call() -> None:
    record = record_of(CALL.arrives(), CALL.queues(2), CALL.rings(3), CALL.answers(5), CALL.ends(35))
    assert (record.talk_seconds, record.attempts[0].ended_at) == (30, CALL.at(35))


def test_a_hold_that_nobody_ended_ends_with_the_talk() -> None:
    hold = HoldBegan(at=CALL.at(10), call_id=CALL.call_id, agent="1001")
    record = record_of(CALL.arrives(), CALL.queues(2), CALL.answers(5), hold, CALL.talk_ends(25, 20), CALL.ends(26))
    assert record.hold_seconds == 15


def test_a_queue_that_reports_the_talk_makes_up_for_a_presence_that_knows_no_such_agent() -> None:
    left = CALL.leaves_queue(65, "answered", waited=3, talked=60, agent="4711")
    record = record_of(CALL.arrives(), CALL.queues(2), left, CALL.ends(70))
    assert (record.agents, record.talk_seconds, record.answered_at) == (["4711"], 60, CALL.at(5))
    assert outcome_of(record) is Outcome.ANSWERED


def test_waits_at_two_queues_add_up_and_the_one_that_answered_is_named() -> None:
    record = record_of(
        CALL.arrives(),
        CALL.queues(2, "enterprise"),
        CALL.leaves_queue(32, "timed_out", waited=30),
        CALL.queues(33, "public"),
        CALL.answers(43, queue="public", waited=10),
        CALL.ends(60),
    )
    assert (record.waited_seconds, record.queue, record.queued_at) == (40, "public", CALL.at(2))


def test_specialists_who_did_not_answer_are_on_record() -> None:
    missed = SpecialistMissed(
        at=CALL.at(60), call_id=CALL.call_id, agent="1001", specialist_id="s-1", reason="no_answer"
    )
    record = record_of(CALL.arrives(), CALL.answers(5), consulted(30), missed, consulted(65, "s-2"), CALL.ends(90))
    results = [(part.specialist_id, part.result) for part in record.threeway]
    assert results == [("s-1", "no_answer"), ("s-2", "cancelled")]
    assert not record.had_three_way


def test_a_call_resumed_again_has_a_gap() -> None:
    record = record_of(CALL.arrives(), CallResumed(at=CALL.at(20), call_id=CALL.call_id, node="menu"), CALL.ends(30))
    assert record.gap


def taken_up(seconds: float) -> Event:
    return CallResumed(at=CALL.at(seconds), call_id=CALL.call_id, node="queue")


def test_a_wait_that_runs_through_a_restart_is_one_wait() -> None:
    """The service comes back to the queue's node and counts from there."""
    again = [taken_up(14), CALL.queues(14), CALL.leaves_queue(18, "abandoned", waited=4), CALL.ends(18)]
    record = record_of(CALL.arrives(), CALL.queues(2), *again)
    assert (record.waited_seconds, record.queued_at) == (16, CALL.at(2))


def test_a_talk_that_runs_through_a_restart_had_one_wait() -> None:
    talk = [CALL.queues(2), CALL.rings(3), CALL.answers(5, waited=3), taken_up(20), CALL.queues(20)]
    left = CALL.leaves_queue(65, "answered", waited=3, talked=60, agent="1001")
    record = record_of(CALL.arrives(), *talk, CALL.talk_ends(65, 60), left, CALL.ends(66))
    assert (record.waited_seconds, record.talk_seconds, len(record.attempts)) == (3, 60, 1)


def test_a_call_returned_by_the_safe_flow_waited_once_whoever_reported_it() -> None:
    left = CALL.leaves_queue(65, "answered", waited=3, talked=60, agent="1001")
    seen = [CALL.answers(5, waited=3), CALL.talk_ends(65, 60)]
    for told in (seen, []):
        record = record_of(CALL.arrives(), *told, taken_up(65), left, CALL.ends(70))
        assert (record.waited_seconds, record.queued_at, record.talk_seconds) == (3, CALL.at(2), 60)


def test_a_call_in_the_safe_flow_has_a_gap_and_the_best_reason_known() -> None:
    lost = SafeFlowUsed(at=CALL.at(9), call_id=CALL.call_id, reason="lost")
    trace = trace_of([CALL.arrives(), lost, CALL.ends(30)])
    record = project(fill(trace, {"c-1": safe(0)}))
    assert record is not None
    assert (record.gap, record.safe_reason) == (True, "dead-man")


def test_an_arrival_is_dated_by_asterisk_where_the_service_came_later() -> None:
    late = CallStory(CALL.call_id, CALL.at(8))
    record = project(fill(trace_of([late.arrives(), CALL.ends(30)]), {"c-1": CALL.arrives()}))
    assert record is not None
    assert (record.started_at, record.gap, record.whole) == (CALL.at(0), True, False)


def test_another_calls_event_is_none_of_this_one() -> None:
    other = CallStory("0195a5d0-0000-7000-8000-000000000002", BEGAN)
    trace = Trace(CALL.call_id)
    assert apply(trace, 1, other.arrives()) is trace


def test_a_caller_who_plays_with_keys_fills_no_memory() -> None:
    trace = Trace(CALL.call_id)
    for seq in range(1, MOST_PATH_EVENTS + 50):
        node = NodeEntered(at=CALL.at(1), call_id=CALL.call_id, node="menu", action="menu", label="")
        trace = apply(trace, seq, node)
    trace = apply(trace, 5000, CALL.ends(9))
    assert len(trace.seen) == MOST_PATH_EVENTS + 1
    record = project(trace)
    assert record is not None
    assert record.ended_at == CALL.at(9)


def test_what_the_logs_know_fills_a_gap() -> None:
    """The service died in the queue; the talk and the end are Asterisk's word alone."""
    ended = CallEnded(at=CALL.at(72), call_id=CALL.call_id, cause=-1, by="", in_node="")
    logged: list[Event] = [
        CALL.arrives(),
        CALL.queues(2),
        CALL.rings(3),
        CALL.answers(5, waited=3),
        CALL.talk_ends(65, 60),
        ended,
    ]
    trace = trace_of([CALL.arrives(), *CALL.menu(), CALL.queues(2.4)])
    record = project(fill(trace, {f"q-{i}": event for i, event in enumerate(logged)}))
    assert record is not None
    assert (record.gap, record.whole) == (True, False)
    assert [a.result for a in record.attempts] == ["answered"]
    assert (record.queued_at, record.talk_seconds, record.cause) == (CALL.at(2.4), 60, None)
    assert [step.node for step in record.path] == ["menu"]


def loses(seconds: float, agent: str = "1001") -> Event:
    return AgentLost(at=CALL.at(seconds), call_id=CALL.call_id, agent=agent)


def test_a_lost_agent_is_no_agent_who_hung_up() -> None:
    """Whether app_queue says first that the talk ended, or the dialplan that the agent is lost."""
    end = [CALL.talk_ends(20, 15), loses(20)]
    for order in (end, end[::-1]):
        record = record_of(CALL.arrives(), CALL.queues(), CALL.rings(3), CALL.answers(5), *order, CALL.ends(25, by=""))
        assert [(a.result, a.talk_seconds) for a in record.attempts] == [("lost", 15)]
        assert record.ended_by == ""


def test_the_talk_after_a_lost_one_is_one_of_its_own() -> None:
    record = record_of(
        *(CALL.arrives(), CALL.queues(2), CALL.rings(3), CALL.answers(5, waited=3), CALL.talk_ends(25, 20), loses(25)),
        *(CALL.rings(40), CALL.answers(42, waited=10), CALL.talk_ends(72, 30)),
        *(CALL.leaves_queue(72, "answered", waited=10, talked=30, agent="1001"), CALL.ends(75)),
    )
    assert [(a.agent, a.result) for a in record.attempts] == [("1001", "lost"), ("1001", "answered")]
    assert (record.waited_seconds, record.talk_seconds, record.answered_at) == (13, 50, CALL.at(5))


def test_an_agent_lost_while_the_service_was_dead_is_known_from_the_logs() -> None:
    logged = [
        *(CALL.arrives(), CALL.queues(2), CALL.rings(3), CALL.answers(5, waited=3)),
        *(CALL.talk_ends(25, 20), loses(25), CALL.queues(32), CALL.leaves_queue(40, "abandoned", waited=8)),
        CallEnded(at=CALL.at(40), call_id=CALL.call_id, cause=-1, by="", in_node=""),
    ]
    trace = trace_of([CALL.arrives(), *CALL.menu(), CALL.queues(2.4), CALL.rings(3.1), CALL.answers(5.2, waited=3)])
    record = project(fill(trace, {f"q-{i}": event for i, event in enumerate(logged)}))
    assert record is not None
    assert [(a.agent, a.result, a.talk_seconds) for a in record.attempts] == [("1001", "lost", 20)]
    assert (record.ended_by, record.waited_seconds, record.gap) == ("caller", 11, True)


def test_a_second_wait_that_the_service_saw_is_no_gap_and_counts_from_its_own_beginning() -> None:
    """Whether the loss is told before the end of the talk or after it; the logs know whole seconds."""
    before = [CALL.arrives(), *CALL.menu(), CALL.queues(2), CALL.rings(3), CALL.answers(5, waited=3)]
    after = [CALL.queues(32), CALL.leaves_queue(62, "abandoned", waited=30), CALL.ends(62)]
    logged = [
        *before,
        CALL.talk_ends(25, 20),
        loses(26),
        CALL.queues(31),
        CALL.leaves_queue(62, "abandoned", waited=30),
    ]
    for end in ([CALL.talk_ends(25, 20), loses(25)], [loses(25), CALL.talk_ends(25, 20)]):
        trace = trace_of([*before, *end, *after])
        record = project(fill(trace, {f"q-{i}": event for i, event in enumerate(logged)}))
        assert record is not None
        assert (record.waited_seconds, record.talk_seconds, record.gap) == (33, 20, False)


def test_what_the_service_saw_itself_is_no_gap() -> None:
    logged = [CALL.arrives(), CALL.queues(1), CALL.rings(2), CALL.answers(4, waited=3), CALL.talk_ends(64, 60)]
    trace = trace_of(CALL.simple())
    filled = fill(trace, {f"q-{i}": event for i, event in enumerate(logged)})
    assert project(filled) == project(trace)


@given(st.permutations(range(6)))
def test_what_the_logs_tell_of_one_second_is_put_in_its_course(order: list[int]) -> None:
    """A talk of no length: queue_log gives all of it the same time, and keys say nothing about order."""
    logged = [
        CALL.arrives(),
        CALL.queues(0),
        CALL.rings(0),
        CALL.answers(0, waited=0),
        CALL.talk_ends(0, 0),
        CALL.ends(0.9),
    ]
    record = project(fill(Trace(CALL.call_id), {f"q-{place}": logged[i] for place, i in enumerate(order)}))
    assert record is not None
    assert [(a.agent, a.result, a.talk_seconds) for a in record.attempts] == [("1001", "answered", 0)]


def test_the_later_of_two_logged_ends_counts() -> None:
    def ended(seconds: float, by: str) -> Event:
        return CallEnded(at=BEGAN + timedelta(seconds=seconds), call_id=CALL.call_id, cause=-1, by=by, in_node="")

    record = project(fill(trace_of([CALL.arrives()]), {"lost": ended(1, "system"), "c-1": ended(60, "")}))
    assert record is not None
    assert (record.ended_at, record.ended_by) == (CALL.at(60), "")


def entered(seconds: float, node: str, action: str) -> Event:
    return NodeEntered(at=CALL.at(seconds), call_id=CALL.call_id, node=node, action=action, label="")


def test_whom_the_flow_called_has_answered() -> None:
    call: Any = {"call_id": CALL.call_id, "node": "police"}
    events = (
        CALL.arrives(),
        entered(1, "police", "dial"),
        DialBegan(at=CALL.at(2), number="110", **call),
        DialEnded(at=CALL.at(60), outcome="answered", waited=8, talked=50, **call),
        CALL.ends(61),
    )
    record = record_of(*events)
    assert (record.outcome, record.talk_seconds, record.answered_at) == (Outcome.ANSWERED, 50, CALL.at(10))
    assert record.path[-1].label == "police 110"
    unanswered = DialEnded(at=CALL.at(60), outcome="busy", waited=8, **call)
    assert record_of(*events[:3], unanswered, events[-1]).outcome is Outcome.ABANDONED_MENU


def test_a_node_of_a_subflow_says_whose_it_is() -> None:
    tax: Any = {"call_id": CALL.call_id, "node": "tax", "flow": "tax-season"}
    record = record_of(
        CALL.arrives(),
        entered(1, "tax", "subflow"),
        SubflowEntered(at=CALL.at(1), version=2, **tax),
        entered(2, "menu", "menu"),
        SubflowLeft(at=CALL.at(9), outcome="done", **tax),
        entered(9, "menu", "menu"),
        CALL.ends(20),
    )
    assert [step.label for step in record.path] == ["", "tax-season › menu", ""]
