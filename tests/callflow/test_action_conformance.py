"""What every action owes its author, its caller and the editor; a new module in callflow/actions is held at once."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callflow.action import AnyAction, CallFacts, FlowContext, FlowPorts
from callflow.compile import compile_safe_flow
from callflow.document import parse_flow
from callflow.ports import CallerIdentity, CallerProgress, LiveAnnouncement, OnAir, ProgressState
from callflow.reference import describe, outcomes_of, reference_pages
from callflow.registry import all_actions
from callflow.versions.action_routes import action_view, fixed_outcomes, named_outcomes
from callflow.words import flow_words
from hotline.calendars.seed import installed_calendars
from hotline.kernel.events import Event
from ivr.errors import CallEndedError
from ivr.telephony import DialledPhone, DialOutcome, QueueOutcome, RecordedMessage
from tests.fakes.clock import FakeClock
from tests.fakes.telephony import FakeTelephony

PAGES = Path(__file__).parents[2] / "docs" / "actions"
ACTIONS = all_actions()
CASE, CODE = "260302000114", "12345678"
KNOWN = CallerIdentity(enterprise_id="e", enterprise_name="企业", contact_id=None, contact_name="")
DIRECT = CallerIdentity(enterprise_id="e", enterprise_name="企业", contact_id=None, contact_name="", skip_menu=True)
NOTHING = RecordedMessage(file="/x.wav", length=timedelta(0), key="")


@dataclass(frozen=True)
class Act:
    """How one outcome comes about: what the caller does, and what the floors above answer."""

    answers: Sequence[str] = ()
    queue: QueueOutcome = QueueOutcome.ANSWERED
    recorded: RecordedMessage | None = None
    identity: CallerIdentity | None = None
    progress: CallerProgress | Exception | None = None
    dialled: DialOutcome = DialOutcome.ANSWERED
    phones: Sequence[DialledPhone] | Exception = (DialledPhone("PJSIP/2001", "s-1"),)
    posted: bool = True
    answer: Mapping[str, Any] | Exception = field(default_factory=dict)
    returned: str | None = "done"
    no_menu: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


RECEIVED = CallerProgress(state=ProgressState.RECEIVED, promised_at=datetime(2026, 10, 8, tzinfo=UTC))
OUTCOMES: dict[str, dict[str, Act]] = {
    "announcement": {"done": Act()},
    "answer": {"done": Act()},
    "case_progress": {
        "announced": Act([CASE, CODE], progress=RECEIVED),
        "failed": Act(),
        "unavailable": Act([CASE, CODE], progress=OSError("away")),
    },
    "collect": {"entered": Act(["12"]), "silence": Act(), "errors": Act(["#", "#", "#"])},
    "condition": {
        "english": Act(options={"cases": [{"outcome": "english", "when": [{"fact": "dialed", "one_of": ["12345"]}]}]}),
        "otherwise": Act(),
    },
    "dial": {outcome.value: Act(dialled=outcome) for outcome in DialOutcome},
    "hangup": {},
    "hours": {"open": Act(), "closed": Act(options={"week": {}})},
    "http": {
        "ok": Act(answer={"data": {"state": 3}}),
        "failed": Act(answer={"data": {"state": "已办结"}}),
        "timeout": Act(answer=TimeoutError()),
    },
    "identify": {"unknown": Act(), "known": Act(identity=KNOWN), "skip_menu": Act(identity=DIRECT)},
    "language": {"done": Act()},
    "menu": {
        "1": Act(["1"]),
        "2": Act(["7", "2"]),
        "silence": Act(),
        "errors": Act(["7", "8", "9"]),
        "no_menu": Act(no_menu=True),
    },
    "notify": {"done": Act(), "failed": Act(posted=False)},
    "play": {"done": Act()},
    "queue": {outcome.value: Act(queue=outcome) for outcome in QueueOutcome},
    "return": {},
    "say": {"done": Act()},
    "set": {"done": Act()},
    "specialist": {
        "answered": Act(),
        "nobody": Act(dialled=DialOutcome.NO_ANSWER),
        "unavailable": Act(phones=OSError("away")),
    },
    "split": {
        outcome: Act(options={"shares": [{"outcome": outcome, "percent": 100}, {"outcome": "never", "percent": 0}]})
        for outcome in ("trial", "usual")
    },
    "subflow": {"done": Act(), "otherwise": Act(returned="else"), "unavailable": Act(returned=None)},
    "survey": {"rated": Act(["7", "1"]), "none": Act()},
    "voicemail": {"recorded": Act(), "nothing": Act(recorded=NOTHING)},
}
"""One way to each outcome of each action's example."""
EVERY = [(name, outcome) for name, acts in OUTCOMES.items() for outcome in acts] + [("hangup", ""), ("return", "done")]


class AwaitGate:
    """Passed by each awaited call; the one numbered `at` waits forever, or raises."""

    def __init__(self, at: int = 0, error: Exception | None = None) -> None:
        self.passed = 0
        self.reached = asyncio.Event()
        self.at_telephone = False
        self._at, self._error = at, error

    async def wait(self, *, telephone: bool) -> None:
        self.passed += 1
        if self.passed != self._at:
            return
        self.reached.set()
        self.at_telephone = telephone
        if self._error is None:
            await asyncio.Event().wait()
        elif telephone:
            raise self._error


class GatedTelephony(FakeTelephony):
    """The fake telephone behind a gate."""

    gate: AwaitGate

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if not inspect.iscoroutinefunction(value):
            return value

        async def gated(*args: Any, **kwargs: Any) -> Any:
            await self.gate.wait(telephone=True)
            return await value(*args, **kwargs)

        return gated


class FloorsAbove:
    """Who calls and how their case stands, behind the same gate."""

    def __init__(self, act: Act, gate: AwaitGate) -> None:
        self._act, self._gate = act, gate

    async def identify(self, number: str) -> CallerIdentity | None:
        await self._gate.wait(telephone=False)
        return self._act.identity

    async def look_up(self, number: str, code: str, *, caller: str) -> CallerProgress | None:
        await self._gate.wait(telephone=False)
        if isinstance(self._act.progress, Exception):
            raise self._act.progress
        return self._act.progress

    def outside(self, number: str) -> str | None:
        return f"PJSIP/{number}@trunk"

    async def ask(self, method: str, url: str, values: Mapping[str, str], *, within: timedelta) -> Any:
        await self._gate.wait(telephone=False)
        if isinstance(self._act.answer, Exception):
            raise self._act.answer
        return self._act.answer

    async def subflow(self, flow: str) -> str | None:
        await self._gate.wait(telephone=True)
        return self._act.returned

    async def on_duty(self, unit: str) -> Sequence[DialledPhone]:
        await self._gate.wait(telephone=False)
        if isinstance(self._act.phones, Exception):
            raise self._act.phones
        return self._act.phones


def options_of(action: AnyAction, act: Act) -> Any:
    return action.options.model_validate({**action.example, **act.options})


async def run(name: str, act: Act, gate: AwaitGate | None = None) -> str:
    action, gate = ACTIONS[name], gate or AwaitGate()
    telephony = GatedTelephony(act.answers, queues=[act.queue], recorded=act.recorded, dials=[act.dialled])
    telephony.gate = gate
    above = FloorsAbove(act, gate)
    published: list[Event] = []
    ctx = FlowContext(
        telephony=telephony,
        facts=CallFacts("call", "13904730001", dialed="12345"),
        ports=FlowPorts(
            directory=above,
            calendars=lambda: installed_calendars(2027),
            clock=FakeClock(),
            recordings=Path("/recordings"),
            progress=above,
            announcements=lambda: OnAir((LiveAnnouncement("供暖", "topic-heating"),)),
            phones=above,
            web=above,
            messages=lambda message: act.posted,
        ),
        node="here",
        no_menu=act.no_menu,
        publish=published.append,
        note_digits=lambda digits: None,
        subflow=above.subflow,
    )
    return await action.run(ctx, options_of(action, act))


def act_of(name: str, outcome: str) -> Act:
    return OUTCOMES[name].get(outcome, Act())


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_says_what_it_does_and_what_each_option_means(name: str) -> None:
    action = ACTIONS[name]
    assert describe(action)
    missing = [field for field, info in action.options.model_fields.items() if not info.description]
    assert missing == [], "write a docstring under each field"
    action.options.model_validate(action.example)


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_and_its_outcomes_have_names_in_both_languages(name: str) -> None:
    words = flow_words()
    assert name in words.actions
    chosen = {str(part.get("outcome")) for value in ACTIONS[name].example.values() for part in _parts(value)}
    for outcome in set(outcomes_of(ACTIONS[name])) - chosen:
        assert words.outcome(name, outcome, "zh") != outcome, outcome
        assert words.outcome(name, outcome, "en") != outcome, outcome


@pytest.mark.parametrize("name", ACTIONS)
def test_the_editor_has_a_name_for_each_option(name: str) -> None:
    view = action_view(ACTIONS[name], flow_words())
    assert set(view.option_words) >= set(view.options.get("properties", {}))


@pytest.mark.parametrize("name", ACTIONS)
def test_the_editor_finds_each_outcome_that_the_options_name(name: str) -> None:
    action = ACTIONS[name]
    for act in OUTCOMES[name].values():
        options = {**action.example, **act.options}
        found = {*fixed_outcomes(action), *named_outcomes(options, action.outcomes_from)}
        assert found == set(action.outcomes(action.options.model_validate(options)))


def _parts(value: Any) -> list[Mapping[str, Any]]:
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def test_no_name_is_left_of_an_action_that_is_gone() -> None:
    assert set(flow_words().actions) == set(ACTIONS)


@pytest.mark.parametrize("name", ACTIONS)
def test_each_outcome_has_a_way_that_leads_to_it(name: str) -> None:
    assert set(OUTCOMES[name]) == set(outcomes_of(ACTIONS[name])), "write one in OUTCOMES"


@pytest.mark.parametrize(("name", "outcome"), EVERY)
async def test_an_action_returns_the_outcome_it_declares(name: str, outcome: str) -> None:
    async with asyncio.timeout(5):
        assert await run(name, act_of(name, outcome)) == outcome


@pytest.mark.parametrize(("name", "outcome"), EVERY)
async def test_a_cancelled_action_ends_at_once_wherever_it_waits(name: str, outcome: str) -> None:
    whole = AwaitGate()
    await run(name, act_of(name, outcome), whole)
    for at in range(1, whole.passed + 1):
        gate = AwaitGate(at)
        task = asyncio.ensure_future(run(name, act_of(name, outcome), gate))
        await asyncio.wait_for(gate.reached.wait(), 5)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=1)
        assert done, f"still running 1 s after it was cancelled in wait {at}"
        assert task.cancelled(), f"swallowed its cancellation in wait {at}"


@pytest.mark.parametrize(("name", "outcome"), EVERY)
async def test_a_caller_who_hangs_up_ends_an_action_wherever_it_waits(name: str, outcome: str) -> None:
    whole = AwaitGate()
    await run(name, act_of(name, outcome), whole)
    for at in range(1, whole.passed + 1):
        gate = AwaitGate(at, CallEndedError("gone"))
        try:
            await run(name, act_of(name, outcome), gate)
            raised = False
        except CallEndedError:
            raised = True
        # The floors above raise no hang-up: it is the next word to the telephone that shows it.
        assert gate.reached.is_set()
        assert raised or not gate.at_telephone, f"a hang-up in wait {at} was swallowed"


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_serves_its_caller_without_the_service_too(name: str) -> None:
    action = ACTIONS[name]
    assert action.safe is not None or action.degrades
    text = compile_safe_flow(parse_flow(document(action), ACTIONS))
    block = next(part for part in text.split("\n\n") if "exten => n_here,1" in part)
    assert re.search(r"(Goto\(n_\w+,1\)|Hangup\(\))$", block.strip(), re.M), block
    labels = set(re.findall(r"(?:,1|=> n)\(([\w-]+)\)", block))
    jumps = re.findall(r"\?([\w-]+)\)$|Goto\(([\w-]+)\)$", block, re.M)
    assert {jump for pair in jumps for jump in pair if jump} <= labels, block


def document(action: AnyAction) -> str:
    options = repr(dict(action.example))
    branches = repr(dict.fromkeys(outcomes_of(action), "bye"))
    return (
        f"id: f\nentry: here\nperson: bye\nnodes:\n"
        f"  here: {{action: {action.name}, options: {options}, branches: {branches}}}\n"
        f"  bye: {{action: hangup}}\n"
    )


def test_the_reference_is_current() -> None:
    pages = reference_pages(ACTIONS)
    assert {file.name for file in PAGES.iterdir()} == set(pages)
    stale = [name for name, text in pages.items() if (PAGES / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run `hotline flow actions docs/actions`"
