"""Saved views as they cross the wire."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints

from crm.cases.schemas import CaseBody, Id
from crm.savedviews.models import SavedView
from crm.worklists.rules import WorkListName
from crm.worklists.schemas import CaseSort, Column
from hotline.accounts.roles import Role
from hotline.kernel.words import VISIBLE

ViewName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), VISIBLE]
FilterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]{1,30}$")]
FilterValue = Annotated[str, StringConstraints(min_length=1, max_length=100), VISIBLE]


class SavedViewFields(CaseBody):
    name: ViewName
    work_list: WorkListName
    filters: dict[FilterName, FilterValue] = Field(default_factory=dict, max_length=20)
    """As the page's address has them: a view is opened by its address, and asks for no more than its reader may."""
    columns: list[Column] = Field(default_factory=list, max_length=20)
    sort: CaseSort | None = None
    shared_with: Role | None = None


class SavedViewDraft(SavedViewFields):
    id: Id
    """Made by the client, so that a request sent twice keeps one view."""


class SavedViewChange(SavedViewFields):
    version: int


class SavedViewView(BaseModel):
    id: str
    name: str
    work_list: WorkListName
    filters: dict[str, str]
    columns: list[str]
    sort: CaseSort | None
    shared_with: Role | None
    version: int
    mine: bool

    @classmethod
    def of(cls, row: SavedView, user_id: str) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            work_list=WorkListName(row.work_list),
            filters=row.filters,
            columns=row.columns,
            sort=CaseSort(row.sort) if row.sort else None,
            shared_with=Role(row.shared_with) if row.shared_with else None,
            version=row.version,
            mine=row.owner_id == user_id,
        )
