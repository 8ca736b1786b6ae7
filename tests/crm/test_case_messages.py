"""What was sent about a case, on its page."""

from __future__ import annotations

import json
from typing import Any

from hotline.kernel.jobs import JobQueue
from hotline.notices.contract import Notice, NoticeSubject, SmsRecipient
from hotline.notices.kinds import NoticeKind
from hotline.notices.service import NoticeService
from tests.crm.conftest import MORNING, Workspace
from tests.fakes.clock import FakeClock

SECRET_LINK = "https://12345.example/portal/progress#s3cr3t"


async def case_with_sms(workspace: Workspace, **fields: Any) -> str:
    case = await workspace.post("agent1", "/api/cases", {"title": "题", **fields})
    clock = FakeClock(MORNING)
    service = NoticeService(clock, JobQueue(clock), zone=MORNING.tzinfo, hotline="12345", sms=True)  # type: ignore[arg-type]
    async with workspace.database.transaction() as db:
        await service.notify(
            db,
            Notice(
                kind=NoticeKind.PROGRESS,
                subject=NoticeSubject(kind="case", id=case["id"], number=case["number"]),
                values={"state": "办理中"},
                sms=SmsRecipient(number="13912345678", link=SECRET_LINK),
            ),
        )
    return f"/api/cases/{case['id']}/messages"


async def test_a_case_lists_what_was_sent_with_the_number_masked_and_without_the_link(workspace: Workspace) -> None:
    path = await case_with_sms(workspace)
    (message,) = await workspace.get("agent2", path)
    assert (message["recipient"], message["state"], message["channel"]) == ("139****5678", "waiting", "sms")
    assert "办理中" in message["text"]
    assert "s3cr3t" not in json.dumps(message)
    assert await workspace.get("agent1", (await case_with_sms(workspace))) != []


async def test_of_a_confidential_case_only_those_who_may_open_it_see_what_was_sent(workspace: Workspace) -> None:
    path = await case_with_sms(workspace, confidential=True)
    assert await workspace.refused("agent2", "GET", path) == (403, "case.confidential")
    assert await workspace.refused("handler", "GET", path) == (403, "case.confidential")
    assert len(await workspace.get("supervisor", path)) == 1
    assert ("supervisor", "case.view_confidential") in workspace.audited()
