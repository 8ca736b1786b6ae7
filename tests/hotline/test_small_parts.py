"""Tasks, ids and clocks."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, timedelta

import pytest
from structlog.testing import capture_logs

from hotline.kernel.clock import SystemClock, sleep_unless
from hotline.kernel.errors import TooManyRequestsError, UnavailableError
from hotline.kernel.ids import is_uuid, uuid7
from hotline.kernel.rate import RateLimit, visitor_of
from hotline.kernel.tasks import TaskOwner, repeat
from tests.fakes.clock import FakeClock


async def test_closing_cancels_and_awaits_what_runs() -> None:
    ended: list[str] = []

    async def run() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("clean")

    owner = TaskOwner("part")
    task = owner.spawn(run(), name="loop")
    assert task.get_name() == "part.loop"
    await asyncio.sleep(0)
    await owner.close()
    await owner.close()
    assert ended == ["clean"]
    assert len(owner) == 0


async def test_a_task_that_fails_is_logged_at_once() -> None:
    async def fail() -> None:
        raise ValueError("inner")

    owner = TaskOwner("part")
    with capture_logs() as logs:
        task = owner.spawn(fail(), name="loop")
        await asyncio.wait([task])
        await asyncio.sleep(0)
    assert (logs[0]["event"], logs[0]["task"]) == ("task failed", "part.loop")
    await owner.close()


async def test_a_bad_round_is_logged_once_and_is_never_the_last() -> None:
    clock, done = FakeClock(), [0]
    trouble: list[type[Exception]] = [Exception]

    async def work() -> None:
        await clock.sleep(timedelta(seconds=3))
        if trouble:
            raise trouble[0]("inner")
        done[0] += 1

    owner = TaskOwner("part")
    with capture_logs() as logs:
        owner.spawn(repeat(work, clock=clock, pause=timedelta(seconds=1), trouble="not done"), name="loop")
        await clock.advance(timedelta(seconds=12))
        assert (done, [entry["event"] for entry in logs]) == ([0], ["not done"])
        trouble[0] = UnavailableError
        await clock.advance(timedelta(seconds=8))
        assert [entry["log_level"] for entry in logs] == ["error", "warning"]
        trouble.clear()
        await clock.advance(timedelta(seconds=9))
        assert done == [3]
    await owner.close()
    assert len(logs) == 2


async def test_a_closed_owner_starts_nothing() -> None:
    owner = TaskOwner("part")
    await owner.close()
    with pytest.raises(RuntimeError, match="part"):
        owner.spawn(asyncio.sleep(0), name="late")


async def test_a_task_may_close_its_own_owner() -> None:
    owner = TaskOwner("part")
    await asyncio.wait_for(owner.spawn(owner.close(), name="last"), 5)


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [uuid7() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {uuid.UUID(one).version for one in made} == {7}
    assert {uuid.UUID(one).variant for one in made} == {uuid.RFC_4122}


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("01890000-0000-7000-8000-000000000007", True),
        ("01890000-0000-7000-8000-00000000000A", True),
        ("01890000000070008000000000000007", False),
        ("{01890000-0000-7000-8000-000000000007}", False),
        ("", False),
        ("x" * 36, False),
    ],
)
def test_only_the_canonical_form_is_an_id(text: str, is_one: bool) -> None:
    assert is_uuid(text) is is_one


async def test_the_system_clock_knows_its_zone_and_goes_forward() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    before = clock.monotonic()
    await clock.sleep(timedelta(milliseconds=1))
    assert clock.monotonic() > before


async def test_a_sleep_ends_by_the_clock_or_when_woken() -> None:
    clock, woken = FakeClock(), asyncio.Event()
    sleep = asyncio.create_task(sleep_unless(clock, timedelta(hours=1), woken))
    await clock.advance(timedelta(minutes=59))
    assert not sleep.done()
    await clock.advance(timedelta(minutes=1))
    await asyncio.wait_for(sleep, 5)
    sleep = asyncio.create_task(sleep_unless(clock, timedelta(hours=1), woken))
    await asyncio.sleep(0)
    woken.set()
    await asyncio.wait_for(sleep, 5)
    assert not woken.is_set()


def test_a_limit_says_how_long_to_wait_and_is_kept_by_key() -> None:
    limit = RateLimit("calls", "2 per 1 hour")
    limit.hit("a")
    limit.hit("a")
    with pytest.raises(TooManyRequestsError) as refused:
        limit.hit("a")
    assert 0 < refused.value.context["retry_after"] <= 3600
    limit.hit("b")
    limit.forget("a")
    limit.hit("a")


@pytest.mark.parametrize(
    ("address", "visitor"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_a_visitor_has_one_ipv4_address_or_a_network_of_ipv6(address: str, visitor: str) -> None:
    assert visitor_of(address) == visitor


def test_of_several_windows_each_counts() -> None:
    limit = RateLimit("searches", "2 per 1 minute; 3 per 1 hour")
    limit.hit("a")
    limit.hit("a")
    with pytest.raises(TooManyRequestsError) as refused:
        limit.hit("a")
    assert refused.value.context["retry_after"] <= 60
    limit.forget("a")
    limit.hit("a")
