"""The catalogue of items: five levels, codes that occur once, what is taken over from above, and suggestions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bench.suggestions import hit_rate
from crm.cases.models import Case
from crm.cases.state import CaseState
from crm.catalogue.history import DispatchedCases
from crm.catalogue.ports import PastDispatch
from crm.catalogue.routes import catalogue_routes
from crm.catalogue.service import CatalogueService
from crm.catalogue.suggestion import STALE, ItemSuggestions
from hotline.accounts.roles import Permission, Role
from hotline.kernel.db import Database
from hotline.kernel.search_tokens import characters, search_tokens
from hotline.onebox.demo_catalogue import load_catalogue
from tests.crm.conftest import Workspace
from tests.crm.test_units import a_unit
from tests.fakes.clock import FakeClock

P = Permission
CATALOGUE = "/api/catalogue"
MATRIX = {
    ("GET", CATALOGUE): P.UNIT_READ,
    ("GET", f"{CATALOGUE}/{{item_id}}"): P.UNIT_READ,
    ("POST", CATALOGUE): P.UNIT_WRITE,
    ("PATCH", f"{CATALOGUE}/{{item_id}}"): P.UNIT_WRITE,
    ("POST", f"{CATALOGUE}/suggest"): P.CASE_WRITE,
}


async def add(workspace: Workspace, code: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    body = {"code": code, "name": f"事项{code}", "parent_id": parent, **more}
    made: dict[str, Any] = await workspace.post("supervisor", CATALOGUE, body)
    return made


async def change(workspace: Workspace, item: dict[str, Any], **more: Any) -> dict[str, Any]:
    changed: dict[str, Any] = await workspace.patch("supervisor", f"{CATALOGUE}/{item['id']}", more)
    return changed


async def refused(workspace: Workspace, item: dict[str, Any], **more: Any) -> tuple[int, str]:
    body = {"version": item["version"], **more}
    return await workspace.refused("supervisor", "PATCH", f"{CATALOGUE}/{item['id']}", body)


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_read_write_and_ask(workspace: Workspace, role: Role) -> None:
    person = workspace.hire("somebody", role)
    for (method, path), permission in MATRIX.items():
        body = {"text": "执照"} if path.endswith("suggest") else {}
        status, _ = await workspace.ask(
            "somebody", method, path.format(item_id="none"), body if method != "GET" else None
        )
        allowed = permission in person.permissions
        if path.endswith("suggest"):
            allowed = allowed and role not in (Role.UNIT_HANDLER, Role.UNIT_HEAD)
        assert (status == 403) is not allowed, (method, path)
        assert await workspace.refused("nobody", method, path.format(item_id="none")) == (401, "auth.required")


def test_the_matrix_names_every_route(workspace: Workspace) -> None:
    routes = catalogue_routes(workspace.crm.catalogue, workspace.crm.suggestions)
    assert {(route.method, route.path): route.permission for route in routes} == MATRIX


async def test_unit_and_limit_come_from_above_until_an_item_has_its_own(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    other = await workspace.post("supervisor", "/api/units", a_unit(name="税务局"))
    limit = {"amount": 7, "unit": "working_day", "basis": "《条例》第五条"}
    top = await add(workspace, "01", unit_id=unit["id"], limit=limit)
    middle = await add(workspace, "0101", top["id"])
    leaf = await add(workspace, "010101", middle["id"], unit_id=other["id"], keywords=["执照", "执照", "开店"])
    assert (leaf["level"], leaf["keywords"], leaf["unit"]["name"]) == (3, ["执照", "开店"], "税务局")
    assert (middle["unit"], middle["handled_by"]["name"], middle["limit"]) == (None, "市场监督管理局", None)
    assert middle["limit_applied"] == leaf["limit_applied"] == limit
    # A unit that is closed handles nothing any more: the one above it does.
    await workspace.patch("supervisor", f"/api/units/{other['id']}", {"version": other["version"], "active": False})
    leaf = await workspace.get("agent1", f"{CATALOGUE}/{leaf['id']}")
    assert (leaf["unit"]["name"], leaf["handled_by"]["name"]) == ("税务局", "市场监督管理局")
    leaf = await change(workspace, leaf, version=1, unit_id=None, name="营业执照")
    assert (leaf["unit"], leaf["name"], leaf["version"]) == (None, "营业执照", 2)
    record = workspace.audits.records[-1]
    assert record.action == "catalogue.change"
    assert (record.detail["before"]["name"], record.detail["after"]["name"]) == ("事项010101", "营业执照")


async def test_a_catalogue_has_five_levels(workspace: Workspace) -> None:
    items: list[dict[str, Any]] = []
    for level in range(5):
        items.append(await add(workspace, f"L{level + 1}", items[-1]["id"] if items else None))
    assert items[-1]["level"] == 5
    body = {"code": "L6", "name": "第六级", "parent_id": items[-1]["id"]}
    assert await workspace.refused("supervisor", "POST", CATALOGUE, body) == (422, "catalogue.too_deep")
    # Nor does a move push what is below to the sixth.
    above = await add(workspace, "M1")
    assert await refused(workspace, items[0], parent_id=above["id"]) == (422, "catalogue.too_deep")
    moved = await change(workspace, items[1], version=1, parent_id=above["id"])
    assert moved["level"] == 2


async def test_a_cycle_is_refused(workspace: Workspace) -> None:
    top = await add(workspace, "01")
    leaf = await add(workspace, "0101", top["id"])
    assert await refused(workspace, top, parent_id=leaf["id"]) == (422, "catalogue.cycle")
    assert await refused(workspace, top, parent_id=top["id"]) == (422, "catalogue.cycle")


async def test_two_moves_at_once_make_no_cycle(workspace: Workspace) -> None:
    one, two = await add(workspace, "1"), await add(workspace, "2")
    answers = await asyncio.gather(
        workspace.ask("supervisor", "PATCH", f"{CATALOGUE}/{one['id']}", {"version": 1, "parent_id": two["id"]}),
        workspace.ask("supervisor", "PATCH", f"{CATALOGUE}/{two['id']}", {"version": 1, "parent_id": one["id"]}),
    )
    assert sorted(status for status, _ in answers) == [200, 422]


async def test_codes_occur_once_and_parents_are_in_use(workspace: Workspace) -> None:
    top = await add(workspace, "01")
    leaf = await add(workspace, "0101", top["id"])
    assert await workspace.refused("supervisor", "POST", CATALOGUE, {"code": "０１", "name": "甲"}) == (
        409,
        "catalogue.code_taken",
    )
    assert await refused(workspace, leaf, code="01") == (409, "catalogue.code_taken")
    assert await refused(workspace, top, active=False) == (409, "catalogue.in_use")
    assert await refused(workspace, leaf, parent_id="none") == (422, "catalogue.parent_not_found")
    assert await refused(workspace, leaf, unit_id="none") == (422, "catalogue.unit_not_found")
    leaf = await change(workspace, leaf, version=1, active=False)
    await change(workspace, top, version=1, active=False)
    assert await refused(workspace, leaf, active=True) == (422, "catalogue.parent_not_found")
    assert await refused(workspace, {**leaf, "version": 1}, name="甲") == (409, "catalogue.version_conflict")
    assert [item["code"] for item in await workspace.get("agent1", CATALOGUE, active="false")] == ["01", "0101"]
    assert await workspace.get("agent1", CATALOGUE, active="true") == []


@pytest.mark.parametrize(
    "bad",
    [
        {"code": "01 02"},
        {"code": ""},
        {"code": "x" * 33},
        {"name": "甲\u202e乙"},
        {"name": " "},
        {"keywords": ["长" * 31]},
        {"keywords": ["词"] * 51},
        {"limit": {"amount": 0, "unit": "working_day", "basis": "法"}},
        {"limit": {"amount": 5, "unit": "working_day", "basis": ""}},
        {"limit": {"amount": 5, "unit": "weeks", "basis": "法"}},
        {"parent_id": "a/b"},
        {"level": 1},
    ],
)
async def test_bad_items_are_refused(workspace: Workspace, bad: dict[str, Any]) -> None:
    body = {"code": "01", "name": "甲", **bad}
    assert await workspace.refused("supervisor", "POST", CATALOGUE, body) == (422, "input.invalid")


class History:
    """Past cases, and how often they were asked for."""

    def __init__(self, *past: PastDispatch) -> None:
        self.past = list(past)
        self.asked = 0

    async def latest(self, db: AsyncSession, *, limit: int) -> Sequence[PastDispatch]:
        self.asked += 1
        return self.past[:limit]


async def test_suggestions_name_words_and_follow_the_catalogue(workspace: Workspace) -> None:
    unit = await workspace.post("supervisor", "/api/units", a_unit())
    top = await add(workspace, "01", unit_id=unit["id"])
    licence = await add(workspace, "0101", top["id"], keywords=["营业执照", "执照丢失"])
    await add(workspace, "0102", top["id"], keywords=["食品证"])
    question = {"text": "来电人的营业执照丢了，想补办。"}
    found = await workspace.post("agent1", f"{CATALOGUE}/suggest", question)
    assert found[0]["item_id"] == licence["id"]
    assert found[0]["path"] == ["事项01", "事项0101"]
    assert found[0]["unit"]["name"] == "市场监督管理局"
    assert found[0]["reason"] == {"words": found[0]["reason"]["words"], "past_cases": 0}
    assert "营业执照" in found[0]["reason"]["words"]
    # The inner item is none that a case gets; one that is closed is not suggested any more.
    assert top["id"] not in {one["item_id"] for one in found}
    await change(workspace, licence, version=1, active=False)
    assert licence["id"] not in {
        one["item_id"] for one in await workspace.post("agent1", f"{CATALOGUE}/suggest", question)
    }


@pytest.mark.parametrize("text", ["。。。", "x' OR 1=1 --", "<script>alert(1)</script>", "\U0001f600", "啊" * 20_000])
async def test_hostile_texts_get_an_answer(workspace: Workspace, text: str) -> None:
    await add(workspace, "01", keywords=["执照"])
    assert await workspace.post("agent1", f"{CATALOGUE}/suggest", {"text": text}) == []


async def test_past_cases_speak_for_items_and_for_the_unit_they_went_to(database: Database, clock: FakeClock) -> None:
    history = History()
    suggestions = ItemSuggestions(clock, history)
    async with database.transaction() as db:
        await load_catalogue(db, CatalogueService())
    async with database.snapshot() as db:
        text = "民宿想挂牌，跑了公安又跑文旅，不知道先去哪家"
        found = await suggestions.suggest(db, text)
        assert all(one.reason.past_cases == 0 for one in found)
        item = (await suggestions.suggest(db, "饭店后厨的食品证"))[0]
        assert item.code == "010501"
        history.past = [PastDispatch(f"c{n}", f"民宿挂牌找谁，公安说要文旅{n}", item.item_id, None) for n in range(4)]
        assert history.asked == 1
        await clock.advance(STALE)
        found = await suggestions.suggest(db, text)
        assert (found[0].code, found[0].reason.past_cases, history.asked) == ("010501", 4, 2)
        assert {"民宿", "文旅"} & set(found[0].reason.words)
        await clock.advance(STALE - timedelta(seconds=1))
        await suggestions.suggest(db, text)
        assert history.asked == 2


def test_suggestions_are_right_often_enough() -> None:
    """Loosely: the figures are in docs/units.md, by `python -m bench.suggestions`."""
    alone = hit_rate(cases_each=0)
    assert alone.asked >= 120
    assert alone.top1 >= 0.35
    assert alone.top3 >= 0.6
    repeated = hit_rate(cases_each=2, repeated=True)
    assert repeated.top1 >= 0.9
    assert repeated.unit1 >= 0.9


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("营业执照", {"营业", "执照", "营业执照", "业执"}),
        ("ＡＢＣ公司２０２４", {"abc", "公司", "2024"}),
        ("我们的", set()),
        ("", set()),
        ("，。！_", set()),
    ],
)
def test_tokens_are_words_and_pairs(text: str, tokens: set[str]) -> None:
    assert set(search_tokens(text)) == tokens


def test_single_characters_leave_the_common_ones_out() -> None:
    assert characters("我的票不够 X") == ["票", "够"]


async def test_only_cases_that_a_unit_has_answered_speak(any_database: Database, clock: FakeClock) -> None:
    async with any_database.transaction() as db:
        for number, (state, item, confidential) in enumerate(
            [
                (CaseState.CLOSED, "i1", False),
                (CaseState.DISPATCHED, "i1", False),
                (CaseState.CLOSED, None, False),
                (CaseState.CLOSED, "i1", True),
                (CaseState.REPLIED, "i2", False),
            ]
        ):
            row = Case(number=f"n{number}", state=state, item_id=item, confidential=confidential, title=f"标题{number}")
            row.created_by, row.created_at, row.updated_at = "u", clock.now(), clock.now()
            db.add(row)
    async with any_database.snapshot() as db:
        past = await DispatchedCases().latest(db, limit=10)
        assert {(case.text.strip(), case.item_id) for case in past} == {("标题0", "i1"), ("标题4", "i2")}
        assert len(await DispatchedCases().latest(db, limit=1)) == 1
