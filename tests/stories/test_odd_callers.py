"""Callers whose name, number or keys no phone should send are served as any other, and their record is whole."""

from __future__ import annotations

from typing import Any

import pytest

from tests.phones.raw_caller import RawCaller
from tests.stories.city import AgentPage
from tests.stories.office import Office, keys, nodes

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


async def reaches_the_desk(office: Office, workspace: AgentPage, from_header: str) -> dict[str, Any]:
    """A caller with this From header presses 0 and the agent's phone rings; the call as the agent's page shows it."""
    async with RawCaller.answered(office.city.asterisk, from_header) as caller:
        await caller.press("0")
        call = await workspace.wait_call("ringing")
        await office["1001"].wait_for("ringing")
        assert not caller.ended.is_set()
    return call


@pytest.mark.parametrize(
    "name",
    ["乌海市黄河湾葡萄酒业", '张"三\\', "😀 便利店 🏭", "${EPOCH} ,|&;=1+1", ""],
    ids=["Chinese", "quoted", "emoji", "dialplan", "empty"],
)
async def test_a_name_reaches_the_agents_page_and_phone_and_the_log_as_it_is(office: Office, name: str) -> None:
    async with office.on_duty() as workspace, office.caller(name=name) as caller:
        caller.press("0")
        call = await workspace.wait_call("ringing")
        assert call["caller"]["name"] == name
        ring = await office["1001"].wait_for("ringing")
        # Asterisk shows a desk phone the quotes with the escapes they came with; the page shows them right.
        assert '"' in name or f'"{name}" <sip:' in ring["message"] or not name
        caller.hang_up()
        record = await office.record_of(caller)
    assert record["caller_name"] == name


async def test_a_name_of_1000_characters_is_cut(office: Office) -> None:
    async with office.on_duty() as workspace:
        call = await reaches_the_desk(office, workspace, f'"{"长" * 1000}" <sip:13800000001@trunk.example>')
        record = await office.record(call["call_id"])
    assert set(record["caller_name"]) == {"长"}
    assert 20 <= len(record["caller_name"]) <= 80


@pytest.mark.parametrize(
    ("from_header", "number"),
    [
        ('"Evil"\r\n  <sip:13800000002@trunk.example>', "138****0002"),
        # A number with anything else in it is no number: the caller is served as one who shows none.
        ("<sip:13800000002%0D%0AAction%3A%20Logoff%0D%0A%0D%0A@trunk.example>", ""),
        ("<sip:13800000002%0D%0A%0D%0AEvent%3A%20Shutdown%0D%0A%0D%0A@trunk.example>", ""),
        ('"%0D%0AAction: Logoff" <sip:13800000002%22%0aSet@trunk.example>', ""),
        ('"\x1b[2J\x07\x7f" <sip:13800000002@trunk.example>', "138****0002"),
    ],
    ids=["folded", "escaped number", "forged event", "escaped both", "terminal"],
)
async def test_line_breaks_and_control_characters_come_to_nothing(
    office: Office, from_header: str, number: str
) -> None:
    async with office.on_duty() as workspace:
        call = await reaches_the_desk(office, workspace, from_header)
        record = await office.record(call["call_id"])
    assert record["caller_name"].isprintable()
    assert record["caller_number"] == number
    assert record["outcome"] == "abandoned_queue"


@pytest.mark.parametrize(
    "from_header",
    ["<sip:anonymous@anonymous.invalid>", '"Anonymous" <sip:anonymous@anonymous.invalid>', "<sip:trunk.example>"],
    ids=["anonymous", "named so", "no user"],
)
async def test_without_a_number_the_caller_is_served(office: Office, from_header: str) -> None:
    async with office.on_duty() as workspace:
        call = await reaches_the_desk(office, workspace, from_header)
        assert call["caller"]["number"] == ""
        assert call["enterprise"] is None
        record = await office.record(call["call_id"])
    assert record["caller_number"] == ""


async def test_40_digits_at_once_count_as_the_first_of_them(office: Office) -> None:
    async with office.talk() as talk:
        # `talk` has pressed 1; a hand that leans on the telephone is no rating either.
        talk.caller.press("1234567890" * 4)
        talk.agent.hang_up()
        await office.comes_to(talk.caller, "survey")
        talk.caller.hang_up()
        await talk.record()
    async with office.on_duty() as workspace, office.caller() as caller:
        caller.press("1234567890" * 4)
        call = await workspace.wait_call("ringing", within=20)
        assert call["queue"] == "enterprise"
        assert keys(call)[0] == "1"
        assert nodes(call)[-1] == "enterprise-queue"
