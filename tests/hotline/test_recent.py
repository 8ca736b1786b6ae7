from __future__ import annotations

from datetime import timedelta

from hotline.kernel.recent import MOST, Recent
from tests.fakes.clock import FakeClock


async def test_what_was_noted_at_a_moment_or_later() -> None:
    clock = FakeClock()
    recent: Recent[str] = Recent(clock)
    recent.note("before")
    await clock.advance(timedelta(seconds=1))
    asked_at = clock.now()
    recent.note("then")
    await clock.advance(timedelta(seconds=1))
    recent.note("after")
    assert recent.since(asked_at) == {"then", "after"}
    recent.note("before")
    assert "before" in recent.since(asked_at)


def test_the_oldest_are_forgotten() -> None:
    clock = FakeClock()
    recent: Recent[int] = Recent(clock)
    for number in range(MOST + 1):
        recent.note(number)
    assert recent.since(clock.now()) == set(range(1, MOST + 1))
