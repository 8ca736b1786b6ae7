"""What is asked about similar cases, and what is answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from crm.cases.schemas import CaseBody, HalfNumber, Id, Title, Words
from crm.cases.state import CaseState


class SimilarQuestion(CaseBody):
    """A case as far as it is typed."""

    case_id: Id | None = None
    """The case itself, which is not similar to itself."""
    call_id: Id | None = None
    title: Title = ""
    content: Words = ""
    place: Title = ""
    enterprise_id: Id | None = None
    contact_id: Id | None = None
    callback_number: HalfNumber = ""


class SimilarBy(StrEnum):
    CONTACT = "contact"
    ENTERPRISE = "enterprise"
    NUMBER = "number"
    """The same callback number."""
    CALLER = "caller"
    """An earlier call from the same number was about it."""
    PLACE = "place"
    WORDS = "words"


class SimilarReason(BaseModel):
    by: SimilarBy
    words: list[str]
    """The words they share; [] for other reasons."""


class SimilarCase(BaseModel):
    id: str
    number: str
    spoken_number: str
    state: CaseState
    version: int
    title: str
    place: str
    lead_unit_name: str | None
    created_at: datetime
    next_due_at: datetime | None
    promised_at: datetime | None
    mass: bool
    followers: int
    """How many cases follow it already."""
    repeats: int
    score: float
    reasons: list[SimilarReason]
