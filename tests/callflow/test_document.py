from __future__ import annotations

from pathlib import Path

import pytest

from callflow.document import SHIPPED_FLOW, Flow, FlowInvalidError, load_flow, parse_flow
from callflow.registry import all_actions

GOOD = """\
id: small
entry: ask
person: person
keys:
  "0": person
nodes:
  ask:
    action: menu
    options: {prompts: [menu-main], keys: ["1"]}
    branches: {"1": bye, silence: person, errors: person, no_menu: person}
  person:
    action: queue
    options: {queue: public}
    branches:
      answered: bye
      timed_out: bye
      full: bye
      no_agents: bye
      withdrawn: bye
      unavailable: bye
  bye:
    action: hangup
"""


def parsed(text: str) -> Flow:
    return parse_flow(text, all_actions())


def refusal(text: str) -> str:
    with pytest.raises(FlowInvalidError) as caught:
        parsed(text)
    return str(caught.value)


def test_the_shipped_flow_passes_without_a_warning() -> None:
    assert not load_flow(SHIPPED_FLOW, all_actions()).warnings


def test_a_small_flow_passes() -> None:
    assert set(parsed(GOOD).nodes) == {"ask", "person", "bye"}


def test_a_dangling_branch_names_its_line_and_what_there_is() -> None:
    text = refusal(GOOD.replace("timed_out: bye", "timed_out: nowhere"))
    assert text == (
        "line 16, nodes.person.branches.timed_out: there is no node 'nowhere'; name one of: ask, bye, person"
    )


def test_an_outcome_without_a_branch_is_refused() -> None:
    assert "the outcome 'full' of queue has no branch; add `full: <node>`" in refusal(
        GOOD.replace("      full: bye\n", "")
    )


def test_a_menu_needs_a_branch_for_each_of_its_keys() -> None:
    assert "the outcome '2' of menu has no branch" in refusal(GOOD.replace('keys: ["1"]', 'keys: ["1", "2"]'))


def test_a_branch_that_no_outcome_leads_to_is_refused() -> None:
    assert "menu has no outcome 'silent'" in refusal(GOOD.replace("silence: person", "silent: person"))


def test_an_unknown_action_lists_those_there_are() -> None:
    assert "no action 'dance'; there are: announcement, answer, case_progress, collect" in refusal(
        GOOD.replace("action: hangup", "action: dance")
    )


def test_a_misspelt_option_names_its_line() -> None:
    assert refusal(GOOD.replace("queue: public", "queeue: public")).startswith("line 13, nodes.person.options")


def test_a_key_from_everywhere_must_lead_somewhere() -> None:
    assert "keys.0: there is no node 'nobody'" in refusal(GOOD.replace('"0": person', '"0": nobody'))


def test_the_way_to_a_person_is_not_left_out() -> None:
    assert "person" in refusal(GOOD.replace("person: person\n", ""))


def test_an_unreachable_node_is_a_warning() -> None:
    flow = parsed(GOOD + "  island:\n    action: hangup\n")
    assert [str(warning) for warning in flow.warnings] == [
        "line 23, nodes.island: no call can reach this node; link it or remove it"
    ]


def test_keys_need_no_quotes() -> None:
    assert parsed(GOOD.replace('"1": bye', "1: bye").replace('"0": person', "0: person")).document.keys == {
        "0": "person"
    }


def test_a_node_written_twice_is_refused() -> None:
    assert "'bye' is given twice" in refusal(GOOD + "  bye:\n    action: hangup\n")


def test_all_problems_are_reported_at_once() -> None:
    text = refusal(GOOD.replace("full: bye", "full: a").replace("no_agents: bye", "no_agents: b"))
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize("text", ["", "nodes: [", "- 1", "\t", "id: &a [*a]", "nodes: {a: {action: 1}}"])
def test_what_is_no_flow_is_refused_in_words(text: str) -> None:
    assert refusal(text)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2026-02-30", "timestamp"),
        ("2026-02-03 00:00:00 +99:00", "timestamp"),
        ("!!timestamp x", "timestamp"),
        ("!!int x", "int"),
        ("!!float x", "float"),
        ("!!bool x", "bool"),
    ],
)
def test_a_value_that_there_is_not_names_its_line(value: str, kind: str) -> None:
    text = refusal(GOOD.replace("queue: public", f"queue: {value}"))
    written = value.rpartition("!")[2].partition(" ")[2] if value.startswith("!!") else value
    assert text == (
        f"line 13, nodes.person.options.queue: {written!r} is no {kind}; where it is text, put it in quotes"
    )


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(FlowInvalidError, match="cannot be read: No such file or directory$"):
        load_flow(tmp_path / "none.yaml", all_actions())
