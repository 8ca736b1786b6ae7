"""A service killed between what a deadline decides and its notice: `python -m tests.crm.dies_watching URL NOW`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm.cases.checks import CaseChecks
from crm.cases.moves import CaseMoves
from crm.cases.service import CaseService
from crm.enterprises.numbers import NumberPlan
from crm.limits.alerts import LimitAlerts
from crm.limits.keeper import WATCH, DeadlineKeeper
from crm.limits.state import ProfileName
from crm.limits.watch import DeadlineWatch
from crm.supervision.service import SupervisionService
from hotline.calendars.seed import installed_calendars
from hotline.kernel.bus import Bus
from hotline.kernel.db import Database
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobQueue
from hotline.notices.service import NoticeService
from tests.crm.calls import FakeCalls
from tests.fakes.clock import FakeClock
from tests.hotline.web import NoJournal

ZONE = ZoneInfo("Asia/Shanghai")


class DyingAlerts(LimitAlerts):
    async def decided(self, *_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


async def main(url: str, now: FakeClock) -> None:
    database, calls, jobs = Database(url), FakeCalls(), JobQueue(now)
    await database.open()
    checks = CaseChecks(NumberPlan("0473"), calls)
    cases = CaseService(now, checks, calls, ZONE)
    calendars = installed_calendars(now.now().year + 1)
    keeper = DeadlineKeeper(now, lambda: calendars, jobs, profile=ProfileName.GENERAL, archive_days=0)
    moves = CaseMoves(now, cases, checks, calls, deadlines=keeper, followers=[keeper])
    notices = NoticeService(now, jobs, zone=ZONE, hotline="12345热线", sms=False)
    alerts = DyingAlerts(notices, SupervisionService(now, cases, notices))
    runner = JobRunner(database, jobs, Bus(NoJournal()), now)
    runner.register(WATCH, DeadlineWatch(keeper, moves, alerts).run, transaction=False)
    await runner.start()
    await asyncio.sleep(timedelta(minutes=1).total_seconds())  # the process ends before


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], FakeClock(datetime.fromisoformat(sys.argv[2]))))
