"""Flows that run other flows, without a telephone."""

from __future__ import annotations

import json
from datetime import date

import pytest

from callflow.adoption import resume_after_queue
from callflow.document import Flow
from callflow.engine import DEPTH, LAST_QUEUE
from callflow.events import CallEnded, FlowFailed, SubflowEntered, SubflowLeft
from callflow.lint import World
from callflow.live import SuspendedFlow, restore
from callflow.simulate.caller import SimulatedCaller
from callflow.simulate.run import simulate
from ivr.errors import CallEndedError
from tests.callflow.calls import Through, flow_of
from tests.fakes.telephony import FakeTelephony

PERSON = """
  person:
    action: queue
    options: {{queue: {queue}}}
    branches: {{answered: bye, timed_out: bye, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}}
  bye: {{action: hangup, options: {{prompts: [goodbye]}}}}
"""
OUTER = flow_of(
    """
id: outer
entry: start
person: person
nodes:
  start: {action: answer, branches: {done: season}}
  season:
    action: subflow
    options: {flow: season, returns: [told, asked]}
    branches: {told: after, asked: person, otherwise: else, unavailable: person}
  after: {action: play, options: {prompts: [menu-main]}, branches: {done: bye}}
  else: {action: play, options: {prompts: [out-of-hours]}, branches: {done: bye}}
"""
    + PERSON.format(queue="public")
)


def season(body: str) -> Flow:
    return flow_of(f"id: season\nentry: ask\nperson: person\nnodes:\n{body}{PERSON.format(queue='enterprise')}")


ASKS = season("""
  ask:
    action: menu
    options: {prompts: [welcome], keys: ["1", "2", "3"]}
    branches: {"1": told, "2": asked, "3": strange, silence: bye, errors: person, no_menu: person}
  told: {action: return, options: {outcome: told}}
  asked: {action: return, options: {outcome: asked}}
  strange: {action: return, options: {outcome: strange}}
""")


@pytest.mark.parametrize(
    ("key", "nodes"),
    [
        ("1", ["start", "season", "ask", "told", "after", "bye"]),
        ("2", ["start", "season", "ask", "asked", "person", "bye"]),
        ("3", ["start", "season", "ask", "strange", "else", "bye"]),
    ],
)
async def test_what_it_returns_is_the_outcome(key: str, nodes: list[str]) -> None:
    call = await Through(OUTER, subflows=[ASKS]).run(FakeTelephony([key]))
    assert call.nodes == nodes
    assert call.call.flow is OUTER
    assert call.call.outer == []
    [entered], [left] = call.of(SubflowEntered), call.of(SubflowLeft)
    assert (entered.node, entered.flow, left.node) == ("season", "season", "season")  # type: ignore[attr-defined]


async def test_a_caller_it_hangs_up_on_is_not_served_further() -> None:
    call = await Through(OUTER, subflows=[ASKS]).run(FakeTelephony())
    assert call.nodes == ["start", "season", "ask", "bye"]
    assert len(call.of(CallEnded)) == 1
    assert call.of(SubflowLeft) == []


async def test_one_that_is_not_published_is_passed_over() -> None:
    assert (await Through(OUTER).run(FakeTelephony())).nodes == ["start", "season", "person", "bye"]


async def test_one_that_comes_back_to_a_running_flow_is_passed_over() -> None:
    text = """
  ask:
    action: subflow
    options: {flow: outer}
    branches: {done: bye, otherwise: bye, unavailable: told}
  told: {action: return, options: {outcome: told}}
"""
    call = await Through(OUTER, subflows=[season(text)]).run(FakeTelephony())
    assert call.nodes == ["start", "season", "ask", "told", "after", "bye"]


async def test_flows_are_nested_no_deeper_than_the_bound() -> None:
    def nested(number: int) -> Flow:
        text = f"""
id: {"outer" if number == 0 else f"f{number}"}
entry: into
person: person
nodes:
  into:
    action: subflow
    options: {{flow: f{number + 1}}}
    branches: {{done: back, otherwise: back, unavailable: deepest}}
  back: {{action: return}}
  deepest: {{action: return}}
"""
        return flow_of(text + PERSON.format(queue="public"))

    flows = [nested(number) for number in range(DEPTH + 3)]
    call = await Through(flows[0], subflows=flows[1:]).run(FakeTelephony())
    assert len(call.of(SubflowEntered)) == len(call.of(SubflowLeft)) == DEPTH - 1
    assert call.nodes.count("deepest") == 1
    # The outermost returns to nobody: its caller goes to a person.
    assert call.nodes[-2:] == ["person", "bye"]


async def test_an_action_that_fails_in_it_leads_to_its_own_person() -> None:
    telephony = FakeTelephony(["1"])
    telephony.on_play.append(ZeroDivisionError())
    text = """
  ask: {action: play, options: {prompts: [welcome]}, branches: {done: told}}
  told: {action: return, options: {outcome: told}}
"""
    call = await Through(OUTER, subflows=[season(text)]).run(telephony)
    assert len(call.of(FlowFailed)) == 1
    assert [request.queue for request in telephony.queued] == ["enterprise"]


async def test_where_its_person_fails_as_well_the_outer_ones_takes_over() -> None:
    telephony = FakeTelephony(["1"], queues=[ZeroDivisionError()])
    text = """
  ask: {action: play, options: {prompts: [welcome]}, branches: {done: told}}
  told: {action: return, options: {outcome: told}}
"""
    telephony.on_play.append(ZeroDivisionError())
    call = await Through(OUTER, subflows=[season(text)]).run(telephony)
    assert [request.queue for request in telephony.queued] == ["enterprise", "public"]
    assert (call.call.flow, call.call.outer) == (OUTER, [])


async def test_a_call_is_found_in_it_again_and_goes_on_in_the_outer_one() -> None:
    first = Through(OUTER, subflows=[ASKS])
    await first.run(FakeTelephony(["hang up"]))
    stored = first.call.stored()
    assert (stored.flow, stored.node) == ("season", "ask")
    assert json.loads(json.dumps(stored.facts["outer"])) == [["outer", 0, "season"]]
    again = Through(OUTER, subflows=[season("  ask: {action: hangup}\n")])
    again.call = restore(ASKS, again.session, stored, [SuspendedFlow(OUTER, "season")])
    await again.run(FakeTelephony(["1"]), resumed=True)
    assert again.nodes == ["told", "after", "bye"], "in the version it began with, the node not entered once more"
    assert again.of(SubflowEntered) == []


@pytest.mark.parametrize(
    ("node", "queue", "flow", "at"),
    [
        ("person", "enterprise", "season", "person"),
        ("person", "public", "outer", "person"),
        ("", "public", "outer", "?"),
    ],
)
def test_a_call_that_the_safe_flow_queued_goes_on_in_the_flow_that_has_the_queue(
    node: str, queue: str, flow: str, at: str
) -> None:
    call = Through(OUTER, subflows=[ASKS]).call
    call.flow, call.node, call.outer = ASKS, "ask", [SuspendedFlow(OUTER, "season")]
    call.session.arguments = {"stage": "return", "queue": queue, "node": node}
    resume_after_queue(call)
    if node:
        assert (call.flow.id, call.node, call.session.returned) == (flow, at, True)
        assert call.outer == ([SuspendedFlow(OUTER, "season")] if flow == "season" else [])
    else:
        # Nobody knows which node that was: any queue of the flow where it is.
        assert (call.flow.id, call.node) == ("season", "person")


async def test_all_nodes_count_towards_the_bound() -> None:
    text = """
  ask:
    action: set
    options: {values: {a: b}}
    branches: {done: told}
  told: {action: return, options: {outcome: strange}}
"""
    outer = flow_of(
        """
id: outer
entry: season
person: person
nodes:
  season:
    action: subflow
    options: {flow: season}
    branches: {done: season, otherwise: season, unavailable: person}
"""
        + PERSON.format(queue="public")
    )
    telephony = FakeTelephony()
    await Through(outer, subflows=[season(text)]).run(telephony)
    assert [request.queue for request in telephony.queued] == [LAST_QUEUE]


async def test_a_hang_up_in_it_ends_the_call() -> None:
    telephony = FakeTelephony()
    telephony.on_play.append(CallEndedError("gone"))
    text = "  ask: {action: play, options: {prompts: [welcome]}, branches: {done: bye}}\n"
    call = await Through(OUTER, subflows=[season(text)]).run(telephony)
    assert call.nodes == ["start", "season", "ask"]


async def test_a_simulated_call_goes_through_it() -> None:
    world = World(today=date(2026, 6, 1), flows={"season": ASKS}.get)
    call = await simulate(OUTER, SimulatedCaller.model_validate({"answers": ["1"]}), world)
    assert call.nodes == ["start", "season", "ask", "told", "after", "bye"]
    outcomes = {step.node: step.outcome for step in call.steps}
    assert (outcomes["season"], outcomes["told"]) == ("told", "told")
