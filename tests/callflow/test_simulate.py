"""Simulated calls: what is heard, pressed and reached, and when; never a real second."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from callflow.action import Action, FlowContext, Options
from callflow.document import SHIPPED_FLOW, Flow, load_flow, parse_flow
from callflow.engine import STEPS
from callflow.lint import World
from callflow.registry import all_actions
from callflow.simulate.caller import LONGEST_CALL, CallerAnswer, QueueBehaviour, SimulatedCaller, TimedKeys
from callflow.simulate.cases import run_tests, unmet
from callflow.simulate.expectation import CallExpectation
from callflow.simulate.record import SimulatedCall
from callflow.simulate.run import simulate
from hotline.cli.main import app
from tests.callflow.flow_documents import Content, documents
from tests.callflow.test_lint import GOOD, WORLD
from tests.callflow.worlds import shipped_world

SHIPPED = shipped_world(seconds=4.0)


def flow(text: str = GOOD) -> Flow:
    return parse_flow(text, all_actions())


async def called(text: str = GOOD, world: World = WORLD, **caller: Any) -> SimulatedCall:
    return await simulate(flow(text), SimulatedCaller.model_validate(caller), world)


async def shipped(**caller: Any) -> SimulatedCall:
    return await simulate(load_flow(SHIPPED_FLOW, all_actions()), SimulatedCaller.model_validate(caller), SHIPPED)


# --- time ---------------------------------------------------------------------------------------------------


async def test_a_call_takes_the_seconds_of_its_prompts_and_none_of_ours() -> None:
    began = time.monotonic()
    call = await called(queues=[{"after": 3600, "talk": 3600}])
    # The welcome; the menu, patience, the menu, patience; an hour of waiting.
    assert [step.at for step in call.steps] == [0, 2, 2, 2 + 6 + 5 + 6 + 5, 24 + 7200]
    assert call.person_at == 24 + 3600
    assert time.monotonic() - began < 2


async def test_a_key_in_the_middle_of_a_prompt_cuts_it_there() -> None:
    call = await called(keys=[{"at": 3.5, "press": "0"}])
    menu = call.steps[2]
    assert (menu.node, menu.keys, menu.next) == ("ask", "0", "person")
    assert [(part.text, part.seconds, part.whole) for part in menu.heard] == [("menu", 1.5, 6)]


async def test_an_answer_comes_when_the_question_is_over_unless_it_says_when() -> None:
    asked = await called(answers=["1"])
    early = await called(answers=[{"press": "1", "after": 1}])
    assert asked.steps[2].heard[0].seconds == 6
    assert early.steps[2].heard[0].seconds == 1


async def test_who_hangs_up_at_a_moment_is_gone_at_that_moment() -> None:
    call = await called(hangs_up_at=3)
    assert (call.ended_by, call.seconds, call.nodes[-1]) == ("caller", 3, "ask")


async def test_a_queue_without_end_ends_with_the_caller() -> None:
    call = await called(queues=[{"outcome": "timed_out", "after": 600}])
    assert (call.ended_by, call.stays[0].outcome, call.stays[0].waited) == ("caller", "abandoned", 600)


# --- keys ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ([{"at": 0.0, "press": "0"}], ["menu", "to-person"]),
        ([{"at": 9.0, "press": "1#"}], ["menu", "to-enterprise", "enterprise-queue"]),
        ([{"at": 9.0, "press": "4#1#"}], ["menu", "english", "english-menu", "to-enterprise"]),
        ([{"at": 9.0, "press": "#"}, {"at": 20.0, "press": "2"}], ["menu", "to-public"]),
        ([{"at": 9.0, "press": "9"}, {"at": 14.0, "press": "9"}, {"at": 20.0, "press": "9"}], ["menu", "to-person"]),
    ],
)
async def test_keys_are_taken_as_on_the_line(keys: list[dict[str, object]], path: list[str]) -> None:
    nodes = (await shipped(keys=keys)).nodes
    if keys[0]["at"] == 0.0:
        assert "menu" not in nodes
        path = path[1:]
    start = nodes.index(path[0])
    assert nodes[start : start + len(path)] == path


@settings(max_examples=60, deadline=None)
@given(at=st.floats(0, 30), key=st.sampled_from("012459#*"))
async def test_a_key_at_any_moment_is_taken_once(at: float, key: str) -> None:
    call = await shipped(keys=[{"at": at, "press": key}])
    assert sum(step.keys.split().count(key) for step in call.steps) <= 1
    assert call.stays or key in "5"


# --- queues, hours, language, the directory, cases ------------------------------------------------------------


@pytest.mark.parametrize(
    ("queues", "path"),
    [
        ([{"outcome": "full", "after": 0}], ["enterprise-queue", "overflow-queue", "busy"]),
        ([{"outcome": "no_agents"}, {"outcome": "answered"}], ["enterprise-queue", "overflow-queue", "survey"]),
        ([{"queue": "public", "outcome": "full"}], ["enterprise-queue", "survey"]),
        ([{"outcome": "answered", "after": 61}], ["enterprise-queue", "overflow-queue", "survey"]),
        ([{"outcome": "withdrawn"}], ["enterprise-queue", "goodbye"]),
    ],
)
async def test_what_happens_at_queues(queues: list[dict[str, object]], path: list[str]) -> None:
    nodes = (await shipped(answers=["1"], queues=queues)).nodes
    start = nodes.index("enterprise-queue")
    assert nodes[start : start + len(path)] == path


async def test_a_queue_that_there_is_not_is_unavailable() -> None:
    call = await called(GOOD.replace("queue: public", "queue: publik"))
    assert [stay.outcome for stay in call.stays] == ["unavailable"]


async def test_who_ends_the_talk_decides_about_the_survey() -> None:
    assert "survey" in (await shipped(queues=[{"ended_by": "agent"}])).nodes
    call = await shipped(queues=[{"ended_by": "caller"}])
    assert (call.nodes[-1], call.ended_by, call.stays[0].outcome) == ("public-queue", "caller", "answered")


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        ("2026-10-01T10:00", "closed"),
        ("2026-10-10T10:00", "open"),
        ("2026-10-12T10:00", "open"),
        ("2026-10-12T20:00", "closed"),
    ],
)
async def test_holidays_and_make_up_days_hold_at_the_moment_of_the_call(at: str, outcome: str) -> None:
    call = await called(
        GOOD.replace("hours: {action: hours, ", "hours: {action: hours, options: {table: office}, "), at=at
    )
    assert next(step.outcome for step in call.steps if step.node == "hours") == outcome


async def test_english_is_heard_once_it_was_chosen() -> None:
    call = await shipped(answers=["4", "1"])
    menus = [step for step in call.steps if step.action == "menu"]
    assert [step.language for step in menus] == ["zh", "en"]
    assert menus[1].heard[0].words.startswith("For enterprise services")


async def test_known_callers_go_first_and_past_the_menu() -> None:
    call = await shipped(known="skip_menu")
    assert "menu" not in call.nodes
    assert call.stays[0].priority == 10


@pytest.mark.parametrize(("case", "outcome"), [("closed", "announced"), ("none", "failed"), ("away", "unavailable")])
async def test_a_case_is_asked_for(case: str, outcome: str) -> None:
    call = await shipped(answers=["5", *["202612010019#", "12345678#"] * 3], case=case)
    assert next(step.outcome for step in call.steps if step.node == "progress") == outcome


async def test_a_voicemail_is_as_long_as_it_is_said_to_be() -> None:
    queues = [{"outcome": "timed_out"}]
    assert (await shipped(answers=["2", "1"], queues=queues, message=0)).nodes[-1] == "goodbye"
    assert (await shipped(answers=["2", "1"], queues=queues)).nodes[-1] == "voicemail-thanks"


# --- bounds -------------------------------------------------------------------------------------------------


async def test_a_flow_in_circles_ends_at_a_person_as_in_the_engine() -> None:
    call = await called(GOOD.replace("{open: ask, closed: ask}", "{open: hours, closed: hours}"))
    assert call.failures
    assert [stay.queue for stay in call.stays] == ["public"]
    assert len(call.steps) <= STEPS


class ForeverOptions(Options):
    pass


async def _forever(ctx: FlowContext, options: ForeverOptions) -> str:
    while True:
        await ctx.telephony.play()
        await ctx.telephony.answer()


async def test_an_action_that_never_ends_is_ended() -> None:
    forever = Action("forever", ForeverOptions, lambda options: frozenset({"done"}), _forever, False)
    text = GOOD.replace("action: play, options: {prompts: [welcome]}", "action: forever")
    looping = parse_flow(text, {**all_actions(), "forever": forever})
    call = await simulate(looping, SimulatedCaller(), WORLD)
    assert call.ended_by == "limit"


ANSWERS = st.builds(
    CallerAnswer, press=st.text("0123456789*#", max_size=3), hang_up=st.sampled_from([False] * 9 + [True])
)
CALLERS = st.builds(
    SimulatedCaller,
    answers=st.lists(ANSWERS, max_size=6),
    keys=st.lists(st.builds(TimedKeys, at=st.floats(0, 60), press=st.text("0123456789*#", max_size=2)), max_size=3),
    queues=st.lists(
        st.builds(QueueBehaviour, outcome=st.sampled_from(["answered", "timed_out", "full", "withdrawn", "abandoned"])),
        max_size=3,
    ),
    known=st.sampled_from(["no", "contact", "enterprise", "skip_menu"]),
    message=st.floats(0, 200),
    hangs_up_at=st.none() | st.floats(0, 300),
)


@settings(max_examples=60, deadline=None)
@given(documents(), CALLERS)
async def test_any_flow_with_any_caller_comes_to_an_end(content: Content, caller: SimulatedCaller) -> None:
    tried = flow(json.dumps(content))
    call = await simulate(tried, caller, WORLD)
    assert call.steps[0].node == content["entry"]
    assert call.seconds <= LONGEST_CALL.total_seconds()
    for step in call.steps[:-1]:
        onward = {**content["nodes"][step.node]["branches"], **{f"key {k}": n for k, n in content["keys"].items()}}
        assert step.next in {*onward.values(), content["person"]}
        # A flow that nobody has called returns to a person.
        if step.outcome and step.action != "return" and not step.keys and not call.failures:
            assert onward[step.outcome] == step.next or step.next in content["keys"].values()
    assert asdict(await simulate(tried, caller, WORLD)) == asdict(call)


# --- test cases kept with a flow ------------------------------------------------------------------------------


async def test_the_shipped_flow_passes_its_own_cases() -> None:
    results = await run_tests(load_flow(SHIPPED_FLOW, all_actions()), SHIPPED)
    assert len(results) > 5
    assert {result.name: result.unmet for result in results if not result.passed} == {}


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ({"passes": ["person", "ask"]}, "It did not pass 'ask' (in order)"),
        ({"avoids": ["ask"]}, "It passed 'ask'"),
        ({"ends_in": "ask"}, "It ended in 'bye', not in 'ask'"),
        ({"queue": "enterprise"}, "Its last queue was 'public', not 'enterprise'"),
        ({"hears": ["long"]}, "It did not hear 'long'"),
        ({"person_within": 20}, "An agent answered after 29 s, not within 20 s"),
        ({"ended_by": "caller"}, "flow ended it, not caller"),
    ],
)
async def test_an_expectation_that_is_not_met_says_what_was(expect: dict[str, object], says: str) -> None:
    met = await called()
    [one] = unmet(CallExpectation.model_validate(expect), met)
    assert one.en.startswith(says)
    assert one.zh


async def test_a_failing_flow_passes_no_case() -> None:
    call = await called(GOOD.replace("{open: ask, closed: ask}", "{open: hours, closed: hours}"))
    assert list(unmet(CallExpectation(), call))


async def test_a_case_that_cannot_be_read_has_not_passed() -> None:
    text = GOOD.replace("nodes:", "tests: [{name: odd, expect: {passes: 1}}, {name: fine, expect: {}}]\nnodes:")
    odd, fine = await run_tests(flow(text), WORLD)
    assert (odd.name, odd.passed, fine.passed) == ("odd", False, True)


# --- from a shell -------------------------------------------------------------------------------------------


@pytest.fixture
def hotline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    return CliRunner()


def test_a_simulated_call_is_printed(hotline: CliRunner) -> None:
    done = hotline.invoke(app, ["flow", "simulate", str(SHIPPED_FLOW), "--keys", "-,1,5", "--queues", "answered:7"])
    assert done.exit_code == 0, done.output
    assert "menu (menu) → 1, pressed 1" in done.output
    assert "enterprise: answered after 7 s, talked 60 s" in done.output
    row = json.loads(hotline.invoke(app, ["flow", "simulate", str(SHIPPED_FLOW), "--keys", "0@2", "--json"]).output)
    assert row["stays"][0]["queue"] == "public"


def test_what_no_caller_can_be_is_refused_in_a_line(hotline: CliRunner) -> None:
    done = hotline.invoke(app, ["flow", "simulate", str(SHIPPED_FLOW), "--keys", "x"])
    assert done.exit_code == 1


def test_the_exit_status_says_whether_all_cases_pass(hotline: CliRunner, tmp_path: Path) -> None:
    done = hotline.invoke(app, ["flow", "test", str(SHIPPED_FLOW)])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "11 of 11 passed.")
    file = tmp_path / "flow.yaml"
    file.write_text(
        SHIPPED_FLOW.read_text(encoding="utf-8").replace("silence: to-person", "silence: closed"), encoding="utf-8"
    )
    done = hotline.invoke(app, ["flow", "test", str(file), "--json"])
    assert done.exit_code == 1
    assert "不按键也能到人工" in [row["name"] for row in json.loads(done.output) if not row["passed"]]


def test_the_exit_status_of_a_check_is_that_of_its_errors(hotline: CliRunner, tmp_path: Path) -> None:
    shipped = hotline.invoke(app, ["flow", "check", str(SHIPPED_FLOW)])
    assert shipped.exit_code == 0
    assert "Slowest way to a person: " in shipped.output
    assert "  menu, 0: a person after " in shipped.output
    file = tmp_path / "flow.yaml"
    file.write_text(GOOD.replace("action: hangup", "action: dance"), encoding="utf-8")
    done = hotline.invoke(app, ["flow", "check", str(file), "--language", "zh"])
    assert done.exit_code == 1
    assert f"{file}:19: error: nodes.bye.action: 没有「dance」这种动作。 [node.unknown_action]" in done.output
    rows = json.loads(hotline.invoke(app, ["flow", "check", str(file), "--json"]).output)
    assert [row["line"] for row in rows if row["rule"] == "node.unknown_action"] == [19]
