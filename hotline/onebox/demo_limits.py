"""The time limits of the demo city's cases: they run out at their own time, while the past is played."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases import repository
from crm.cases.checks import CaseChecks
from crm.cases.followers import MoveFollower
from crm.cases.moves import CaseMoves
from crm.cases.service import CaseService
from crm.limits.alerts import EscalationFollower, LimitAlerts
from crm.limits.keeper import WATCH, DeadlineKeeper
from crm.limits.state import ProfileName
from crm.limits.watch import DeadlineWatch
from crm.ports import CallHistory
from crm.settings import CrmSettings
from crm.supervision.ledger import UnsolvedLedger
from crm.supervision.service import SupervisionService
from hotline.calendars.seed import installed_calendars
from hotline.kernel.clock import SystemClock
from hotline.kernel.jobs import JobQueue
from hotline.kernel.models import JobRecord
from hotline.notices.service import NoticeService


class StepClock(SystemClock):
    """Shows the time it was set to."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment


class DemoLimits:
    """Moves cases with their deadlines, escalations and the ledger; works in the caller's transaction."""

    def __init__(
        self,
        clock: StepClock,
        jobs: JobQueue,
        cases: CaseService,
        checks: CaseChecks,
        calls: CallHistory,
        *,
        settings: CrmSettings,
        notices: NoticeService,
    ) -> None:
        self._clock = clock
        alerts = LimitAlerts(notices, SupervisionService(clock, cases, notices))
        calendars = installed_calendars(clock.now().year + 1)
        keeper = DeadlineKeeper(
            clock,
            lambda: calendars,
            jobs,
            profile=ProfileName(settings.limit_profile),
            archive_days=settings.archive_days,
        )
        followers: list[MoveFollower] = [keeper, EscalationFollower(alerts), UnsolvedLedger(clock, cases)]
        self.moves = CaseMoves(clock, cases, checks, calls, deadlines=keeper, followers=followers)
        self._watch = DeadlineWatch(keeper, self.moves, alerts)

    async def let_pass(self, db: AsyncSession, until: datetime) -> None:
        """Set the clock to `until`, and do on the way whatever a deadline asks for, each at its time."""
        query = select(JobRecord).where(JobRecord.kind == WATCH).order_by(JobRecord.run_at, JobRecord.id).limit(1)
        while (job := await db.scalar(query)) is not None and job.run_at <= until:
            self._clock.set(max(job.run_at, self._clock.now()))
            case = await repository.case(db, str(job.payload["case_id"]))
            assert case is not None
            await self._watch.work_off(db, case)
        self._clock.set(until)
