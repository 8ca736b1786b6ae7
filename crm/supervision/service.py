"""Supervision (督办): a unit is held to a case, or to the review of a knowledge entry, by a task of its own, until what
it did has been reviewed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository as cases
from crm.cases.models import Case
from crm.cases.opening import ReadableCases
from crm.cases.service import Audit
from crm.cases.viewers import viewer_of
from crm.cases.visibility import Viewer
from crm.knowledge.models import KnowledgeEntry
from crm.supervision import repository
from crm.supervision.errors import (
    SupervisedUnitError,
    SupervisionActorError,
    SupervisionRefusedError,
    SupervisionVersionError,
)
from crm.supervision.guards import SupervisionFacts, actors_of, offered, refusal_of
from crm.supervision.models import SupervisionCause, SupervisionTask
from crm.supervision.schemas import SupervisionDraft, SupervisionQuery, SupervisionReport, SupervisionTaskView
from crm.supervision.state import SupervisionAction, SupervisionState, next_of
from crm.supervision.subjects import SupervisionSubject, subjects_of
from crm.units import repository as units
from hotline.accounts.roles import Role
from hotline.kernel.clock import Clock
from hotline.kernel.db import is_duplicate
from hotline.kernel.errors import ConflictError, NotFoundError
from hotline.kernel.http import Principal
from hotline.kernel.ids import uuid7
from hotline.kernel.paging import Page
from hotline.notices.contract import Notice, NoticeSubject
from hotline.notices.kinds import NoticeKind, Placeholder
from hotline.notices.service import NoticeService

_DEMANDS = {
    SupervisionCause.OVERDUE: "已超过办理时限，请立即办结并答复。",
    SupervisionCause.REWORKS: "已多次重办，请单位负责人牵头办结并答复。",
    SupervisionCause.RETURNS: "多个单位退单，现由你单位承办，请尽快办结并答复。",
    SupervisionCause.REVIEW_OVERDUE: "知识逾期未复核，请立即核对内容，确认有效或修订。",
}
"""What an escalation asks of the unit."""
_REVIEWED = "已复核，下次复核日期 {day}。"
_TIME = timedelta(days=2)


class SupervisionService:
    """Each method works in the caller's transaction."""

    def __init__(self, clock: Clock, readable: ReadableCases, notices: NoticeService) -> None:
        self._clock = clock
        self._cases = readable
        self._notices = notices

    async def issue(
        self, db: AsyncSession, case: Case, cause: SupervisionCause, *, key: str, due_at: datetime | None = None
    ) -> SupervisionTask | None:
        """An escalation's task to the lead unit; the same again for the same `key`, None where no unit has the case.

        Safe to call twice. `due_at` None: in two days.
        """
        if case.lead_unit_id is None:
            return None
        return await self._issue(
            db,
            SupervisionTask(
                id=uuid7(),
                case_id=case.id,
                unit_id=case.lead_unit_id,
                key=f"{cause.value}:{key}",
                cause=cause,
                demand=_DEMANDS[cause],
                due_at=due_at or self._clock.now() + _TIME,
                issued_by="",
            ),
        )

    async def hold_to_review(self, db: AsyncSession, entry: KnowledgeEntry, *, key: str) -> SupervisionTask | None:
        """The entry's review is late: a task of its unit; the same again for the same `key`, None where it has no unit.

        Safe to call twice.
        """
        if entry.unit_id is None:
            return None
        cause = SupervisionCause.REVIEW_OVERDUE
        return await self._issue(
            db,
            SupervisionTask(
                id=uuid7(),
                entry_id=entry.id,
                unit_id=entry.unit_id,
                key=f"{cause.value}:{key}",
                cause=cause,
                demand=_DEMANDS[cause],
                due_at=self._clock.now() + _TIME,
                issued_by="",
            ),
        )

    async def reviewed(self, db: AsyncSession, entry: KnowledgeEntry, *, by: str) -> None:
        """The entry was confirmed or published anew: what its unit owed is done, and waits for the hotline's review."""
        for task in await repository.issued_about(db, entry.id):
            task.report = _REVIEWED.format(day=entry.review_due_on)
            task.reported_by, task.reported_at = by or None, self._clock.now()
            task.state = next_of(SupervisionState.ISSUED, SupervisionAction.ASK_WITHDRAWAL).target
            task.version += 1

    async def order(
        self, db: AsyncSession, draft: SupervisionDraft, *, who: Principal, audit: Audit
    ) -> SupervisionTask:
        """By hand. Raises SupervisionActorError, SupervisedUnitError, and as `ReadableCases.read`."""
        if Role.SUPERVISOR not in who.roles:
            raise SupervisionActorError("Ask a supervisor to issue it.")
        case = await self._cases.read(db, draft.case_id, who=who)
        if draft.unit_id not in await cases.assigned_units(db, case.id):
            raise SupervisedUnitError("Choose a unit that the case is with.")
        task = await self._issue(
            db,
            SupervisionTask(
                id=draft.id,
                case_id=case.id,
                unit_id=draft.unit_id,
                key=draft.id,
                cause=SupervisionCause.ORDERED,
                demand=draft.demand,
                due_at=draft.due_at,
                issued_by=who.user_id,
            ),
        )
        if (task.case_id, task.unit_id, task.demand) != (case.id, draft.unit_id, draft.demand):
            raise ConflictError("Another task has this id; make a new one.")
        await audit("supervision.issue", task.id, case_id=case.id, unit_id=task.unit_id, due_at=task.due_at.isoformat())
        return task

    async def act(
        self,
        db: AsyncSession,
        task_id: str,
        action: SupervisionAction,
        report: SupervisionReport,
        *,
        who: Principal,
        audit: Audit,
    ) -> SupervisionTask:
        """Raises NotFoundError, SupervisionActorError, and the errors of version, table and guards."""
        viewer = await viewer_of(db, who)
        task = await self._load(db, task_id, viewer, lock=True)
        if task.version != report.version:
            raise SupervisionVersionError(
                f"It is at version {task.version}, not {report.version}: load it again.", version=task.version
            )
        subject = (await subjects_of(db, [task]))[task.id]
        facts = SupervisionFacts(task=task, viewer=viewer, demand_met=subject.demand_met, unanswered=report.unanswered)
        move = next_of(SupervisionState(task.state), action)
        if move.by not in actors_of(facts):
            raise SupervisionActorError(f"That is for the {move.by.value}.")
        if refused := refusal_of(move, facts):
            raise SupervisionRefusedError(refused.detail, reason=refused.reason, action=action.value)
        before = task.state
        self._apply(task, action, report.text, who)
        task.state = move.target
        task.version += 1
        about = {"case_id": task.case_id} if task.case_id else {"entry_id": task.entry_id}
        await audit(f"supervision.{action.value}", task.id, **about, before=before, after=task.state)
        if move.target is SupervisionState.ISSUED:
            await self._notify(db, task, subject, key=f"supervision:{task.id}:{task.version}")
        return task

    async def page(self, db: AsyncSession, query: SupervisionQuery, *, who: Principal) -> Page[SupervisionTaskView]:
        viewer = await viewer_of(db, who)
        found = await repository.tasks(db, query, viewer)
        views = {view.id: view for view in await self.views(db, found.rows, viewer)}
        return found.page(lambda task: views[task.id])

    async def read(self, db: AsyncSession, task_id: str, *, who: Principal) -> SupervisionTaskView:
        viewer = await viewer_of(db, who)
        return (await self.views(db, [await self._load(db, task_id, viewer)], viewer))[0]

    async def views(
        self, db: AsyncSession, tasks: Sequence[SupervisionTask], viewer: Viewer
    ) -> list[SupervisionTaskView]:
        subjects = await subjects_of(db, tasks, for_unit=not viewer.staff)
        named = await units.named(db, {task.unit_id for task in tasks})
        people = await cases.names_of(db, {one for task in tasks for one in (task.issued_by, task.reviewed_by or "")})

        def shown(task: SupervisionTask) -> SupervisionTaskView:
            subject = subjects[task.id]
            facts = SupervisionFacts(task=task, viewer=viewer, demand_met=subject.demand_met)
            decided = viewer.staff or task.state in (SupervisionState.ISSUED, SupervisionState.DONE)
            unit = named.get(task.unit_id)
            return SupervisionTaskView(
                id=task.id,
                case_id=task.case_id,
                case_number=subject.case.number if subject.case else None,
                entry_id=task.entry_id,
                title=subject.title,
                unit_id=task.unit_id,
                unit_name=unit.name if unit else "",
                state=SupervisionState(task.state),
                version=task.version,
                cause=SupervisionCause(task.cause),
                demand=task.demand,
                due_at=task.due_at,
                issued_by_name=people.get(task.issued_by, ""),
                issued_at=task.issued_at,
                report=task.report,
                reported_at=task.reported_at,
                review=task.review if decided else "",
                reviewed_by_name=people.get(task.reviewed_by or "", "") if viewer.staff else "",
                reviewed_at=task.reviewed_at if decided else None,
                done_at=task.done_at,
                actions=offered(facts),
            )

        return [shown(task) for task in tasks]

    def _apply(self, task: SupervisionTask, action: SupervisionAction, text: str, who: Principal) -> None:
        now = self._clock.now()
        match action:
            case SupervisionAction.ASK_WITHDRAWAL:
                task.report, task.reported_by, task.reported_at = text, who.user_id, now
            case SupervisionAction.REVIEW | SupervisionAction.SEND_BACK:
                task.review, task.reviewed_by, task.reviewed_at = text, who.user_id, now
            case SupervisionAction.FINISH:
                task.done_by, task.done_at = who.user_id, now

    async def _load(self, db: AsyncSession, task_id: str, viewer: Viewer, *, lock: bool = False) -> SupervisionTask:
        task = await repository.task(db, task_id, viewer, lock=lock)
        if task is None:
            raise NotFoundError("There is no such supervision task.")
        return task

    async def _issue(self, db: AsyncSession, task: SupervisionTask) -> SupervisionTask:
        if (known := await repository.task_of_key(db, task.key)) is not None:
            return known
        task.issued_at = self._clock.now()
        task.state, task.version = SupervisionState.ISSUED, 1
        try:
            async with db.begin_nested():
                db.add(task)
                await db.flush()
        except IntegrityError as error:
            known = await repository.task_of_key(db, task.key) if is_duplicate(error) else None
            if known is None:
                raise
            return known
        await self._notify(db, task, (await subjects_of(db, [task]))[task.id], key=f"supervision:{task.id}")
        return task

    async def _notify(self, db: AsyncSession, task: SupervisionTask, subject: SupervisionSubject, *, key: str) -> None:
        entry, case = subject.entry, subject.case
        if entry is not None:
            kind, about = NoticeKind.KNOWLEDGE_SUPERVISION, NoticeSubject(kind="knowledge", id=entry.id)
        else:
            assert case is not None
            kind, about = NoticeKind.SUPERVISION, NoticeSubject(kind="case", id=case.id, number=case.number)
        await self._notices.notify(
            db,
            Notice(
                kind=kind,
                subject=about,
                values={Placeholder.DATE: task.due_at, **({Placeholder.ENTRY: entry.title} if entry else {})},
                units=[task.unit_id],
                key=key,
            ),
        )
