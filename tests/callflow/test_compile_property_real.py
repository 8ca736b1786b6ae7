"""Random flows and random callers: the engine and the compiled flow on a real Asterisk take the same way."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import takewhile
from typing import Any

import pytest
from structlog.testing import capture_logs

from callflow.compile import compile_safe_flow
from callflow.document import Flow, parse_flow
from callflow.drill.compare import differences
from callflow.drill.record import DrillCall, DrillStep
from callflow.lint.safe import losses_of
from callflow.lint.subject import prompts_in, speech_of
from callflow.lint.world import PromptSound, World
from callflow.registry import all_actions
from callflow.simulate.caller import SimulatedCaller
from callflow.simulate.run import simulate
from hotline.calendars.seed import installed_calendars
from hotline.kernel.clock import SystemClock
from ivr.prompts.catalogue import shipped_catalogue
from ivr.switchboard import Place
from ivr.telephony import SpeechParts
from tests.callflow.calls import shipped_flow
from tests.callflow.flow_documents import Content, onward
from tests.callflow.test_drill_real import DrillBox, box

__all__ = ["box"]

pytestmark = pytest.mark.real

WORLD = World(
    today=date(2026, 12, 1),
    prompts={prompt.id: {prompt.language: PromptSound(seconds=0.4)} for prompt in shipped_catalogue()},
    queues=frozenset({"public", "enterprise"}),
    calendars=installed_calendars(2027),
)
BATCH = 16
SEED, EXAMPLES = 12345, 300
MOST_SECONDS = 8.0
"""Of a call without its stays in queues, which take no time in a drill."""
MOST_NODES = 40
RandomCall = tuple[Flow, SimulatedCaller, DrillCall]
"""With what the engine does."""
ANSWERS = ["1", "1", "2", "3", "0", "9", ""]
"""One key each: of several, which question the later ones meet is a matter of milliseconds; `#` has its own tests."""


def examples() -> Iterator[tuple[Content, dict[str, Any]]]:
    """The same each time."""
    chance = random.Random(SEED)
    for _ in range(EXAMPLES):
        queues = [{"outcome": chance.choice(["answered", "full", "no_agents", "withdrawn"])} for _ in range(3)]
        dials = [{"outcome": chance.choice(["answered", "busy", "no_answer", "failed"])} for _ in range(2)]
        answers = [chance.choice(ANSWERS) for _ in range(chance.randint(0, 6))]
        known = chance.choice(["no", "contact", "skip_menu"])
        yield onward(chance), {"answers": answers, "queues": queues, "dials": dials, "known": known}


async def engine(flow: Flow, caller: SimulatedCaller) -> DrillCall | None:
    """What the engine does with the caller over the simulated telephone; None for a call too long for a test."""
    offered: list[tuple[int, Sequence[SpeechParts], bool]] = []
    with capture_logs():
        simulated = await simulate(flow, caller, WORLD, offered=lambda *speech: offered.append(speech))
    waits = sum(stay.waited + stay.talked for stay in simulated.stays)
    waits += sum(stay.waited + stay.talked for stay in simulated.dials)
    if simulated.failures or simulated.ended_by == "limit" or len(simulated.nodes) > MOST_NODES:
        return None
    if simulated.seconds - waits > MOST_SECONDS:
        return None
    steps = [DrillStep(node) for node in simulated.nodes]
    for at, speech, question in offered:
        own = prompts_in(speech_of(flow.nodes[steps[at].node]))
        steps[at].prompts += [part.text for part in speech if part.text in own]
        steps[at].questions += question
    return DrillCall(steps, [stay.queue for stay in simulated.stays], ended_by=simulated.ended_by)


def compared(flow: Flow, call: DrillCall) -> int:
    """Questions until the first node that may do less without the service."""
    same = takewhile(lambda step: not list(losses_of(flow.nodes[step.node])), call.steps)
    return sum(step.questions for step in same)


def informative(found: list[RandomCall]) -> list[RandomCall]:
    """A batch that shows every action there is, and has callers answer as often as may be."""
    found.sort(key=lambda one: compared(one[0], one[2]), reverse=True)
    first: list[RandomCall] = []
    rest: list[RandomCall] = []
    shown: set[str] = set()
    for one in found:
        new = {one[0].nodes[node].action.name for node in one[2].nodes} - shown
        (first if new else rest).append(one)
        shown |= new
    assert len(shown) >= 20, shown
    return (first + rest)[:BATCH]


async def test_random_callers_take_the_same_way_through_random_flows(box: DrillBox) -> None:
    now = SystemClock().now()
    found: list[RandomCall] = []
    for content, given in examples():
        flow = parse_flow(json.dumps(content), all_actions())
        who = SimulatedCaller.model_validate({**given, "at": now, "message": 1})
        if (call := await engine(flow, who)) is not None:
            found.append((flow, who, call))
    chosen = informative(found)
    assert len(chosen) == BATCH
    assert sum(compared(flow, call) for flow, _, call in chosen) > BATCH
    contexts = [f"random-flow-{number}" for number in range(BATCH)]
    texts = [compile_safe_flow(flow, context) for (flow, _, _), context in zip(chosen, contexts, strict=True)]
    await box.load("\n".join([*texts, compile_safe_flow(shipped_flow())]))
    bound = asyncio.Semaphore(16)

    async def compiled(flow: Flow, caller: SimulatedCaller, context: str) -> DrillCall:
        async with bound:
            return await box.calls.compiled(flow, caller, door=Place(context=context, extension="s"), context=context)

    async with asyncio.timeout(60):
        works = [compiled(flow, caller, context) for (flow, caller, _), context in zip(chosen, contexts, strict=True)]
        calls = await asyncio.gather(*works)
    for (flow, caller, expected), got in zip(chosen, calls, strict=True):
        wrong = [one for one in differences(flow, expected, got) if not one.stated]
        document = flow.document.model_dump_json(exclude_defaults=True)
        assert not wrong, f"{wrong}\n{caller.model_dump(mode='json', exclude_defaults=True)}\n{document}\n{got}"
