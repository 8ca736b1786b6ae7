"""The knowledge base as it crosses the wire."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints

from crm.cases.models import LifeCycleStage
from crm.cases.schemas import Explanation, Id, Moment
from crm.knowledge.content import KnowledgeBody, KnowledgeContent
from crm.knowledge.finding import FoundBy
from crm.knowledge.highlights import TextPart
from crm.knowledge.models import AnswerScope, KnowledgeCategory, KnowledgeEntry, KnowledgeKind, KnowledgeVersion
from crm.knowledge.state import KnowledgeAction, KnowledgeGuard, KnowledgeState, RevisionState
from hotline.kernel.paging import Page, PageQuery
from hotline.kernel.words import VISIBLE

CategoryName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), VISIBLE]
MOST_VERSIONS = 100_000
MOST_CATEGORIES = 500
MOST_CATEGORY_LEVELS = 4


class CategoryDraft(KnowledgeBody):
    name: CategoryName
    parent_id: Id | None = None
    position: int = Field(default=0, ge=0, le=10_000)


class CategoryChange(KnowledgeBody):
    """What is given replaces what was; None, where given, makes it one of the first level."""

    version: int
    name: CategoryName | None = None
    parent_id: Id | None = None
    position: int | None = Field(default=None, ge=0, le=10_000)
    active: bool | None = None


class CategoryView(BaseModel):
    id: str
    name: str
    parent_id: str | None
    position: int
    active: bool
    version: int

    @classmethod
    def of(cls, row: KnowledgeCategory) -> Self:
        return cls.model_validate(row, from_attributes=True)


class KnowledgeList(StrEnum):
    """What an entry waits for."""

    PUBLISHED = "published"
    MINE = "mine"
    """Revisions that the reader wrote."""
    DRAFTS = "drafts"
    TO_APPROVE = "to_approve"
    TO_PUBLISH = "to_publish"
    REVIEW_DUE = "review_due"
    """Published, and to be looked through by today."""
    NEVER_USED = "never_used"
    """Published for 90 days, and cited by no case."""
    RETIRED = "retired"
    """Expired or withdrawn."""


class KnowledgeQuery(PageQuery):
    list: KnowledgeList = KnowledgeList.PUBLISHED
    search: Annotated[str, StringConstraints(max_length=200), VISIBLE] = ""
    kind: KnowledgeKind | None = None
    scope: AnswerScope | None = None
    unit_id: Id | None = None
    category_id: Id | None = None
    """With all the categories below it."""
    stage: LifeCycleStage | None = None
    industry: Annotated[str, StringConstraints(strip_whitespace=True, max_length=30), VISIBLE] = ""


class EntryDraft(KnowledgeBody):
    id: Id
    """Made by the client, so that a request sent twice makes one entry."""
    unit_id: Id | None = None
    """The unit that owns it; None: the hotline itself."""
    content: KnowledgeContent


class RevisionSave(KnowledgeBody):
    version: int
    content: KnowledgeContent


class RevisionStart(KnowledgeBody):
    version: int
    number: int | None = Field(default=None, ge=1, le=MOST_VERSIONS)
    """The version to begin with; None: the one published last."""


class EntryStep(KnowledgeBody):
    """Body of every other action."""

    version: int
    reason: Explanation | None = None
    publish_at: Moment | None = None
    """Of `publish`: not now, but then."""
    unit_id: Id | None = None
    """Of `reassign`: whose it becomes; None: the hotline's own."""


class EntryOffer(BaseModel):
    """An action that is the reader's, and the guard that does not let it pass yet."""

    action: KnowledgeAction
    refused_by: KnowledgeGuard | None


class EntryRow(BaseModel):
    """An entry in a list."""

    id: str
    title: str
    kind: KnowledgeKind
    scope: AnswerScope
    unit_id: str | None
    unit_name: str
    """"" for the hotline itself."""
    category_id: str | None
    state: KnowledgeState
    revision_state: RevisionState
    number: int | None
    """Of the published version."""
    answer: str
    """Its first characters, of what is published."""
    title_parts: list[TextPart] = Field(default_factory=list)
    """Of a search: the title, with what was found in it; so is the next."""
    answer_parts: list[TextPart] = Field(default_factory=list)
    """The part of the answer around what was found first."""
    expires_on: date | None
    review_due_on: date | None
    uses: int
    updated_at: datetime


class SearchCorrection(BaseModel):
    """No entry has the word; another was looked for instead."""

    word: str
    meant: str


class FacetName(StrEnum):
    """As the list's filters are called."""

    KIND = "kind"
    UNIT = "unit_id"
    CATEGORY = "category_id"
    STAGE = "stage"
    INDUSTRY = "industry"


class FacetValue(BaseModel):
    value: str
    name: str
    """To be shown; "" for what the pages have words for."""
    hits: int


class SearchFacet(BaseModel):
    facet: FacetName
    values: list[FacetValue]


class KnowledgeSearched(BaseModel):
    """How a search was answered."""

    found_by: FoundBy
    complete: int
    """How many hits have all the words; those after them are the nearest."""
    corrected: list[SearchCorrection]
    facets: list[SearchFacet]
    """Of all hits, the most frequent values first."""


class KnowledgePage(Page[EntryRow]):
    searched: KnowledgeSearched | None = None
    """Of a search of what is published, which is sorted by relevance."""


class VersionRow(BaseModel):
    number: int
    published_at: datetime
    written_by_name: str
    approved_by_name: str
    published_by_name: str


class VersionView(VersionRow):
    entry_id: str
    unit_name: str
    content: KnowledgeContent

    @classmethod
    def of(cls, row: KnowledgeVersion, *, unit_name: str, names: dict[str, str]) -> Self:
        return cls(
            **version_row(row, names).model_dump(),
            entry_id=row.entry_id,
            unit_name=unit_name,
            content=KnowledgeContent.model_validate(row.content),
        )


class CitingCase(BaseModel):
    number: str
    entry_version: int
    cited_at: datetime


class CitingCases(BaseModel):
    """The cases that cite an entry."""

    total: int
    of_current: int
    """Those that cite the version published last."""
    items: list[CitingCase]
    """The latest that the reader may open."""


class NamedSubject(BaseModel):
    """What the content refers to, by name."""

    id: str
    name: str


class EntryView(EntryRow):
    """An entry's page; what is not published is there for those who write, approve or publish it."""

    version: int
    published: KnowledgeContent | None
    published_at: datetime | None
    revision: KnowledgeContent | None
    revised_by_name: str
    approved_by_name: str
    publish_at: datetime | None
    remark: str
    missing: list[str]
    """What a submission of the revision still needs."""
    offers: list[EntryOffer]
    versions: list[VersionRow]
    """The newest first."""
    subjects: list[NamedSubject]
    """Items, entries and specialists that the content names, as far as they exist."""


def version_row(row: KnowledgeVersion, names: dict[str, str]) -> VersionRow:
    return VersionRow(
        number=row.number,
        published_at=row.published_at,
        written_by_name=names.get(row.written_by, ""),
        approved_by_name=names.get(row.approved_by, ""),
        published_by_name=names.get(row.published_by, ""),
    )


ANSWER_SHOWN = 120
"""Characters of the answer in a list."""


def entry_row(row: KnowledgeEntry, *, unit_name: str, answer: str) -> EntryRow:
    return EntryRow(
        id=row.id,
        title=row.title,
        kind=KnowledgeKind(row.kind),
        scope=AnswerScope(row.scope),
        unit_id=row.unit_id,
        unit_name=unit_name,
        category_id=row.category_id,
        state=KnowledgeState(row.state),
        revision_state=RevisionState(row.revision_state),
        number=row.published_number,
        answer=answer[:ANSWER_SHOWN],
        expires_on=row.expires_on,
        review_due_on=row.review_due_on,
        uses=row.uses,
        updated_at=row.updated_at,
    )
