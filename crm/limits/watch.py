"""What follows when time runs out: reminders, alerts, and what a deadline decides by itself.

One job a case works off all that is due about it, in order and in one transaction with the rows that say so; so each
thing happens once, also after an outage, a kill, or a clock that was set back.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository as cases
from crm.cases.models import Assignment, Case
from crm.cases.moves import CaseMoves
from crm.cases.state import CaseAction
from crm.limits.alerts import LimitAlerts
from crm.limits.book import DeadlineBook
from crm.limits.keeper import DeadlineKeeper
from crm.limits.models import CaseDeadline
from crm.limits.reminders import ReminderStage, due_stage, next_time
from crm.limits.state import DeadlineKind
from hotline.kernel.jobs import JobContext

DECIDED = {
    DeadlineKind.SIGN: CaseAction.COUNT_AS_SIGNED,
    DeadlineKind.RETURN_DECISION: CaseAction.ACCEPT_RETURN,
}
"""What a deadline does to the case when it passes."""
DEEMED = "Nobody decided within the limit: the return counts as accepted."
_MOST = 100
"""Things done about one case at once; more would be a circle."""


class DeadlineWatch:
    """Handlers of jobs; each opens its own transaction, which locks the case before anything else."""

    def __init__(self, keeper: DeadlineKeeper, moves: CaseMoves, alerts: LimitAlerts) -> None:
        self._keeper = keeper
        self._moves = moves
        self._alerts = alerts

    async def run(self, ctx: JobContext) -> None:
        """Do all that is due about one case. Safe to call again."""
        async with ctx.database.transaction() as db:
            case = await cases.case(db, str(ctx.job.payload["case_id"]), lock=True)
            if case is not None:
                await self.work_off(db, case)

    async def work_off(self, db: AsyncSession, case: Case) -> None:
        """Do all that is due about a locked case, and schedule what comes next."""
        book = await self._keeper.book(db, case)
        for _ in range(_MOST):
            if not await self._do_next(db, book):
                break
            book = await self._keeper.book(db, case)
        await self._keeper.settle(db, book)

    async def archive(self, ctx: JobContext) -> None:
        """Archive one case that has been closed for long enough."""
        async with ctx.database.transaction() as db:
            case = await cases.case(db, str(ctx.job.payload["case_id"]), lock=True)
            if case is not None:
                await self._moves.move_by_deadline(db, case, CaseAction.ARCHIVE)

    # --- inner ------------------------------------------------------------------------------------------

    async def _do_next(self, db: AsyncSession, book: DeadlineBook) -> bool:
        """Whether there was anything to do."""
        due = [(at, row) for row in book.open() if (at := next_time(row)) is not None and at <= book.now]
        if not due:
            return False
        _, row = min(due, key=lambda one: (one[0], one[1].id))
        stage = due_stage(row, book.now)
        unit = next((one for one in book.assignments if one.id == row.assignment_id), None)
        if stage is ReminderStage.EXPIRE:
            row.expired_at = book.now
            await self._expire(db, book, row, unit)
        elif stage is not None:
            row.reminded_hours = int(stage)
            await self._alerts.due_soon(db, book.case, row, unit, stage)
        await db.flush()
        return True

    async def _expire(self, db: AsyncSession, book: DeadlineBook, row: CaseDeadline, unit: Assignment | None) -> None:
        case, kind = book.case, DeadlineKind(row.kind)
        if kind is DeadlineKind.RETURN:
            book.miss(kind)
            return
        if (action := DECIDED.get(kind)) is not None:
            recorded = {"reason": DEEMED} if kind is DeadlineKind.RETURN_DECISION else {}
            await db.flush()
            refused = await self._moves.move_by_deadline(db, case, action, recorded=recorded)
            if refused is None:
                await self._alerts.decided(db, case, row, unit)
                return
        await self._alerts.overdue(db, case, row, unit)
        if kind is DeadlineKind.CLOSE:
            await self._alerts.escalate(db, case, "overdue", key=row.id)
            if case.needs_callback and not book.open(DeadlineKind.CALLBACK):
                # The caller hears from the hotline also when the unit stays silent.
                book.start(DeadlineKind.CALLBACK)
                await self._keeper.settle(db, book)
                await self._alerts.callback_due(db, case, book.open(DeadlineKind.CALLBACK)[0])
