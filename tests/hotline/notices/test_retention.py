"""Old notices and messages go at night, the newer stay."""

from __future__ import annotations

from datetime import timedelta

from hotline.accounts.roles import Role
from hotline.notices.kinds import NoticeKind
from hotline.notices.retention import old_messages, old_notices
from tests.fakes.clock import FakeClock
from tests.hotline.accounts import Accounts
from tests.hotline.notices.stage import TO_CALLER, NoticeStage


async def test_what_is_too_old_goes_and_the_rest_stays(
    stage: NoticeStage, accounts: Accounts, clock: FakeClock
) -> None:
    user = await accounts.add("agent1", Role.AGENT)
    for _ in range(2):
        await stage.notify(users=[user.id])
        await stage.notify(NoticeKind.CASE_CLOSED, sms=TO_CALLER)
        await clock.advance(timedelta(days=10))
    before = clock.now() - timedelta(days=15)
    for holding in (old_notices(stage.database), old_messages(stage.database)):
        assert await holding.count(before) == 1
        assert [removal.removed async for removal in holding.remove(before)] == [1]
    (notice,), (message,) = await stage.notices(), await stage.messages()
    assert notice.created_at > before
    assert message.created_at > before
