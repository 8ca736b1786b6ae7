from __future__ import annotations

import asyncio

import pytest

from callflow.action import Action, CallFacts, FlowContext, Options
from callflow.document import Flow, parse_flow
from callflow.events import CallEnded, CallQueued, CallResumed, FlowFailed, FlowStarted, SafeFlowUsed
from callflow.live import RunningCall, restore
from callflow.ports import CallerIdentity
from callflow.registry import all_actions
from ivr.errors import ActionRefusedError, CallLeftError, FlowRestartedError
from ivr.events import ChannelHungUp
from tests.callflow.calls import Through, flow_of, shipped_flow, through
from tests.fakes.agi_call import IDS
from tests.fakes.telephony import FakeTelephony
from tests.phones.waiting import until

DESK = """
  person:
    action: queue
    options: {queue: public}
    branches: {answered: bye, timed_out: bye, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}
  bye: {action: hangup}
"""
HEAD = 'id: f\nentry: start\nperson: person\nkeys: {"0": person}\nnodes:\n'
CIRCLE = "  start: {action: answer, branches: {done: again}}\n  again: {action: answer, branches: {done: start}}\n"


class NoOptions(Options):
    pass


async def explode(ctx: FlowContext, options: NoOptions) -> str:
    raise ZeroDivisionError


async def undeclared(ctx: FlowContext, options: NoOptions) -> str:
    return "an outcome nobody declared"


def with_action(run: object) -> Flow:
    odd = Action("odd", NoOptions, lambda options: frozenset({"done"}), run, False)  # type: ignore[arg-type]
    return parse_flow(HEAD + "  start: {action: odd, branches: {done: bye}}\n" + DESK, {**all_actions(), "odd": odd})


@pytest.mark.parametrize("run", [explode, undeclared])
async def test_an_action_that_fails_sends_the_caller_to_a_person(run: object) -> None:
    telephony = FakeTelephony()
    call = await Through(with_action(run)).run(telephony)
    assert [request.queue for request in telephony.queued] == ["public"]
    assert call.of(FlowFailed)
    assert call.of(CallEnded)


async def test_a_flow_in_circles_ends_at_a_person() -> None:
    telephony = FakeTelephony()
    call = await Through(flow_of(HEAD + CIRCLE + DESK)).run(telephony)
    assert [request.queue for request in telephony.queued] == ["public"]
    assert call.of(FlowFailed)


async def test_a_person_who_cannot_be_reached_by_the_flow_is_reached_past_it() -> None:
    class Refusing(FakeTelephony):
        refusals = 1

        async def to_queue(self, request: object) -> object:  # type: ignore[override]
            if self.refusals:
                self.refusals -= 1
                raise ActionRefusedError("no")
            return await super().to_queue(request)  # type: ignore[arg-type]

    telephony = Refusing()
    await Through(flow_of(HEAD + "  start: {action: answer, branches: {done: person}}\n" + DESK)).run(telephony)
    assert [request.queue for request in telephony.queued] == ["public"]
    assert telephony.hung_up


async def test_a_caller_whom_the_safe_flow_takes_from_the_last_queue_is_followed_to_the_end() -> None:
    class Leaving(FakeTelephony):
        answers_of_queues = iter((ActionRefusedError("no"), CallLeftError("the safe flow has the caller")))

        async def to_queue(self, request: object) -> object:  # type: ignore[override]
            raise next(self.answers_of_queues)

    call = Through(flow_of(HEAD + "  start: {action: answer, branches: {done: person}}\n" + DESK))
    running = asyncio.ensure_future(call.run(Leaving()))
    await until(lambda: call.of(SafeFlowUsed), within=3, each=0.01)
    assert not call.of(CallEnded)
    call.session.deliver(ChannelHungUp(**IDS, cause=16, cause_text=""))
    await running
    assert call.of(CallEnded)


async def test_a_node_cut_short_is_begun_again_and_entered_once() -> None:
    telephony = FakeTelephony(["1"])
    telephony.on_play.extend([FlowRestartedError("cut"), None])
    call = await Through(shipped_flow()).run(telephony)
    assert call.nodes.count("welcome") == 1
    assert telephony.said[0] == "welcome"


async def test_a_node_cut_short_forever_ends_at_a_person() -> None:
    telephony = FakeTelephony()
    telephony.on_play.extend([FlowRestartedError("cut")] * 6)
    call = await Through(shipped_flow()).run(telephony)
    assert [event.queue for event in call.of(CallQueued) if isinstance(event, CallQueued)] == ["public"]


async def test_the_position_is_kept_at_each_node() -> None:
    call = await through(shipped_flow(), ["1"])
    assert call.kept == call.nodes


async def test_a_resumed_call_continues_at_its_node() -> None:
    call = Through(shipped_flow())
    call.call.node = "english-menu"
    await call.run(FakeTelephony(["1"]), resumed=True)
    assert call.nodes[0] == "english-menu"
    assert call.of(CallResumed)
    assert not call.of(FlowStarted)


async def test_a_call_at_a_node_that_is_no_more_begins_again() -> None:
    call = Through(shipped_flow())
    call.call.node = "node-of-an-older-version"
    await call.run(FakeTelephony(["1"]), resumed=True)
    assert call.nodes[0] == "arrive"


def test_a_call_is_restored_as_it_was_stored() -> None:
    call = Through(shipped_flow())
    identity = CallerIdentity(
        enterprise_id="e", enterprise_name="企业", contact_id=None, contact_name="", skip_menu=True
    )
    facts = CallFacts("id", "139", "张三", "12345", "trunk", "en", identity, "enterprise", "1001", "/r.wav")
    running = RunningCall(call.call.flow, call.session, facts, call.clock.now(), "menu")
    again = restore(running.flow, call.session, running.stored())
    assert (again.facts, again.started_at, again.node, again.path) == (facts, running.started_at, "menu", [])
