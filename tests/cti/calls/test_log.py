"""One record a call, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

from hotline.kernel.ids import uuid7
from tests.cti.calls.callers import Story
from tests.cti.calls.conftest import House

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


async def test_a_call_is_in_the_log_with_all_that_happened(house: House) -> None:
    call = Story(uuid7(), MORNING, name='李雷 "经理"')
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
    call = Story(uuid7(), MORNING)
    await house.happens(call.arrives())
    for event in [*call.menu(), call.queues(), call.rings(3), call.answers(5)]:
        house.bus.publish(event)
    detail = await house.get("supervisor", f"/api/calls/{call.call_id}")
    assert (detail["outcome"], detail["agents"], detail["queue"]) == ("live", ["1001"], "enterprise")
    assert [step["node"] for step in detail["path"]] == ["menu"]
    (row,) = (await house.get("supervisor", "/api/calls"))["items"]
    assert (row["outcome"], row["agents"]) == ("live", ["1001"])
