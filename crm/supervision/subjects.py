"""What a supervision task holds a unit to: a case, or the review of a knowledge entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.models import Case
from crm.cases.state import AT_UNIT, CaseState
from crm.cases.visibility import title_in_lists
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.state import KnowledgeState
from crm.supervision import repository
from crm.supervision.models import SupervisionTask


@dataclass(frozen=True, slots=True)
class SupervisionSubject:
    title: str
    """As lists show it to whoever asked."""
    demand_met: bool
    case: Case | None = None
    entry: KnowledgeEntry | None = None


async def subjects_of(
    db: AsyncSession, tasks: Sequence[SupervisionTask], *, for_unit: bool = False
) -> dict[str, SupervisionSubject]:
    """By the task's id."""
    cases = await repository.cases_of(db, {task.case_id for task in tasks if task.case_id is not None})
    entries = await repository.knowledge_of(db, {task.entry_id for task in tasks if task.entry_id is not None})
    found = {}
    for task in tasks:
        if task.case_id is not None:
            found[task.id] = _of_case(cases[task.case_id], for_unit=for_unit)
        elif task.entry_id is not None:
            found[task.id] = _of_entry(task, entries[task.entry_id])
    return found


def _of_case(case: Case, *, for_unit: bool) -> SupervisionSubject:
    answered = CaseState(case.state) not in AT_UNIT
    return SupervisionSubject(title_in_lists(case, for_unit=for_unit), answered, case=case)


def _of_entry(task: SupervisionTask, entry: KnowledgeEntry) -> SupervisionSubject:
    """The task was issued once the review was late; reviewed, the entry has a later day. One that is hidden, or now
    another unit's, needs no review of this unit.
    """
    due = entry.review_due_on
    reviewed = due is None or due > task.issued_at.date()
    gone = entry.state != KnowledgeState.PUBLISHED or entry.unit_id != task.unit_id
    return SupervisionSubject(entry.title, reviewed or gone, entry=entry)
