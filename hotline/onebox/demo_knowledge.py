"""The demo city's knowledge base: entries of every kind, in every state, of all its units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import LifeCycleStage
from crm.catalogue.models import CatalogueItem
from crm.knowledge.content import IncentiveTerms, KnowledgeContent
from crm.knowledge.models import (
    AnswerScope,
    KnowledgeCategory,
    KnowledgeEntry,
    KnowledgeKind,
    KnowledgeSynonym,
    KnowledgeVersion,
)
from crm.knowledge.search_index import index_entries
from crm.knowledge.state import KnowledgeState, RevisionState
from crm.knowledge.synonyms import SynonymDraft
from crm.settings import CrmSettings
from crm.units.models import Specialist, Unit
from hotline.accounts.models import User
from hotline.accounts.roles import Role
from hotline.kernel.clock import Clock
from hotline.kernel.ids import uuid7

_DATA = files("hotline.onebox")
_HOTLINE_WRITER, _HOTLINE_PUBLISHER = "editor", "knowledge"
_REVIEWED = (RevisionState.EDITOR_REVIEW, RevisionState.SCHEDULED)


class _Shipped(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DemoCategory(_Shipped):
    name: str
    """Occurs once in the tree: entries name their category by it."""
    below: list[DemoCategory] = Field(default_factory=list)


class DemoEntry(_Shipped):
    """Days are counted from the day on which the demo is loaded."""

    title: str
    kind: KnowledgeKind = KnowledgeKind.PROCEDURE
    scope: AnswerScope = AnswerScope.PUBLIC
    specialist: str | None = None
    answer: str
    details: str = ""
    issuing_body: str = ""
    """Left out: the group's issuer, else its unit."""
    document_number: str = ""
    keywords: list[str] = Field(default_factory=list)
    synonyms: list[str] = Field(default_factory=list)
    region: str = ""
    stages: list[LifeCycleStage] = Field(default_factory=list)
    industries: list[str] = Field(default_factory=list)
    items: list[str] = Field(default_factory=list)
    """Codes of the catalogue."""
    related: list[str] = Field(default_factory=list)
    """Titles."""
    incentive: IncentiveTerms | None = None
    title_en: str = ""
    answer_en: str = ""
    state: RevisionState = RevisionState.NONE
    """Of its first revision; none: it is published."""
    earlier: str = ""
    """The answer of its first version, where the present one is the second."""
    revised: str = ""
    """The answer in a draft of its next version."""
    effective_in: int | None = None
    days: int | None = None
    """For how long it still holds."""
    review_in: int | None = None
    publish_in: int | None = None
    """Of a scheduled one."""
    withdrawn: str = ""
    """Why."""


class DemoGroup(_Shipped):
    category: str
    unit: str | None = None
    """None: the hotline itself answers for them, and `issuer` says whose matters they are."""
    issuer: str = ""
    entries: list[DemoEntry]


@dataclass(frozen=True, slots=True)
class DemoKnowledge:
    categories: Sequence[DemoCategory]
    groups: Sequence[DemoGroup]


def demo_knowledge() -> DemoKnowledge:
    groups = [
        DemoGroup.model_validate(group)
        for file in sorted(_DATA.joinpath("demo_entries").iterdir(), key=lambda one: one.name)
        if file.name.endswith(".yaml")
        for group in _parsed(file.read_text(encoding="utf-8"))
    ]
    categories = _parsed(_DATA.joinpath("demo_categories.yaml").read_text(encoding="utf-8"))
    return DemoKnowledge([DemoCategory.model_validate(one) for one in categories], groups)


def _parsed(text: str) -> Any:
    """By libyaml where it is there: ten times as fast, and the entries are the most there is to parse at a start."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


async def load_knowledge(db: AsyncSession, clock: Clock, settings: CrmSettings) -> None:
    """Nothing, where the knowledge base holds an entry."""
    if await db.scalar(select(KnowledgeEntry.id).limit(1)) is not None:
        return
    shipped = demo_knowledge()
    categories = list(_category_rows(shipped.categories, None))
    db.add_all(categories)
    await db.flush()
    loader = _Loader(clock, settings, await _names(db, {row.name: row.id for row in categories}))
    loader.load(shipped.groups)
    db.add_all(loader.entries)
    await db.flush()
    db.add_all(loader.versions)
    groups = _parsed(_DATA.joinpath("demo_synonyms.yaml").read_text(encoding="utf-8"))
    db.add_all(KnowledgeSynonym(id=uuid7(), words=SynonymDraft(words=words).words, version=1) for words in groups)
    await index_entries(db, [(row.id, loader.shown[row.id]) for row in loader.entries])


def _category_rows(categories: Sequence[DemoCategory], parent_id: str | None) -> Iterator[KnowledgeCategory]:
    for at, one in enumerate(categories):
        row = KnowledgeCategory(id=uuid7(), name=one.name, parent_id=parent_id, position=at, active=True, version=1)
        yield row
        yield from _category_rows(one.below, row.id)


@dataclass(slots=True)
class _Names:
    """Ids by what the data call them."""

    categories: Mapping[str, str]
    units: Mapping[str, str]
    specialists: Mapping[str, str]
    items: Mapping[str, str]
    people: Mapping[str, str]
    writers: dict[str, str] = field(default_factory=dict)
    """By the unit's name, as are its heads."""
    heads: dict[str, str] = field(default_factory=dict)


async def _names(db: AsyncSession, categories: Mapping[str, str]) -> _Names:
    users = list(await db.scalars(select(User)))
    names = _Names(
        categories=categories,
        units={name: id for name, id in await db.execute(select(Unit.name, Unit.id))},
        specialists={name: id for name, id in await db.execute(select(Specialist.name, Specialist.id))},
        items={code: id for code, id in await db.execute(select(CatalogueItem.code, CatalogueItem.id))},
        people={user.username: user.id for user in users},
    )
    offices = {office: name for name, office in await db.execute(select(Unit.name, Unit.organisation_id))}
    for user in users:
        if (unit := offices.get(user.organisation_id)) is not None:
            if Role.UNIT_HEAD in user.role_set():
                names.heads[unit] = user.id
            elif Role.UNIT_HANDLER in user.role_set():
                names.writers[unit] = user.id
    return names


class _Loader:
    """Makes the rows. Pure, but for ids."""

    def __init__(self, clock: Clock, settings: CrmSettings, names: _Names) -> None:
        self._now = clock.now()
        self._today = self._now.astimezone(ZoneInfo(settings.time_zone)).date()
        self._review_days = settings.knowledge_review_days
        self._names = names
        self._ids: dict[str, str] = {}
        self.entries: list[KnowledgeEntry] = []
        self.versions: list[KnowledgeVersion] = []
        self.shown: dict[str, KnowledgeContent] = {}
        """What a search finds, by the entry's id."""

    def load(self, groups: Sequence[DemoGroup]) -> None:
        self._ids = {entry.title: uuid7() for group in groups for entry in group.entries}
        for group in groups:
            for entry in group.entries:
                self._load(group, entry, self._content(group, entry))

    def _load(self, group: DemoGroup, entry: DemoEntry, content: KnowledgeContent) -> None:
        names, unit = self._names, group.unit or ""
        writer = names.writers.get(unit) or names.people.get(_HOTLINE_WRITER, "")
        head = names.heads.get(unit) or names.people.get(_HOTLINE_PUBLISHER, "")
        published = entry.state is RevisionState.NONE
        review_in = self._review_in(entry)
        # As a review makes it: so many days after the day of publication.
        at = self._now - timedelta(days=self._review_days - review_in) if published else self._now
        row = KnowledgeEntry(
            id=self._ids[entry.title],
            unit_id=names.units.get(unit),
            state=self._state(entry, content),
            revision_state=RevisionState.DRAFT if entry.revised else entry.state,
            version=1,
            title=content.title,
            kind=content.kind.value,
            category_id=content.category_id,
            scope=content.scope.value,
            expires_on=content.expires_on,
            published_number=(2 if entry.earlier else 1) if published else None,
            published_at=at if published else None,
            review_due_on=self._day(review_in) if published else None,
            revision=self._revision(entry, content),
            revised_by=writer,
            approved_by=head if entry.state in _REVIEWED else None,
            publish_at=self._moment(entry.publish_in),
            scheduled_by=None if entry.publish_in is None else names.people.get(_HOTLINE_PUBLISHER),
            remark=entry.withdrawn,
            uses=0,
            created_by=writer,
            created_at=at,
            updated_at=at,
        )
        self.entries.append(row)
        self.shown[row.id] = content
        if published:
            self._publish(row, entry, content, head)

    def _publish(self, row: KnowledgeEntry, entry: DemoEntry, content: KnowledgeContent, head: str) -> None:
        earlier = [content.model_copy(update={"answer": entry.earlier})] if entry.earlier else []
        for number, said in enumerate([*earlier, content], start=1):
            version = KnowledgeVersion(
                id=uuid7(),
                entry_id=row.id,
                number=number,
                content=said.stored(),
                written_by=row.created_by,
                approved_by=head,
                published_by=self._names.people.get(_HOTLINE_PUBLISHER, ""),
                published_at=row.created_at
                - timedelta(days=self._review_days * ((row.published_number or 1) - number)),
            )
            self.versions.append(version)

    def _state(self, entry: DemoEntry, content: KnowledgeContent) -> KnowledgeState:
        if entry.state is not RevisionState.NONE:
            return KnowledgeState.UNPUBLISHED
        if entry.withdrawn:
            return KnowledgeState.WITHDRAWN
        gone = content.expires_on is not None and content.expires_on < self._today
        return KnowledgeState.EXPIRED if gone else KnowledgeState.PUBLISHED

    def _review_in(self, entry: DemoEntry) -> int:
        """Where the data leave it out, the reviews are spread over the time until they are due."""
        spread = max(1, self._review_days - 2)
        return entry.review_in if entry.review_in is not None else 1 + len(self.entries) * 7 % spread

    def _revision(self, entry: DemoEntry, content: KnowledgeContent) -> dict[str, Any] | None:
        if entry.revised:
            return content.model_copy(update={"answer": entry.revised}).stored()
        return None if entry.state is RevisionState.NONE else content.stored()

    def _content(self, group: DemoGroup, entry: DemoEntry) -> KnowledgeContent:
        names = self._names
        fields = entry.model_dump(include=set(KnowledgeContent.model_fields))
        fields["issuing_body"] = entry.issuing_body or group.issuer or group.unit or ""
        return KnowledgeContent(
            **fields,
            category_id=names.categories[group.category],
            item_ids=[names.items[code] for code in entry.items if code in names.items],
            related_ids=[self._ids[title] for title in entry.related],
            specialist_ids=[found] if (found := names.specialists.get(entry.specialist or "")) else [],
            effective_on=self._day(entry.effective_in),
            expires_on=self._day(entry.days),
        )

    def _day(self, days: int | None) -> date | None:
        return None if days is None else self._today + timedelta(days=days)

    def _moment(self, days: int | None) -> datetime | None:
        return None if days is None else self._now + timedelta(days=days)
