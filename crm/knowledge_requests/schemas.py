"""Knowledge requests as they cross the wire."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from crm.cases.lights import Bilingual
from crm.cases.schemas import Explanation, Id
from crm.knowledge.content import Answer, KnowledgeBody
from crm.knowledge.schemas import MOST_VERSIONS
from crm.knowledge_requests.models import NAMES_ENTRY, KnowledgeRequestKind
from crm.knowledge_requests.state import KnowledgeRequestAction, KnowledgeRequestOutcome, KnowledgeRequestState
from hotline.kernel.paging import PageQuery
from hotline.kernel.words import LINES, VISIBLE

Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=1000), LINES]


class KnowledgeRequestList(StrEnum):
    WAITING = "waiting"
    """Open or taken, the most pressing first."""
    OVERDUE = "overdue"
    TO_AGREE = "to_agree"
    """Declined by a unit."""
    ANSWERED = "answered"
    """Until the entry is published."""
    MADE_BY_ME = "made_by_me"
    CLOSED = "closed"


class KnowledgeRequestQuery(PageQuery):
    list: KnowledgeRequestList = KnowledgeRequestList.WAITING
    kind: KnowledgeRequestKind | None = None
    unit_id: Id | None = None
    entry_id: Id | None = None


class KnowledgeRequestDraft(KnowledgeBody):
    id: Id
    """Made by the client, so that a request sent twice makes one."""
    kind: KnowledgeRequestKind
    unit_id: Id | None = None
    """Whom it goes to; None: the entry's unit, else the hotline's knowledge editors."""
    question: Question
    proposal: Answer = ""
    entry_id: Id | None = None
    entry_number: int | None = Field(default=None, ge=1, le=MOST_VERSIONS)
    case_id: Id | None = None
    miss_id: Id | None = None
    """The search without a hit that it is about: it leaves the list of gaps."""

    @model_validator(mode="after")
    def _entry_named(self) -> Self:
        if self.kind in NAMES_ENTRY and self.entry_id is None:
            raise ValueError("name in `entry_id` the entry that it is about")
        return self


class SearchMissed(KnowledgeBody):
    search: Annotated[str, StringConstraints(min_length=1, max_length=200), VISIBLE]


class KnowledgeRequestStep(KnowledgeBody):
    """Body of every action."""

    version: int
    reason: Explanation | None = None
    """Of `decline`, `refuse`, `pass_on`: why."""
    unit_id: Id | None = None
    """Of `pass_on`: to whom."""
    entry_id: Id | None = None
    """Of `refer`: the published entry. Of `answer`: the one that is amended, or the id of the one to be made."""


class KnowledgeRequestView(BaseModel):
    id: str
    kind: KnowledgeRequestKind
    unit_id: str | None
    unit_name: str
    """"" for the hotline itself."""
    state: KnowledgeRequestState
    version: int
    question: str
    proposal: str
    entry_id: str | None
    entry_title: str
    entry_number: int | None
    case_number: str
    """"" where it is of no case, or of one that the reader may not know of."""
    answer_id: str | None
    answer_title: str
    due_at: datetime
    due_explained: Bilingual | None
    overdue: bool
    reason: str
    outcome: KnowledgeRequestOutcome | None
    made_by_name: str
    made_at: datetime
    taken_by_name: str
    closed_at: datetime | None
    actions: list[KnowledgeRequestAction]
    """What the reader may do now."""
