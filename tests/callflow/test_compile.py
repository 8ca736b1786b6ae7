from __future__ import annotations

import re

import pytest

from callflow.compile import compile_safe_flow
from callflow.compile.dialplan import safe
from callflow.registry import all_actions
from tests.callflow.calls import flow_of, shipped_flow

HEAD = 'id: f\nentry: start\nperson: person\nkeys: {"0": person}\nnodes:\n'
END = """
  person:
    action: queue
    options: {queue: public}
    branches: {answered: bye, timed_out: bye, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}
  bye: {action: hangup}
"""


def compiled(start: str) -> str:
    return compile_safe_flow(flow_of(f"{HEAD}  start: {start}{END}"))


def test_only_the_database_and_other_flows_are_missing_without_the_service() -> None:
    assert [name for name, action in all_actions().items() if action.safe is None] == ["case_progress", "return"]


def test_every_jump_has_a_place_to_land() -> None:
    text = compile_safe_flow(shipped_flow())
    places = set(re.findall(r"^exten => (\w+),1", text, re.M))
    assert set(re.findall(r"\b(n_\w+),", text)) <= places
    for block in text.split("\n\n"):
        labels = set(re.findall(r"(?:,1|=> n)\((\w+)\)", block))
        jumps = set(re.findall(r"\?(\w+)\)$|Goto\((\w+)\)$", block, re.M))
        assert {jump for pair in jumps for jump in pair if jump} <= labels, block


def test_the_same_flow_gives_the_same_text() -> None:
    assert compile_safe_flow(shipped_flow()) == compile_safe_flow(shipped_flow())


def test_a_label_cannot_break_out_of_its_comment() -> None:
    text = compiled('{action: answer, label: "x\\n[evil]\\nexten => s,1,System(id)", branches: {done: bye}}')
    assert "evil" not in text
    assert "System" not in text


@pytest.mark.parametrize("value", ["a)b", "${X}", "a\nb", 'a"b', "a;b", "a b", "a|b", "$[1]"])
def test_a_value_that_could_do_more_than_stand_there_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        safe(value)


def test_a_say_of_a_fact_is_filtered() -> None:
    assert "SayDigits(${FILTER(0-9,${HL_AGENT})})" in compiled(
        '{action: say, options: {value: "{agent}"}, branches: {done: bye}}'
    )


def test_office_hours_end_before_their_last_minute() -> None:
    options = '{week: {mon: ["09:00-17:30"]}, closed: ["2026-10-01"]}'
    text = compiled(f"{{action: hours, options: {options}, branches: {{open: person, closed: bye}}}}")
    assert "GotoIfTime(09:00-17:29,mon,*,*,Asia/Shanghai?n_person,1)" in text
    assert '"${STRFTIME(${EPOCH},Asia/Shanghai,%Y-%m-%d)}" = "2026-10-01"]?n_bye,1' in text
