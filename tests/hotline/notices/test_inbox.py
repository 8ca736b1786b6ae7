"""What the bell asks for."""

from __future__ import annotations

from hotline.accounts.roles import Role
from hotline.notices.contract import Notice
from hotline.notices.kinds import NoticeKind
from tests.hotline.accounts import Accounts
from tests.hotline.notices.stage import CASE, NoticeStage

PATH = "/api/notices"


async def test_unread_ones_are_counted_and_become_read(stage: NoticeStage, accounts: Accounts) -> None:
    user = await accounts.add("agent1", Role.AGENT)
    token = await accounts.log_in("agent1")
    assert await accounts.ask("GET", f"{PATH}/unread", token) == (200, {"unread": 0, "more": False, "latest": ""})
    for _ in range(3):
        await stage.notify(users=[user.id])
    _, unread = await accounts.ask("GET", f"{PATH}/unread", token)
    _, page = await accounts.ask("GET", PATH, token)
    newest, second, oldest = page["items"]
    assert unread == {"unread": 3, "more": False, "latest": newest["id"]}
    assert (newest["kind"], newest["subject_kind"], newest["subject_number"]) == (
        NoticeKind.MENTION,
        "case",
        "20260302-0001",
    )
    for _ in range(2):
        assert (await accounts.ask("POST", f"{PATH}/{second['id']}/read", token))[0] == 204
    _, left = await accounts.ask("GET", f"{PATH}?unread=true", token)
    assert [item["id"] for item in left["items"]] == [newest["id"], oldest["id"]]
    # One that comes between the look and the click stays unread.
    await stage.notify(users=[user.id])
    assert (await accounts.ask("POST", f"{PATH}/read", token, {"up_to": newest["id"]}))[0] == 204
    assert (await accounts.ask("GET", f"{PATH}/unread", token))[1]["unread"] == 1


async def test_nobody_reads_or_marks_another_users_notices(stage: NoticeStage, accounts: Accounts) -> None:
    user = await accounts.add("agent1", Role.AGENT)
    await accounts.add("agent2", Role.AGENT)
    await stage.notify(users=[user.id])
    (row,) = await stage.notices()
    other = await accounts.log_in("agent2")
    assert (await accounts.ask("GET", PATH, other))[1]["items"] == []
    status, problem = await accounts.ask("POST", f"{PATH}/{row.id}/read", other)
    assert (status, problem["error_id"]) == (404, "notice.not_found")
    assert (await accounts.ask("POST", f"{PATH}/read", other, {"up_to": row.id}))[0] == 204
    assert (await stage.notices())[0].read_at is None


async def test_more_than_a_hundred_are_not_counted(stage: NoticeStage, accounts: Accounts) -> None:
    user = await accounts.add("agent1", Role.AGENT)
    async with stage.database.transaction() as db:
        for _ in range(103):
            await stage.service.notify(db, Notice(kind=NoticeKind.URGED, subject=CASE, users=[user.id]))
    token = await accounts.log_in("agent1")
    _, unread = await accounts.ask("GET", f"{PATH}/unread", token)
    assert (unread["unread"], unread["more"]) == (100, True)
