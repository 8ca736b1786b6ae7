"""What people ask of a hotline with many cases: requests as their pages send them, chosen from what is there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.large_city_people import NOW
from crm.cases.models import Case
from crm.cases.state import OPEN
from crm.enterprises.models import Contact, ContactNumber, Enterprise
from crm.units.models import Unit
from crm.worklists.schemas import CaseSort
from hotline.kernel.db import Database
from hotline.kernel.paging import encode_cursor

READERS = {
    "agent": "agent-3",
    "reviewer, dispatcher": "dispatcher-1",
    "callback agent": "callback-2",
    "supervisor": "supervisor-0",
    "unit handler, of a bureau": "handler-0",
    "unit handler, of an office": "handler-7",
}
"""Who reads work lists; the first unit has four below it, and is the one with the most cases."""
_SAMPLES = 300
Asked = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One kind of request. `query` and `body` are built for each."""

    group: str
    name: str
    who: str
    path: Callable[[], str]
    query: Callable[[], Asked] = dict
    body: Callable[[], Asked] | None = None
    """For a POST that reads."""


@dataclass(slots=True)
class Sampled:
    """Some of the rows that are there."""

    chance: random.Random
    cases: list[Any] = field(default_factory=list)
    open_cases: list[Any] = field(default_factory=list)
    unit_cases: list[Any] = field(default_factory=list)
    """Of the unit handlers'."""
    enterprises: list[Any] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    middle: Any = None
    """A case with as many before it as after it."""

    def one(self, rows: list[Any]) -> Any:
        return self.chance.choice(rows)

    def words(self, row: Any) -> str:
        """Two words of a title as somebody remembers them."""
        title = row.title
        at = self.chance.randrange(max(len(title) - 6, 1))
        return f"{title[at : at + 2]} {title[at + 3 : at + 6]}".strip()


async def sample(database: Database) -> Sampled:
    found = Sampled(random.Random(1))
    columns = (Case.id, Case.number, Case.title, Case.content, Case.place, Case.created_at, Case.callback_number)
    async with database.snapshot() as db:
        wide = select(*columns, Case.enterprise_id, Case.item_id, Case.lead_unit_id).where(Case.confidential.is_(False))
        found.cases = await _spread(db, wide, found.chance)
        is_open = wide.where(Case.state.in_(sorted(OPEN - {"draft"})), Case.closed_at.is_(None))
        found.open_cases = list(await db.execute(is_open.order_by(Case.id.desc()).limit(_SAMPLES)))
        units = list(await db.execute(select(Unit.id, Unit.parent_id).order_by(Unit.id)))
        found.units = [unit.id for unit in units]
        of_first = [unit.id for unit in units if units[0].id in (unit.id, unit.parent_id)]
        led = is_open.where(Case.lead_unit_id.in_(of_first), Case.state == "in_progress").order_by(Case.id.desc())
        found.unit_cases = list(await db.execute(led.limit(_SAMPLES)))
        names = select(Enterprise.id, Enterprise.name, Enterprise.initials, Enterprise.pinyin, Enterprise.credit_code)
        found.enterprises = list(await db.execute(names.order_by(Enterprise.credit_code.desc()).limit(_SAMPLES)))
        found.enterprises += list(await db.execute(names.order_by(Enterprise.id).limit(_SAMPLES)))
        numbers = select(ContactNumber.number).join(Contact).order_by(ContactNumber.number).limit(_SAMPLES)
        found.numbers = list(await db.scalars(numbers))
    found.items = [row.item_id for row in found.cases if row.item_id]
    found.middle = sorted(found.cases, key=lambda row: row.created_at)[len(found.cases) // 2]
    return found


async def _spread(db: AsyncSession, wide: Any, chance: random.Random) -> list[Any]:
    """Cases from all the years."""
    first = (await db.scalars(select(Case.created_at).order_by(Case.created_at).limit(1))).one()
    rows = []
    for _ in range(_SAMPLES):
        since = first + (NOW - first) * chance.random()
        row = (
            await db.execute(wide.where(Case.created_at >= since).order_by(Case.created_at, Case.id).limit(1))
        ).first()
        rows += [row] if row is not None else []
    return rows


def questions(found: Sampled, lists: Mapping[str, list[str]]) -> list[Question]:
    """`lists`: the names of each reader's own work lists."""
    asked = [*_work_lists(lists), *_filtered(found), *_searches(found), *_enterprises(found), *_pages(found)]
    return [*asked, *_others()]


def _at(path: str) -> Callable[[], str]:
    return lambda: path


def _given(**query: Any) -> Callable[[], Asked]:
    return lambda: query


def _searching(text: Callable[[], str]) -> Callable[[], Asked]:
    return lambda: {"search": text()}


def _one_of(found: Sampled, cases: list[Any], end: str) -> Callable[[], str]:
    return lambda: f"/api/cases/{found.one(cases).id}{end}"


def _work_lists(lists: Mapping[str, list[str]]) -> Iterator[Question]:
    for role, who in READERS.items():
        yield Question(group=f"counts: {role}", name="counts", who=who, path=_at("/api/worklists"))
        for name in lists[who]:
            yield Question(group=f"lists: {role}", name=name, who=who, path=_at(f"/api/worklists/{name}"))


def _filtered(found: Sampled) -> Iterator[Question]:
    def between(days: int) -> Asked:
        since: datetime = found.one(found.cases).created_at
        return {"created_since": since.isoformat(), "created_before": (since + timedelta(days=days)).isoformat()}

    filters: dict[str, Callable[[], Asked]] = {
        "state": lambda: {"state": found.one(["in_progress", "archived", "rework", "terminated"])},
        "type and urgency": lambda: {"type": "report", "urgency": "life_safety"},
        "unit": lambda: {"unit_id": found.one(found.units)},
        "unit and state": lambda: {"unit_id": found.one(found.units), "state": "in_progress"},
        "item": lambda: {"item_id": found.one(found.items)},
        "enterprise": lambda: {"enterprise_id": found.one(found.enterprises).id},
        "hard": lambda: {"flag": "hard"},
        "mass": lambda: {"flag": "mass"},
        "confidential": lambda: {"flag": "confidential"},
        "duplicates, of which there are none": lambda: {"flag": "duplicate"},
        "overdue": lambda: {"due": "overdue"},
        "a week": lambda: between(7),
        "a day of internet": lambda: {**between(1), "channel": "internet"},
        "stage": lambda: {"life_cycle_stage": "deregister", "type": "praise"},
        "claimed by me": lambda: {"claimed": "me"},
    }
    readers = {"supervisor-0": "supervisor", "handler-0": "unit handler"}
    for who, role in readers.items():
        for name, query in filters.items():
            if role == "unit handler" and name in ("claimed by me", "enterprise"):
                continue
            yield Question(
                group=f"list of all, filtered: {role}", name=name, who=who, path=_at("/api/worklists/all"), query=query
            )
        for sort in CaseSort:
            yield Question(
                group=f"list of all, sorted: {role}",
                name=sort.value,
                who=who,
                path=_at("/api/worklists/all"),
                query=_given(sort=sort.value),
            )
        deep = encode_cursor(found.middle.created_at, found.middle.id)
        yield Question(
            group=f"list of all, its middle: {role}",
            name="-created",
            who=who,
            path=_at("/api/worklists/all"),
            query=_given(cursor=deep),
        )
    agent, group = READERS["agent"], "cases of an agent's pages"
    plain: dict[str, Callable[[], Asked]] = {
        "all": dict,
        "mine": lambda: {"mine": "true"},
        "open": lambda: {"open": "true"},
        "closed": lambda: {"open": "false"},
        "of an enterprise": lambda: {"enterprise_id": found.one(found.enterprises).id},
        "reports": lambda: {"type": "report"},
        "middle": lambda: {"cursor": encode_cursor(found.middle.id)},
    }
    for name, query in plain.items():
        yield Question(group=group, name=name, who=agent, path=_at("/api/cases"), query=query)


def _searches(found: Sampled) -> Iterator[Question]:
    searches: dict[str, Callable[[], str]] = {
        "number": lambda: found.one(found.cases).number,
        "beginning of a number": lambda: found.one(found.cases).number[:6],
        "two words": lambda: found.words(found.one(found.cases)),
        "a common word": lambda: found.one(["执照", "公司", "发票", "社保", "材料"]),
        "one character": lambda: found.one(["税", "照", "厂"]),
        "a street": lambda: found.one(found.cases).place[-3:],
        "nothing like it": lambda: "鹦鹉螺",
    }
    readers = {"agent-3": "agent", "supervisor-0": "supervisor", "handler-0": "unit handler"}
    for who, role in readers.items():
        for name, text in searches.items():
            for path in ("/api/cases", "/api/worklists/all"):
                yield Question(
                    group=f"case search: {role}",
                    name=f"{name} in {path}",
                    who=who,
                    path=_at(path),
                    query=_searching(text),
                )


def _enterprises(found: Sampled) -> Iterator[Question]:
    searches: dict[str, Callable[[], Asked]] = {
        "whole name": lambda: {"search": found.one(found.enterprises).name},
        "part of a name": lambda: {"search": found.one(found.enterprises).name[2:6]},
        "a common part": lambda: {"search": "有限公司"},
        "pinyin": lambda: {"search": found.one(found.enterprises).pinyin.split()[0][:10]},
        "initials": lambda: {"search": found.one(found.enterprises).initials.split()[0][:5]},
        "two initials": lambda: {"search": found.one(found.enterprises).initials.split()[0][:2]},
        "code": lambda: {"search": found.one(found.enterprises).credit_code or "91150300"},
        "beginning of a code": lambda: {"search": "91150300"},
        "number": lambda: {"search": found.one(found.numbers)},
        "nothing like it": lambda: {"search": "鹦鹉螺"},
    }
    lists: dict[str, Callable[[], Asked]] = {
        "all": dict,
        "by name": lambda: {"sort": "name"},
        "by last change": lambda: {"sort": "-updated_at"},
        "individual businesses": lambda: {"kind": "individual_business"},
        "without a code": lambda: {"code": "none"},
        "with a confirmed code": lambda: {"code": "confirmed"},
    }
    for group, queries in (("enterprise search", searches), ("enterprise list", lists)):
        for name, query in queries.items():
            yield Question(group=group, name=name, who="agent-3", path=_at("/api/enterprises"), query=query)
    yield Question(
        group="enterprise page",
        name="enterprise",
        who="agent-3",
        path=lambda: f"/api/enterprises/{found.one(found.enterprises).id}",
    )


def _pages(found: Sampled) -> Iterator[Question]:
    for role, who, rows in (
        ("agent", "agent-3", found.cases),
        ("dispatcher", "dispatcher-1", found.open_cases),
        ("unit handler", "handler-0", found.unit_cases),
    ):
        for name, end in (("case with its offers", ""), ("notes", "/notes"), ("messages", "/messages")):
            yield Question(
                group=f"case page: {role}",
                name=name,
                who=who,
                path=_one_of(found, rows, end),
            )
    yield Question(
        group="case page: dispatcher",
        name="by number",
        who="dispatcher-1",
        path=lambda: f"/api/cases/{found.one(found.cases).number}",
    )

    def typed() -> Asked:
        row = found.one(found.open_cases)
        return {"title": row.title, "content": row.content, "place": row.place, "callback_number": row.callback_number}

    yield Question(group="similar cases", name="similar", who="agent-3", path=_at("/api/cases/similar"), body=typed)
    yield Question(
        group="suggested items",
        name="suggest",
        who="agent-3",
        path=_at("/api/catalogue/suggest"),
        body=lambda: {"text": found.one(found.cases).content},
    )


def _others() -> Iterator[Question]:
    for name, who, path in (
        ("supervision tasks", "supervisor-0", "/api/supervision-tasks"),
        ("open supervision tasks of a unit", "handler-0", "/api/supervision-tasks?open=true"),
        ("ledger of unsolved cases", "supervisor-0", "/api/unsolved-cases"),
        ("units", "dispatcher-1", "/api/units"),
        ("notices", "dispatcher-1", "/api/notices"),
        ("users", "system_admin-0", "/api/users"),
    ):
        yield Question(group="other lists", name=name, who=who, path=_at(path))
