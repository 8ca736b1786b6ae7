"""The demo city: enterprises, units, cases and log-ins, so that a first call finds something."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case, CaseStep, CaseType, LifeCycleStage
from crm.cases.numbering import next_number
from crm.cases.open_assignments import OpenAssignments
from crm.cases.schemas import Reason
from crm.cases.state import CaseAction, CaseState, advance
from crm.catalogue.service import CatalogueService
from crm.enterprises.duplicates import DuplicateFinder
from crm.enterprises.models import ContactNumber, Enterprise, NumberPurpose
from crm.enterprises.numbers import NumberPlan
from crm.enterprises.schemas import EnterpriseDraft
from crm.enterprises.service import EnterpriseService
from crm.settings import CrmSettings
from crm.units.duty import DutyRosters
from crm.units.models import Unit
from crm.units.schemas import UnitDraft
from crm.units.service import PhoneInUseError, UnitService
from crm.units.trunk import TrunkNumbers
from cti.presence.roster import AgentNumbers, new_agent
from cti.presence.schemas import AgentQueues, QueueShare
from hotline.accounts.models import User
from hotline.accounts.roles import Role
from hotline.accounts.service import AccountService
from hotline.kernel.clock import Clock
from hotline.kernel.events import Event
from hotline.kernel.ids import uuid7
from hotline.onebox.demo_catalogue import load_catalogue
from hotline.onebox.phones import SPECIALIST_PHONES, specialist_secret
from hotline.onebox.render import AgentEndpoints
from ivr.dialplan import browser_endpoint
from ivr.settings import AsteriskSettings

_PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not confused when copied."""

_WAYS: dict[CaseState, tuple[CaseAction, ...]] = {
    CaseState.DRAFT: (),
    CaseState.NOT_ACCEPTED: (CaseAction.NOT_ACCEPT,),
    CaseState.PENDING_REVIEW: (CaseAction.SUBMIT,),
    CaseState.IN_PROGRESS: (CaseAction.SUBMIT, CaseAction.APPROVE, CaseAction.DISPATCH, CaseAction.SIGN),
    CaseState.CLOSED: (
        CaseAction.SUBMIT,
        CaseAction.APPROVE,
        CaseAction.DISPATCH,
        CaseAction.SIGN,
        CaseAction.REPLY,
        CaseAction.SCHEDULE_CALLBACK,
        CaseAction.CLOSE,
    ),
}
_STEP = timedelta(minutes=40)
_QUEUES = AgentQueues(queues=[QueueShare(queue="enterprise"), QueueShare(queue="public")])


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DemoUser(_Data):
    username: str
    name: str
    roles: list[Role]
    agent: str | None = None
    """The agent's number (工号)."""


class DemoCase(_Data):
    days: int = 0
    hours: int = 0
    type: CaseType
    title: str
    content: str
    life_cycle_stage: LifeCycleStage | None = None
    unit_complained_of: str = ""
    complaint_type: str = ""
    demand: str = ""
    confidential: bool = False
    end: CaseState
    reason: Reason | None = None
    channel: str = ""


class DemoUnit(UnitDraft):
    parent: str | None = None
    """The unit above it, by name; stands before it in the list."""


class DemoEnterprise(EnterpriseDraft):
    cases: list[DemoCase] = Field(default_factory=list)


class DemoCity(_Data):
    users: list[DemoUser]
    units: list[DemoUnit]
    enterprises: list[DemoEnterprise]


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A user this load has made; only the caller has the password."""

    username: str
    name: str
    password: str


def demo_city() -> DemoCity:
    """The data as they are shipped."""
    text = files("hotline.onebox").joinpath("demo.yaml").read_text(encoding="utf-8")
    return DemoCity.model_validate(yaml.safe_load(text))


@dataclass(frozen=True, slots=True)
class DemoCaller:
    """Somebody of the demo city whose call shows the agent who is calling."""

    number: str
    contact: str
    enterprise: str


async def known_caller(db: AsyncSession, settings: CrmSettings) -> DemoCaller | None:
    """The first demo caller in the enterprise directory; None if the demo was not loaded or was deleted."""
    plan = NumberPlan(settings.area_code)
    callers = {
        plan.require(number.number): DemoCaller(number.number, contact.name, enterprise.name)
        for enterprise in demo_city().enterprises
        for contact in enterprise.contacts
        for number in contact.numbers
        if number.purpose is NumberPurpose.CALLER
    }
    query = select(ContactNumber.number).where(ContactNumber.number.in_(callers), ContactNumber.purpose == "caller")
    known = set(await db.scalars(query))
    return next((caller for number, caller in callers.items() if number in known), None)


def specialist_phones(secret: str) -> tuple[AgentEndpoints, ...]:
    """The desk phones of the demo's specialists, one a unit, each with a password of its own made from `secret`."""
    return tuple(
        AgentEndpoints(number, specialist_secret(secret, browser_endpoint(number)), specialist_secret(secret, number))
        for number in SPECIALIST_PHONES
    )


def new_password() -> str:
    """Random, sixty bits, easy to copy from a terminal."""
    return "-".join("".join(secrets.choice(_PLAIN) for _ in range(4)) for _ in range(3))


async def load_demo(
    db: AsyncSession, *, clock: Clock, accounts: AccountService, settings: CrmSettings
) -> list[DemoLogin]:
    """Put the demo city into the database, in the caller's transaction; safe to repeat.

    What is there already, by user name, unit name or credit code, is left as it is. Returns the log-ins that
    were made now, with their passwords, which are random and kept nowhere else.
    """
    city = demo_city()
    logins = await _load_users(db, city, accounts)
    plan = NumberPlan(settings.area_code)
    units = UnitService(
        AgentNumbers(),
        TrunkNumbers(plan, AsteriskSettings().dial_prefixes),
        DutyRosters(clock, ZoneInfo(settings.time_zone)),
        OpenAssignments(),
        fewest=settings.specialists_min,
        most=settings.specialists_max,
    )
    await _load_units(db, city, units)
    await load_catalogue(db, CatalogueService())
    await _Enterprises(db, clock, settings, await _writer(db)).load(city)
    return logins


async def _load_users(db: AsyncSession, city: DemoCity, accounts: AccountService) -> list[DemoLogin]:
    known = set(await db.scalars(select(User.username)))
    logins = []
    for person in city.users:
        if person.username in known:
            continue
        password = new_password()
        # Slow inside a transaction, but there is no other writer yet.
        password_hash = await accounts.hash_password(password)
        user = await accounts.create_user(
            db, username=person.username, name=person.name, password_hash=password_hash, roles=person.roles
        )
        if person.agent is not None:
            db.add(new_agent(user, person.agent, _QUEUES))
        logins.append(DemoLogin(person.username, person.name, password))
    return logins


async def _load_units(db: AsyncSession, city: DemoCity, service: UnitService) -> None:
    known = {name: id for name, id in await db.execute(select(Unit.name, Unit.id))}
    for unit in city.units:
        if unit.name not in known:
            draft = UnitDraft.model_validate(unit.model_dump(exclude={"parent"}))
            draft.parent_id = known.get(unit.parent or "")
            # Without a unit of whose phones' numbers one is an agent's by now.
            with contextlib.suppress(PhoneInUseError):
                known[unit.name] = (await service.create(db, draft)).id


async def _writer(db: AsyncSession) -> str:
    """Who has written the demo's cases."""
    return await db.scalar(select(User.id).where(User.username == "agent1")) or "demo"


def _nobody_listens(_event: Event) -> None:
    """The demo is loaded before the service starts."""


class _Enterprises:
    def __init__(self, db: AsyncSession, clock: Clock, settings: CrmSettings, writer: str) -> None:
        self._db = db
        self._clock = clock
        self._service = EnterpriseService(clock, NumberPlan(settings.area_code), DuplicateFinder(clock))
        self._zone = ZoneInfo(settings.time_zone)
        self._writer = writer

    async def load(self, city: DemoCity) -> None:
        known = set(await self._db.scalars(select(Enterprise.credit_code)))
        pending: list[tuple[DemoCase, Enterprise]] = []
        for draft in city.enterprises:
            if draft.credit_code in known:
                continue
            plain = EnterpriseDraft.model_validate(draft.model_dump(exclude={"cases"}))
            row = await self._service.register(self._db, plain, by=self._writer, emit=_nobody_listens)
            pending += [(case, row) for case in draft.cases]
        # Ids sort by the time they are made, and lists by ids: the oldest case first.
        for case, row in sorted(pending, key=lambda item: -(item[0].days * 24 + item[0].hours)):
            await self._add_case(case, row)

    async def _add_case(self, case: DemoCase, enterprise: Enterprise) -> None:
        opened = self._clock.now() - timedelta(days=case.days, hours=case.hours)
        contact = enterprise.contacts[0]
        row = Case(
            id=uuid7(),
            number=await next_number(self._db, opened.astimezone(self._zone).date()),
            enterprise_id=enterprise.id,
            contact_id=contact.id,
            callback_number=contact.numbers[0].number,
            created_by=self._writer,
            created_at=opened,
            **case.model_dump(exclude={"days", "hours", "end", "reason", "channel"}),
        )
        steps = self._steps(row.id, case, opened)
        row.state = steps[-1].target if steps else CaseState.DRAFT
        row.version = 1 + len(steps)
        row.updated_at = steps[-1].at if steps else opened
        self._db.add(row)
        await self._db.flush()
        self._db.add_all(steps)
        await self._db.flush()

    def _steps(self, case_id: str, case: DemoCase, opened: datetime) -> list[CaseStep]:
        state, at, steps = CaseState.DRAFT, opened, []
        for action in _WAYS[case.end]:
            source, state, at = state, advance(state, action).target, at + _STEP
            detail = {}
            if case.reason is not None:
                detail = {"reason": case.reason.value, "explanation": "已向来电人说明", "channel": case.channel}
            steps.append(
                CaseStep(
                    id=uuid7(),
                    case_id=case_id,
                    at=at,
                    by=self._writer,
                    action=action,
                    source=source,
                    target=state,
                    detail=detail,
                )
            )
        return steps
