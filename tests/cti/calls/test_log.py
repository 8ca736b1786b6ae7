"""One record a call, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

from cti.events import (
    AgentLeftCall,
    CallerBackWithAgent,
    CallerRequeued,
    LegDropped,
    ThreeWayMerged,
    ThreeWayToggled,
)
from hotline.kernel.ids import uuid7
from tests.cti.calls.callers import CallStory
from tests.cti.calls.conftest import House

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


async def test_a_call_is_in_the_log_with_all_that_happened(house: House) -> None:
    call = CallStory(uuid7(), MORNING, name='李雷 "经理"')
    await house.happens(*call.simple())
    detail = await house.get("supervisor", f"/api/calls/{call.call_id}")
    assert detail["outcome"] == "answered"
    assert detail["caller_number"] == "+86139****5678"
    assert detail["caller_name"] == '李雷 "经理"'
    assert detail["enterprise_name"] == "乌海市蒙西煤业有限公司"
    assert (detail["flow"], detail["flow_version"]) == ("enterprise", 3)
    assert [(s["node"], s["label"], s["digits"]) for s in detail["path"]] == [("menu", "主菜单", "1")]
    assert (detail["waited_seconds"], detail["talk_seconds"], detail["survey"]) == (3, 60, 1)
    assert [(a["agent"], a["result"], a["rang_seconds"]) for a in detail["attempts"]] == [("1001", "answered", 2.0)]
    assert (detail["ended_by"], detail["cause"], detail["gap"]) == ("caller", 16, False)
    assert detail["agents"] == ["1001"]


async def test_a_live_call_is_shown_as_it_is_now(house: House) -> None:
    """Its row is written now and then; who asks is not told old things."""
    call = CallStory(uuid7(), MORNING)
    await house.happens(call.arrives())
    for event in [*call.menu(), call.queues(), call.rings(3), call.answers(5)]:
        house.bus.publish(event)
    detail = await house.get("supervisor", f"/api/calls/{call.call_id}")
    assert (detail["outcome"], detail["agents"], detail["queue"]) == ("live", ["1001"], "enterprise")
    assert [step["node"] for step in detail["path"]] == ["menu"]
    (row,) = (await house.get("supervisor", "/api/calls"))["items"]
    assert (row["outcome"], row["agents"]) == ("live", ["1001"])


async def test_who_heard_whom_during_a_three_way_call_is_shown_live_and_from_the_table(house: House) -> None:
    call = CallStory(uuid7(), MORNING)
    await house.happens(call.arrives())
    part = {"call_id": call.call_id, "agent": "1001"}
    moves = [
        ThreeWayMerged(at=call.at(20), specialist_id="s-1", **part),
        ThreeWayToggled(at=call.at(30), with_caller=False, **part),
        ThreeWayToggled(at=call.at(35), with_caller=True, **part),
        LegDropped(at=call.at(40), leg="specialist", by="self", **part),
        LegDropped(at=call.at(41), leg="specialist", by="agent", **part),
        LegDropped(at=call.at(42), leg="caller", by="agent", **part),
        CallerBackWithAgent(at=call.at(43), **part),
        AgentLeftCall(at=call.at(44), **part),
        CallerRequeued(at=call.at(45), **part),
    ]
    for event in moves:
        house.bus.publish(event)
    live = (await house.get("supervisor", f"/api/calls/{call.call_id}"))["threeway_moves"]
    await house.happens(call.ends(60))
    stored = (await house.get("supervisor", f"/api/calls/{call.call_id}"))["threeway_moves"]
    assert live == stored
    assert [move["kind"] for move in stored] == [
        *("merged", "with_specialist", "with_caller", "specialist_left", "specialist_dropped"),
        *("caller_dropped", "back_with_agent", "agent_left", "requeued"),
    ]
    assert [datetime.fromisoformat(move["at"]) for move in stored] == [event.at for event in moves]
