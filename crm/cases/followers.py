"""What must follow a move, in its own transaction: deadlines, notices, the search index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.details.common import MoveDetail
from crm.cases.lights import CaseDeadlineView
from crm.cases.models import Assignment, Case, CaseStep
from crm.cases.situation import Situation
from crm.cases.state import CaseAction, CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An action that was done, in a transaction that is not committed yet."""

    case: Case
    action: CaseAction
    source: CaseState
    target: CaseState
    step: CaseStep
    detail: MoveDetail | None
    """None for a deadline's own actions."""
    before: Situation
    """As it was decided upon; its rows show the present."""
    created: tuple[Assignment, ...] = field(default=())
    """Assignments that this action made."""


class MoveFollower(Protocol):
    """Works in the move's transaction; what it raises undoes the move. Slow work is a job scheduled there."""

    async def moved(self, db: AsyncSession, moved: Moved) -> None: ...


class PressedWithdrawals(Protocol):
    """Who is to know that a withdrawal was refused, since a unit pressed for it."""

    async def pressed(self, db: AsyncSession, case: Case, *, by: str, request_id: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLimits:
    """The deadlines of a case as moves are judged by them."""

    running: Mapping[str, datetime]
    """By kind, those of the case and its lead unit that are neither met nor cancelled; that for returning also when
    it is over."""
    longest_extension: int
    """How many working days the case may be extended by."""
    views: Callable[[], list[CaseDeadlineView]]
    """All of the case as its page shows them; only then are they counted."""


class CaseDeadlines(Protocol):
    async def limits(self, db: AsyncSession, case: Case) -> CaseLimits: ...
