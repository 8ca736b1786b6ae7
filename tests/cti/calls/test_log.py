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
