"""The names in ivr/dialplan.py against those in asterisk-config."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest

from ivr import dialplan
from ivr.dialplan import CallPlace, Context, FlowArgument, ServiceVariable, Stage, Template, Variable

FILES = Path(__file__).parents[2] / "asterisk-config"
DIALPLAN = (FILES / "extensions.conf", *sorted((FILES / "extensions").glob("*.conf")))

INNER_VARIABLES = {
    # Made and used by the dialplan alone.
    "HL_ADDRESS": "the address of a browser, counted",
    "HL_ASSERTED": "a trunk's P-Asserted-Identity, taken apart",
    "HL_DIAL_AT": "which of the phones rings",
    "HL_DIAL_PHONE": "the phone that rings",
    "HL_DIAL_SINCE": "when the first of them began to ring",
    "HL_DIGITS": "a caller's number being checked",
    "HL_FAILURES": "how often AGI ended by itself",
    "HL_GONE": "why an agent's leg ended, passed to the caller's channel",
    "HL_GOOD": "a caller's number being checked",
    "HL_KEY": "the key of whoever has answered",
    "HL_LANGUAGE": "the caller's language, for the announcement's leg",
    "HL_LOOKS": "counts the looks for HL_GONE",
    "HL_MOST": "the limit of calls from one address",
    "HL_NAME": "a caller's name being checked",
    "HL_NUMBER": "a number being checked",
    "HL_OVERRUN": "when an overrun was last logged",
    "HL_PACE_": "how fast a queue goes, one variable a queue",
    "HL_PART": "counts the parts of P-Asserted-Identity",
    "HL_RECORDS": "whether the recording runs",
    "HL_SCHEME": "a trunk's P-Asserted-Identity, taken apart",
    "HL_SPEAKER": "whom the announcement is for",
    "HL_TALKED": "passed to AGI as an argument",
    "HL_TALKS": "marks the agent's leg that talked",
    "HL_WAITED": "passed to AGI as an argument",
    "HL_WATCH": "the newest watcher of a waiting caller",
    "HL_WHISPER": "the announcement in a caller's ear",
}
INNER_CONTEXTS = {
    # Reached from the dialplan alone; no channel rests in one where the service would look.
    "from-trunk": "named by the template of pjsip.conf",
    "hotline-agent": "Queue()'s gosub on the agent's leg",
    "hotline-agent-lost": "from hotline-staff, on the way to hotline-requeue",
    "hotline-announce": "announcement",
    "hotline-attend": "who serves a call",
    "hotline-call-id": "subroutine",
    "hotline-caller-number": "subroutine",
    "hotline-dialled": "Dial()'s gosub on the leg that has answered",
    "hotline-end-room": "subroutine",
    "hotline-entry": "where every door leads",
    "hotline-expected": "subroutine",
    "hotline-expected-voice": "announcement",
    "hotline-flow": "AGI: a call in it is known by its application",
    "hotline-hush": "subroutine",
    "hotline-leg": "subroutine",
    "hotline-hunt": "the far side of a Local channel",
    "hotline-lost": "subroutine",
    "hotline-offer": "Dial()'s gosub on a specialist's leg",
    "hotline-pace": "subroutine",
    "hotline-place": "subroutine",
    "hotline-record": "subroutine",
    "hotline-waiter": "beside a waiting caller",
    "hotline-whisper": "announcement",
}
GENERATED = {Context.SAFE_FLOW}


def text_of(*files: Path) -> str:
    """Without comments."""
    lines = chain.from_iterable(file.read_text(encoding="utf-8").splitlines() for file in files)
    return "\n".join(re.sub(r"(?<!\\);.*", "", line) for line in lines)


SHARED = text_of(*DIALPLAN, *sorted((FILES / "instance.example").glob("*.conf")))
EVERYTHING = text_of(*sorted(FILES.rglob("*.conf")))


def sections(text: str) -> list[str]:
    return re.findall(r"^\[([\w-]+)\](?!\(\+)", text, re.MULTILINE)


def test_each_context_of_the_dialplan_is_known_here_and_the_other_way_round() -> None:
    in_files = {name for name in sections(text_of(*DIALPLAN)) if name.startswith(("hotline-", "from-"))}
    assert in_files - INNER_CONTEXTS.keys() == set(Context) - GENERATED
    assert in_files >= INNER_CONTEXTS.keys()


def test_a_context_is_written_in_one_place() -> None:
    names = sections(text_of(*DIALPLAN))
    assert sorted(names) == sorted(set(names))


def test_the_generated_context_is_where_the_dialplan_leads() -> None:
    assert all(f"{context},s,1" in SHARED for context in GENERATED)


def test_each_variable_of_the_dialplan_is_known_here_and_the_other_way_round() -> None:
    in_files = set(re.findall(r"\b_{0,2}((?:HL|HOTLINE)_\w*|APP_LEASE\w*)", SHARED))
    assert in_files - INNER_VARIABLES.keys() == set(Variable)
    assert in_files >= INNER_VARIABLES.keys()


@pytest.mark.parametrize("variable", ServiceVariable)
def test_what_only_the_service_uses_is_in_no_file(variable: ServiceVariable) -> None:
    assert not re.search(rf"\b{variable}\b", EVERYTHING)


def test_the_event_filter_lets_our_variables_through() -> None:
    assert f"name(VarSet),header(Variable),method(starts_with)) = {dialplan.OUR_VARIABLES}" in EVERYTHING


def test_the_values_of_place_and_stage_are_those_the_dialplan_sets() -> None:
    places = set(re.findall(r"HOTLINE_PLACE=(\w+)", SHARED))
    assert places == set(CallPlace) - {CallPlace.ROOM}
    stages = set(re.findall(r"HL_STAGE=(\w+)\)", SHARED)) | {Stage.RESUME, Stage.LEAVING}
    assert stages == set(Stage)
    assert '"${HL_STAGE}" = "failed"]?resume:' in SHARED


def test_agi_gets_the_arguments_that_are_read_here() -> None:
    passed = re.search(r"AGI\(agi:async,(entry=\$.*)\)", SHARED)
    assert passed is not None
    assert re.findall(r"(\w+)=\$", passed[1]) == list(FlowArgument)


@pytest.mark.parametrize("template", Template)
def test_each_template_is_there(template: Template) -> None:
    assert template in sections(EVERYTHING)


def test_users_endpoints_and_extensions_are_there() -> None:
    names = sections(EVERYTHING)
    assert {dialplan.RELOAD_USER, dialplan.TRUNK, dialplan.WEB_CALLER} <= set(names)
    assert f"exten => {dialplan.RESUME_EXTENSION},1," in SHARED
    assert f"exten => {dialplan.HOTLINE_NUMBER},1," in SHARED


@pytest.mark.parametrize("endpoint", ["1001", dialplan.browser_endpoint("1001")])
def test_an_agents_endpoint_is_made_and_parsed(endpoint: str) -> None:
    assert dialplan.agent_number(endpoint) == "1001"
    assert dialplan.agent_number(dialplan.interface_of(endpoint)) == "1001"
    assert dialplan.endpoint_in(f"{dialplan.interface_of(endpoint)}-0000002a") == endpoint
    assert dialplan.is_browser(endpoint) == (endpoint != "1001")


def test_the_example_names_a_browsers_endpoint_as_we_do() -> None:
    assert dialplan.browser_endpoint("1001") in sections(text_of(FILES / "instance.example" / "pjsip.conf"))
    assert f"PJSIP/${{EXTEN}}{dialplan.browser_endpoint('')}" in SHARED
