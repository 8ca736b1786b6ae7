"""Each rule, on the smallest flow that breaks it; and what lint finds in the shipped flow."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from callflow.document import SHIPPED_FLOW
from callflow.lint import Finding, PromptSound, Severity, World, lint
from callflow.lint.check import GROUPS, LONGEST_TEXT, MOST_FINDINGS, subject_of
from callflow.lint.reach import Journeys
from callflow.lint.reader import read_world
from callflow.lint.rules_page import rules_page
from callflow.lint.texts import RULES
from callflow.lint.view import FindingView
from callflow.settings import FlowBudgets
from hotline.app.settings import Settings
from hotline.calendars.current import Calendars
from hotline.calendars.seed import installed_calendars
from hotline.kernel.workcalendar import HoursTable, WorkWeek
from ivr.prompts.catalogue import shipped_catalogue
from tests.callflow.worlds import shipped_world

ROOT = Path(__file__).parents[2]
GOOD = """\
id: small
entry: welcome
person: person
keys: {"0": person}
nodes:
  welcome: {action: play, options: {prompts: [welcome]}, branches: {done: hours}}
  hours: {action: hours, branches: {open: ask, closed: ask}}
  ask:
    action: menu
    options: {prompts: [menu], keys: ["1"], error_prompts: [wrong]}
    branches: {"1": progress, silence: person, errors: person, no_menu: person}
  progress:
    action: case_progress
    branches: {announced: bye, failed: person, unavailable: person}
  person:
    action: queue
    options: {queue: public}
    branches: {answered: bye, timed_out: bye, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}
  bye: {action: hangup, options: {prompts: [bye]}}
"""


def both(zh: str, en: str, seconds: float) -> dict[str, PromptSound]:
    return {"zh": PromptSound(text=zh, seconds=seconds), "en": PromptSound(text=en, seconds=seconds)}


WORLD = World(
    today=date(2026, 6, 1),
    prompts={
        "welcome": both("您好。", "Hello.", 2),
        "menu": both("查询进度，请按1。人工服务，请按0。", "For progress, press 1. For a person, press 0.", 6),
        "wrong": both("按键有误。", "Wrong key.", 1),
        "bye": both("再见。", "Goodbye.", 1),
        "long": both("很长。", "Long.", 60),
        "ad": both("会员享受优惠。", "A special offer.", 2),
        "silent": {"zh": PromptSound(text="无声。"), "en": PromptSound(text="Silent.")},
        "chinese": {"zh": PromptSound(text="你好。", seconds=1)},
        "demo": {"zh": PromptSound(seconds=1, licensed=False), "en": PromptSound(seconds=1)},
    },
    queues=frozenset({"public", "enterprise"}),
    units=frozenset({"taxes"}),
    outside=lambda number: number == "110",
    subflows={"season": frozenset()},
    calendars=installed_calendars(2026),
)
MENU = """\
  {id}:
    action: menu
    options: {{prompts: [menu], keys: ["1"]}}
    branches: {{"1": {next}, silence: person, errors: person, no_menu: person}}
"""
MANY_MENUS = "".join(MENU.format(id=id, next=next) for id, next in (("ask", "b"), ("b", "c"), ("c", "progress")))
ASK = GOOD[GOOD.index("  ask:") : GOOD.index("  progress:")]
ENGLISH = "  welcome: {action: language, options: {language: en}, branches: {done: hours}}\n"
WELCOME = GOOD[GOOD.index("  welcome:") : GOOD.index("  hours:")]
HANG_UP = "  bye: {action: hangup, options: {prompts: [bye]}}\n"
SPECIALIST = """\
  expert:
    action: specialist
    options: {unit: taxes}
    branches: {answered: bye, nobody: person, unavailable: person}
"""
DIAL = """\
  police:
    action: dial
    options: {number: "110"}
    branches: {answered: bye, busy: person, no_answer: person, failed: person}
"""
SUBFLOW = """\
  season:
    action: subflow
    options: {flow: season}
    branches: {done: bye, otherwise: person, unavailable: person}
"""
HOURS = "hours: {action: hours, "

BREAKS: dict[str, tuple[str, str]] = {
    "document.unreadable": ("id: small", "id: [small"),
    "document.missing": ("entry: welcome\n", ""),
    "document.unknown_field": ("keys: {", "colour: red\nkeys: {"),
    "document.invalid": ("id: small", "id: Not an id"),
    "node.unknown_action": ("action: hangup", "action: dance"),
    "node.missing_branch": ("open: ask, ", ""),
    "node.extra_branch": ("{open: ask,", "{open: ask, ajar: ask,"),
    "node.unknown_target": ("{open: ask,", "{open: nowhere,"),
    "node.unreachable": ("  bye:", "  alone: {action: hangup, options: {prompts: [bye]}}\n  bye:"),
    "loop.no_exit": ("branches: {open: ask, closed: ask}", "branches: {open: hours, closed: hours}"),
    "loop.by_itself": ("silence: person, errors", "silence: hours, errors"),
    "person.unreachable": ("branches: {done: hours}", "branches: {done: bye}"),
    "person.not_by_itself": ("person: person\nkeys", "person: bye\nkeys"),
    "end.without_person": ("closed: ask}", "closed: bye}"),
    "end.silent": ("{action: hangup, options: {prompts: [bye]}}", "{action: hangup}"),
    "menu.no_person_by_key": ('{"0": person}', "{}"),
    "menu.no_person_by_silence": ("silence: person, errors", "silence: bye, errors"),
    "menu.no_person_by_errors": ("errors: person, no_menu", "errors: bye, no_menu"),
    "menu.too_deep": (ASK, MANY_MENUS),
    "menu.late": ("prompts: [welcome]", "prompts: [welcome, long]"),
    "menu.too_long": ("prompts: [menu]", "prompts: [menu, long]"),
    "menu.key_not_taken": ('prompts: [menu], keys: ["1"]', 'prompts: [menu], keys: ["2"]'),
    "menu.key_not_said": ('prompts: [menu], keys: ["1"]', 'prompts: [menu], keys: ["2"]'),
    "reach.quickest": ("prompts: [welcome]}", "prompts: [long], interruptible: false}"),
    "reach.slowest": ("prompts: [menu], keys", "patience: PT60S, silences: 5, prompts: [menu], keys"),
    "prompt.unknown": ("prompts: [welcome]", "prompts: [welcom]"),
    "prompt.missing": ("prompts: [welcome]", "prompts: [silent]"),
    "prompt.language_gap": (WELCOME, ENGLISH + "  bye2: {action: hangup, options: {prompts: [chinese]}}\n"),
    "prompt.too_long": ("prompts: [bye]", "prompts: [long]"),
    "prompt.unlicensed": ("prompts: [welcome]", "prompts: [demo]"),
    "prompt.advertising": ("prompts: [welcome]", "prompts: [ad]"),
    "hours.unknown_table": (HOURS, HOURS + "options: {table: offise}, "),
    "hours.unpublished": (HOURS, HOURS + "options: {table: office}, "),
    "hours.never_open": (HOURS, HOURS + "options: {week: {}}, "),
    "hours.no_holidays": (HOURS, HOURS + 'options: {week: {mon: ["09:00-17:00"]}}, '),
    "hours.contradiction": (HOURS, HOURS + "options: {closed: [2026-10-10], workdays: [2026-10-10]}, "),
    "queue.unknown": ("queue: public", "queue: publik"),
    "specialist.unknown_unit": (HANG_UP, SPECIALIST.replace("taxes", "axes") + HANG_UP),
    "dial.not_allowed": (HANG_UP, DIAL.replace("110", "17951") + HANG_UP),
    "subflow.unknown": (HANG_UP, SUBFLOW.replace("season", "saison") + HANG_UP),
    "timebox.no_failure_branch": ("unavailable: person}\n  person", "unavailable: bye}\n  person"),
    "safe.degrades": ("", ""),
    "test.invalid": ("nodes:", "tests: [{name: x, expect: {passes: 1}}]\nnodes:"),
    "test.unknown_node": ("nodes:", "tests: [{name: x, expect: {ends_in: nowhere}}]\nnodes:"),
    "safe.spoken_lost": ("prompts: [menu], keys", 'prompts: [menu, {digits: "1"}], keys'),
    "safe.no_table": (HOURS, HOURS + "options: {table: office}, "),
}
ELSEWHERE = {"document.too_large", "subflow.cycle", "lint.unchecked", "lint.more"}
"""Rules with tests of their own below."""


def worlds(rule: str) -> World:
    if rule == "hours.unpublished":
        return replace(WORLD, calendars=Calendars([office()], []))
    return WORLD


def office() -> HoursTable:
    return HoursTable("office", WorkWeek.parse({"mon": ("09:00-17:00",)}))


def rules_of(text: str, world: World = WORLD) -> list[str]:
    return [finding.rule for finding in lint(text, world)]


def test_each_rule_has_a_flow_that_breaks_it() -> None:
    assert BREAKS.keys() | ELSEWHERE == RULES.keys()


def test_a_good_flow_gets_hints_alone() -> None:
    assert {finding.severity for finding in lint(GOOD, WORLD)} == {Severity.HINT}


@pytest.mark.parametrize("rule", BREAKS)
def test_a_rule_finds_what_breaks_it(rule: str) -> None:
    good, bad = BREAKS[rule]
    assert good in GOOD
    text = GOOD.replace(good, bad, 1)
    if rule == "prompt.language_gap":
        text = text.replace("closed: ask", "closed: bye2")
    assert rule in rules_of(text, worlds(rule))
    if good != bad:
        assert rule not in rules_of(GOOD)


def test_a_finding_names_its_place() -> None:
    [finding] = [
        one for one in lint(GOOD.replace("queue: public", "queue: publik"), WORLD) if one.rule == "queue.unknown"
    ]
    assert (finding.node, finding.where, finding.line) == ("person", "nodes.person.options.queue", 17)
    assert finding.message("en") == "There is no queue 'publik'."
    assert finding.mend("zh") == "改为其中之一：enterprise, public；或在 queues.conf 中建立。"
    assert FindingView.of(finding).model_dump()["message"]["zh"] == "没有队列「publik」。"


def test_the_worst_comes_first() -> None:
    findings = lint(GOOD.replace("queue: public", "queue: publik").replace("prompts: [bye]", "prompts: [long]"), WORLD)
    order = [Severity.ERROR, Severity.WARNING, Severity.HINT]
    assert [f.severity for f in findings] == sorted((f.severity for f in findings), key=order.index)


def test_what_is_read_already_is_linted_without_lines() -> None:
    found = lint(yaml.safe_load(GOOD.replace("action: hangup", "action: dance")), WORLD)
    assert (found[0].rule, found[0].line) == ("node.unknown_action", 0)


def test_a_flow_of_50_megabytes_is_refused_at_once() -> None:
    text = "a: b\n" * (LONGEST_TEXT // 5 + 1)
    began = time.process_time()
    assert rules_of(text) == ["document.too_large"]
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "text", ["[" * 5000, "a: \ud800", "a: \0", "\t", "- " * 5000, "a: *a", "a: !!python/object:os.system {}", ""]
)
def test_what_is_no_flow_at_all_is_one_error(text: str) -> None:
    assert {finding.severity for finding in lint(text, WORLD)} == {Severity.ERROR}


def test_an_unknown_world_is_no_reason_to_complain() -> None:
    nothing = World(today=date(2026, 12, 1))
    assert {finding.severity for finding in lint(GOOD, nothing)} == {Severity.HINT}
    assert "hours.unknown_table" not in rules_of(GOOD.replace(HOURS, HOURS + "options: {table: x}, "), nothing)


def test_of_thousands_of_findings_the_worst_are_listed_and_the_rest_are_counted() -> None:
    alone = "".join(f"  alone{number}: {{action: hangup}}\n" for number in range(MOST_FINDINGS))
    found = lint(GOOD.replace("queue: public", "queue: publik") + alone, WORLD)
    assert (len(found), found[0].rule, found[-1].rule) == (MOST_FINDINGS + 1, "queue.unknown", "lint.more")
    assert int(str(found[-1].arguments["count"])) > MOST_FINDINGS / 2


def test_phones_that_may_be_called_are_no_finding_and_what_lint_cannot_know_neither() -> None:
    text = GOOD.replace(HANG_UP, SPECIALIST + DIAL + HANG_UP)
    text = text.replace("{announced: bye, failed: person", "{announced: expert, failed: police")
    assert {"specialist.unknown_unit", "dial.not_allowed", "timebox.no_failure_branch"}.isdisjoint(rules_of(text))
    unknown = replace(WORLD, units=None, outside=None)
    changed = text.replace("taxes", "axes").replace("110", "17951")
    assert {"specialist.unknown_unit", "dial.not_allowed"}.isdisjoint(rules_of(changed, unknown))


@pytest.mark.parametrize("outcome", ["busy", "no_answer", "failed"])
def test_a_number_that_is_not_reached_goes_another_way_than_one_that_is(outcome: str) -> None:
    text = GOOD.replace(HANG_UP, DIAL.replace(f"{outcome}: person", f"{outcome}: bye") + HANG_UP)
    assert "timebox.no_failure_branch" in rules_of(text)


@pytest.mark.parametrize(("calls", "chain"), [("small", "small → small"), ("a", "small → a → b → small"), ("c", "")])
def test_a_subflow_that_comes_back_is_an_error(calls: str, chain: str) -> None:
    text = GOOD.replace(HANG_UP, SUBFLOW.replace("flow: season", f"flow: {calls}") + HANG_UP)
    world = replace(WORLD, subflows={"a": frozenset({"b", "c"}), "b": frozenset({"small"}), "c": frozenset()})
    found = [one for one in lint(text, world) if one.rule == "subflow.cycle"]
    assert [one.arguments["chain"] for one in found] == ([chain] if chain else [])


def test_a_flow_that_returns_needs_no_person_on_its_way() -> None:
    text = """\
id: season
entry: tell
person: person
keys: {"0": person}
nodes:
  tell: {action: play, options: {prompts: [welcome]}, branches: {done: back}}
  back: {action: return}
  person:
    action: queue
    options: {queue: public}
    branches: {answered: bye, timed_out: bye, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}
  bye: {action: hangup, options: {prompts: [bye]}}
"""
    assert [finding for finding in lint(text, WORLD) if finding.severity is not Severity.HINT] == []
    assert "person.unreachable" in rules_of(text.replace("action: return", "action: hangup"))


def test_a_rule_that_fails_is_named_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(subject: object) -> list[Finding]:
        raise ZeroDivisionError

    monkeypatch.setitem(GROUPS, "menus", fails)
    found = lint(GOOD, WORLD)
    assert [one.arguments["group"] for one in found if one.rule == "lint.unchecked"] == ["menus"]
    assert "safe.degrades" in [one.rule for one in found]


# --- time ---------------------------------------------------------------------------------------------------


def journeys(text: str) -> Journeys:
    subject, problems = subject_of(text, WORLD)
    assert subject is not None
    assert not problems
    return Journeys(subject)


def test_the_slowest_way_hears_everything_and_uses_all_patience() -> None:
    way = journeys(GOOD.replace("failed: person, unavailable: person", "failed: bye, unavailable: bye")).slowest
    assert way is not None
    # The welcome, the menu twice, and five seconds of silence after each.
    assert (way.seconds, way.nodes) == (2 + 2 * (6 + 5), ("welcome", "hours", "ask", "person"))


def test_by_key_a_person_is_reached_as_soon_as_the_prompts_allow() -> None:
    zero = next(one for one in journeys(GOOD).by_key() if one.key == "0")
    assert (zero.menu, zero.quickest, zero.slowest) == ("ask", 0.0, 2 + 6)


def test_a_loop_is_gone_through_once() -> None:
    again = GOOD.replace("announced: bye", "announced: welcome")
    before, after = journeys(GOOD).slowest, journeys(again).slowest
    assert before is not None
    assert after is not None
    assert before.seconds == after.seconds


# --- what is shipped, and what an installation has ----------------------------------------------------------


def test_the_shipped_flow_has_neither_errors_nor_warnings() -> None:
    findings = lint(SHIPPED_FLOW.read_text(encoding="utf-8"), shipped_world())
    assert {finding.severity for finding in findings} == {Severity.HINT}


def test_the_shipped_prompts_advertise_nothing() -> None:
    words = FlowBudgets().advertising_words
    texts = [prompt.text.casefold() for prompt in shipped_catalogue()]
    assert not [(word, text) for word in words for text in texts if word.casefold() in text]


def test_the_world_is_read_from_the_files_of_an_installation(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    for language, id in (("zh", "welcome"), ("en", "own-prompt")):
        file = settings.sounds / language / "hotline" / f"{id}.ulaw"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"\x7f" * 16_000)
    queues = tmp_path / "queues.conf"
    queues.write_text("[general]\n[base](!)\nstrategy=x\n[enterprise](base)\n[public](base) ; all\n", encoding="utf-8")
    world = read_world(settings, queues=queues, calendars=None, today=date(2026, 6, 1))
    assert world.queues == frozenset({"enterprise", "public"})
    assert world.prompts["welcome"]["zh"].seconds == 2.0
    assert world.prompts["own-prompt"] == {"en": PromptSound(seconds=2.0)}
    assert world.seconds("own-prompt", "zh") == 2.0
    assert world.prompts["goodbye"]["zh"].seconds is None
    assert read_world(settings, queues=tmp_path / "no", calendars=None, today=date(2026, 6, 1)).queues is None


def test_the_page_of_the_rules_is_current() -> None:
    page = (ROOT / "docs/flow-rules.md").read_text(encoding="utf-8")
    assert page == rules_page(), "hotline flow rules > docs/flow-rules.md"


def test_the_words_of_a_rule_take_the_same_arguments_in_both_languages() -> None:
    class ArgumentNames(dict[str, object]):
        def __missing__(self, name: str) -> str:
            self[name] = name
            return name

    for id, rule in RULES.items():
        found: list[Mapping[str, object]] = []
        for text in (rule.zh + rule.zh_mend, rule.en + rule.en_mend):
            found.append(ArgumentNames())
            text.format_map(found[-1])
        assert set(found[0]) == set(found[1]), id
