"""A service that notifies and is then killed: `python -m tests.hotline.notices.crash <url> <file> <moment>`.

It prints a line at its moment (`uncommitted`, `committed`, `sent`), and waits there to be killed.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from hotline.kernel.bus import Bus
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobQueue
from hotline.notices.contract import Notice
from hotline.notices.kinds import NoticeKind
from hotline.notices.models import MessageChannel
from hotline.notices.ports import Parcel
from hotline.notices.providers.sms import FileSms
from hotline.notices.sender import MessageSender
from hotline.notices.service import SEND_JOB, NoticeService
from tests.hotline.notices.stage import ACCEPTED, CASE, TO_CALLER, ZONE
from tests.hotline.web import NoJournal


async def here(moment: str) -> None:
    sys.stdout.write(f"{moment}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


class KilledAfterSending(FileSms):
    async def send(self, parcel: Parcel) -> None:
        await super().send(parcel)
        await here("sent")


async def main(url: str, file: str, moment: str) -> None:
    clock, database = SystemClock(), Database(url)
    await database.open()
    queue = JobQueue(clock)
    service = NoticeService(clock, queue, zone=ZONE, hotline="12345", sms=True)
    async with database.transaction() as db:
        await service.notify(db, Notice(kind=NoticeKind.CASE_ACCEPTED, subject=CASE, values=ACCEPTED, sms=TO_CALLER))
        if moment == "uncommitted":
            await here(moment)
    if moment == "committed":
        await here(moment)
    sender = MessageSender({MessageChannel.SMS: KilledAfterSending(Path(file), clock)}, database, clock)
    runner = JobRunner(database, queue, Bus(NoJournal()), clock)
    runner.register(SEND_JOB, sender.job, transaction=False)
    await runner.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
