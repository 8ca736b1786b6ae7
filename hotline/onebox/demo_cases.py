"""The demo city's cases, played through the case moves in the order of time, with the clock of each step."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.casenotices.service import unit_members
from crm.cases import repository
from crm.cases.checks import CaseChecks
from crm.cases.details.table import DETAILS
from crm.cases.models import Case
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
from cti.calls.history.rows import write_records
from cti.presence.models import Agent
from hotline.accounts.models import User
from hotline.accounts.roles import UserPrincipal, permissions_of
from hotline.kernel.clock import Clock
from hotline.kernel.ids import uuid7
from hotline.kernel.jobs import JobQueue
from hotline.notices.service import NoticeService
from hotline.onebox.demo_calls import DemoCalls, three_way_call
from hotline.onebox.demo_limits import DemoLimits, StepClock


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


@dataclass(slots=True)
class _Story:
    """A case on its way."""

    script: DemoCase
    case_id: str = ""
    call_id: str | None = None


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
        self._calls = DemoCalls()
        checks = CaseChecks(NumberPlan(settings.area_code), self._calls)
        self._cases = CaseService(self._clock, checks, self._calls, self._zone)
        jobs = JobQueue(self._clock)
        notices = NoticeService(
            self._clock, jobs, zone=self._zone, hotline="12345热线", sms=False, members=unit_members
        )
        self._limits = DemoLimits(
            self._clock, jobs, self._cases, checks, self._calls, settings=settings, notices=notices
        )
        self._notes = NoteService(self._clock, self._cases, notices)

    async def play(self) -> None:
        city = await _city(self._db)
        stories = [_Story(case) for case in demo_cases() if _names(case) <= city.people.keys() | city.units.keys()]
        moments = [moment for story in stories for moment in self._moments(story, city)]
        with _quiet(logging.getLogger("crm.cases.moves")):
            for at, do in sorted(moments, key=lambda one: one[0]):
                await self._limits.let_pass(self._db, at)
                await do()
            await self._limits.let_pass(self._db, self._loaded_at)

    def _moments(self, story: _Story, city: _City) -> Iterator[tuple[datetime, Callable[[], Awaitable[None]]]]:
        """What is done to one case, and when; of the same moment in this order."""
        case = story.script
        yield self._at(case.opened[0]), partial(self._open, story, city)
        for when, *step in case.steps:
            yield self._at(when), partial(self._step, story, city, *step)
        for when, *note in case.notes:
            yield self._at(when), partial(self._note, story, city, *note)

    async def _open(self, story: _Story, city: _City) -> None:
        case, username = story.script, story.script.opened[1]
        draft = await self._draft(case, city)
        if case.specialist_of is not None:
            draft.call_id = story.call_id = await self._three_way(draft, city, username, case.specialist_of)
        story.case_id = (await self._cases.open(self._db, draft, who=city.people[username])).id

    async def _step(
        self, story: _Story, city: _City, who: str, action: CaseAction, named: Mapping[str, Any] | None = None
    ) -> None:
        row = await repository.case(self._db, story.case_id)
        assert row is not None
        detail = await self._detail(row, city, named or {})
        if action is CaseAction.CLOSE_DIRECT:
            detail["three_way_call_id"] = story.call_id
        body = DETAILS[action].model_validate({"version": row.version, "request_id": uuid7(), **detail})
        await self._limits.moves.move(self._db, row.id, action, body, who=city.people[who], audit=_unaudited)

    async def _note(self, story: _Story, city: _City, who: str, text: str, mentioned: Sequence[str] = ()) -> None:
        mentions = [city.people[name].user_id for name in mentioned]
        note = NoteDraft(text=text, for_units=True, mentions=mentions)
        await self._notes.add(self._db, story.case_id, note, who=city.people[who])

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
        query = select(Specialist).where(Specialist.unit_id == city.units[unit]).order_by(Specialist.position)
        specialist = (await self._db.scalars(query)).first()
        assert specialist is not None
        enterprise = next(one.name for one in city.enterprises.values() if one.id == draft.enterprise_id)
        record = three_way_call(
            draft, city.agents[username], specialist, unit=unit, enterprise=enterprise, ended_at=self._clock.now()
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
