"""Logged calls through another flow."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from callflow.document import SHIPPED_FLOW, Flow, check_flow
from callflow.registry import all_actions
from callflow.simulate.caller import CallerAnswer, QueueBehaviour, SimulatedCaller
from callflow.simulate.past import LoggedNode, LoggedTalk, PastCall, past_steps
from callflow.simulate.record import SimulatedCall
from callflow.simulate.replay import ReplayedCall, Replayer
from callflow.simulate.run import simulate
from callflow.versions.text import to_content, without_lines
from ivr.telephony import QueueOutcome
from tests.callflow.flow_documents import Content, documents
from tests.callflow.worlds import shipped_world

WORLD = shipped_world(seconds=4.0)
WAITS = {"public": 12.0, "enterprise": 8.0}


def shipped(change: Any = None) -> Flow:
    content = to_content(SHIPPED_FLOW.read_text(encoding="utf-8"))
    if change is not None:
        change(content)
    return check_flow(without_lines(content), all_actions())


OWN = shipped()


async def past_of(flow: Flow, caller: SimulatedCaller) -> tuple[PastCall, SimulatedCall]:
    """As the call log would tell of it."""
    call = await simulate(flow, caller, WORLD)
    nodes = [LoggedNode(step.node, step.at, step.keys) for step in call.steps]
    talks = [LoggedTalk(stay.queue, stay.at + stay.waited, stay.talked) for stay in call.stays if stay.talked]
    steps = past_steps(flow, nodes, talks, ended=call.seconds)
    assert steps is not None
    past = PastCall(
        "01", caller.begins, caller.number, caller.dialed, "trunk", caller.known, steps, message=caller.message
    )
    return past, call


def caller(*answers: str, **more: Any) -> SimulatedCaller:
    return SimulatedCaller(answers=tuple(CallerAnswer.model_validate(answer) for answer in answers), **more)


async def replayed(other: Flow, of: SimulatedCaller) -> tuple[PastCall, ReplayedCall]:
    past, _ = await past_of(OWN, of)
    return past, await Replayer(OWN, other, WORLD, waits=WAITS).replay(past)


NOBODY = QueueBehaviour(queue="enterprise", outcome=QueueOutcome.TIMED_OUT)
CALLERS = [
    caller("1"),
    caller("2", queues=[QueueBehaviour(after=30, talk=20)]),
    caller(),
    caller("9", "8", "7"),
    caller("0"),
    caller("4", "1"),
    caller("5", "202612010019#", "12345678#", case="closed"),
    caller("2", "1", queues=[QueueBehaviour(outcome=QueueOutcome.TIMED_OUT)]),
    caller("1", "1", queues=[NOBODY, QueueBehaviour(after=9)]),
    caller("1", queues=[QueueBehaviour(outcome="abandoned", after=17)]),
    caller(hangs_up_at=11),
    caller(known="skip_menu"),
    caller("1", known="enterprise"),
]


@pytest.mark.parametrize("of", CALLERS, ids=range(len(CALLERS)))
async def test_through_its_own_flow_a_call_goes_as_it_went(of: SimulatedCaller) -> None:
    past, call = await past_of(OWN, of)
    replayer = Replayer(OWN, OWN, WORLD, waits=WAITS)
    assert replayer.untouched(past)
    again = await replayer.replay(past)
    assert again.call.nodes == call.nodes == past.nodes
    assert again.unforeseen == ""
    assert again.call.seconds == pytest.approx(call.seconds, abs=0.5)
    assert [(stay.queue, stay.outcome) for stay in again.call.stays] == [(s.queue, s.outcome) for s in call.stays]
    if call.person_at is None:
        assert (past.person_at, again.call.person_at) == (None, None)
    else:
        assert past.person_at == pytest.approx(call.person_at, abs=0.5)
        assert again.call.person_at == pytest.approx(call.person_at, abs=0.5)


@given(documents())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_so_does_a_call_through_any_flow(document: Content) -> None:
    async def both() -> None:
        flow = check_flow(without_lines(document), all_actions())
        call = await simulate(flow, caller("1", "2"), WORLD)
        if call.failures or call.ended_by == "limit":
            return
        nodes = [LoggedNode(step.node, step.at, step.keys) for step in call.steps]
        steps = past_steps(flow, nodes, [], ended=call.seconds)
        if steps is None:
            return
        past = PastCall("01", caller().begins, "13900000000", "12345", "trunk", "no", steps)
        again = await Replayer(flow, flow, WORLD, waits={}).replay(past)
        assert again.call.nodes == call.nodes

    asyncio.run(both())


async def test_a_call_that_meets_no_change_is_not_touched() -> None:
    def busier(content: Content) -> None:
        content["nodes"]["busy"]["options"]["silences"] = 2

    other = shipped(busier)
    past, _ = await past_of(OWN, caller("1"))
    waited, _ = await past_of(OWN, CALLERS[7])
    replayer = Replayer(OWN, other, WORLD, waits=WAITS)
    assert replayer.untouched(past)
    assert not replayer.untouched(waited)


async def test_a_key_that_leads_elsewhere_takes_its_callers_along() -> None:
    other = shipped(lambda content: content["nodes"]["menu"]["branches"].update({"1": "to-public"}))
    past, again = await replayed(other, caller("1"))
    assert past.nodes[-3:] == ["enterprise-queue", "survey", "goodbye"]
    assert "public-queue" in again.call.nodes
    assert [(stay.queue, stay.waited) for stay in again.call.stays] == [("public", 12.0)]
    assert not again.unforeseen


async def test_a_shorter_wait_at_the_queue_sends_those_on_who_waited_longer() -> None:
    other = shipped(lambda content: content["nodes"]["enterprise-queue"]["options"].update(timeout="PT20S"))
    soon, late = caller("1", queues=[QueueBehaviour(after=15)]), caller("1", queues=[QueueBehaviour(after=40)])
    _, again = await replayed(other, soon)
    assert [(stay.queue, stay.outcome) for stay in again.call.stays] == [("enterprise", "answered")]
    _, again = await replayed(other, late)
    assert [(stay.queue, stay.outcome) for stay in again.call.stays] == [
        ("enterprise", "timed_out"),
        ("public", "answered"),
    ]


async def test_what_a_caller_would_answer_to_a_new_question_is_not_guessed() -> None:
    def ask_first(content: Content) -> None:
        content["nodes"]["ask"] = {
            "action": "menu",
            "options": {"prompts": ["menu-main"], "keys": ["1"]},
            "branches": {"1": "menu", "silence": "menu", "errors": "menu", "no_menu": "menu"},
        }
        content["nodes"]["announcements"]["branches"]["done"] = "ask"

    _, again = await replayed(shipped(ask_first), caller("1"))
    assert again.unforeseen == "ask"


async def test_nor_what_they_press_when_their_key_is_gone() -> None:
    def without_2(content: Content) -> None:
        content["nodes"]["menu"]["options"]["keys"].remove("2")
        del content["nodes"]["menu"]["branches"]["2"]

    _, again = await replayed(shipped(without_2), caller("2"))
    assert again.unforeseen == "menu"
    _, again = await replayed(shipped(without_2), caller("1"))
    assert (again.unforeseen, again.call.nodes[-1]) == ("", "goodbye")


async def test_without_menus_everybody_goes_to_a_person() -> None:
    other = shipped(lambda content: content.update(no_menu=True))
    _, again = await replayed(other, caller("1"))
    assert "to-person" in again.call.nodes
    assert again.call.person_at is not None
    assert not again.unforeseen


async def test_silence_and_wrong_keys_are_told_apart() -> None:
    def apart(content: Content) -> None:
        content["nodes"]["menu"]["branches"]["errors"] = "to-enterprise"

    _, again = await replayed(shipped(apart), caller("9", "8", "7"))
    assert "enterprise-queue" in again.call.nodes
    _, again = await replayed(shipped(apart), caller())
    assert "public-queue" in again.call.nodes


async def test_a_call_that_a_fault_led_on_is_not_told() -> None:
    nodes = [LoggedNode("arrive", 0, ""), LoggedNode("public-queue", 1, "")]
    assert past_steps(OWN, nodes, [], ended=5) is None
    assert past_steps(OWN, [LoggedNode("gone", 0, "")], [], ended=5) is None
