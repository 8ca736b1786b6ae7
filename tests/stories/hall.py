"""Everybody who works on cases, at their pages, with the calls that they were taken from."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hotline.kernel.ids import uuid7
from tests.stories.city import Api, City
from tests.stories.office import Office, new_number, off_duty

ZONE = ZoneInfo("Asia/Shanghai")
PEOPLE = (
    *("agent1", "agent2", "dispatcher", "callback", "supervisor", "auditor"),
    *("market", "markethead", "haibowan", "binhe", "social", "tax", "land"),
)
MARKET, TAX, LAND, SOCIAL = "市场监督管理局", "税务局", "自然资源局", "人力资源和社会保障局"
HAIBOWAN, BINHE = "海勃湾区市场监督管理局", "滨河市场监督管理所"
ACCUSATION = {"complaint_type": "办事效率", "demand": "尽快答复并说明原因"}
SATISFIED = {
    "unit_contacted": True,
    "solved": "yes",
    "result": "satisfied",
    "process": "satisfied",
    "agent": "satisfied",
}
RETURN = {"ground": "not_our_duty", "reason": "不属本局职责", "legal_basis": "部门三定方案"}


def contact() -> dict[str, Any]:
    return {"way": "phone", "at": datetime.now(UTC).isoformat(), "by": "承办人"}


def reply(answer: str = "已办结。") -> dict[str, Any]:
    words = {"public_answer": answer, "internal_handling": "已核实并督促窗口。"}
    return {"facts": True, "contact": contact(), "solved": True, **words}


@dataclass(frozen=True)
class AskedCase:
    """A case that its caller asks about, by number and code of the SMS."""

    number: str
    code: str
    promised: datetime

    @property
    def wrong_code(self) -> str:
        return f"{(int(self.code) + 1) % 10**8:08d}"


class Hall:
    """Everybody at their pages, and the calls that were taken this morning."""

    def __init__(self) -> None:
        self.people: dict[str, Api] = {}
        self.units: dict[str, str] = {}
        self.number = new_number()
        self.call_id = ""
        self.three_way_call_id = ""

    async def draft(self, *, three_way: bool = False, **fields: Any) -> Any:
        """The case that agent1 writes for the call, if there was one."""
        call_id = (self.three_way_call_id if three_way else self.call_id) or None
        words = {"title": "窗口办理慢", "content": "材料交了十天没有回音，请帮助催办。"}
        if call_id is None:
            words["callback_number"] = self.number
        return await self.people["agent1"].post("/api/cases", call_id=call_id, **{**words, **fields})

    async def move(self, who: str, case: Any, action: str, **detail: Any) -> Any:
        status, answer = await self.attempt(who, case, action, **detail)
        assert status == 200, answer
        return answer

    async def refused(self, who: str, case: Any, action: str, **detail: Any) -> str:
        """The reason of an action that must be refused."""
        status, answer = await self.attempt(who, case, action, **detail)
        assert status >= 400, answer
        return str(answer.get("reason") or answer["error_id"])

    async def attempt(self, who: str, case: Any, action: str, **detail: Any) -> tuple[int, Any]:
        present = await self.people["supervisor"].get(f"/api/cases/{case['id']}")
        body = {"request_id": uuid7(), "version": present["version"], **detail}
        path = f"/api/cases/{case['id']}/{action.replace('_', '-')}"
        async with self.people[who].http.post(path, json=body) as answer:
            return answer.status, await answer.json()

    async def sees(self, who: str, case: Any) -> bool:
        async with self.people[who].http.get(f"/api/cases/{case['id']}") as answer:
            assert answer.status in (200, 403), answer.status
            listed = await self.people[who].get("/api/cases", limit=200)
            assert (case["id"] in [row["id"] for row in listed["items"]]) == (answer.status == 200)
            return answer.status == 200

    # --- the usual way ----------------------------------------------------------------------------------

    async def approved(self, **fields: Any) -> Any:
        case = await self.draft(**fields)
        await self.move("agent1", case, "submit")
        hidden = fields.get("confidential") or fields.get("anonymous")
        return await self.move("dispatcher", case, "approve", **({"text_for_unit": "有人反映问题。"} if hidden else {}))

    async def promised(self, answer: str = "已采样送检。", **fields: Any) -> AskedCase:
        """A case whose unit has given an interim answer."""
        case = await self.in_progress(type="help", **fields)
        # Half past midnight in the hotline's zone is still the day before in UTC.
        at = (datetime.now(ZONE) + timedelta(days=3)).replace(hour=0, minute=30, second=0, microsecond=0)
        words = {"public_answer": answer, "promised_at": at.isoformat(), "caller_informed": True}
        await self.move("market", case, "reply_interim", **words)
        seen = await self.people["agent1"].get(f"/api/cases/{case['id']}")
        return AskedCase(seen["number"], seen["query_code"], at)

    async def dispatch(self, case: Any, lead: str, **more: Any) -> Any:
        return await self.move("dispatcher", case, "dispatch", lead_unit_id=self.units[lead], **more)

    async def in_progress(self, lead: str = MARKET, who: str = "market", **fields: Any) -> Any:
        case = await self.approved(**fields)
        await self.dispatch(case, lead)
        return await self.move(who, case, "sign")

    async def called_back(self, case: Any, **said: Any) -> Any:
        """The reply is audited, and the caller reached."""
        await self.move("dispatcher", case, "schedule_callback", fits_facts=True)
        return await self.move("callback", case, "record_callback", **{**SATISFIED, **said})

    async def archived(self, case: Any) -> Any:
        await self.move("callback", case, "close")
        case = await self.move("dispatcher", case, "archive")
        state = "draft"
        for step in case["steps"]:
            assert step["source"] == state
            state = step["target"]
        assert state == case["state"] == "archived"
        assert case["offers"] == []
        return case


@contextlib.asynccontextmanager
async def open_hall(city: City, office: Office | None = None) -> AsyncIterator[Hall]:
    """Everybody logs in; in an office, one caller has talked with an agent, and another with a specialist too."""
    hall = Hall()
    async with contextlib.AsyncExitStack() as stack:
        for name in PEOPLE:
            hall.people[name] = await stack.enter_async_context(city.as_user(name))
        hall.units = {unit["name"]: unit["id"] for unit in await hall.people["agent1"].get("/api/units")}
        if office is not None:
            await office.clear()
            hall.three_way_call_id = await _take_call(office, new_number(), with_specialist=True)
            hall.call_id = await _take_call(office, hall.number)
            await city.asterisk.hang_up_all()
        yield hall


async def _take_call(office: Office, number: str, *, with_specialist: bool = False) -> str:
    """A caller comes by key 1, talks with agent 1001, and perhaps with a specialist too, and hangs up."""
    async with office.talk(number) as talk:
        if with_specialist:
            await talk.merged()
        talk.caller.hang_up()
        await talk.record()
        await off_duty(talk.workspace)
        call_id = talk.call_id
    await office.clear()
    return call_id
