"""A city with a bureau of its own, its people, and the hotline's back office: for the pages of cases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio

from hotline.accounts.models import ROOT_ORGANISATION
from hotline.accounts.offline import users_of
from hotline.accounts.roles import Role
from hotline.kernel.ids import uuid7
from tests.stories.city import Api, City

PASSWORD = "nine slow otters drift"
WRITTEN: dict[str, Any] = {
    "type": "complaint",
    "title": "开业补贴迟迟没有发放",
    "content": "我店三月申请开业补贴，材料齐全，至今四个月没有到账，窗口每次都说再等等。",
    "unit_complained_of": "政务大厅窗口",
    "complaint_type": "办事效率",
    "demand": "请尽快发放，并说明原因。",
    "callback_number": "13904731234",
}
CONTACT: dict[str, Any] = {"way": "phone", "at": "2026-11-30T01:00:00Z", "by": "赵敏"}
REPLY: dict[str, Any] = {
    "facts": True,
    "contact": CONTACT,
    "solved": True,
    "public_answer": "补贴已发放到账户，请查收。",
    "internal_handling": "已督促窗口整改。",
}


@dataclass
class CityHall:
    """A city with a bureau, its people, and the hotline's back office."""

    city: City
    units: dict[str, str] = field(default_factory=dict)

    async def move(self, who: str, case_id: str, action: str, **detail: Any) -> dict[str, Any]:
        async with self.city.as_user(who) as api:
            return await move(api, case_id, action, **detail)

    async def submitted(self, **fields: Any) -> dict[str, Any]:
        async with self.city.as_user("agent1") as api:
            case = await api.post("/api/cases", **{**WRITTEN, **fields})
            return await move(api, case["id"], "submit")

    async def dispatched(self, **fields: Any) -> dict[str, Any]:
        case = await self.submitted(**fields)
        hidden = {"text_for_unit": "有企业反映补贴迟发。"} if fields.get("confidential") else {}
        await self.move("hall-dispatcher", case["id"], "approve", **hidden)
        return await self.move(
            "hall-dispatcher",
            case["id"],
            "dispatch",
            lead_unit_id=self.units["bureau"],
            assisting_unit_ids=[self.units["office"]],
            advice="请一周内答复。",
        )

    async def replied(self, **fields: Any) -> dict[str, Any]:
        case = await self.dispatched(**fields)
        await self.move("hall-handler", case["id"], "sign")
        return await self.move("hall-handler", case["id"], "reply", **REPLY, alone_reason="协办单位另行答复。")

    async def in_callback(self, **fields: Any) -> dict[str, Any]:
        case = await self.replied(**fields)
        return await self.move("hall-dispatcher", case["id"], "schedule_callback", fits_facts=True)


async def move(api: Api, case_id: str, action: str, **detail: Any) -> dict[str, Any]:
    version = (await api.get(f"/api/cases/{case_id}"))["version"]
    path = f"/api/cases/{case_id}/{action.replace('_', '-')}"
    moved: dict[str, Any] = await api.post(path, version=version, request_id=uuid7(), **detail)
    return moved


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hall(the_city: City) -> AsyncIterator[CityHall]:
    hall = CityHall(the_city)
    async with the_city.as_user("supervisor") as api:
        for key, name, above in (("bureau", "海勃湾区财政局", None), ("office", "财政局服务科", "bureau")):
            unit = await api.post("/api/units", name=name, parent_id=hall.units.get(above or ""))
            hall.units[key] = unit["id"]
            if key == "bureau":
                bureau = unit["organisation_id"]
    async with users_of(the_city.asterisk.settings) as (accounts, database):
        password_hash = await accounts.hash_password(PASSWORD)
        async with database.transaction() as db:
            for username, name, role, organisation in (
                ("hall-dispatcher", "周派单", Role.DISPATCHER, ROOT_ORGANISATION),
                ("hall-dispatcher2", "郑派单", Role.DISPATCHER, ROOT_ORGANISATION),
                ("hall-callback", "何回访", Role.CALLBACK, ROOT_ORGANISATION),
                ("hall-handler", "赵敏", Role.UNIT_HANDLER, bureau),
            ):
                user = await accounts.create_user(
                    db, username=username, name=name, password_hash=password_hash, roles=(role,)
                )
                user.organisation_id = organisation
                the_city.passwords[username] = PASSWORD
    yield hall
