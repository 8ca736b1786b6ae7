"""The demo city: enterprises, units, cases and log-ins, so that a first call finds something."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.open_assignments import OpenAssignments
from crm.catalogue.service import CatalogueService
from crm.enterprises.duplicates import DuplicateFinder
from crm.enterprises.models import ContactNumber, Enterprise, NumberPurpose
from crm.enterprises.numbers import NumberPlan
from crm.enterprises.schemas import EnterpriseDraft
from crm.enterprises.service import EnterpriseService
from crm.settings import CrmSettings
from crm.units.duty import DutyRosters, RosterChange, RosterContent
from crm.units.models import Specialist, Unit
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
from hotline.onebox.demo_cases import DemoHistory
from hotline.onebox.demo_catalogue import load_catalogue
from hotline.onebox.demo_knowledge import load_knowledge
from hotline.onebox.demo_requests import load_requests
from hotline.onebox.phones import SPECIALIST_PHONES, specialist_secret
from hotline.onebox.render import AgentEndpoints
from ivr.dialplan import browser_endpoint
from ivr.settings import AsteriskSettings

_PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not confused when copied."""

_QUEUES = AgentQueues(queues=[QueueShare(queue="enterprise"), QueueShare(queue="public")])


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DemoUser(_Data):
    username: str
    name: str
    roles: list[Role]
    agent: str | None = None
    """The agent's number (工号)."""
    unit: str | None = None
    """The handling unit they work for, by name."""
    specialist: str | None = None
    """Which of that unit's specialists they are, by name."""


class DemoUnit(UnitDraft):
    parent: str | None = None
    """The unit above it, by name; stands before it in the list."""
    rosters: dict[str, RosterContent] = Field(default_factory=dict)
    """By the specialist's name."""


class DemoCity(_Data):
    users: list[DemoUser]
    units: list[DemoUnit]
    enterprises: list[EnterpriseDraft]


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A user this load has made; only the caller has the password."""

    username: str
    name: str
    password: str
    roles: str
    """And the unit, where there is one: what to log in for."""


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
    logins = await _load_users(db, city, accounts)
    await load_catalogue(db, CatalogueService())
    await load_knowledge(db, clock, settings)
    await load_requests(db, clock, settings)
    made = await _load_enterprises(db, city, EnterpriseService(clock, plan, DuplicateFinder(clock)))
    if len(made) == len(city.enterprises):
        await DemoHistory(db, clock, settings).play()
    return logins


async def _load_users(db: AsyncSession, city: DemoCity, accounts: AccountService) -> list[DemoLogin]:
    known = set(await db.scalars(select(User.username)))
    offices = {name: id for name, id in await db.execute(select(Unit.name, Unit.organisation_id))}
    people = [(person, new_password()) for person in city.users if person.username not in known]
    # Slow inside a transaction, but there is no other writer yet.
    hashes = await asyncio.gather(*(accounts.hash_password(password) for _, password in people))
    for (person, _), password_hash in zip(people, hashes, strict=True):
        user = await accounts.create_user(
            db, username=person.username, name=person.name, password_hash=password_hash, roles=person.roles
        )
        if person.agent is not None:
            db.add(new_agent(user, person.agent, _QUEUES))
        if (office := offices.get(person.unit or "")) is not None:
            user.organisation_id = office
        if person.specialist is not None:
            await _link_specialist(db, user, person.specialist)
    await db.flush()
    return [DemoLogin(person.username, person.name, password, _work_of(person)) for person, password in people]


async def _link_specialist(db: AsyncSession, user: User, name: str) -> None:
    await db.flush()
    unit = Unit.organisation_id == user.organisation_id
    query = select(Specialist).join(Unit).where(unit, Specialist.name == name, Specialist.user_id.is_(None))
    row = (await db.scalars(query)).first()
    if row is not None:
        row.user_id = user.id


def _work_of(person: DemoUser) -> str:
    roles = ", ".join(role.replace("_", " ") for role in person.roles)
    return f"{roles}, {person.unit}" if person.unit else roles


async def _load_units(db: AsyncSession, city: DemoCity, service: UnitService) -> None:
    known = {name: id for name, id in await db.execute(select(Unit.name, Unit.id))}
    for unit in city.units:
        if unit.name not in known:
            draft = UnitDraft.model_validate(unit.model_dump(exclude={"parent", "rosters"}))
            draft.parent_id = known.get(unit.parent or "")
            # Without a unit of whose phones' numbers one is an agent's by now.
            with contextlib.suppress(PhoneInUseError):
                row = await service.create(db, draft)
                known[unit.name] = row.id
                await _set_rosters(db, service, row, unit.rosters)


async def _set_rosters(
    db: AsyncSession, service: UnitService, unit: Unit, rosters: Mapping[str, RosterContent]
) -> None:
    for specialist in unit.specialists:
        if (content := rosters.get(specialist.name)) is not None:
            change = RosterChange(version=unit.version, **content.model_dump())
            await service.set_roster(db, unit.id, specialist.id, change)


async def _load_enterprises(db: AsyncSession, city: DemoCity, service: EnterpriseService) -> list[Enterprise]:
    """Those that were not there yet."""
    known = set(await db.scalars(select(Enterprise.credit_code)))
    by = await _writer(db)
    new = [draft for draft in city.enterprises if draft.credit_code not in known]
    return [await service.register(db, draft, by=by, emit=_nobody_listens) for draft in new]


def _nobody_listens(_event: Event) -> None:
    """The demo is loaded before the service starts."""


async def _writer(db: AsyncSession) -> str:
    """Who has written down the demo's enterprises."""
    return await db.scalar(select(User.id).where(User.username == "agent1")) or "demo"
