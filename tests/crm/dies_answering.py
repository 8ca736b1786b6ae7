"""A service that dies while it passes a master's answer on: `python -m tests.crm.dies_answering URL COUNT`."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.checks import CaseChecks
from crm.cases.followers import Moved
from crm.cases.moves import CaseMoves
from crm.cases.service import CaseService
from crm.enterprises.numbers import NumberPlan
from crm.limits.keeper import DeadlineKeeper
from crm.limits.state import ProfileName
from crm.similar.answers import ANSWER, FollowerAnswers
from hotline.calendars.seed import installed_calendars
from hotline.kernel.bus import Bus
from hotline.kernel.db import Database
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobQueue
from tests.crm.calls import FakeCalls
from tests.crm.conftest import MORNING
from tests.fakes.clock import FakeClock
from tests.hotline.web import NoJournal


class Dies:
    """A follower that ends the process at the nth move, in the middle of its transaction."""

    def __init__(self, at: int) -> None:
        self._left = at

    async def moved(self, db: AsyncSession, moved: Moved) -> None:
        self._left -= 1
        if not self._left:
            os._exit(9)


async def main(url: str, count: int, now: FakeClock) -> None:
    database, calls, jobs = Database(url), FakeCalls(), JobQueue(now)
    await database.open()
    checks = CaseChecks(NumberPlan("0473"), calls)
    cases = CaseService(now, checks, calls, ZoneInfo("Asia/Shanghai"))
    calendars = installed_calendars(now.now().year + 1)
    keeper = DeadlineKeeper(now, lambda: calendars, jobs, profile=ProfileName.GENERAL, archive_days=0)
    moves = CaseMoves(now, cases, checks, calls, deadlines=keeper, followers=[keeper, Dies(count)])
    runner = JobRunner(database, jobs, Bus(NoJournal()), now)
    runner.register(ANSWER, FollowerAnswers(moves, now, jobs).answer_some)
    await runner.start()
    await asyncio.sleep(timedelta(minutes=1).total_seconds())  # the process ends before


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), FakeClock(MORNING)))
