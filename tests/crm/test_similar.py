"""Similar open cases while typing, duplicates and clusters, and callers who ask again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from crm.cases.models import Case, CaseReply, CaseStep
from crm.similar.answers import ANSWER
from crm.similar.models import CaseWord
from crm.similar.words import COMMON, Likeness, likeness, stored_words, text_words
from hotline.accounts.roles import Permission, Role
from hotline.kernel.bus import Bus
from hotline.kernel.calendar import every
from hotline.kernel.db import Database
from hotline.kernel.ids import uuid7
from hotline.kernel.job_runner import JobRunner
from hotline.kernel.jobs import JobQueue
from hotline.kernel.models import JobRecord
from tests.crm.calls import Party
from tests.crm.city import REPLY, SATISFIED, CaseCity
from tests.crm.conftest import Workspace
from tests.fakes.clock import FakeClock
from tests.hotline.web import NoJournal

SIMILAR = "/api/cases/similar"
LEAK: dict[str, Any] = {
    "title": "新华街自来水管爆裂",
    "content": "新华街供水管道爆裂，整条街的饭店停水两天，无法营业。",
    "place": "海勃湾区新华街12号",
}
SAME: dict[str, Any] = {
    "title": "新华街饭店停水",
    "content": "自来水管爆裂，店里停水，不能营业。",
    "place": "新华街12号",
}
OTHER: dict[str, Any] = {
    "title": "餐饮许可证变更",
    "content": "公司搬迁以后怎样变更食品经营许可证的地址？",
    "place": "乌达区",
}


@pytest.fixture
async def city(workspace: Workspace) -> CaseCity:
    city = CaseCity(workspace)
    await city.build()
    return city


async def similar(workspace: Workspace, who: str = "agent2", **question: Any) -> dict[str, list[str]]:
    """By case id: the reasons."""
    found = await workspace.post(who, SIMILAR, question)
    return {one["id"]: [reason["by"] for reason in one["reasons"]] for one in found}


async def run_jobs(workspace: Workspace, clock: FakeClock) -> None:
    """Run what is due, to the end."""
    queue = JobQueue(clock)
    runner = JobRunner(workspace.database, queue, Bus(NoJournal()), clock)
    workspace.crm.register_jobs(runner, night=every(timedelta(days=1)))
    await runner.start()
    deadline = time.monotonic() + 30
    while True:
        async with workspace.database.snapshot() as db:
            if not await db.scalar(select(func.count()).where(JobRecord.kind == ANSWER)):
                break
        assert time.monotonic() < deadline, "the jobs do not end"
        await asyncio.sleep(0.02)
    await runner.close()


# --- alike -----------------------------------------------------------------------------------------------


def of(question: dict[str, Any], *others: dict[str, Any]) -> dict[str, Likeness]:
    text = f"{question['title']}\n{question['content']}"
    asked = stored_words(question["title"], question["content"], question["place"])
    stored = {str(at): stored_words(one["title"], one["content"], one["place"]) for at, one in enumerate(others)}
    found = [(word, id) for word in asked for id, words in stored.items() if word in words]
    return likeness(text, asked, found)


def test_the_same_words_are_alike_and_others_are_not() -> None:
    found = of(SAME, LEAK, OTHER)
    assert found["0"].same_words
    assert found["0"].same_place
    assert {"停水", "爆裂"} <= set(found["0"].words) or "自来水" in " ".join(found["0"].words)
    assert "1" not in found or not (found["1"].same_words or found["1"].same_place)


def test_common_words_alone_are_not_alike() -> None:
    asked = text_words("咨询办理执照", "", most=32)
    # Every word is in as many cases as are looked at, but for one which few have.
    found = [(word, f"case{at}") for word in asked for at in range(COMMON)]
    alike = likeness("咨询办理执照", [*asked, "鑫盛矿业"], [*found, ("鑫盛矿业", "rare")])
    assert alike["case7"].text < alike["rare"].text * len(asked)


# --- while typing ----------------------------------------------------------------------------------------


async def test_typing_shows_the_similar_case_with_the_reason(city: CaseCity) -> None:
    workspace = city.workspace
    leak = await city.submitted(**LEAK, callback_number="13912345678")
    other = await city.submitted(**OTHER, callback_number="13900000000")
    found = await workspace.post("agent2", SIMILAR, {"title": "新华街自来水管爆裂停水"})
    assert [one["id"] for one in found] == [leak]
    assert found[0]["state"] == "pending_review"
    (reason,) = found[0]["reasons"]
    assert reason["by"] == "words"
    assert "爆裂" in reason["words"]
    assert await similar(workspace, **SAME) == {leak: ["place", "words"]}
    assert await similar(workspace, callback_number="139 0000 0000") == {other: ["number"]}
    assert await similar(workspace, **SAME, case_id=leak) == {}
    assert await similar(workspace, title="你好") == {}


async def test_the_caller_is_known_by_the_book_and_by_earlier_calls(city: CaseCity) -> None:
    workspace = city.workspace
    body = {"name": "草原书店", "kind": "individual_business", "contacts": [{"name": "李娜"}]}
    enterprise = await workspace.post("agent1", "/api/enterprises", body)
    contact = enterprise["contacts"][0]["id"]
    case_id = await city.submitted(**OTHER, enterprise_id=enterprise["id"], contact_id=contact)
    assert await similar(workspace, enterprise_id=enterprise["id"]) == {case_id: ["enterprise"]}
    assert await similar(workspace, contact_id=contact, enterprise_id=enterprise["id"]) == {
        case_id: ["contact", "enterprise"]
    }
    first, second = uuid7(), uuid7()
    workspace.calls.answered(first, "13955555555")
    workspace.calls.parties[second] = Party(caller_number="13955555555")
    await workspace.post("agent1", f"/api/cases/{case_id}/calls", {"call_id": first})
    assert await similar(workspace, call_id=second) == {case_id: ["caller"]}
    workspace.calls.not_readable.add(second)
    assert await similar(workspace, call_id=second) == {}


async def test_only_what_is_open_shown_and_not_confidential(city: CaseCity) -> None:
    workspace = city.workspace
    await city.submitted(**LEAK, confidential=True)
    await workspace.post("agent1", "/api/cases", LEAK)
    over = await city.submitted(**LEAK)
    await workspace.move("dispatcher", over, "not_accept", reason="e", explanation="不清楚")
    for who in ("agent1", "dispatcher", "supervisor"):
        assert await similar(workspace, who, **LEAK) == {}, who
    async with workspace.database.snapshot() as db:
        assert await db.scalar(select(func.count()).select_from(CaseWord)) == 0
    shown = await city.submitted(**LEAK)
    workspace.people["agent2"] = relative = replace(workspace.people["agent2"], user_id=uuid7())
    assert set(await similar(workspace, "agent2", **LEAK)) == {shown}
    await workspace.move("supervisor", shown, "recuse", user_id=relative.user_id, reason="亲属")
    assert await similar(workspace, "agent2", **LEAK) == {}
    # Confidential from now on, before any move writes the words again.
    version = (await workspace.get("dispatcher", f"/api/cases/{shown}"))["version"]
    await workspace.patch("dispatcher", f"/api/cases/{shown}", {"confidential": True, "version": version})
    assert await similar(workspace, "agent1", **LEAK) == {}


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_ask(workspace: Workspace, role: Role) -> None:
    person = workspace.hire("somebody", role)
    status, _ = await workspace.ask("somebody", "POST", SIMILAR, {"title": "停水"})
    unit = role in (Role.UNIT_HANDLER, Role.UNIT_HEAD)
    assert (status == 200) is (Permission.CASE_WRITE in person.permissions and not unit)


async def test_words_of_older_cases_are_made_up_for(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    case_id = await city.submitted(**LEAK)
    async with workspace.database.transaction() as db:
        await db.execute(CaseWord.__table__.delete())  # type: ignore[attr-defined]
    assert await similar(workspace, **LEAK) == {}
    runner = JobRunner(workspace.database, JobQueue(morning), Bus(NoJournal()), morning)
    workspace.crm.register_jobs(runner, night=every(timedelta(days=1)))
    await runner.start()
    await morning.advance(timedelta(hours=2))
    deadline = time.monotonic() + 20
    while not await similar(workspace, **LEAK):
        assert time.monotonic() < deadline
        await morning.advance(timedelta(minutes=1))
        await asyncio.sleep(0.02)
    await runner.close()
    assert set(await similar(workspace, **LEAK)) == {case_id}


# --- duplicates ------------------------------------------------------------------------------------------


async def test_a_duplicate_follows_its_master_until_it_is_unlinked(city: CaseCity) -> None:
    workspace = city.workspace
    master = await city.signed(**LEAK)
    twin = await city.submitted(**SAME)
    case = await workspace.move("dispatcher", twin, "link_duplicate", master_id=master)
    assert (case["state"], case["follows_master"], case["flags"]) == ("pending_review", True, ["duplicate"])
    assert case["master"]["id"] == master
    assert (await workspace.get("dispatcher", f"/api/cases/{master}"))["followers"] == 1
    assert await workspace.move_refused("dispatcher", twin, "approve") == ("case.refused", "follows_master")
    assert await workspace.move_refused("dispatcher", twin, "claim") == ("case.refused", "follows_master")
    # What is typed now finds the master alone.
    assert set(await similar(workspace, **SAME)) == {master}
    listed = await workspace.get("agent1", "/api/cases", duplicate_of_id=master)
    assert [row["id"] for row in listed["items"]] == [twin]
    waiting = await workspace.get("dispatcher", "/api/worklists/to_review")
    assert twin not in [row["id"] for row in waiting["items"]]
    assert await workspace.move_refused("dispatcher", twin, "unlink_duplicate") == ("input.invalid", None)
    case = await workspace.move("dispatcher", twin, "unlink_duplicate", reason="两处不同的漏水")
    assert (case["duplicate_of_id"], case["steps"][-1]["detail"]["master_id"]) == (None, master)
    await workspace.move("dispatcher", twin, "approve")


async def test_a_case_that_a_unit_has_leaves_it(city: CaseCity) -> None:
    workspace = city.workspace
    master = await city.signed(**LEAK)
    twin = await city.signed("other", **SAME)
    case = await workspace.move("dispatcher", twin, "link_duplicate", master_id=master)
    assert (case["state"], case["lead_unit_id"]) == ("pending_dispatch", None)
    assert [one["state"] for one in case["assignments"]] == ["ended"]
    assert (await workspace.ask("other", "GET", f"/api/cases/{twin}"))[0] == 403


async def test_what_cannot_be_linked(city: CaseCity) -> None:
    workspace = city.workspace
    master, twin, third = [await city.submitted(**LEAK) for _ in range(3)]
    secret = await city.submitted(**LEAK, confidential=True)
    draft = await workspace.post("agent1", "/api/cases", {"title": "题"})

    async def refused(case: str, to: str, who: str = "dispatcher", action: str = "link_duplicate") -> Any:
        return (await workspace.move_refused(who, case, action, master_id=to))[1]

    assert await refused(twin, twin) == "master_unknown"
    assert await refused(twin, draft["id"]) == "master_closed"
    assert await refused(twin, secret) == "confidential"
    assert await refused(secret, master) == "confidential"
    assert await refused(twin, master, "agent1") == "actor"
    assert await refused(draft["id"], master, "agent1") == "incomplete"
    assert (await workspace.move_refused("dispatcher", twin, "link_duplicate", master_id=uuid7()))[
        0
    ] == "resource.not_found"
    await workspace.move("dispatcher", twin, "link_duplicate", master_id=master)
    assert await refused(third, twin) == "master_follows"
    assert await refused(master, third) == "has_followers"
    # The unit that handles the master is complained of in the other.
    await workspace.move("dispatcher", master, "approve")
    await city.dispatch(master, "office")
    complaint = {"type": "complaint", "complaint_type": "态度", "demand": "道歉"}
    against = await city.submitted(**LEAK, **complaint, unit_complained_of_id=city.units["bureau"])
    assert await refused(against, master) == "unit_complained_of"


async def test_two_cases_linked_to_each_other_at_once_make_no_circle(city: CaseCity) -> None:
    workspace = city.workspace
    one, two = [await city.submitted(**LEAK) for _ in range(2)]
    answers = await asyncio.gather(
        workspace.try_move("dispatcher", one, "link_duplicate", master_id=two),
        workspace.try_move("dispatcher2", two, "link_duplicate", master_id=one),
    )
    assert sorted(status for status, _ in answers) == [200, 409]


async def test_the_agent_links_the_draft_while_the_caller_speaks(city: CaseCity) -> None:
    workspace = city.workspace
    master = await city.signed(**LEAK)
    draft = await workspace.post("agent1", "/api/cases", {**SAME, "type": "help", "callback_number": "13911112222"})
    case = await workspace.move("agent1", draft["id"], "link_duplicate", master_id=master)
    assert (case["state"], case["follows_master"]) == ("pending_review", True)
    assert case["submitted_at"] is not None
    assert ("agent1", "case.submit") in workspace.audited()


# --- the master's answer ---------------------------------------------------------------------------------


async def cluster(city: CaseCity, size: int, **fields: Any) -> tuple[str, list[str]]:
    master = await city.replied(**LEAK)
    members = [await city.submitted(**SAME, **fields) for _ in range(size)]
    for member in members:
        await city.workspace.move("dispatcher", member, "add_to_cluster", master_id=master)
    return master, members


async def test_the_masters_answer_goes_to_all_and_each_goes_its_own_way(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    master, (own, silent) = await cluster(city, 2)
    quiet = await city.submitted(**SAME, needs_callback=False)
    await workspace.move("dispatcher", quiet, "add_to_cluster", master_id=master)
    await run_jobs(workspace, morning)
    assert (await workspace.get("dispatcher", f"/api/cases/{own}"))["state"] == "pending_review"
    await workspace.move("dispatcher", master, "schedule_callback", fits_facts=True)
    await run_jobs(workspace, morning)
    for id, state, action in ((own, "callback", "receive_answer"), (quiet, "closed", "close_with_master")):
        case = await workspace.get("callback", f"/api/cases/{id}")
        assert (case["state"], case["steps"][-1]["action"]) == (state, action)
        assert [reply["public_answer"] for reply in case["replies"]] == [REPLY["public_answer"]]
        assert case["lead_unit_id"] == city.units["bureau"]
    assert "mass" in (await workspace.get("dispatcher", f"/api/cases/{master}"))["flags"]
    # One is content, the other is not: the master's unit has its case again.
    await workspace.move("callback", own, "record_callback", **SATISFIED)
    await workspace.move("callback", own, "close")
    await workspace.move("callback", silent, "order_rework", reason="仍然停水")
    assert (await workspace.move("bureau", silent, "resume_work"))["state"] == "in_progress"


async def test_one_linked_after_the_answer_gets_it_at_once(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    master = await city.in_callback(**LEAK)
    late = await city.submitted(**SAME)
    await workspace.move("dispatcher", late, "link_duplicate", master_id=master, answered_with_master=True)
    await run_jobs(workspace, morning)
    assert (await workspace.get("agent1", f"/api/cases/{late}"))["state"] == "closed"


async def test_a_master_that_ends_without_an_answer_frees_those_that_follow(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    master = await city.signed(**LEAK)
    twin = await city.submitted(**SAME)
    await workspace.move("dispatcher", twin, "link_duplicate", master_id=master)
    withdrawal = {"confirmed_by_caller": True, "confirmed_how": "回电确认", "pressed_by_unit": False}
    await workspace.move("dispatcher", master, "withdraw", **withdrawal)
    await run_jobs(workspace, morning)
    case = await workspace.get("dispatcher", f"/api/cases/{twin}")
    assert (case["follows_master"], case["state"]) == (False, "pending_review")
    assert case["steps"][-1]["detail"] == {"reason": "ended_without_answer", "master_id": master}


async def test_the_job_killed_anywhere_answers_each_once(city: CaseCity, morning: FakeClock) -> None:
    workspace = city.workspace
    master, members = await cluster(city, 3)
    await _copies(workspace.database, members[0], 42)
    await workspace.move("dispatcher", master, "schedule_callback", fits_facts=True)
    # Dies in the 5th case of the second transaction: the first twenty are done, the others are not.
    url = workspace.database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.crm.dies_answering", url, "25"]
    died = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=120)
    assert died.returncode == 9, died.stderr
    assert await _answered(workspace.database, master) == (20, 20)
    await morning.advance(timedelta(minutes=5))  # its lease ends
    await run_jobs(workspace, morning)
    assert await _answered(workspace.database, master) == (45, 45)


async def _copies(database: Database, case_id: str, count: int) -> None:
    async with database.transaction() as db:
        row = await db.get_one(Case, case_id)
        own = {column.name: getattr(row, column.name) for column in Case.__table__.columns}
        rows = [{**own, "id": uuid7(), "number": f"9999{at:08}"} for at in range(count)]
        await db.execute(insert(Case), rows)


async def _answered(database: Database, master: str) -> tuple[int, int]:
    """(answers, steps that gave one) of the master's followers."""
    async with database.snapshot() as db:
        ids = select(Case.id).where(Case.duplicate_of_id == master)
        replies = select(func.count()).select_from(CaseReply).where(CaseReply.case_id.in_(ids))
        steps = (
            select(func.count())
            .select_from(CaseStep)
            .where(CaseStep.case_id.in_(ids), CaseStep.action == "receive_answer")
        )
        return await db.scalar(replies) or 0, await db.scalar(steps) or 0


# --- asking again ----------------------------------------------------------------------------------------


async def test_a_caller_who_asks_again_is_told_the_progress(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed(**LEAK)
    call_id = uuid7()
    told = {"caller_message": "正在办理，10月13日前答复。", "call_id": call_id}
    case = await workspace.move("agent2", case_id, "note_repeat", **told)
    assert (case["state"], case["repeats"], "repeated" in case["flags"]) == ("in_progress", 1, True)
    assert call_id in case["call_ids"]
    assert case["steps"][-1]["detail"] == {**told, "count": 1}
    assert (await workspace.move("agent2", case_id, "note_repeat", **told))["repeats"] == 2
    workspace.calls.not_readable.add(other := uuid7())
    refused = await workspace.move_refused("agent2", case_id, "note_repeat", caller_message="等", call_id=other)
    assert refused == ("case.refused", "call_not_yours")
    # The unit reads neither what callers said nor which call it was.
    unit = await workspace.get("bureau", f"/api/cases/{case_id}")
    assert unit["steps"][-1]["detail"] == {}


async def test_the_draft_of_a_repetition_ends(city: CaseCity) -> None:
    workspace = city.workspace
    case_id = await city.signed(**LEAK)
    draft = await workspace.post("agent2", "/api/cases", {"title": "又问停水"})
    close = ("agent2", draft["id"], "close_as_repeat")
    assert (await workspace.move_refused(*close, master_id=case_id))[1] == "repeat_not_noted"
    await workspace.move("agent2", case_id, "note_repeat", caller_message="正在办理")
    case = await workspace.move(*close, master_id=case_id)
    assert (case["state"], case["master"]["id"], case["follows_master"]) == ("terminated", case_id, False)


# --- size ------------------------------------------------------------------------------------------------


async def test_the_search_does_not_grow_with_the_open_cases(city: CaseCity) -> None:
    """With 20,000 open cases that share all common words; the figures for 100,000 are the benchmark's."""
    workspace = city.workspace
    leak = await city.submitted(**LEAK)
    async with workspace.database.transaction() as db:
        row = await db.get_one(Case, leak)
        own = {column.name: getattr(row, column.name) for column in Case.__table__.columns}
        many = [{**own, "id": uuid7(), "number": f"8{at:011}", "title": "停水", "content": ""} for at in range(20_000)]
        await db.execute(insert(Case), many)
        await db.execute(insert(CaseWord), [{"word": "停水", "case_id": one["id"]} for one in many])
    await similar(workspace, **SAME)
    began = time.perf_counter()
    found = await similar(workspace, **SAME)
    assert next(iter(found)) == leak
    assert time.perf_counter() - began < 1.0
