from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from stdnum import damm

from crm.cases.fields import missing
from crm.cases.models import Case
from crm.cases.state import CaseState
from crm.enterprises.directory import NumberIndex, identity
from crm.enterprises.models import Contact, Enterprise
from crm.enterprises.numbers import NumberPlan
from crm.enterprises.repository import directory_page
from crm.settings import CrmSettings
from crm.units.repository import units as units_of
from cti.presence.models import Agent
from cti.presence.roster import new_agent
from cti.presence.schemas import AgentQueues, QueueShare
from hotline.accounts.audit import AuditLog
from hotline.accounts.models import User
from hotline.accounts.roles import Role
from hotline.accounts.service import AccountService
from hotline.kernel.db import Base, Database
from hotline.onebox.demo import DemoLogin, demo_city, known_caller, load_demo
from tests.fakes.clock import FakeClock


class Loader:
    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.accounts = AccountService(database, clock, AuditLog(clock))

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
    people = {"agent1", "agent2", "agent3", "supervisor", "dispatcher", "admin", "security", "auditor"}
    assert {login.username for login in logins} == people
    assert len({login.password for login in logins}) == len(logins)
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
        assert owners[case.contact_id or ""] == case.enterprise_id
        if case.state not in (CaseState.DRAFT, CaseState.NOT_ACCEPTED):
            assert missing(case, reachable=True) == ()
    assert {case.state for case in cases} == {"draft", "not_accepted", "pending_review", "in_progress", "closed"}


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
