"""The demo city's knowledge base: an entry in each state, of each kind, of most of the units."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import LifeCycleStage
from crm.knowledge.content import IncentiveTerms, KnowledgeContent
from crm.knowledge.models import (
    AnswerScope,
    KnowledgeCategory,
    KnowledgeEntry,
    KnowledgeKind,
    KnowledgeVersion,
)
from crm.knowledge.search_index import index_entry
from crm.knowledge.state import KnowledgeState, RevisionState
from crm.settings import CrmSettings
from crm.units.models import Specialist, Unit
from hotline.accounts.models import User
from hotline.kernel.clock import Clock
from hotline.kernel.ids import uuid7

_AGE = timedelta(days=60)
"""How long ago the demo's entries were published."""


class DemoEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    unit: str | None = None
    category: str
    kind: KnowledgeKind
    scope: AnswerScope = AnswerScope.AGENT
    specialist: str | None = None
    answer: str
    details: str = ""
    issuing_body: str = ""
    document_number: str = ""
    keywords: list[str] = Field(default_factory=list)
    synonyms: list[str] = Field(default_factory=list)
    stages: list[LifeCycleStage] = Field(default_factory=list)
    incentive: IncentiveTerms | None = None
    state: RevisionState = RevisionState.NONE
    """Of its first revision; none: it is published."""
    days: int | None = None


class DemoKnowledge(BaseModel):
    model_config = ConfigDict(extra="forbid")

    categories: list[str]
    entries: list[DemoEntry]


def demo_knowledge() -> DemoKnowledge:
    text = files("hotline.onebox").joinpath("demo_knowledge.yaml").read_text(encoding="utf-8")
    return DemoKnowledge.model_validate(yaml.safe_load(text))


async def load_knowledge(db: AsyncSession, clock: Clock, settings: CrmSettings) -> None:
    """Nothing, where the knowledge base holds an entry."""
    if await db.scalar(select(KnowledgeEntry.id).limit(1)) is not None:
        return
    shipped = demo_knowledge()
    ids = {name: uuid7() for name in shipped.categories}
    db.add_all(
        KnowledgeCategory(id=id, name=name, position=at, active=True, version=1)
        for at, (name, id) in enumerate(ids.items())
    )
    await db.flush()
    loader = _Loader(db, clock, settings, ids)
    await loader.prepare()
    for entry in shipped.entries:
        await loader.load(entry)


class _Loader:
    def __init__(self, db: AsyncSession, clock: Clock, settings: CrmSettings, categories: dict[str, str]) -> None:
        self._db = db
        self._now = clock.now()
        self._today = self._now.astimezone(ZoneInfo(settings.time_zone)).date()
        self._review_days = settings.knowledge_review_days
        self._categories = categories

    async def prepare(self) -> None:
        self._units = {name: id for name, id in await self._db.execute(select(Unit.name, Unit.id))}
        self._people = {name: id for name, id in await self._db.execute(select(User.username, User.id))}
        self._specialists = {name: id for name, id in await self._db.execute(select(Specialist.name, Specialist.id))}

    async def load(self, entry: DemoEntry) -> None:
        published = entry.state is RevisionState.NONE
        at = self._now - _AGE if published else self._now
        content = self._content(entry)
        gone = content.expires_on is not None and content.expires_on < self._today
        state = KnowledgeState.EXPIRED if gone else KnowledgeState.PUBLISHED
        writer = self._people.get("market", "")
        row = KnowledgeEntry(
            id=uuid7(),
            unit_id=self._units.get(entry.unit or ""),
            state=state if published else KnowledgeState.UNPUBLISHED,
            revision_state=entry.state,
            version=1,
            title=content.title,
            kind=content.kind.value,
            category_id=content.category_id,
            scope=content.scope.value,
            expires_on=content.expires_on,
            published_number=1 if published else None,
            published_at=at if published else None,
            review_due_on=self._today + timedelta(days=self._review_days) - _AGE if published else None,
            revision=None if published else content.stored(),
            revised_by=writer,
            approved_by=self._people.get("markethead") if entry.state is RevisionState.EDITOR_REVIEW else None,
            remark="",
            uses=0,
            created_by=writer,
            created_at=at,
            updated_at=at,
        )
        self._db.add(row)
        await self._db.flush()
        if published:
            self._db.add(
                KnowledgeVersion(
                    id=uuid7(),
                    entry_id=row.id,
                    number=1,
                    content=content.stored(),
                    written_by=writer,
                    approved_by=self._people.get("markethead", ""),
                    published_by=self._people.get("knowledge", ""),
                    published_at=at,
                )
            )
        await index_entry(self._db, row.id, content)

    def _content(self, entry: DemoEntry) -> KnowledgeContent:
        fields = entry.model_dump(exclude={"unit", "category", "specialist", "state", "days"})
        return KnowledgeContent(
            **fields,
            category_id=self._categories[entry.category],
            specialist_ids=[self._specialists[entry.specialist]] if entry.specialist in self._specialists else [],
            expires_on=self._today + timedelta(days=entry.days) if entry.days is not None else None,
        )
