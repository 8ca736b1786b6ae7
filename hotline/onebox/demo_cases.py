"""The demo city's cases, each played through the case moves with the clock of its steps."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository
from crm.cases.checks import CaseChecks
from crm.cases.details.table import DETAILS
from crm.cases.followers import NoDeadlines
from crm.cases.models import Case
from crm.cases.moves import CaseMoves
from crm.cases.schemas import CaseDraft
from crm.cases.service import CaseService
from crm.cases.state import CaseAction
from crm.cases.visibility import running
from crm.catalogue.models import CatalogueItem
from crm.enterprises.models import Enterprise
from crm.enterprises.numbers import NumberPlan
from crm.notes.schemas import NoteDraft
from crm.notes.service import NoteService
from crm.settings import CrmSettings
from crm.units.models import Specialist, Unit
from cti.calls.history.record import Attempt, CallRecord, SpecialistPart
from cti.calls.history.rows import write_records
from cti.presence.models import Agent
from hotline.accounts.models import User
from hotline.accounts.roles import UserPrincipal, permissions_of
from hotline.kernel.clock import Clock, SystemClock
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7
from hotline.kernel.jobs import JobQueue
from hotline.notices.service import NoticeService

_TALK = timedelta(minutes=8)


class DemoCase(BaseModel):
    """A case as demo_cases.yaml has it, where the notation is explained."""

    model_config = ConfigDict(extra="forbid")

    enterprise: str | None = None
    opened: tuple[str, str]
    case: dict[str, Any]
    specialist_of: str | None = None
    """The unit whose first specialist answered in a three-way call when the case was opened."""
    steps: list[tuple[str, str, CaseAction] | tuple[str, str, CaseAction, dict[str, Any]]] = Field(default_factory=list)
    notes: list[tuple[str, str, str] | tuple[str, str, str, list[str]]] = Field(default_factory=list)


def demo_cases() -> list[DemoCase]:
    text = files("hotline.onebox").joinpath("demo_cases.yaml").read_text(encoding="utf-8")
    return [DemoCase.model_validate(case) for case in yaml.safe_load(text)]


async def _unaudited(action: str, target: str, **detail: Any) -> None:
    """Nobody did these things: the audit log begins with the first person."""


class StepClock(SystemClock):
    """Shows the time it was set to."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment


@dataclass(frozen=True, slots=True)
class _Party:
    caller_number: str
    enterprise_id: str | None
    contact_id: str | None


class _DemoCalls:
    """The calls that this load has written into the call log; implements `crm.ports.CallHistory`."""

    def __init__(self) -> None:
        self.records: dict[str, CallRecord] = {}

    async def party(self, _db: AsyncSession, call_id: str) -> _Party | None:
        record = self.records.get(call_id)
        return _Party(record.caller_number, record.enterprise_id, record.contact_id) if record else None

    async def earlier(
        self, _db: AsyncSession, *, number: str, enterprise_ids: Sequence[str], besides: str, limit: int
    ) -> Sequence[Any]:
        return ()

    async def known_to(self, _db: AsyncSession, call_id: str, who: Principal) -> bool:
        return call_id in self.records

    async def had_three_way(self, _db: AsyncSession, call_id: str) -> bool:
        return (record := self.records.get(call_id)) is not None and record.had_three_way


@dataclass(slots=True)
class _City:
    """Ids by the names that the cases use."""

    people: dict[str, UserPrincipal]
    agents: dict[str, str]
    units: dict[str, str]
    items: dict[str, str]
    enterprises: dict[str, Enterprise]


async def _city(db: AsyncSession) -> _City:
    users = list(await db.scalars(select(User)))
    numbers = {user_id: number for user_id, number in await db.execute(select(Agent.user_id, Agent.number))}
    return _City(
        people={
            user.username: UserPrincipal(
                user.id, user.username, user.name, user.role_set(), permissions_of(user.role_set())
            )
            for user in users
        },
        agents={user.username: numbers[user.id] for user in users if user.id in numbers},
        units={name: id for name, id in await db.execute(select(Unit.name, Unit.id))},
        items={code: id for code, id in await db.execute(select(CatalogueItem.code, CatalogueItem.id))},
        enterprises={row.name: row for row in await db.scalars(select(Enterprise))},
    )


class DemoHistory:
    """Plays the cases, oldest first, in the caller's transaction."""

    def __init__(self, db: AsyncSession, clock: Clock, settings: CrmSettings) -> None:
        self._db = db
        self._loaded_at = clock.now()
        self._zone = ZoneInfo(settings.time_zone)
        self._clock = StepClock(self._loaded_at)
        self._calls = _DemoCalls()
        checks = CaseChecks(NumberPlan(settings.area_code), self._calls)
        self._cases = CaseService(self._clock, checks, self._calls, self._zone)
        self._moves = CaseMoves(self._clock, self._cases, checks, self._calls, deadlines=NoDeadlines())
        notices = NoticeService(self._clock, JobQueue(self._clock), zone=self._zone, hotline="12345热线", sms=False)
        self._notes = NoteService(self._clock, self._cases, notices)

    async def play(self) -> None:
        city = await _city(self._db)
        with _quiet(logging.getLogger("crm.cases.moves")):
            for case in sorted(demo_cases(), key=lambda case: self._at(case.opened[0])):
                if _names(case) <= city.people.keys() | city.units.keys():
                    await self._play(case, city)

    async def _play(self, case: DemoCase, city: _City) -> None:
        opened, username = case.opened
        self._clock.set(self._at(opened))
        writer = city.people[username]
        draft = await self._draft(case, city)
        if case.specialist_of is not None:
            draft.call_id = await self._three_way(draft, city, username, case.specialist_of)
        row = await self._cases.open(self._db, draft, who=writer)
        for when, who, action, *more in case.steps:
            self._clock.set(self._at(when))
            detail = await self._detail(row, city, more[0] if more else {})
            if action is CaseAction.CLOSE_DIRECT:
                detail["three_way_call_id"] = draft.call_id
            body = DETAILS[action].model_validate({"version": row.version, "request_id": uuid7(), **detail})
            await self._moves.move(self._db, row.id, action, body, who=city.people[who], audit=_unaudited)
        for when, who, text, *mentioned in case.notes:
            self._clock.set(self._at(when))
            mentions = [city.people[name].user_id for name in (mentioned[0] if mentioned else ())]
            note = NoteDraft(text=text, for_units=True, mentions=mentions)
            await self._notes.add(self._db, row.id, note, who=city.people[who])

    async def _draft(self, case: DemoCase, city: _City) -> CaseDraft:
        fields = dict(case.case)
        if (accused := fields.pop("unit_complained_of_unit", None)) is not None:
            fields["unit_complained_of_id"] = city.units[accused]
        if case.enterprise is not None:
            enterprise = city.enterprises[case.enterprise]
            contact = enterprise.contacts[0]
            fields |= {"enterprise_id": enterprise.id, "contact_id": contact.id}
            fields |= {"callback_number": contact.numbers[0].number}
        return CaseDraft.model_validate(fields)

    async def _three_way(self, draft: CaseDraft, city: _City, username: str, unit: str) -> str:
        """Write a call into the log, on which the unit's first specialist answered."""
        began, agent = self._clock.now() - _TALK, city.agents[username]
        query = select(Specialist).where(Specialist.unit_id == city.units[unit]).order_by(Specialist.position)
        specialist = (await self._db.scalars(query)).first()
        assert specialist is not None
        record = CallRecord(
            call_id=uuid7(),
            started_at=began,
            caller_number=draft.callback_number,
            dialed="12345",
            enterprise_id=draft.enterprise_id,
            enterprise_name=next(one.name for one in city.enterprises.values() if one.id == draft.enterprise_id),
            contact_id=draft.contact_id,
            queue="enterprise",
            queued_at=began,
            answered_at=began,
            attempts=[Attempt(agent=agent, queue="enterprise", rang_at=began, answered_at=began, result="answered")],
            talk_seconds=int(_TALK.total_seconds()),
            threeway=[
                SpecialistPart(
                    specialist_id=specialist.id,
                    specialist=specialist.name,
                    unit=unit,
                    agent=agent,
                    at=began + _TALK / 2,
                    result="merged",
                )
            ],
            ended_at=self._clock.now(),
            ended_by="caller",
            cause=16,
            whole=True,
        )
        self._calls.records[record.call_id] = record
        await write_records(self._db, [(record, False)])
        return record.call_id

    async def _detail(self, row: Case, city: _City, named: Mapping[str, Any]) -> dict[str, Any]:
        """The action's body, with ids for names and moments for days."""
        detail: dict[str, Any] = {}
        for key, value in named.items():
            match key:
                case "lead_unit" | "suggested_unit":
                    detail[f"{key}_id"] = city.units[value]
                case "assisting_units" | "units":
                    detail[key.removesuffix("s") + "_ids"] = [city.units[name] for name in value]
                case "item":
                    detail["item_id"] = city.items[value]
                case "assignment":
                    known = running(await repository.assignments(self._db, row.id))
                    detail["assignment_id"] = next(one.id for one in known if one.unit_id == city.units[value])
                case "promised_at":
                    detail[key] = self._at(value)
                case "contact":
                    detail[key] = {**value, "at": self._at(value["at"])}
                case _:
                    detail[key] = value
        return detail

    def _at(self, when: str) -> datetime:
        """The moment of "-12 09:40" (that time, so many days from today) or "-5h" (so long from the loading)."""
        if when.endswith("h"):
            return self._loaded_at + timedelta(hours=int(when[:-1]))
        days, clock_time = when.split()
        day = self._loaded_at.astimezone(self._zone).date() + timedelta(days=int(days))
        return datetime.combine(day, time.fromisoformat(clock_time), self._zone).astimezone(UTC)


@contextlib.contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """A newcomer who watches the start is not shown a hundred moves."""
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)


def _names(case: DemoCase) -> frozenset[str]:
    """People and units without whom the case cannot be played."""
    names = {case.opened[1], *(step[1] for step in case.steps), *(note[1] for note in case.notes)}
    for _, _, _, *more in case.steps:
        for key, value in (more[0] if more else {}).items():
            if key in ("lead_unit", "suggested_unit"):
                names.add(value)
            elif key in ("assisting_units", "units"):
                names.update(value)
    names |= {name for name in (case.specialist_of, case.case.get("unit_complained_of_unit")) if name}
    return frozenset(names)
