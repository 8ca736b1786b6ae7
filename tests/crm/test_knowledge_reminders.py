"""Units are reminded of reviews and of last days: before, on the day and after, each once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from crm.knowledge.reminders import REMIND
from crm.knowledge.reviewing import ReviewReminder, expires_soon, reminder_on
from hotline.accounts.roles import Role
from hotline.kernel.job_table import Job
from hotline.kernel.jobs import JobContext
from tests.crm.city import CaseCity
from tests.crm.conftest import Workspace
from tests.crm.test_knowledge_requests import RequestDesk
from tests.fakes.clock import FakeClock

DAY = date(2026, 6, 1)
TASKS = "/api/supervision-tasks"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-8, ReviewReminder.NONE),
        (-7, ReviewReminder.SOON),
        (-1, ReviewReminder.SOON),
        (0, ReviewReminder.DUE),
        (1, ReviewReminder.OVERDUE),
        (100, ReviewReminder.OVERDUE),
    ],
)
def test_the_reminder_of_a_day(days: int, expected: ReviewReminder) -> None:
    assert reminder_on(DAY, DAY + timedelta(days=days)) is expected
    assert reminder_on(None, DAY) is ReviewReminder.NONE


@pytest.mark.parametrize(("days", "expected"), [(-8, False), (-7, True), (0, True), (1, False)])
def test_what_expires_soon(days: int, expected: bool) -> None:
    assert expires_soon(DAY, DAY + timedelta(days=days)) is expected
    assert not expires_soon(None, DAY)


class ReminderDesk(RequestDesk):
    async def remind(self) -> None:
        job = Job(id="j", kind=REMIND, key=None, payload={}, run_at=self.clock.now(), attempts=1)
        context = JobContext(job=job, clock=self.clock, database=self.workspace.database)
        await self.workspace.crm.knowledge.reminders.sweep(context)
        await self.workspace.crm.knowledge.reminders.sweep(context)


@pytest.fixture
async def desk(workspace: Workspace, morning: FakeClock) -> ReminderDesk:
    city = CaseCity(workspace)
    await city.build()
    desk = ReminderDesk(city, morning)
    await desk.open_accounts()
    return desk


async def test_a_review_is_reminded_of_before_on_and_after_its_day(desk: ReminderDesk, morning: FakeClock) -> None:
    entry_id = await desk.published()
    title = (await desk.workspace.get("agent1", f"/api/knowledge/{entry_id}"))["title"]
    await desk.remind()
    assert await desk.notices("knowledge_review_soon") == {}
    await morning.advance(timedelta(days=83))
    await desk.remind()
    soon = await desk.notices("knowledge_review_soon")
    assert set(soon) == {"bureau", "bureau_head"}
    assert title in soon["bureau"]
    await morning.advance(timedelta(days=7))
    await desk.remind()
    assert set(await desk.notices("knowledge_review_due")) == {"bureau", "bureau_head"}
    assert await desk.notices("knowledge_review_overdue") == {}
    await morning.advance(timedelta(days=1))
    await desk.remind()
    assert set(await desk.notices("knowledge_review_overdue")) == {"kb_reviewer", "supervisor"}
    assert set(await desk.notices("knowledge_supervision")) == {"bureau", "bureau_head"}


async def late(desk: ReminderDesk, morning: FakeClock) -> tuple[str, list[dict[str, Any]]]:
    """An entry whose review is a day late, and the supervision tasks that its unit sees."""
    entry_id = await desk.published()
    await morning.advance(timedelta(days=91))
    await desk.remind()
    return entry_id, (await desk.workspace.get("bureau", TASKS, entry_id=entry_id))["items"]


@pytest.mark.clause(4)
async def test_an_overdue_review_is_supervised_until_the_unit_has_done_it(
    desk: ReminderDesk, morning: FakeClock
) -> None:
    workspace = desk.workspace
    workspace.hire("supervisor2", Role.SUPERVISOR)
    entry_id, (task,) = await late(desk, morning)
    assert (task["cause"], task["state"], task["actions"]) == ("review_overdue", "issued", ["ask_withdrawal"])
    assert (task["entry_id"], task["case_id"], task["case_number"]) == (entry_id, None, None)
    assert task["title"] == (await workspace.get("agent1", f"/api/knowledge/{entry_id}"))["title"]
    assert (await workspace.get("other", TASKS))["items"] == []
    assert (await workspace.refused("other", "GET", f"{TASKS}/{task['id']}"))[0] == 404

    # What was only promised is not reviewed.
    task = await workspace.post("bureau", f"{TASKS}/{task['id']}/ask-withdrawal", {"version": 1, "text": "下周复核"})
    review = {"version": task["version"], "text": "属实"}
    status, refused = await workspace.ask("supervisor", "POST", f"{TASKS}/{task['id']}/review", review)
    assert (status, refused["reason"]) == (409, "not_reviewed")
    task = await workspace.post("supervisor", f"{TASKS}/{task['id']}/send-back", review)

    await desk.act("bureau_head", entry_id, "confirm")
    (task,) = (await workspace.get("supervisor", TASKS, open="true"))["items"]
    assert task["state"] == "withdrawal_requested"
    assert "下次复核日期 2026-" in task["report"]
    for who, step in (("supervisor", "review"), ("supervisor2", "finish")):
        task = await workspace.post(who, f"{TASKS}/{task['id']}/{step}", {"version": task["version"], "text": "已复核"})
    assert task["state"] == "done"

    # The next one that is late has a task of its own.
    await morning.advance(timedelta(days=91))
    await desk.remind()
    assert len((await workspace.get("bureau", TASKS, entry_id=entry_id))["items"]) == 2


async def test_what_is_hidden_needs_no_review(desk: ReminderDesk, morning: FakeClock) -> None:
    entry_id, (task,) = await late(desk, morning)
    await desk.act("bureau_head", entry_id, "withdraw", reason="已废止")
    said = {"version": task["version"], "text": "已撤下"}
    task = await desk.workspace.post("bureau", f"{TASKS}/{task['id']}/ask-withdrawal", said)
    said = {"version": task["version"], "text": "属实"}
    assert (await desk.workspace.post("supervisor", f"{TASKS}/{task['id']}/review", said))["state"] == "reviewed"


async def test_an_entry_of_the_hotline_has_no_unit_to_supervise(desk: ReminderDesk, morning: FakeClock) -> None:
    entry_id = await desk.published()
    await desk.act("kb_reviewer", entry_id, "reassign", unit_id=None, reason="由热线自己负责")
    await morning.advance(timedelta(days=91))
    await desk.remind()
    assert (await desk.workspace.get("supervisor", TASKS))["items"] == []
    assert set(await desk.notices("knowledge_review_overdue")) == {"kb_editor", "kb_reviewer", "supervisor"}


async def test_a_reviewed_entry_is_reminded_of_for_its_next_day(desk: ReminderDesk, morning: FakeClock) -> None:
    entry_id = await desk.published()
    await morning.advance(timedelta(days=85))
    await desk.remind()
    await desk.act("bureau_head", entry_id, "confirm")
    await morning.advance(timedelta(days=6))
    await desk.remind()
    assert await desk.notices("knowledge_review_due") == {}
    await morning.advance(timedelta(days=84))
    await desk.remind()
    assert set(await desk.notices("knowledge_review_due")) == {"bureau", "bureau_head"}


async def test_of_a_last_day_the_unit_is_alerted_seven_days_before(desk: ReminderDesk, morning: FakeClock) -> None:
    last = morning.now().date() + timedelta(days=20)
    await desk.published(expires_on=last.isoformat())
    await desk.remind()
    assert await desk.notices("knowledge_expires") == {}
    await morning.advance(timedelta(days=13))
    await desk.remind()
    alerted = await desk.notices("knowledge_expires")
    assert set(alerted) == {"bureau", "bureau_head"}
