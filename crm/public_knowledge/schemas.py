"""What everybody may read of the knowledge base. A model of its own, so that nothing internal comes along."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from crm.cases.schemas import Id
from crm.knowledge.models import KnowledgeKind
from hotline.kernel.paging import Page, PageQuery
from hotline.kernel.words import VISIBLE

LONGEST_SEARCH = 100
ON_A_PAGE = 20
_MOST_ON_A_PAGE = 50


class PublicKnowledgeQuery(PageQuery):
    limit: int = Field(default=ON_A_PAGE, ge=1, le=_MOST_ON_A_PAGE)
    search: Annotated[str, StringConstraints(max_length=LONGEST_SEARCH), VISIBLE] = ""
    kind: KnowledgeKind | None = None
    category_id: Id | None = None
    """With all the categories below it."""


class PublicName(BaseModel):
    """A category, or an entry that another one refers to."""

    id: str
    name: str


class PublicEntryRow(BaseModel):
    id: str
    title: str
    title_en: str
    kind: KnowledgeKind
    category: PublicName | None
    unit_name: str
    """"" for the hotline itself."""
    answer: str
    """Its first characters."""
    updated_on: date


class PublicCorrection(BaseModel):
    """No entry has the word; another was looked for instead."""

    word: str
    meant: str


class PublicKnowledgePage(Page[PublicEntryRow]):
    complete: int | None = None
    """Of a search: how many items of this page have all its words; those after them are the nearest."""
    corrected: list[PublicCorrection] = Field(default_factory=list)


class PublicFile(BaseModel):
    id: str
    name: str
    size: int


class PublicIncentive(BaseModel):
    beneficiaries: str
    conditions: str
    fulfilled_within: str
    address: str
    phone: str


class PublicEntry(BaseModel):
    """An entry as everybody reads it."""

    id: str
    title: str
    title_en: str
    kind: KnowledgeKind
    category: PublicName | None
    unit_name: str
    answer: str
    answer_en: str
    details: str
    """Markdown; HTML in it is text."""
    details_en: str
    issuing_body: str
    document_number: str
    source: str
    region: str
    effective_on: date | None
    expires_on: date | None
    """The last day on which it holds."""
    incentive: PublicIncentive | None
    related: list[PublicName]
    attachments: list[PublicFile]
    updated_on: date
