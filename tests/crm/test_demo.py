from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from stdnum import damm

from crm.cases.fields import missing
from crm.cases.lights import TrafficLight, light_of
from crm.cases.models import Assignment, AssignmentRole, AssignmentState, Case, CaseStep
from crm.cases.repository import assigned_units
from crm.cases.state import AT_UNIT, EDITABLE, OPEN, POOLS, CaseAction, CaseState
from crm.cases.viewers import viewer_of
from crm.enterprises.directory import NumberIndex, identity
from crm.enterprises.models import Contact, Enterprise
from crm.enterprises.numbers import NumberPlan
from crm.enterprises.repository import directory_page
from crm.limits.keeper import watch_key
from crm.settings import CrmSettings
from crm.supervision.models import LedgerEntry, SupervisionTask
from crm.units.repository import units as units_of
from cti.presence.models import Agent
from cti.presence.roster import new_agent
from cti.presence.schemas import AgentQueues, QueueShare
from hotline.accounts.audit import AuditLog
from hotline.accounts.models import User
from hotline.accounts.roles import Role, UserPrincipal, permissions_of
from hotline.accounts.service import AccountService
from hotline.kernel.db import Base, Database
from hotline.kernel.models import JobRecord
from hotline.onebox.demo import DemoLogin, demo_city, known_caller, load_demo
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import cheap_passwords

NOT_SHOWN = {
    CaseAction.GIVE_INFO,
    CaseAction.REFUSE_RETURN,
    CaseAction.RETURN_ASSIGNMENT,
    CaseAction.REOPEN,
    CaseAction.RELEASE,
    CaseAction.RESUME,
    CaseAction.RECUSE,
    # Linked cases: the demo's go each its own way.
    CaseAction.LINK_DUPLICATE,
    CaseAction.ADD_TO_CLUSTER,
    CaseAction.UNLINK_DUPLICATE,
    CaseAction.NOTE_REPEAT,
    CaseAction.CLOSE_AS_REPEAT,
    CaseAction.RECEIVE_ANSWER,
    CaseAction.CLOSE_WITH_MASTER,
}
FLAGS = (
    *("confidential", "anonymous", "hard", "designated", "urges", "reworks", "extensions", "returns"),
    *("suspended_at", "promised_at", "item_id", "claimed_by", "unit_complained_of_id"),
)
UNIT_PEOPLE = ("market", "markethead", "haibowan", "binhe", "social", "socialhead", "labour", "tax", "land")


class Loader:
    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.accounts = AccountService(database, clock, AuditLog(clock), passwords=cheap_passwords())

    async def load(self) -> list[DemoLogin]:
        async with self.database.transaction() as db:
            return await load_demo(db, clock=self.clock, accounts=self.accounts, settings=CrmSettings())

    async def agents(self) -> list[str]:
        async with self.database.snapshot() as db:
            return list(await db.scalars(select(Agent.number).order_by(Agent.number)))

    async def count(self) -> dict[str, int]:
        async with self.database.snapshot() as db:
            tables = Base.metadata.tables
            wanted = ("user_account", "enterprise", "contact", "contact_number", "service_case", "unit", "specialist")
            return {name: await db.scalar(select(func.count()).select_from(tables[name])) or 0 for name in wanted}


async def test_the_demo_loads_once(any_database: Database, clock: FakeClock) -> None:
    loader = Loader(any_database, clock)
    logins = await loader.load()
    before = await loader.count()
    await clock.advance(timedelta(days=3))
    assert await loader.load() == []
    assert await loader.count() == before
    assert before["enterprise"] == 12
    assert await loader.agents() == ["1001", "1002", "1003"]
    people = {"agent1", "agent2", "agent3", "supervisor", "dispatcher", "callback", "admin", "security", "auditor"}
    people |= {"market", "markethead", "haibowan", "binhe", "social", "socialhead", "labour", "tax", "land"}
    people |= {"specialist", "knowledge", "editor"}
    assert {login.username for login in logins} == people
    assert len({login.password for login in logins}) == len(logins)
    assert {login.username: login.roles for login in logins}["market"] == "unit handler, 市场监督管理局"
    async with any_database.snapshot() as db:
        user = (await db.scalars(select(User).where(User.username == "agent1"))).one()
    assert await loader.accounts.passwords.check(logins[0].password, user.password_hash)
    assert user.role_set() == {Role.AGENT}
    assert user.password_state == "own"


async def test_the_demo_holds_what_a_visitor_tries(database: Database, clock: FakeClock) -> None:
    await Loader(database, clock).load()
    async with database.snapshot() as db:
        rows, _ = await directory_page(db, after="", most=10_000)
        units = await units_of(db, active=True)
        cases = (await db.scalars(select(Case))).all()
        owners = {contact.id: contact.enterprise_id for contact in await db.scalars(select(Contact))}
        names = set(await db.scalars(select(Enterprise.name)))
    index = NumberIndex()
    index.add(rows)
    plan = NumberPlan("0473")
    known = identity(index.find(plan.canonical("13904730001") or ""))
    assert known is not None
    assert (known.contact_name, known.skip_menu) == ("李娜", True)
    assert known.enterprise_name in names
    shared = identity(index.find(plan.canonical("2990088") or ""))
    assert shared is not None
    assert shared.enterprise_id is None

    named = [unit for unit in units if unit.specialists]
    assert sorted(len(unit.specialists) for unit in named) == [*[3] * 8, 4, 5]
    assert all(unit.parent_id for unit in units if not unit.specialists)
    firsts = {unit.specialists[0].phones[0].number for unit in named}
    assert {"6001", "6002", "6003", "6004"} <= firsts

    for case in cases:
        assert damm.is_valid(case.number)
        if case.contact_id is not None:
            assert owners[case.contact_id] == case.enterprise_id
        if case.state not in (CaseState.DRAFT, CaseState.NOT_ACCEPTED):
            assert missing(case, reachable=True) == ()


@pytest.mark.parametrize(
    "loaded",
    ["2026-06-01T00:05", "2026-06-05T16:05", "2026-02-24T01:05", "2026-10-06T10:00"],
    ids=["Monday morning", "Saturday at midnight", "after the Spring Festival", "in the holidays"],
)
async def test_the_demo_shows_every_state_and_none_lies_ahead(database: Database, loaded: str) -> None:
    clock = FakeClock(datetime.fromisoformat(loaded).replace(tzinfo=UTC))
    await Loader(database, clock).load()
    async with database.snapshot() as db:
        cases = {case.id: case for case in await db.scalars(select(Case).order_by(Case.id))}
        steps: dict[str, list[CaseStep]] = defaultdict(list)
        for step in await db.scalars(select(CaseStep).order_by(CaseStep.id)):
            steps[step.case_id].append(step)
        assignments = list(await db.scalars(select(Assignment)))
        tasks = list(await db.scalars(select(SupervisionTask)))
        ledger = list(await db.scalars(select(LedgerEntry)))
    assert {case.state for case in cases.values()} == set(CaseState)
    opened = [case.created_at for case in cases.values()]
    assert opened == sorted(opened)
    for case in cases.values():
        state, at = CaseState.DRAFT.value, case.created_at
        for step in steps[case.id]:
            assert (step.source, at <= step.at <= clock.now()) == (state, True), case.title
            state, at = step.target, step.at
        assert (case.state, case.version) == (state, 1 + len(steps[case.id]))
    done = {step.action for row in steps.values() for step in row}
    assert set(CaseAction) - done == NOT_SHOWN
    parents = {one.id: one.parent_id for one in assignments}
    assert any((above := parents[one.parent_id or one.id]) and parents[above] is None for one in assignments)
    rows = cases.values()
    assert all(any(getattr(case, flag) for case in rows) for flag in FLAGS)
    lights = {light_of(case.next_due_kind, case.next_due_at, clock.now()) for case in rows if case.state in OPEN}
    assert lights == set(TrafficLight)
    assert ("overdue", "issued") in {(task.cause, task.state) for task in tasks}
    assert [(cases[entry.case_id].state, entry.kind) for entry in ledger] == [("closed", "unsolved")]


async def test_each_open_case_of_the_demo_has_an_owner_and_a_next_deadline(
    database: Database, clock: FakeClock
) -> None:
    await Loader(database, clock).load()
    async with database.snapshot() as db:
        cases = [case for case in await db.scalars(select(Case)) if case.state in OPEN]
        people = set(await db.scalars(select(User.id)))
        watched = set(await db.scalars(select(JobRecord.key).where(JobRecord.run_at > clock.now())))
        led = {
            one.case_id: one.unit_id
            for one in await db.scalars(select(Assignment).where(Assignment.role == AssignmentRole.LEAD))
            if one.state not in (AssignmentState.RETURNED, AssignmentState.ENDED)
        }
    for case in cases:
        if case.state in AT_UNIT:
            assert led[case.id] == case.lead_unit_id, case.title
        else:
            assert case.state in POOLS | EDITABLE, case.title
            assert case.created_by in people, case.title
        # Nothing runs for a draft, and nothing while a case is suspended.
        if case.state != CaseState.DRAFT and case.suspended_at is None:
            assert case.next_due_at, case.title
            assert watch_key(case.id) in watched or case.next_due_at <= clock.now(), case.title


async def test_the_demo_s_people_see_the_cases_of_their_units(database: Database, clock: FakeClock) -> None:
    await Loader(database, clock).load()
    seen = {}
    async with database.snapshot() as db:
        cases = list(await db.scalars(select(Case)))
        for user in await db.scalars(select(User)):
            who = UserPrincipal(user.id, user.username, user.name, user.role_set(), permissions_of(user.role_set()))
            viewer = await viewer_of(db, who)
            assigned = [await assigned_units(db, case.id) for case in cases]
            seen[user.username] = sum(viewer.may_view(*pair, False) for pair in zip(cases, assigned, strict=True))
    assert min(seen[name] for name in UNIT_PEOPLE) > 0
    assert seen["binhe"] <= seen["haibowan"] < seen["market"] < len(cases) == seen["supervisor"]
    assert (seen["admin"], seen["auditor"]) == (0, 0)


async def test_the_demo_offers_a_caller_whom_the_screen_pop_knows(database: Database, clock: FakeClock) -> None:
    async with database.snapshot() as db:
        assert await known_caller(db, CrmSettings()) is None
    await Loader(database, clock).load()
    async with database.snapshot() as db:
        caller = await known_caller(db, CrmSettings())
        rows, _ = await directory_page(db, after="", most=10_000)
    assert caller is not None
    index = NumberIndex()
    index.add(rows)
    who = identity(index.find(NumberPlan("0473").canonical(caller.number) or ""))
    assert who is not None
    assert (who.enterprise_name, who.contact_name, who.skip_menu) == (caller.enterprise, caller.contact, True)


async def test_a_unit_whose_phone_is_an_agents_by_now_is_left_out(database: Database, clock: FakeClock) -> None:
    loader = Loader(database, clock)
    async with database.transaction() as db:
        password_hash = await loader.accounts.hash_password("correct horse battery")
        user = await loader.accounts.create_user(
            db, username="wang", name="王芳", password_hash=password_hash, roles=[Role.AGENT]
        )
        db.add(new_agent(user, "6001", AgentQueues(queues=[QueueShare(queue="public")])))
    await loader.load()
    async with database.snapshot() as db:
        units = await units_of(db, active=True)
    firsts = {unit.specialists[0].phones[0].number for unit in units if unit.specialists}
    assert {number for number in firsts if number.startswith("60")} == {"6002", "6003", "6004"}


def test_the_demo_is_the_same_each_time() -> None:
    assert demo_city() == demo_city()
