"""Duplicates, merges and notes as they cross the wire."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from crm.enterprises.models import EnterpriseMerge, EnterpriseNote
from crm.enterprises.schemas import EnterpriseBody, EnterpriseRow
from hotline.kernel.http import PageQuery
from hotline.kernel.words import LINES

EnterpriseId = Annotated[str, StringConstraints(max_length=36, pattern=r"^[0-9a-z-]+$")]
NoteText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), LINES]


class MergeField(StrEnum):
    NAME = "name"
    CREDIT_CODE = "credit_code"
    KIND = "kind"
    INDUSTRY = "industry"
    SIZE = "size"
    SKIPS_MENU = "skips_menu"


class Take(StrEnum):
    """Whose value the survivor has afterwards."""

    SURVIVOR = "survivor"
    MERGED = "merged"


class MergeBody(EnterpriseBody):
    survivor_id: EnterpriseId
    survivor_version: int
    merged_id: EnterpriseId
    merged_version: int
    take: dict[MergeField, Take] = Field(default_factory=dict)
    """A field that is not named stays as the survivor has it."""


class MergeView(BaseModel):
    id: str
    survivor_id: str
    merged_id: str
    at: datetime
    by_name: str
    contacts: int
    cases: int
    notes: int
    undone_at: datetime | None

    @classmethod
    def of(cls, row: EnterpriseMerge) -> MergeView:
        return cls(
            id=row.id,
            survivor_id=row.survivor_id,
            merged_id=row.merged_id,
            at=row.at,
            by_name=row.by_name,
            contacts=len(row.contacts),
            cases=len(row.cases),
            notes=len(row.notes),
            undone_at=row.undone_at,
        )


class MergeList(BaseModel):
    items: list[MergeView]


class UndoView(BaseModel):
    merge: MergeView
    kept: list[str]
    """Fields that were changed since and stay as they are; `merged_credit_code`: somebody else has that code now."""
    contacts: int
    cases: int
    notes: int
    """How many went back. What was added since the merge stays with the survivor."""


class DuplicateQuery(PageQuery):
    enterprise_id: str | None = Field(default=None, max_length=36)


class DuplicateView(BaseModel):
    id: str
    reasons: list[str]
    """Among `code`, `name`, `number`."""
    found_at: datetime
    first: EnterpriseRow
    second: EnterpriseRow


class EnterpriseNoteDraft(EnterpriseBody):
    text: NoteText


class EnterpriseNoteView(BaseModel):
    id: str
    author_name: str
    text: str
    created_at: datetime

    @classmethod
    def of(cls, row: EnterpriseNote) -> EnterpriseNoteView:
        return cls.model_validate(row, from_attributes=True)
