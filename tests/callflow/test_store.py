from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from callflow.sessions import LIMIT, CallStore, StoredCall
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from tests.callflow.service import opened_database
from tests.fakes.clock import FakeClock
from tests.phones.waiting import until


def stored(call_id: str, node: str = "menu") -> StoredCall:
    return StoredCall(
        call_id=call_id, channel="PJSIP/x", unique_id="1.1", flow="f", flow_version=1, node=node, facts={"a": "张"}
    )


async def test_the_newest_state_is_kept_and_goes_with_the_call(database: Database) -> None:
    store = CallStore(database, SystemClock())
    store.start()
    for node in ("arrive", "menu", "queue"):
        store.put("c", partial(stored, "c", node))
    await store.close()
    later = CallStore(database, SystemClock())
    assert (await later.load(["c", "unknown"])) == {"c": stored("c", "queue")}
    later.start()
    later.drop("c")
    await later.close()
    assert not await CallStore(database, SystemClock()).load(["c"])


async def test_a_state_not_yet_written_is_known(database: Database) -> None:
    store = CallStore(database, SystemClock())
    store.put("c", partial(stored, "c"))
    assert (await store.load(["c"])) == {"c": stored("c")}
    store.drop("c")
    assert not await store.load(["c"])


async def test_a_call_over_before_it_was_written_costs_no_transaction(database: Database) -> None:
    store = CallStore(database, SystemClock())
    store.put("c", partial(stored, "c"))
    store.drop("c")
    await database.close()
    async with asyncio.timeout(0.5):
        await store.close()
    await database.open()


async def test_a_call_resumed_from_an_earlier_run_loses_its_row_when_it_ends(database: Database) -> None:
    first = CallStore(database, SystemClock())
    first.put("c", partial(stored, "c"))
    await first.close()
    second = CallStore(database, SystemClock())
    assert await second.load(["c"])
    second.put("c", partial(stored, "c", "queue"))
    second.drop("c")
    await second.close()
    assert not await CallStore(database, SystemClock()).load(["c"])


async def test_calls_that_ended_unseen_are_forgotten(database: Database) -> None:
    store = CallStore(database, SystemClock())
    store.start()
    store.put("old", partial(stored, "old"))
    store.put("live", partial(stored, "live"))
    await store.close()
    await store.forget_all_but({"live"}, written_before=SystemClock().now())
    assert set(await store.load(["old", "live"])) == {"live"}


async def test_a_call_that_arrives_while_the_others_are_taken_over_keeps_its_row(database: Database) -> None:
    """Its row is written after the list of those to keep was made."""
    asked_at = SystemClock().now()
    store = CallStore(database, SystemClock())
    store.put("late", partial(stored, "late"))
    await store.close()
    await store.forget_all_but({"live"}, written_before=asked_at)
    assert set(await CallStore(database, SystemClock()).load(["late"])) == {"late"}


async def test_a_database_that_is_away_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with opened_database(tmp_path) as database:
        store = CallStore(database, SystemClock())
        store.start()
        await database.close()
        store.put("c", partial(stored, "c"))
        async with asyncio.timeout(1):
            assert set(await store.load(["c"])) == {"c"}
        await database.open()

        async def written() -> bool:
            return bool(await CallStore(database, SystemClock()).load(["c"]))

        await until(written, what="the state is written once the database is back")
        await store.close()


@pytest.mark.slow
async def test_a_state_that_cannot_be_written_keeps_back_the_others_no_longer_than_its_call(database: Database) -> None:
    clock = FakeClock()
    store = CallStore(database, clock)
    store.start()

    def broken() -> StoredCall:
        return replace(stored("odd"), facts={"a": object()})

    store.put("odd", broken)
    store.put("c", partial(stored, "c"))
    await clock.advance(timedelta(seconds=5))
    store.drop("odd")

    async def written() -> bool:
        await clock.advance(timedelta(seconds=1))
        return bool(await CallStore(database, SystemClock()).load(["c"]))

    await until(written, what="the other call's state is written")
    await store.close()


@pytest.mark.parametrize("calls", [LIMIT + 10])
async def test_more_calls_than_can_be_kept_cost_the_oldest(database: Database, calls: int) -> None:
    store = CallStore(database, SystemClock())
    for number in range(calls):
        store.put(f"c{number}", partial(stored, f"c{number}"))
    assert set(await store.load(["c0", f"c{calls - 1}"])) == {f"c{calls - 1}"}
