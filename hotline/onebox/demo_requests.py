"""What the demo city's units are asked about the knowledge base: requests in every state, searches without a hit."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge.models import KnowledgeEntry
from crm.knowledge_requests.models import KnowledgeMiss, KnowledgeRating, KnowledgeRequest, KnowledgeRequestKind
from crm.knowledge_requests.state import KnowledgeRequestOutcome, KnowledgeRequestState
from crm.settings import CrmSettings
from crm.units.models import Unit
from hotline.accounts.models import User
from hotline.kernel.clock import Clock
from hotline.kernel.ids import uuid7


class _Row(BaseModel):
    """Units, people and entries by what the data call them; days are counted from the day of loading."""

    model_config = ConfigDict(extra="forbid")


class DemoRequest(_Row):
    kind: KnowledgeRequestKind = KnowledgeRequestKind.GAP
    question: str
    proposal: str = ""
    unit: str = ""
    entry: str = ""
    by: str
    made: float
    """So many days ago."""
    due: float
    """In so many days."""
    state: KnowledgeRequestState = KnowledgeRequestState.OPEN
    outcome: KnowledgeRequestOutcome | None = None
    taken: str = ""
    answer: str = ""
    reason: str = ""


class DemoSearch(_Row):
    text: str
    count: int
    ago: float


class DemoRating(_Row):
    entry: str
    by: str
    helpful: bool


class DemoRequests(_Row):
    requests: list[DemoRequest]
    searches: list[DemoSearch] = Field(default_factory=list)
    ratings: list[DemoRating] = Field(default_factory=list)


def demo_requests() -> DemoRequests:
    text = files("hotline.onebox").joinpath("demo_requests.yaml").read_text(encoding="utf-8")
    return DemoRequests.model_validate(yaml.safe_load(text))


async def load_requests(db: AsyncSession, clock: Clock, settings: CrmSettings) -> None:
    """Nothing, where there is a request."""
    if await db.scalar(select(KnowledgeRequest.id).limit(1)) is not None:
        return
    shipped, now = demo_requests(), clock.now()
    units = {name: id for name, id in await db.execute(select(Unit.name, Unit.id))}
    people = {name: id for name, id in await db.execute(select(User.username, User.id))}
    entries = {row.title: row for row in await db.scalars(select(KnowledgeEntry))}
    days = {
        KnowledgeRequestKind.GAP: settings.knowledge_gap_days,
        KnowledgeRequestKind.AMENDMENT: settings.knowledge_gap_days,
        KnowledgeRequestKind.ERROR: settings.knowledge_error_days,
        KnowledgeRequestKind.POLICY: settings.knowledge_policy_days,
    }
    for one in shipped.requests:
        made, about = now - timedelta(days=one.made), entries.get(one.entry)
        closed = one.state is KnowledgeRequestState.CLOSED
        db.add(
            KnowledgeRequest(
                id=uuid7(),
                kind=one.kind,
                unit_id=units.get(one.unit),
                state=one.state,
                version=1,
                question=one.question,
                proposal=one.proposal,
                entry_id=about.id if about else None,
                entry_number=about.published_number if about else None,
                answer_id=entries[one.answer].id if one.answer else None,
                days=days[one.kind],
                due_from=made,
                due_at=now + timedelta(days=one.due),
                alerted_at=now if one.due < 0 else None,
                reason=one.reason,
                outcome=one.outcome,
                made_by=people.get(one.by, ""),
                made_at=made,
                taken_by=people.get(one.taken),
                declined_by=people.get(one.taken) if one.state is KnowledgeRequestState.DECLINED else None,
                closed_at=now - timedelta(days=one.made / 2) if closed else None,
                updated_at=made,
            )
        )
    db.add_all(
        KnowledgeMiss(id=uuid7(), text=one.text, count=one.count, last_at=now - timedelta(days=one.ago))
        for one in shipped.searches
    )
    db.add_all(
        KnowledgeRating(
            id=uuid7(),
            entry_id=entries[one.entry].id,
            number=entries[one.entry].published_number,
            user_id=people.get(one.by, ""),
            helpful=one.helpful,
            at=now - timedelta(days=1),
        )
        for one in shipped.ratings
    )
    await db.flush()
