"""What must follow a move, in its own transaction: deadlines, notices, the search index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.details import MoveDetail
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


class RunningDeadlines(Protocol):
    async def running(self, db: AsyncSession, case_id: str) -> Mapping[str, datetime]:
        """The deadlines of this case that are neither met nor over, by kind."""
        ...


class NoDeadlines:
    async def running(self, db: AsyncSession, case_id: str) -> Mapping[str, Any]:
        return {}
