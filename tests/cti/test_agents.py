"""Who is an agent: edited over the API, and taken up by presence while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.document import SHIPPED_FLOW, load_flow
from callflow.registry import all_actions
from cti.ports import CaseReference
from cti.presence.models import Agent
from cti.presence.repository import all_agents, end_sessions_of_departed
from cti.presence.roster import AgentNumbers, AgentRoster, queues_of
from cti.presence.routes import SipServer, agent_routes
from cti.presence.service import PresenceService
from cti.presence.session import AgentSession, Phone, QueueMembership
from cti.presence.state import PresenceConflictError
from cti.service import CtiService
from cti.threeway.ports import SpecialistTarget
from hotline.accounts.events import AccessChanged
from hotline.accounts.models import AuditEntry, UserSession
from hotline.accounts.roles import Role
from hotline.app.settings import Settings
from hotline.kernel.bus import Bus
from hotline.kernel.db import Database
from hotline.kernel.events import Recorded
from hotline.kernel.http import Principal
from hotline.kernel.journal import Journal
from hotline.onebox.phones import phones_of
from ivr.errors import ActionRefusedError
from ivr.switchboard import QueueMember
from tests.fakes.clock import FakeClock
from tests.fakes.queue_call import QueueCall
from tests.fakes.switchboard import FakeSwitchboard
from tests.hotline.accounts import Accounts
from tests.hotline.conftest import any_database, any_url, clock, database, postgres_server, postgres_url
from tests.hotline.web import NoJournal

__all__ = ["any_database", "any_url", "clock", "database", "postgres_server", "postgres_url"]

DESKS = [{"queue": "enterprise", "penalty": 0}]
SIP = SipServer("10.0.0.5", 5060)
BODY = {"number": "1007", "username": "wang", "queues": DESKS}


# --- over the API ---------------------------------------------------------------------------------------


class SpecialistsPhones:
    async def holder(self, db: AsyncSession, number: str) -> str | None:
        return "陈志远 (市场监督管理局)" if number == "6001" else None


@pytest.fixture
async def office(any_database: Database, clock: FakeClock) -> AsyncIterator[Accounts]:
    queues = queues_of(load_flow(SHIPPED_FLOW, all_actions()))
    accounts = Accounts(
        any_database, clock, more=[agent_routes(AgentRoster(clock, lambda: queues, SpecialistsPhones()), SIP)]
    )
    await accounts.start()
    await accounts.add("boss", Role.SUPERVISOR)
    await accounts.add("wang", Role.AGENT)
    await accounts.add("clerk", Role.DISPATCHER)
    yield accounts
    await accounts.close()


async def ask(office: Accounts, method: str, path: str, json: Any = None, *, who: str = "boss") -> tuple[int, Any]:
    return await office.ask(method, f"/api/agents{path}", await office.log_in(who), json)


def edits(office: Accounts) -> list[tuple[str, str]]:
    return [(e.agent, e.change) for e in office.journal.events if e.name == "agent.edited"]  # type: ignore[attr-defined]


async def test_an_agent_is_made_of_a_user_with_secret_passwords_for_two_phones(office: Accounts) -> None:
    status, agent = await ask(office, "POST", "", BODY)
    assert status == 201
    assert (agent["number"], agent["name"], agent["active"]) == ("1007", "王芳", True)
    async with office.database.snapshot() as db:
        row = (await db.scalars(select(Agent))).one()
        actions = set(await db.scalars(select(AuditEntry.action)))
    assert len({row.web_secret, row.desk_secret}) == 2
    assert not {row.web_secret, row.desk_secret} & set(map(str, agent.values()))
    assert "agent.create" in actions
    assert edits(office) == [("1007", "created")]


async def test_a_desk_phones_password_is_shown_to_who_leads_agents_and_each_look_is_audited(office: Accounts) -> None:
    await ask(office, "POST", "", BODY)
    status, account = await ask(office, "POST", "/1007/desk-phone")
    assert (status, account["username"], account["host"], account["port"]) == (200, "1007", "10.0.0.5", 5060)
    async with office.database.snapshot() as db:
        agent = await db.scalar(select(Agent).where(Agent.number == "1007"))
        looks = (await db.scalars(select(AuditEntry).where(AuditEntry.action == "agent.show_desk_phone"))).all()
    assert agent is not None
    assert account["password"] == agent.desk_secret
    assert [(look.username, look.target, look.detail) for look in looks] == [("boss", "1007", {})]
    assert (await ask(office, "POST", "/1007/desk-phone", who="clerk"))[0] == 403
    assert (await ask(office, "POST", "/1999/desk-phone"))[0] == 404


async def test_queues_are_those_of_the_call_flow(office: Accounts) -> None:
    status, queues = await ask(office, "GET", "/queues")
    assert status == 200
    assert {queue["name"] for queue in queues} == {"enterprise", "public"}
    assert (await ask(office, "GET", "/queues", who="clerk"))[0] == 403


async def test_queues_and_wrap_up_are_changed(office: Accounts) -> None:
    await ask(office, "POST", "", BODY)
    queues = [{"queue": "public", "penalty": 5}]
    status, agent = await ask(office, "PUT", "/1007", {"queues": queues, "wrap_up_seconds": 60})
    assert (status, agent["queues"], agent["wrap_up_seconds"]) == (200, queues, 60)
    assert (await ask(office, "GET", ""))[1] == [agent]
    assert edits(office)[-1] == ("1007", "changed")


async def test_a_deactivated_agent_keeps_the_number_and_may_come_back(office: Accounts) -> None:
    await ask(office, "POST", "", BODY)
    status, agent = await ask(office, "POST", "/1007/deactivate")
    assert (status, agent["active"]) == (200, False)
    async with office.database.snapshot() as db:
        assert await all_agents(db) == []
    await office.add("li", Role.AGENT)
    status, problem = await ask(office, "POST", "", {**BODY, "username": "li"})
    assert (status, problem["error_id"]) == (409, "agent.taken")
    status, agent = await ask(office, "POST", "/1007/activate")
    assert (status, agent["active"], agent["deactivated_at"]) == (200, True, None)
    assert [change for _, change in edits(office)] == ["created", "deactivated", "activated"]


async def test_a_number_of_the_hotline_is_reported_to_whoever_would_give_it_away_again(office: Accounts) -> None:
    await ask(office, "POST", "", BODY)
    await ask(office, "POST", "/1007/deactivate")
    async with office.database.snapshot() as db:
        assert await AgentNumbers().holder(db, "1007") == "agent 1007 (王芳)"
        assert await AgentNumbers().holder(db, "12345") == "the hotline itself"
        assert await AgentNumbers().holder(db, "6001") is None


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"username": "nobody"}, 409, "agent.no_workspace_user"),
        ({"username": "clerk"}, 409, "agent.no_workspace_user"),
        ({"queues": [{"queue": "no-such-queue"}]}, 422, "agent.unknown_queue"),
        ({"queues": []}, 422, "input.invalid"),
        ({"queues": [*DESKS, *DESKS]}, 422, "input.invalid"),
        ({"number": "12345"}, 409, "agent.number_in_use"),
        ({"number": "6001"}, 409, "agent.number_in_use"),
        ({"number": "12a"}, 422, "input.invalid"),
        ({"number": "1\r\n2"}, 422, "input.invalid"),
    ],
)
async def test_what_cannot_be_is_refused(office: Accounts, change: dict[str, Any], status: int, error: str) -> None:
    answer = await ask(office, "POST", "", {**BODY, **change})
    assert (answer[0], answer[1]["error_id"]) == (status, error)
    assert edits(office) == []


async def test_a_specialists_number_is_refused_with_whose_it_is_and_how_to_mend_it(office: Accounts) -> None:
    _, problem = await ask(office, "POST", "", {**BODY, "number": "6001"})
    for part in ("6001", "陈志远 (市场监督管理局)", "choose another number", "unit directory"):
        assert part in problem["detail"]


async def test_one_account_is_one_agent(office: Accounts) -> None:
    await ask(office, "POST", "", BODY)
    status, problem = await ask(office, "POST", "", {**BODY, "number": "1008"})
    assert (status, problem["error_id"]) == (409, "agent.taken")


async def test_only_who_leads_agents_edits_them(office: Accounts) -> None:
    for method, path, body in (
        ("GET", "", None),
        ("POST", "", BODY),
        ("PUT", "/1007", {"queues": DESKS}),
        ("POST", "/1007/deactivate", None),
        ("POST", "/1007/activate", None),
    ):
        assert (await ask(office, method, path, body, who="wang"))[0] == 403
        if path:
            assert (await ask(office, method, path, body))[0] == 404


async def test_who_went_while_the_service_was_down_is_logged_out_at_its_start(
    office: Accounts, clock: FakeClock
) -> None:
    await ask(office, "POST", "", BODY)
    await office.log_in("wang")
    await clock.advance(timedelta(minutes=1))
    await ask(office, "POST", "/1007/deactivate")
    await clock.advance(timedelta(minutes=1))
    await office.log_in("clerk")
    async with office.database.transaction() as db:
        await end_sessions_of_departed(db)
    async with office.database.snapshot() as db:
        users = set(await db.scalars(select(UserSession.user_id)))
        wang = (await db.scalars(select(Agent.user_id))).one()
    assert users
    assert wang not in users


# --- presence -------------------------------------------------------------------------------------------


class Floor:
    """Presence over the agents in a database; 1007 is one, and at work."""

    def __init__(self, office: Accounts, clock: FakeClock) -> None:
        self.office = office
        self.clock = clock
        self.switchboard = FakeSwitchboard(reachable={"1007-web"})
        self.left: list[AgentSession] = []
        self.presence = PresenceService(
            self.switchboard,
            self.switchboard.phone,
            Bus(NoJournal()),
            clock,
            on_change=lambda _: None,
            on_left=self.left.append,
        )
        self.call = QueueCall(self.switchboard.phone, agent="1007", interface="PJSIP/1007-web")

    async def begins(self) -> None:
        await ask(self.office, "POST", "", BODY)
        self.presence.set_link(True)
        await self.loads()
        await self.presence.sign_in("1007", Phone.BROWSER)
        await self.presence.ready("1007")

    async def loads(self) -> set[str]:
        changed = await self.presence.load(self.office.database)
        await self.clock.advance(timedelta())
        return changed

    async def goes(self) -> None:
        """The agent is deactivated, and presence hears of it."""
        await ask(self.office, "POST", "/1007/deactivate")
        await self.loads()

    def is_gone(self) -> bool:
        assert bool(self.left) is (self.presence.find("1007") is None)
        return bool(self.left) and not self.switchboard.queues.members


@pytest.fixture
async def floor(office: Accounts, clock: FakeClock) -> AsyncIterator[Floor]:
    floor = Floor(office, clock)
    await floor.begins()
    yield floor
    await floor.presence.close()


async def test_loading_shows_who_is_new_changed_or_to_go_and_else_nothing(floor: Floor) -> None:
    assert await floor.loads() == set()
    await floor.office.add("li", Role.AGENT)
    await ask(floor.office, "POST", "", {**BODY, "number": "1008", "username": "li"})
    assert await floor.loads() == {"1008"}
    await ask(floor.office, "PUT", "/1008", {"queues": DESKS, "wrap_up_seconds": 5})
    assert await floor.loads() == {"1008"}
    await ask(floor.office, "POST", "/1008/deactivate")
    assert await floor.loads() == {"1008"}
    assert await floor.loads() == set()


async def test_new_queues_hold_at_once_for_who_is_at_work(floor: Floor) -> None:
    await ask(floor.office, "PUT", "/1007", {"queues": [{"queue": "public"}]})
    await floor.loads()
    assert set(floor.switchboard.queues.members) == {("public", "PJSIP/1007-web")}
    assert floor.presence.session("1007").queues == (QueueMembership("public", 0),)


async def test_who_is_ready_and_deactivated_is_signed_out_at_once(floor: Floor) -> None:
    await floor.goes()
    assert floor.is_gone()


async def test_who_talks_finishes_the_call_and_its_case_first(floor: Floor) -> None:
    floor.call.rings()
    floor.call.connects()
    await floor.goes()
    assert not floor.switchboard.queues.members, "no more calls from now on"
    assert not floor.is_gone()
    assert ("hang up", floor.call.leg) not in floor.switchboard.sent
    floor.call.ends()
    await floor.clock.advance(timedelta(seconds=29))
    assert not floor.is_gone()
    assert floor.presence.session("1007").state.value == "wrap_up"
    floor.switchboard.sent.clear()
    await floor.clock.advance(timedelta(seconds=1))
    assert floor.is_gone()
    assert floor.switchboard.sent == [], "no unpause: the queue would ring"


@pytest.mark.parametrize("end", ["finish_wrap_up", "ready", "sign_out"])
async def test_the_last_wrap_up_ends_when_the_agent_says_so(floor: Floor, end: str) -> None:
    floor.call.rings()
    floor.call.connects()
    floor.call.ends()
    await floor.goes()
    assert not floor.is_gone()
    await getattr(floor.presence, end)("1007")
    await floor.clock.advance(timedelta())
    assert floor.is_gone()


async def test_the_last_wrap_up_ends_in_no_pause_and_is_not_extended_forever(floor: Floor) -> None:
    floor.call.rings()
    floor.call.connects()
    await floor.presence.pause("1007", "break")
    await floor.goes()
    floor.call.ends()
    await floor.clock.advance(timedelta())
    for _ in range(29):
        await floor.presence.extend_wrap_up("1007")
    with pytest.raises(PresenceConflictError):
        await floor.presence.extend_wrap_up("1007")
    await floor.clock.advance(timedelta(minutes=29))
    assert not floor.is_gone()
    await floor.clock.advance(timedelta(seconds=30))
    assert floor.is_gone()


async def test_a_ring_continues_and_is_the_last(floor: Floor) -> None:
    floor.call.rings()
    await floor.goes()
    assert not floor.is_gone()
    floor.call.times_out()
    await floor.clock.advance(timedelta())
    assert floor.is_gone()


async def test_an_account_that_is_deactivated_is_no_agent_either(floor: Floor) -> None:
    await floor.office.add("root", Role.SYSTEM_ADMIN)
    token = await floor.office.log_in("root")
    user_id = floor.presence.session("1007").user_id
    assert (await floor.office.ask("POST", f"/api/users/{user_id}/deactivate", token))[0] == 200
    await floor.loads()
    assert floor.is_gone()


async def test_who_loses_the_role_for_the_queue_is_no_agent_and_has_no_phones(floor: Floor) -> None:
    await floor.office.add("root", Role.SECURITY_ADMIN)
    token = await floor.office.log_in("root")
    user_id = floor.presence.session("1007").user_id
    async with floor.office.database.transaction() as db:
        await floor.office.service.set_roles(db, user_id, [Role.SUPERVISOR])
    path = f"/api/users/{user_id}/roles"
    assert await floor.loads() == set()
    assert (await floor.office.ask("PUT", path, token, {"roles": ["kb_editor"]}))[0] == 200
    assert (await ask(floor.office, "GET", ""))[1][0]["active"] is False
    async with floor.office.database.snapshot() as db:
        assert await phones_of(db) == ()
        assert [phones.number for phones in await phones_of(db, also=["1007"])] == ["1007"]
    assert await floor.loads() == {"1007"}
    assert floor.is_gone()


async def test_who_comes_back_during_the_last_call_stays(floor: Floor) -> None:
    floor.call.rings()
    floor.call.connects()
    await floor.goes()
    await ask(floor.office, "POST", "/1007/activate")
    await floor.loads()
    floor.call.ends()
    await floor.clock.advance(timedelta())
    assert not floor.is_gone()
    assert floor.presence.session("1007").state.value == "wrap_up"


async def test_with_asterisk_away_the_agent_goes_once_it_is_back(floor: Floor) -> None:
    floor.switchboard.go_down()
    await floor.goes()
    assert not floor.is_gone()
    floor.switchboard.refuse = None
    await floor.presence.resync(await floor.switchboard.snapshot())
    await floor.clock.advance(timedelta())
    assert floor.is_gone()


async def test_who_could_not_be_signed_out_is_at_the_next_look(floor: Floor) -> None:
    floor.switchboard.refuse = ActionRefusedError("Interface not found")
    await floor.goes()
    assert not floor.is_gone()
    floor.switchboard.refuse = None
    assert await floor.loads() == set()
    assert floor.is_gone()


async def test_who_went_while_the_service_was_down_is_taken_out_of_the_queue(floor: Floor) -> None:
    ours = next(iter(floor.switchboard.queues.members.values()))
    for number, interface in (("1099", "PJSIP/1099"), ("night-queue", "PJSIP/night"), ("77", "Local/77@outside")):
        member: QueueMember = replace(ours, member_name=number, interface=interface)
        floor.switchboard.queues.members["enterprise", interface] = member
    await floor.presence.resync(await floor.switchboard.snapshot())
    left = {member.member_name for member in floor.switchboard.queues.members.values()}
    assert left == {"1007", "night-queue", "77"}


async def test_a_change_of_roles_takes_effect_at_once(floor: Floor, tmp_path: Path) -> None:
    database, clock, bus = floor.office.database, floor.clock, Bus(NoJournal())
    nothing = Nothing()
    cti = CtiService(
        switchboard=floor.switchboard,
        phone=floor.switchboard.phone,
        bus=bus,
        journal=Journal(database, tmp_path / "spool", clock),
        database=database,
        clock=clock,
        settings=Settings(home=tmp_path),
        specialists=nothing,
        cases=nothing,
    )
    await floor.office.add("root", Role.SYSTEM_ADMIN)
    await cti.load_agents()
    user_id = cti.presence.session("1007").user_id
    async with database.transaction() as db:
        await floor.office.service.set_roles(db, user_id, [Role.KB_EDITOR])
    logged_out = asyncio.Event()

    def on_access(recorded: Recorded) -> None:
        if isinstance(recorded.event, AccessChanged) and recorded.event.reason == "agent_left":
            logged_out.set()

    bus.subscribe(on_access, AccessChanged)
    bus.publish(AccessChanged(at=clock.now(), user_id=user_id, reason="roles"))
    async with asyncio.timeout(10):
        await logged_out.wait()
    assert cti.presence.find("1007") is None
    await cti.close()


class Nothing:
    """No specialists, no cases."""

    async def phone(self, specialist_id: str, phone_index: int) -> SpecialistTarget | None:
        return None

    async def of_calls(self, db: AsyncSession, call_ids: Sequence[str]) -> dict[str, list[CaseReference]]:
        return {}

    async def closed_to(self, db: AsyncSession, call_ids: Sequence[str], who: Principal) -> set[str]:
        return set()
