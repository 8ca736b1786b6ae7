from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from cti.calls.service import CallNotFoundError
from hotline.kernel.ids import uuid7
from tests.crm.calls import Party
from tests.crm.conftest import Workspace
from tests.crm.test_directory import eventually

MOBILE = "13912345678"


async def a_known_caller(workspace: Workspace, name: str = "海勃湾酒店", number: str = MOBILE) -> dict[str, Any]:
    body = {"name": name, "contacts": [{"name": "李娜", "numbers": [{"number": number}]}]}
    made: dict[str, Any] = await workspace.post("agent1", "/api/enterprises", body)
    await eventually(lambda: any(row.enterprise_id == made["id"] for row in workspace.crm.directory.matches(number)))
    return made


def rings(workspace: Workspace, number: str = MOBILE) -> str:
    call_id = uuid7()
    workspace.calls.parties[call_id] = Party(caller_number=number)
    return call_id


async def test_a_known_caller_pops_with_cases_and_calls(workspace: Workspace) -> None:
    hotel = await a_known_caller(workspace)
    earlier = uuid7()
    workspace.calls.answered(earlier, MOBILE)
    past = await workspace.post("agent1", "/api/cases", {"enterprise_id": hotel["id"], "call_id": earlier})
    await workspace.move("agent1", past["id"], "transfer_emergency", service="120")
    still = await workspace.post("agent1", "/api/cases", {"enterprise_id": hotel["id"], "title": "办照"})
    call_id = rings(workspace)
    draft = await workspace.post("agent1", "/api/cases", {"call_id": call_id})

    pop = await workspace.pop("agent2", call_id)
    assert pop["enterprise"]["name"] == "海勃湾酒店"
    assert pop["contact"]["name"] == "李娜"
    assert pop["contact"]["numbers"][0]["number"] == "139****5678"
    assert pop["candidates"] == []
    assert [row["id"] for row in pop["call_cases"]] == [draft["id"]]
    assert [row["id"] for row in pop["open_cases"]] == [still["id"]]
    assert [row["id"] for row in pop["past_cases"]] == [past["id"]]
    assert [(call["call_id"], call["case_numbers"]) for call in pop["earlier_calls"]] == [(earlier, [past["number"]])]


async def test_a_shared_number_tells_everybody_and_decides_nothing(workspace: Workspace) -> None:
    for name in ("海勃湾酒店", "草原银行"):
        await a_known_caller(workspace, name)
    pop = await workspace.pop("agent1", rings(workspace))
    assert (pop["enterprise"], pop["contact"]) == (None, None)
    assert [row["enterprise_name"] for row in pop["candidates"]] == ["海勃湾酒店", "草原银行"]


async def test_a_caller_nobody_knows_brings_the_cases_of_earlier_calls(workspace: Workspace) -> None:
    earlier = uuid7()
    workspace.calls.answered(earlier, MOBILE)
    case = await workspace.post("agent1", "/api/cases", {"call_id": earlier, "title": "路灯"})
    pop = await workspace.pop("agent1", rings(workspace))
    assert pop["enterprise"] is None
    assert [row["title"] for row in pop["open_cases"]] == ["路灯"]
    assert pop["earlier_calls"][0]["case_numbers"] == [case["number"]]


@pytest.mark.parametrize("number", ["", "anonymous", "1" * 60])
async def test_a_withheld_or_broken_number_pops_empty(workspace: Workspace, number: str) -> None:
    pop = await workspace.pop("agent1", rings(workspace, number))
    assert pop["enterprise"] is None
    assert pop["open_cases"] == pop["past_cases"] == pop["candidates"] == []


async def test_an_unreadable_call_answers_as_one_that_never_was(workspace: Workspace) -> None:
    await a_known_caller(workspace)
    call_id = rings(workspace)
    workspace.calls.not_readable |= {call_id, "unknown"}
    answers = []
    for asked in (call_id, "unknown"):
        with pytest.raises(CallNotFoundError) as refused:
            await workspace.pop("agent1", asked)
        answers.append(str(refused.value))
    assert answers[0] == answers[1]


async def test_another_agent_learns_nothing_of_a_confidential_case(workspace: Workspace) -> None:
    hotel = await a_known_caller(workspace)
    earlier = uuid7()
    workspace.calls.answered(earlier, MOBILE)
    body = {"enterprise_id": hotel["id"], "call_id": earlier, "confidential": True}
    await workspace.post("agent1", "/api/cases", body)
    call_id = rings(workspace)
    assert len((await workspace.pop("agent1", call_id))["open_cases"]) == 1
    pop = await workspace.pop("agent2", call_id)
    assert pop["open_cases"] == []
    assert pop["earlier_calls"] == []


async def test_the_pop_takes_a_handful_of_queries_however_much_there_is(workspace: Workspace) -> None:
    hotel = await a_known_caller(workspace)
    for _ in range(15):
        call_id = uuid7()
        workspace.calls.answered(call_id, MOBILE)
        await workspace.post("agent1", "/api/cases", {"enterprise_id": hotel["id"], "call_id": call_id})
    seen: list[str] = []
    database = workspace.database
    async with database.snapshot() as db:
        engine = db.get_bind().engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_: seen.append(statement))
    await workspace.pop("agent1", rings(workspace))
    selects = [statement for statement in seen if statement.lstrip().upper().startswith("SELECT")]
    assert len(selects) <= 4, selects
