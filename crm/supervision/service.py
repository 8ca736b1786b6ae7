"""Supervision (督办): a unit is held to a case by a task of its own, until what it did has been reviewed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository as cases
from crm.cases.models import Case
from crm.cases.opening import ReadableCases
from crm.cases.service import Audit
from crm.cases.state import CaseState
from crm.cases.viewers import viewer_of
from crm.cases.visibility import Viewer, title_in_lists
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
}
"""What an escalation asks of the unit."""
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
            case,
            SupervisionTask(
                id=uuid7(),
                unit_id=case.lead_unit_id,
                key=f"{cause.value}:{key}",
                cause=cause,
                demand=_DEMANDS[cause],
                due_at=due_at or self._clock.now() + _TIME,
                issued_by="",
            ),
        )

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
            case,
            SupervisionTask(
                id=draft.id,
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
        case = (await repository.cases_of(db, {task.case_id}))[task.case_id]
        facts = SupervisionFacts(
            task=task, viewer=viewer, case_state=CaseState(case.state), unanswered=report.unanswered
        )
        move = next_of(SupervisionState(task.state), action)
        if move.by not in actors_of(facts):
            raise SupervisionActorError(f"That is for the {move.by.value}.")
        if refused := refusal_of(move, facts):
            raise SupervisionRefusedError(refused.detail, reason=refused.reason, action=action.value)
        before = task.state
        self._apply(task, action, report.text, who)
        task.state = move.target
        task.version += 1
        await audit(f"supervision.{action.value}", task.id, case_id=task.case_id, before=before, after=task.state)
        if move.target is SupervisionState.ISSUED:
            await self._notify(db, case, task, key=f"supervision:{task.id}:{task.version}")
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
        about = await repository.cases_of(db, {task.case_id for task in tasks})
        named = await units.named(db, {task.unit_id for task in tasks})
        people = await cases.names_of(db, {one for task in tasks for one in (task.issued_by, task.reviewed_by or "")})

        def shown(task: SupervisionTask) -> SupervisionTaskView:
            case = about[task.case_id]
            facts = SupervisionFacts(task=task, viewer=viewer, case_state=CaseState(case.state))
            decided = viewer.staff or task.state in (SupervisionState.ISSUED, SupervisionState.DONE)
            unit = named.get(task.unit_id)
            return SupervisionTaskView(
                id=task.id,
                case_id=task.case_id,
                case_number=case.number,
                title=title_in_lists(case, for_unit=not viewer.staff),
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

    async def _issue(self, db: AsyncSession, case: Case, task: SupervisionTask) -> SupervisionTask:
        if (known := await repository.task_of_key(db, task.key)) is not None:
            return known
        task.case_id, task.issued_at = case.id, self._clock.now()
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
        await self._notify(db, case, task, key=f"supervision:{task.id}")
        return task

    async def _notify(self, db: AsyncSession, case: Case, task: SupervisionTask, *, key: str) -> None:
        await self._notices.notify(
            db,
            Notice(
                kind=NoticeKind.SUPERVISION,
                subject=NoticeSubject(kind="case", id=case.id, number=case.number),
                values={Placeholder.DATE: task.due_at},
                units=[task.unit_id],
                key=key,
            ),
        )
