"""The screen pop as it crosses the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from crm.cases.schemas import CaseRow
from crm.enterprises.schemas import ContactView, EnterpriseView


class Candidate(BaseModel):
    """One of several contacts who share the caller's number; the agent asks which."""

    model_config = ConfigDict(from_attributes=True)

    enterprise_id: str
    enterprise_name: str
    contact_id: str
    contact_name: str


class EarlierCallView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    call_id: str
    started_at: datetime
    queue: str | None
    outcome: str
    agents: list[str]
    talk_seconds: int
    survey: int | None
    case_numbers: list[str]


class ScreenPopView(BaseModel):
    call_id: str
    enterprise: EnterpriseView | None
    """The only one the number belongs to, or null."""
    contact: ContactView | None
    candidates: list[Candidate]
    """Everybody who shares the number, if it does not identify one person."""
    call_cases: list[CaseRow]
    """Cases of this very call: after a reload the draft is found here."""
    open_cases: list[CaseRow]
    past_cases: list[CaseRow]
    earlier_calls: list[EarlierCallView]
