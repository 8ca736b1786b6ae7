"""Messages of flows on their way into the outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.messages import LIMIT, RETRY, FlowMessages
from callflow.ports import FlowMessage
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.notices.models import MessageChannel, OutgoingMessage
from hotline.notices.service import WebhookRoute
from tests.callflow.actions import Bench
from tests.fakes.clock import FakeClock
from tests.hotline.conftest import any_database, any_url, clock, postgres_server, postgres_url
from tests.hotline.notices.stage import NoticeStage
from tests.phones.waiting import until

__all__ = ["any_database", "any_url", "clock", "postgres_server", "postgres_url"]


class AwayDatabase:
    """The database behind a switch."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.away = False
        self.asked = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        self.asked += 1
        if self.away:
            raise UnavailableError("away")
        async with self._database.transaction() as db:
            yield db


class Outside:
    """Flows' messages over the outbox of a database."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.stage = NoticeStage(database, clock, webhooks=[WebhookRoute("tax", units=frozenset({"other"}))])
        self.database = AwayDatabase(database)
        self.messages = FlowMessages(self.database, self.stage.service, clock)  # type: ignore[arg-type]

    async def written(self, count: int) -> list[OutgoingMessage]:
        async def all_there() -> list[OutgoingMessage] | None:
            rows = await self.stage.messages()
            return rows if len(rows) >= count else None

        rows: list[OutgoingMessage] = await until(all_there, within=5, each=0.02, what=f"{count} messages")
        assert len(rows) == count
        return rows


@pytest.fixture
async def outside(any_database: Database, clock: FakeClock) -> AsyncIterator[Outside]:
    outside = Outside(any_database, clock)
    outside.messages.start()
    yield outside
    await outside.messages.close()


def sms(call: str = "c-1", number: str = "13904730001", node: str = "tell") -> FlowMessage:
    return FlowMessage(call_id=call, node=node, number=number, text="办理指南：https://12345.example.gov.cn/1")


async def run(outside: Outside, **options: Any) -> tuple[str, Bench]:
    bench = Bench(ports={"messages": outside.messages.post})
    bench.facts.values["case"] = "260302000114"
    return await bench.run("notify", **options), bench


async def test_an_sms_in_the_flows_words_with_its_values(outside: Outside) -> None:
    outcome, _ = await run(outside, text="您的工单 {case}，来电 {caller_number}{nothing}。")
    assert outcome == "done"
    [row] = await outside.written(1)
    assert (row.channel, row.kind, row.recipient) == (MessageChannel.SMS, "call_flow", "13904730001")
    assert (row.subject_kind, row.subject_id) == ("call", "call-1")
    assert row.text == "【12345热线】您的工单 260302000114，来电 13904730001。"


async def test_callers_of_english_get_the_english_words(outside: Outside) -> None:
    bench = Bench(ports={"messages": outside.messages.post})
    bench.facts.language = "en"
    await bench.run("notify", text="指南", text_en="The guide")
    [row] = await outside.written(1)
    assert row.text == "[12345热线] The guide"


async def test_a_webhook_by_its_name_gets_the_values(outside: Outside) -> None:
    outcome, _ = await run(outside, webhook="tax", send={"case": "{case}", "from": "{caller_number}"})
    assert outcome == "done"
    [row] = await outside.written(1)
    assert (row.channel, row.recipient) == (MessageChannel.WEBHOOK, "tax")
    assert row.payload["values"] == {"case": "260302000114", "from": "13904730001"}
    assert row.payload["kind"] == "call_flow"


async def test_a_node_sends_once_a_call(outside: Outside) -> None:
    for message in (sms(), sms(), sms(node="again"), sms(call="c-2")):
        assert outside.messages.post(message)
    await outside.written(3)


async def test_while_the_database_is_away_messages_wait_in_their_order(outside: Outside, clock: FakeClock) -> None:
    outside.database.away = True
    assert all(outside.messages.post(sms(f"c-{number}")) for number in range(3))
    await until(lambda: outside.database.asked, within=5, each=0.02, what="it is tried")
    assert await outside.stage.messages() == []
    outside.database.away = False

    async def pass_time() -> bool:
        await clock.advance(RETRY)
        return len(await outside.stage.messages()) == 3

    await until(pass_time, within=5, each=0.02, what="all are written")
    assert [row.subject_id for row in await outside.stage.messages()] == ["c-0", "c-1", "c-2"]


async def test_what_is_posted_last_is_written_before_the_end(any_database: Database, clock: FakeClock) -> None:
    outside = Outside(any_database, clock)
    outside.messages.start()
    assert outside.messages.post(sms())
    await outside.messages.close()
    await outside.messages.close()
    assert len(await outside.stage.messages()) == 1


async def test_more_than_the_bound_are_refused(outside: Outside) -> None:
    outside.database.away = True
    posted = [outside.messages.post(sms(number=f"139{number:08}")) for number in range(LIMIT + 1)]
    assert (posted.count(True), posted[-1]) == (LIMIT, False)
    outside.messages._waiting.clear()


async def test_one_number_is_not_flooded(outside: Outside) -> None:
    numbers = ["13904730001", "+8613904730001"] * 4
    posted = [outside.messages.post(sms(f"c-{at}", number)) for at, number in enumerate(numbers)]
    assert posted == [True] * 5 + [False] * 3
    assert outside.messages.post(sms("other", "13904730002"))


@pytest.mark.parametrize("number", ["04732223333", "", "110"])
async def test_a_number_that_takes_no_sms_is_an_outcome(outside: Outside, number: str) -> None:
    assert not outside.messages.post(sms(number=number))


async def test_a_webhook_that_nobody_set_is_an_outcome(outside: Outside) -> None:
    assert (await run(outside, webhook="nobody"))[0] == "failed"
