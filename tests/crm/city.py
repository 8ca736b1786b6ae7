"""A small city: a bureau with two offices below it, another bureau, and people at each desk."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from crm.units.models import Unit
from hotline.accounts.models import ROOT_ORGANISATION, Organisation, OrganisationKind, User
from hotline.accounts.roles import Role
from hotline.kernel.ids import uuid7
from tests.crm.conftest import MORNING, Workspace

CONTACT = {"way": "phone", "at": MORNING.isoformat(), "by": "赵敏"}
REPLY: dict[str, Any] = {
    "facts": True,
    "contact": CONTACT,
    "solved": True,
    "public_answer": "执照已办好，可到窗口领取。",
    "internal_handling": "已督促窗口当日办结。",
}
CONSULT = {"type": "consult", "title": "办照材料", "content": "开饭店要哪些证？", "callback_number": "13912345678"}
SATISFIED = {
    "unit_contacted": True,
    "solved": "yes",
    "result": "satisfied",
    "process": "satisfied",
    "agent": "very_satisfied",
    "fits_facts": True,
}


@dataclass
class CaseCity:
    """People: dispatcher, callback, and of units bureau, bureau_head, office, other_office, other."""

    workspace: Workspace
    units: dict[str, str] = field(default_factory=dict)

    async def build(self) -> None:
        self.workspace.hire("dispatcher", Role.DISPATCHER)
        self.workspace.hire("dispatcher2", Role.DISPATCHER)
        self.workspace.hire("callback", Role.CALLBACK)
        await self.unit("bureau", "市场监督管理局", head=True)
        await self.unit("office", "海勃湾分局", above="bureau")
        await self.unit("other_office", "乌达分局", above="bureau")
        await self.unit("station", "滨河市场监管所", above="office")
        await self.unit("other", "税务局", head=True)

    async def unit(self, key: str, name: str, *, above: str | None = None, head: bool = False) -> None:
        """A unit with a handler named `key`, and where wanted a head named `<key>_head`."""
        organisation = Organisation(
            id=uuid7(), name=name, kind=OrganisationKind.UNIT, parent_id=ROOT_ORGANISATION, active=True, version=1
        )
        self.units[key] = uuid7()
        parent = self.units[above] if above else None
        async with self.workspace.database.transaction() as db:
            db.add(organisation)
            await db.flush()
            db.add(
                Unit(
                    id=self.units[key],
                    name=name,
                    parent_id=parent,
                    organisation_id=organisation.id,
                    active=True,
                    version=1,
                )
            )
            await db.flush()
        await self.person(key, organisation.id, Role.UNIT_HANDLER)
        if head:
            await self.person(f"{key}_head", organisation.id, Role.UNIT_HEAD)

    async def person(self, username: str, organisation_id: str, role: Role) -> None:
        person = replace(self.workspace.hire(username, role), user_id=uuid7())
        self.workspace.people[username] = person
        async with self.workspace.database.transaction() as db:
            db.add(
                User(
                    id=person.user_id,
                    username=username,
                    name=username,
                    password_hash="",
                    organisation_id=organisation_id,
                    roles=[role],
                    active=True,
                    created_at=MORNING,
                )
            )

    async def submitted(self, **fields: Any) -> str:
        case = await self.workspace.post("agent1", "/api/cases", {**CONSULT, **fields})
        await self.workspace.move("agent1", case["id"], "submit")
        return str(case["id"])

    async def approved(self, **fields: Any) -> str:
        case_id = await self.submitted(**fields)
        hidden = fields.get("confidential") or fields.get("anonymous")
        text = {"text_for_unit": "有人反映窗口收费不开票。"} if hidden else {}
        await self.workspace.move("dispatcher", case_id, "approve", **text)
        return case_id

    async def dispatched(self, lead: str = "bureau", *, assisting: tuple[str, ...] = (), **fields: Any) -> str:
        case_id = await self.approved(**fields)
        await self.dispatch(case_id, lead, assisting=assisting)
        return case_id

    async def dispatch(
        self, case_id: str, lead: str = "bureau", *, assisting: tuple[str, ...] = (), **more: Any
    ) -> Any:
        helpers = [self.units[key] for key in assisting]
        return await self.workspace.move(
            "dispatcher", case_id, "dispatch", lead_unit_id=self.units[lead], assisting_unit_ids=helpers, **more
        )

    async def signed(self, lead: str = "bureau", *, assisting: tuple[str, ...] = (), **fields: Any) -> str:
        case_id = await self.dispatched(lead, assisting=assisting, **fields)
        await self.workspace.move(lead, case_id, "sign")
        return case_id

    async def replied(self, **fields: Any) -> str:
        case_id = await self.signed(**fields)
        await self.workspace.move("bureau", case_id, "reply", **REPLY)
        return case_id

    async def in_callback(self, **fields: Any) -> str:
        case_id = await self.replied(**fields)
        await self.workspace.move("dispatcher", case_id, "schedule_callback", fits_facts=True)
        return case_id
