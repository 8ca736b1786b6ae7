"""Whatever is done to a case, in whatever order and however long it takes, some clock runs or a reason is stated."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from crm.cases.state import OPEN, CaseState
from tests.crm.city import CONTACT, REPLY, SATISFIED, CaseCity
from tests.crm.conftest import Workspace
from tests.crm.deadlines import pass_time, rows_of
from tests.fakes.clock import FakeClock

ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "ask_info": ("dispatcher", {"reason": "请补充地址"}),
    "give_info": ("agent1", {}),
    "approve": ("dispatcher", {}),
    "dispatch": ("dispatcher", {}),
    "sign": ("bureau", {}),
    "request_return": ("bureau", {"ground": "objection", "reason": "不属本局", "legal_basis": "条例第八条"}),
    "accept_return": ("dispatcher", {"reason": "属实"}),
    "refuse_return": ("dispatcher", {"reason": "属于本局职责"}),
    "request_extension": ("bureau_head", {"days": 2, "reason": "需现场勘查", "caller_informed": True}),
    "grant_extension": ("dispatcher", {"reason": "同意"}),
    "refuse_extension": ("dispatcher", {"reason": "理由不充分"}),
    "record_contact": ("bureau", {"contact": CONTACT}),
    "reply": ("bureau", REPLY),
    "sub_dispatch": ("bureau", {}),
    "suspend": ("dispatcher", {"reason": "等待法院裁定"}),
    "resume": ("dispatcher", {"reason": "裁定已下"}),
    "schedule_callback": ("dispatcher", {"fits_facts": True}),
    "record_callback": ("callback", SATISFIED),
    "order_rework": ("callback", {"reason": "问题未解决"}),
    "resume_work": ("bureau", {}),
    "close": ("callback", {"disposition": "已说明"}),
    "reopen": ("dispatcher", {"reason": "新情况"}),
}
PAUSES = (timedelta(0), timedelta(minutes=20), timedelta(hours=3), timedelta(hours=26), timedelta(days=4))


@pytest.mark.parametrize("seed", range(12))
async def test_every_open_case_has_a_clock_and_the_earliest_is_its_next(
    workspace: Workspace, morning: FakeClock, seed: int
) -> None:
    choose = random.Random(seed)
    city = CaseCity(workspace)
    await city.build()
    case_id = await city.submitted(type=choose.choice(["consult", "help"]))
    for _ in range(14):
        pause = choose.choice(PAUSES)
        if pause and choose.random() < 0.5:
            await pass_time(workspace, morning, morning.now() + pause)
        await check(workspace, case_id)
        case = await workspace.get("supervisor", f"/api/cases/{case_id}")
        possible = [one["action"] for one in case["offers"] if one["action"] in ACTIONS]
        if not possible:
            break
        who, detail = ACTIONS[action := choose.choice(possible)]
        if action == "dispatch":
            detail = {"lead_unit_id": city.units["bureau"], "designate": case["returns"] >= 3}
        elif action == "sub_dispatch":
            detail = {"unit_ids": [city.units["office"]]}
        status, answer = await workspace.try_move(who, case_id, action, **detail)
        assert status in (200, 403, 409), answer
        await check(workspace, case_id)


async def check(workspace: Workspace, case_id: str) -> None:
    case = await workspace.get("supervisor", f"/api/cases/{case_id}")
    rows = await rows_of(workspace, case_id)
    running = [row for row in rows if row.state == "running"]
    paused = [row for row in rows if row.state == "paused"]
    if case["state"] in OPEN - {CaseState.DRAFT}:
        assert running or paused, case["state"]
    else:
        assert not running
        assert not paused
    assert bool(paused) <= (case["suspended_at"] is not None)
    first = min(running, key=lambda row: (row.due_at, row.id), default=None)
    assert case["next_due_kind"] == (first.kind if first else None)
    owed = [(row.kind, row.assignment_id) for row in (*running, *paused)]
    assert len(owed) == len(set(owed)), "two clocks for one thing"
    state = "draft"
    for step in case["steps"]:
        assert step["source"] == state
        state = step["target"]
    assert state == case["state"]
