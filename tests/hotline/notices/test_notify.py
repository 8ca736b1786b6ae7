"""What a service's `notify` writes, in the transaction of what it is about."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hotline.accounts.roles import Role
from hotline.kernel.models import JobRecord
from hotline.notices.contract import Notice, NoticeSubject, SmsRecipient, takes_sms
from hotline.notices.kinds import NoticeKind
from hotline.notices.models import MessageChannel, MessageState
from hotline.notices.templates import Words
from tests.hotline.accounts import Accounts
from tests.hotline.notices.stage import ACCEPTED, CALLER, CASE, LINK, TO_CALLER, UNIT, NoticeStage


async def test_users_roles_and_units_get_it_once_and_who_caused_it_does_not(
    stage: NoticeStage, accounts: Accounts
) -> None:
    chief = await accounts.add("chief", Role.SUPERVISOR, Role.AGENT)
    agent = await accounts.add("agent1", Role.AGENT)
    handler = await accounts.add("handler", Role.UNIT_HANDLER)
    stage.unit_members[UNIT] = [handler.id, chief.id]
    done = await stage.notify(
        users=[chief.id, "0198c0de-0000-7000-8000-00000000dead"],
        roles=[Role.SUPERVISOR, Role.AGENT],
        units=[UNIT],
        excluding=agent.id,
    )
    assert done.users == 2
    assert {row.user_id for row in await stage.notices()} == {chief.id, handler.id}


async def test_a_role_is_not_found_within_another_and_who_left_gets_nothing(
    stage: NoticeStage, accounts: Accounts
) -> None:
    await accounts.add("editor", Role.KB_EDITOR)
    gone = await accounts.add("gone", Role.QA)
    async with stage.database.transaction() as db:
        (await accounts.service.user(db, gone.id)).active = False
    assert (await stage.notify(roles=[Role.QA], users=[gone.id])).users == 0


async def test_the_words_are_in_both_languages_with_the_citys_times(stage: NoticeStage, accounts: Accounts) -> None:
    agent = await accounts.add("agent1", Role.AGENT)
    values = {"unit": Words("住建局", "Housing bureau"), "date": stage.clock.now()}
    await stage.notify(NoticeKind.ASSIGNED, users=[agent.id], values=values)
    (row,) = await stage.notices()
    assert row.text_zh == "工单 20260302-0001 已派至住建局，请于 2026-03-02 17:00 前签收"
    assert row.text_en == "Case 20260302-0001 is assigned to Housing bureau; sign it by 2026-03-02 17:00"


async def test_a_value_that_was_not_given_is_a_dash_and_control_characters_are_spaces(
    stage: NoticeStage, accounts: Accounts
) -> None:
    agent = await accounts.add("agent1", Role.AGENT)
    await stage.notify(users=[agent.id], values={})
    await stage.notify(users=[agent.id], values={"person": "王\n\u202e芳" + "x" * 200})
    first, second = await stage.notices()
    assert first.text_zh == "—在工单 20260302-0001 中提到了您"
    assert second.text_zh.startswith("王  芳xxx")
    assert len(second.text_zh) < 120


async def test_the_same_key_notifies_the_same_recipient_once(stage: NoticeStage, accounts: Accounts) -> None:
    agent = await accounts.add("agent1", Role.AGENT)
    for expected in (1, 0):
        done = await stage.notify(users=[agent.id], units=[UNIT], sms=TO_CALLER, key="due:1:24h")
        assert done.users == expected
    chief = await accounts.add("chief", Role.SUPERVISOR)
    assert (await stage.notify(users=[agent.id, chief.id], key="due:1:24h")).users == 1
    assert [message.channel for message in await stage.messages()] == [MessageChannel.WEBHOOK]


async def test_a_message_and_its_job_are_committed_together_or_not_at_all(stage: NoticeStage) -> None:
    async with stage.database.transaction() as db:
        await stage.service.notify(
            db, Notice(kind=NoticeKind.CASE_ACCEPTED, subject=CASE, values=ACCEPTED, sms=TO_CALLER)
        )
        await db.rollback()
    assert await stage.messages() == []
    done = await stage.notify(NoticeKind.CASE_ACCEPTED, values=ACCEPTED, sms=TO_CALLER)
    (message,) = await stage.messages()
    assert done.messages == (message.id,)
    assert (message.state, message.recipient, message.subject_id) == (MessageState.WAITING, CALLER, CASE.id)
    assert message.text == "【12345热线】您的诉求已受理，工单号 20260302-0001，当前状态：待审核。查询进度：{link}"
    assert message.link == LINK
    async with stage.database.snapshot() as db:
        (job,) = await db.scalars(select(JobRecord))
    assert (job.kind, job.payload) == ("notices.send", {"message_id": message.id})


async def test_an_sms_goes_to_mobile_numbers_of_those_kinds_alone_that_have_words_for_it(stage: NoticeStage) -> None:
    await stage.notify(NoticeKind.CASE_ACCEPTED, values=ACCEPTED, sms=SmsRecipient(number="04731234567", link=LINK))
    await stage.notify(NoticeKind.MENTION, sms=TO_CALLER)
    assert await stage.messages() == []
    await stage.notify(NoticeKind.CASE_CLOSED, sms=SmsRecipient(number="+8613912345678", language="en"))
    (message,) = await stage.messages()
    assert message.text == "[12345热线] Case 20260302-0001 is closed. Thank you."


@pytest.mark.parametrize(
    ("number", "takes"),
    [
        ("13912345678", True),
        ("+8613912345678", True),
        ("8613912345678", True),
        ("+4915112345678", True),
        ("04731234567", False),
        ("+864731234567", False),
        ("12345", False),
        ("anonymous", False),
        ("139123456789", False),
        ("", False),
        ("13912345678\n", False),
    ],
)
def test_which_numbers_take_an_sms(number: str, takes: bool) -> None:
    assert takes_sms(number) is takes


async def test_a_webhook_gets_its_units_and_no_other(stage: NoticeStage) -> None:
    await stage.notify(NoticeKind.ASSIGNED, units=["another"], values={})
    await stage.notify(NoticeKind.ASSIGNED, values={}, subject=NoticeSubject(kind="case", id="x"))
    assert await stage.messages() == []
    await stage.notify(NoticeKind.ASSIGNED, units=[UNIT], values={"unit": "住建局", "date": stage.clock.now()})
    (message,) = await stage.messages()
    assert (message.channel, message.recipient) == (MessageChannel.WEBHOOK, "city")
    assert message.payload["subject"] == {"kind": "case", "id": CASE.id, "number": CASE.number}
    assert "住建局" in message.payload["text"]["zh"]


async def test_what_was_sent_is_listed_by_case(stage: NoticeStage) -> None:
    await stage.notify(NoticeKind.CASE_ACCEPTED, values=ACCEPTED, sms=TO_CALLER)
    await stage.notify(NoticeKind.CASE_CLOSED, sms=TO_CALLER)
    await stage.notify(NoticeKind.CASE_CLOSED, sms=TO_CALLER, subject=NoticeSubject(kind="case", id="other"))
    async with stage.database.snapshot() as db:
        listed = await stage.service.of_case(db, CASE.id)
    assert [message.kind for message in listed] == [NoticeKind.CASE_CLOSED, NoticeKind.CASE_ACCEPTED]
