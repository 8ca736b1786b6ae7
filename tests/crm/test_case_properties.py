"""What holds of a case whatever people do, in whatever order, however often and at whatever time."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.cases.details.table import DETAILS
from hotline.kernel.ids import uuid7
from tests.crm.city import CONSULT, CaseCity
from tests.crm.conftest import Workspace
from tests.crm.walks import HOME, TOLD, Walk, look
from tests.fakes.clock import FakeClock

STEPS = 20
AT_ONCE = 20
DONE: Counter[str] = Counter()
"""Actions that succeeded on the walks of this run."""


@pytest.fixture
async def city(workspace: Workspace) -> CaseCity:
    city = CaseCity(workspace)
    await city.build()
    return city


def test_the_walks_know_every_action() -> None:
    assert set(TOLD) == {action.value for action in DETAILS}


@pytest.mark.timeout(400)
@settings(max_examples=9, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
@pytest.mark.clause(11)
async def test_no_walk_skips_a_guard(city: CaseCity, morning: FakeClock, seed: int) -> None:
    walk = Walk(city, morning, Random(seed))
    await walk.open()
    for _ in range(STEPS):
        await walk.step()
    DONE.update(entry.split()[1] for entry in walk.accepted)
    seen = await look(city, walk.case_id)
    for who in HOME:
        status, _ = await city.workspace.ask(who, "GET", f"/api/cases/{walk.case_id}")
        assert status == (200 if walk.sees(who, seen) else 403), (who, walk.accepted)
        listed = [row["id"] for row in (await city.workspace.get(who, "/api/cases"))["items"]]
        assert (walk.case_id in listed) == walk.sees(who, seen), (who, walk.accepted)


def test_the_walks_went_far() -> None:
    if not DONE:
        pytest.skip("the walks were not chosen")
    assert {"submit", "approve", "dispatch", "sign"} <= DONE.keys()
    assert len(DONE) >= 15, DONE


@pytest.mark.parametrize("seed", range(2))
async def test_every_way_ends_somewhere(city: CaseCity, morning: FakeClock, seed: int) -> None:
    """From wherever a random walk has come, the hotline can bring the case to an end."""
    walk = Walk(city, morning, Random(seed))
    await walk.open()
    for _ in range(10):
        await walk.step()
    seen = await look(city, walk.case_id)
    morning.jump(timedelta(days=1))  # a colleague's claim is over
    if seen.state in ("closed", "archived", "terminated", "not_accepted", "emergency_transferred"):
        return
    body = {"ground": "written_request", "request": "企业来函", "explanation": "已告知"}
    assert (await city.workspace.move("supervisor", walk.case_id, "terminate", **body))["state"] == "terminated"


async def test_cases_opened_at_once_get_numbers_of_their_own(workspace: Workspace) -> None:
    cases = await asyncio.gather(
        *(workspace.post(f"agent{place % 2 + 1}", "/api/cases", CONSULT) for place in range(AT_ONCE))
    )
    assert len({case["number"] for case in cases}) == len({case["id"] for case in cases}) == AT_ONCE


async def test_a_double_click_opens_one_case(workspace: Workspace) -> None:
    draft = {**CONSULT, "id": uuid7()}
    cases = await asyncio.gather(*(workspace.post("agent1", "/api/cases", draft) for _ in range(AT_ONCE)))
    assert len({case["number"] for case in cases}) == 1


async def test_double_clicks_are_one_step_each(city: CaseCity) -> None:
    cases = [await city.dispatched() for _ in range(4)]
    clicks = [(case_id, {"request_id": uuid7(), "version": 4}) for case_id in cases]

    async def click(case_id: str, body: dict[str, Any]) -> tuple[int, Any]:
        return await city.workspace.try_move("bureau", case_id, "sign", **body)

    answers = await asyncio.gather(*(click(*one) for one in clicks for _ in range(5)))
    assert [(status, body["version"]) for status, body in answers] == [(200, 5)] * 20
    for case_id in cases:
        assert [step["action"] for step in (await look(city, case_id)).steps].count("sign") == 1


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=1)])
async def test_a_clock_that_is_set_does_not_disturb_the_order(
    city: CaseCity, morning: FakeClock, jump: timedelta
) -> None:
    workspace = city.workspace
    case_id = await city.dispatched()
    morning.jump(jump)
    await workspace.move("bureau", case_id, "sign")
    morning.jump(-jump)
    contact = {"way": "phone", "at": morning.now().isoformat(), "by": "赵敏"}
    await workspace.move("bureau", case_id, "record_contact", contact=contact)
    case = await workspace.get("dispatcher", f"/api/cases/{case_id}")
    assert [step["action"] for step in case["steps"]] == ["submit", "approve", "dispatch", "sign", "record_contact"]
    assert [step["version"] for step in case["steps"]] == [2, 3, 4, 5, 6]
    assert len((await workspace.post("agent1", "/api/cases", CONSULT))["number"]) == len(case["number"])
