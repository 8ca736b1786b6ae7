"""What single actions do, over the fake telephone."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from callflow.action import CallFacts
from callflow.actions.condition import ConditionOptions
from callflow.actions.set import SetOptions
from callflow.actions.split import SplitOptions, share_of
from callflow.compile import compile_safe_flow
from callflow.live import restore
from callflow.ports import CallerIdentity, QueueFigures
from tests.callflow.actions import Bench
from tests.callflow.calls import Through, flow_of, shipped_flow
from tests.fakes.clock import FakeClock

CASE = "260302000117"


@pytest.mark.parametrize(
    ("read_as", "value", "zh", "en"),
    [
        ("digits", "119", ["digit-yao", "digit-yao", "9"], ["119"]),
        ("number", "110", ["110"], ["110"]),
        ("date", "2026-10-08", [*"202", "6", "date-year", "month-10", "8", "date-day"], ["month-10", "8", "2026"]),
        ("money", "1234.56", ["1234", "money-yuan", "5", "money-jiao", "6", "money-fen"],
         ["1234", "money-yuan", "56", "money-fen"]),
        ("money", "3.05", ["3", "money-yuan", "0", "5", "money-fen"], ["3", "money-yuan", "5", "money-fen"]),
        ("money", "0.5", ["5", "money-jiao"], ["50", "money-fen"]),
        ("money", "0", ["0", "money-yuan"], ["0", "money-yuan"]),
        ("case_number", CASE, [*"260302", "short-gap", *"000", "digit-yao", "digit-yao", "short-gap", "7", "short-gap"],
         ["260302", "short-gap", "00011", "short-gap", "7", "short-gap"]),
    ],
)  # fmt: skip
async def test_say_reads_a_value_in_the_callers_language(
    read_as: str, value: str, zh: list[str], en: list[str]
) -> None:
    for language, expected in (("zh", zh), ("en", en)):
        bench = Bench(CallFacts("c", language=language))
        assert await bench.run("say", value=value, read_as=read_as) == "done"
        assert bench.said == expected


@pytest.mark.parametrize(
    ("read_as", "value"),
    [("date", "2026-02-30"), ("date", "soon"), ("money", "-1"), ("money", "1e99"), ("money", "NaN"), ("number", "{x}")]
    + [("money", "Infinity"), ("case_number", "{x}"), ("digits", "{x}")],
)
async def test_say_passes_over_what_cannot_be_read(read_as: str, value: str) -> None:
    bench = Bench()
    assert await bench.run("say", value=value, read_as=read_as) == "done"
    assert bench.said == []


async def test_say_reads_a_value_that_the_flow_has_named() -> None:
    bench = Bench()
    await bench.run("set", values={"amount": "12.50"})
    await bench.run("say", value="{amount}", read_as="money")
    assert bench.said == ["12", "money-yuan", "5", "money-jiao"]


async def test_set_names_values_made_of_facts_and_of_values_before() -> None:
    bench = Bench()
    await bench.run("set", values={"a": "1", "b": "x"})
    await bench.run("set", values={"a": "{b}", "b": "{a}", "from": "{entry}-{caller_number}", "gone": "{nothing}"})
    assert bench.facts.values == {"a": "x", "b": "1", "from": "trunk-13904730001", "gone": ""}


def test_set_values_survive_a_restart() -> None:
    call = Through(shipped_flow())
    call.call.facts.values["topic"] = "heating"
    again = restore(shipped_flow(), call.session, call.call.stored())
    assert again.facts.values == {"topic": "heating"}


@pytest.mark.parametrize(
    "values", [{}, {"agent": "1"}, {"A": "1"}, {"a": "${X}"}, {"a": "x y"}, {"a": "b)"}, {"a": "x" * 65}, {"a": "{B}"}]
)
def test_set_refuses_names_and_values_that_the_dialplan_could_not_hold(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SetOptions(values=values)


ENTERPRISE = CallerIdentity(
    enterprise_id="e", enterprise_name="企业", contact_id=None, contact_name="", kind="enterprise", region="150302"
)
NOON = datetime(2026, 10, 8, 4, tzinfo=UTC)
"""A Thursday, 12:00 in China."""


def caller(**facts: Any) -> CallFacts:
    known = CallFacts("c", "04731234567", dialed="12345", entry="trunk", identity=ENTERPRISE)
    known.values = {"topic": "heating", "amount": "15"}
    for name, value in facts.items():
        setattr(known, name, value)
    return known


TRUE: list[dict[str, Any]] = [
    {"fact": "caller_known"},
    {"fact": "caller_known", "enterprise": True},
    {"fact": "caller_kind", "one_of": ["enterprise"]},
    {"fact": "caller_region", "one_of": ["11", "1503"]},
    {"fact": "caller_number", "starts_with": ["0473"]},
    {"fact": "dialed", "one_of": ["12345"]},
    {"fact": "entry", "one_of": ["trunk", "web"]},
    {"fact": "language", "one_of": ["zh"]},
    {"fact": "weekday", "one_of": ["thu"]},
    {"fact": "time", "between": ["09:00-12:00", "12:00-13:00"]},
    {"fact": "queue_waiting", "queue": "public", "at_least": 3, "at_most": 3},
    {"fact": "queue_free", "queue": "public", "at_most": 0},
    {"fact": "value", "name": "topic", "one_of": ["heating", "water"]},
    {"fact": "number", "name": "amount", "at_least": 15},
]
FALSE: list[dict[str, Any]] = [
    {"fact": "caller_kind", "one_of": ["individual_business"]},
    {"fact": "caller_region", "one_of": ["1502"]},
    {"fact": "caller_number", "starts_with": ["010"]},
    {"fact": "dialed", "one_of": ["12346"]},
    {"fact": "entry", "one_of": ["web"]},
    {"fact": "language", "one_of": ["en"]},
    {"fact": "weekday", "one_of": ["wed", "fri"]},
    {"fact": "time", "between": ["09:00-12:00"]},
    {"fact": "queue_waiting", "queue": "public", "at_least": 4},
    {"fact": "queue_free", "queue": "public", "at_least": 1},
    {"fact": "value", "name": "topic", "one_of": ["water"]},
    {"fact": "number", "name": "amount", "at_most": 14},
]
UNKNOWN: list[dict[str, Any]] = [
    {"fact": "caller_kind", "one_of": ["enterprise"]},
    {"fact": "caller_region", "one_of": ["15"]},
    {"fact": "caller_number", "starts_with": ["1"]},
    {"fact": "queue_waiting", "queue": "nowhere", "at_least": 0},
    {"fact": "value", "name": "topic", "one_of": ["heating"]},
    {"fact": "number", "name": "topic", "at_least": 0},
]


async def decide(facts: CallFacts, when: list[dict[str, Any]]) -> str:
    clock = FakeClock(NOON)
    bench = Bench(facts, figures={"public": QueueFigures(waiting=3, free=0)}, clock=clock)
    return await bench.run("condition", cases=[{"outcome": "yes", "when": when}])


@pytest.mark.parametrize("comparison", TRUE, ids=str)
async def test_condition_holds(comparison: dict[str, Any]) -> None:
    assert await decide(caller(), [comparison]) == "yes"
    assert await decide(caller(), [{**comparison, "unless": True}]) == "otherwise"


@pytest.mark.parametrize("comparison", FALSE, ids=str)
async def test_condition_does_not_hold(comparison: dict[str, Any]) -> None:
    assert await decide(caller(), [comparison]) == "otherwise"
    assert await decide(caller(), [{**comparison, "unless": True}]) == "yes"


@pytest.mark.parametrize("comparison", UNKNOWN, ids=str)
async def test_condition_on_what_is_not_known_holds_in_neither_case(comparison: dict[str, Any]) -> None:
    nobody = CallFacts("c", "")
    assert await decide(nobody, [comparison]) == "otherwise"
    assert await decide(nobody, [{**comparison, "unless": True}]) == "otherwise"


async def test_condition_takes_the_first_case_whose_comparisons_all_hold() -> None:
    zh, en = {"fact": "language", "one_of": ["zh"]}, {"fact": "language", "one_of": ["en"]}
    named = {"both": [zh, en], "first": [zh], "last": [zh]}
    cases = [{"outcome": outcome, "when": when} for outcome, when in named.items()]
    assert await Bench().run("condition", cases=cases) == "first"


@pytest.mark.parametrize(
    "when",
    [
        [],
        [{"fact": "code", "python": "1"}],
        [{"fact": "time", "between": ["12:00-09:00"]}],
        [{"fact": "time", "between": ["09:00-12:00"], "timezone": "Mars/Base"}],
        [{"fact": "queue_waiting", "queue": "public"}],
        [{"fact": "value", "name": "topic", "one_of": ['x" | 1']}],
        [{"fact": "dialed", "one_of": []}],
    ],
)
def test_condition_refuses_what_cannot_be_compared(when: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        ConditionOptions.model_validate({"cases": [{"outcome": "yes", "when": when}]})


def test_condition_is_written_for_the_safe_flow_as_far_as_it_can_know() -> None:
    text = compile_safe_flow(
        flow_of("""
id: f
entry: here
person: bye
nodes:
  here:
    action: condition
    options:
      cases:
        - {outcome: busy, when: [{fact: queue_waiting, queue: public, at_least: 9}, {fact: language, one_of: [en]}]}
        - {outcome: night, when: [{fact: time, between: ["18:00-24:00"]}, {fact: language, one_of: [en], unless: true}]}
        - {outcome: local, when: [{fact: caller_number, starts_with: ["0473"]}]}
        - {outcome: topic, when: [{fact: value, name: topic, one_of: [heating], unless: true}]}
    branches: {busy: bye, night: a, local: b, topic: c, otherwise: bye}
  a: {action: hangup}
  b: {action: hangup}
  c: {action: hangup}
  bye: {action: hangup}
""")
    )
    now = "1${STRFTIME(${EPOCH},Asia/Shanghai,%H%M)}"
    english = '(!("${CHANNEL(language)}" = "en"))'
    assert f"GotoIf($[((({now} >= 11800 & {now} < 12400))) & {english}]?n_a,1)" in text.replace("  ", " ")
    number = "${FILTER(0-9,${CALLERID(num)})}"
    assert f'GotoIf($[("{number}" != "" & ("{number[:-1]}:0:4}}" = "0473"))]?n_b,1)' in text
    topic = "${HL_VALUE_TOPIC}"
    assert f'GotoIf($[("{topic}" != "" & !("{topic}" = "heating"))]?n_c,1)' in text
    assert text.count("GotoIf($[(") == 3


def shares(**percents: int) -> dict[str, Any]:
    return {"shares": [{"outcome": outcome, "percent": percent} for outcome, percent in percents.items()]}


def test_split_deals_out_by_percent_and_keeps_a_number_where_it_went() -> None:
    options = SplitOptions.model_validate(shares(new=10, old=90))
    first = {number: share_of(options, caller=str(number), node="n") for number in range(20_000)}
    assert {number: share_of(options, caller=str(number), node="n") for number in range(20_000)} == first
    assert 1_850 <= Counter(first.values())["new"] <= 2_150


def test_split_keeps_everybody_of_a_share_that_grows() -> None:
    few, more = (SplitOptions.model_validate(shares(new=percent, old=100 - percent)) for percent in (10, 20))
    numbers = [str(number) for number in range(2_000)]
    chosen = {number for number in numbers if share_of(few, caller=number, node="n") == "new"}
    assert chosen <= {number for number in numbers if share_of(more, caller=number, node="n") == "new"}


def test_split_deals_out_anew_with_another_salt() -> None:
    one, other = (SplitOptions.model_validate({**shares(a=50, b=50), "salt": salt}) for salt in ("", "again"))
    numbers = [str(number) for number in range(1_000)]
    same = sum(share_of(one, caller=each, node="n") == share_of(other, caller=each, node="n") for each in numbers)
    assert 400 < same < 600


async def test_split_deals_a_hidden_number_by_its_call() -> None:
    outcomes = {await Bench(CallFacts(f"call-{n}")).run("split", **shares(a=50, b=50)) for n in range(50)}
    assert outcomes == {"a", "b"}


@pytest.mark.parametrize("options", [shares(a=50, b=40), shares(a=100), shares(a=101, b=-1)])
def test_split_wants_the_whole(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SplitOptions.model_validate(options)


@pytest.mark.parametrize(
    ("check", "entry", "outcome"),
    [
        ("mobile", "13904730001", "entered"),
        ("mobile", "12904730001", "errors"),
        ("mobile", "1390473000", "errors"),
        ("case_number", CASE, "entered"),
        ("case_number", "260302000118", "errors"),
        ("case_number", "4", "errors"),
        ("none", "7", "entered"),
    ],
)
async def test_collect_checks_what_was_entered(check: str, entry: str, outcome: str) -> None:
    bench = Bench(answers=[entry])
    assert await bench.run("collect", prompts=["progress-number"], tries=1, check=check, keep="entry_kept") == outcome
    assert bench.facts.values == ({"entry_kept": entry} if outcome == "entered" else {})


async def test_collect_hides_what_the_record_is_not_to_hold() -> None:
    bench = Bench(answers=["13904730001"])
    await bench.run("collect", prompts=["progress-number"], check="mobile", keep="mobile", hide=True)
    assert bench.noted == ["•" * 11]


async def test_collect_asks_again_after_a_wrong_entry() -> None:
    bench = Bench(answers=["12", CASE])
    options = {"prompts": ["progress-number"], "check": "case_number", "error_prompts": ["menu-invalid"]}
    assert await bench.run("collect", **options) == "entered"
    assert bench.said == ["progress-number", "menu-invalid", "progress-number"]
