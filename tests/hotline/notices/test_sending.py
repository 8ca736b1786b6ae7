"""From the committed message to the receiver: retries, dead messages, and a process that is killed in between."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hotline.accounts.roles import Role
from hotline.kernel.bus import Bus
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.job_runner import JobRunner
from hotline.notices.kinds import NoticeKind
from hotline.notices.models import MessageChannel, MessageState, OutgoingMessage
from hotline.notices.outbox import Outbox
from hotline.notices.ports import Parcel, SendFailedError
from hotline.notices.providers.sms import FileSms
from hotline.notices.routes import message_routes
from hotline.notices.sender import MOST_ATTEMPTS, MessageSender
from hotline.notices.service import SEND_JOB
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import Accounts
from tests.hotline.notices.stage import ACCEPTED, CALLER, LINK, TO_CALLER, NoticeStage
from tests.hotline.web import NoJournal

PATH = "/api/messages"


class Gateway:
    """A `Notifier` that takes what it gets, or fails."""

    def __init__(self) -> None:
        self.taken: list[Parcel] = []
        self.trouble: SendFailedError | None = None
        self.tried = 0

    async def send(self, parcel: Parcel) -> None:
        self.tried += 1
        if self.trouble is not None:
            raise self.trouble
        self.taken.append(parcel)

    async def close(self) -> None:
        pass


class Sending:
    def __init__(self, stage: NoticeStage, gateway: Any, clock: FakeClock) -> None:
        self.stage, self.gateway, self.clock = stage, gateway, clock
        self.sender = MessageSender({MessageChannel.SMS: gateway}, stage.database, clock)
        self.runner = JobRunner(stage.database, stage.queue, Bus(NoJournal()), clock)
        self.runner.register(SEND_JOB, self.sender.job, attempts=10**6, transaction=False)

    async def message(self) -> OutgoingMessage:
        (row,) = await self.stage.messages()
        return row

    async def until(self, state: MessageState, attempts: int = 0) -> OutgoingMessage:
        def met(row: OutgoingMessage) -> bool:
            return row.state == state and row.attempts >= attempts

        deadline = asyncio.get_running_loop().time() + 20
        while not met(row := await self.message()):
            assert asyncio.get_running_loop().time() < deadline, (row.state, row.attempts)
            await self.clock.advance(timedelta(seconds=10))
            await asyncio.sleep(0.005)
        return row


@pytest.fixture
async def sending(stage: NoticeStage, clock: FakeClock) -> AsyncIterator[Sending]:
    sending = Sending(stage, Gateway(), clock)
    await sending.runner.start()
    yield sending
    await sending.runner.close()
    await sending.sender.close()


async def accepted(stage: NoticeStage) -> None:
    await stage.notify(NoticeKind.CASE_ACCEPTED, values=ACCEPTED, sms=TO_CALLER)


async def test_what_is_committed_is_sent_once_with_its_link(stage: NoticeStage, sending: Sending) -> None:
    await accepted(stage)
    row = await sending.until(MessageState.SENT)
    (parcel,) = sending.gateway.taken
    assert (parcel.id, parcel.recipient) == (row.id, CALLER)
    assert parcel.text.endswith(f"查询进度：{LINK}")
    assert row.sent_at is not None
    assert await sending.sender.check() == "sms"


async def test_a_failure_is_tried_again_and_readiness_says_so_until_it_succeeds(
    stage: NoticeStage, sending: Sending
) -> None:
    sending.gateway.trouble = SendFailedError("HTTP 503")
    await accepted(stage)
    row = await sending.until(MessageState.WAITING, attempts=2)
    assert row.reason == "HTTP 503"
    with pytest.raises(UnavailableError, match="sms fails: HTTP 503"):
        await sending.sender.check()
    sending.gateway.trouble = None
    await sending.until(MessageState.SENT)
    assert len(sending.gateway.taken) == 1
    assert await sending.sender.check() == "sms"


async def test_after_the_last_attempt_or_a_refusal_for_good_it_is_dead(stage: NoticeStage, sending: Sending) -> None:
    sending.gateway.trouble = SendFailedError("HTTP 503")
    await accepted(stage)
    row = await sending.until(MessageState.DEAD)
    assert (row.attempts, sending.gateway.tried) == (MOST_ATTEMPTS, MOST_ATTEMPTS)
    with pytest.raises(UnavailableError):
        await sending.sender.check()
    # An hour later it is for the list of dead messages to say, and not for the health of the service.
    await sending.clock.advance(timedelta(hours=2))
    assert await sending.sender.check() == "sms"


async def test_a_dead_message_is_sent_again_by_a_supervisor_under_the_same_key(
    stage: NoticeStage, sending: Sending, clock: FakeClock
) -> None:
    outbox = Outbox(stage.service, sms="http", webhooks=[])
    accounts = Accounts(stage.database, clock, more=[message_routes(outbox)])
    await accounts.start()
    await accounts.add("chief", Role.SUPERVISOR)
    token = await accounts.log_in("chief")
    sending.gateway.trouble = SendFailedError("HTTP 400: bad", permanent=True)
    await accounts.ask("GET", PATH, token)
    await accepted(stage)
    row = await sending.until(MessageState.DEAD)
    _, page = await accounts.ask("GET", f"{PATH}?state=dead", token)
    (item,) = page["items"]
    assert (item["recipient"], item["reason"], item["attempts"]) == ("139****5678", "HTTP 400: bad", 1)
    assert LINK not in json.dumps(page)
    assert (await accounts.ask("GET", f"{PATH}/summary", token))[1] == {
        "sms": "http",
        "webhooks": [],
        "waiting": 0,
        "dead": 1,
    }
    resend = f"{PATH}/{row.id}/resend"
    status, problem = await accounts.ask("POST", resend, token, {"version": row.version - 1})
    assert (status, problem["error_id"]) == (409, "message.version_conflict")
    sending.gateway.trouble = None
    status, item = await accounts.ask("POST", resend, token, {"version": row.version})
    assert (status, item["state"]) == (200, "waiting")
    await sending.until(MessageState.SENT)
    assert [parcel.id for parcel in sending.gateway.taken] == [row.id]
    status, problem = await accounts.ask("POST", resend, token, {"version": item["version"]})
    assert (status, problem["error_id"]) == (409, "message.not_dead")
    await accounts.close()


async def killed_at(url: str, file: Path, moment: str) -> None:
    """Run a service in a process of its own, and end it there with SIGKILL."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.hotline.notices.crash", url, str(file), moment),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 60)
    assert line.decode().strip() == moment
    process.kill()
    assert await process.wait() == -signal.SIGKILL


def sent(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


async def settled(stage: NoticeStage, file: Path, met: Callable[[], bool]) -> None:
    """Start the service again, at a time when the dead one's lease is over; wait until `met`, twice."""
    for _ in range(2):
        clock = FakeClock(SystemClock().now() + timedelta(minutes=10))
        sending = Sending(stage, FileSms(file, clock), clock)
        await sending.runner.start()
        deadline = asyncio.get_running_loop().time() + 20
        while not met() or any(row.state == MessageState.WAITING for row in await stage.messages()):
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.01)
        await sending.runner.close()


@pytest.mark.slow
async def test_killed_before_the_commit_nothing_is_sent(
    stage: NoticeStage, any_database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "sms.jsonl"
    await killed_at(url_of(any_database), file, "uncommitted")
    await settled(stage, file, lambda: True)
    assert (sent(file), await stage.messages()) == ([], [])


@pytest.mark.slow
async def test_killed_between_commit_and_delivery_it_is_delivered_once_by_the_next(
    stage: NoticeStage, any_database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "sms.jsonl"
    await killed_at(url_of(any_database), file, "committed")
    assert sent(file) == []
    await settled(stage, file, lambda: bool(sent(file)))
    (line,) = sent(file)
    assert line["number"] == CALLER


@pytest.mark.slow
async def test_killed_after_delivery_it_comes_again_with_the_same_key(
    stage: NoticeStage, any_database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "sms.jsonl"
    await killed_at(url_of(any_database), file, "sent")
    assert len(sent(file)) == 1
    await settled(stage, file, lambda: len(sent(file)) == 2)
    assert len({line["id"] for line in sent(file)}) == 1


def url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)
