"""Telling what the service saw from what it missed."""

from __future__ import annotations

from datetime import UTC, datetime

from cti.calls.asterisk_logs.merge import unmatched
from hotline.kernel.events import Event
from tests.cti.calls.callers import CallStory

CALL = CallStory("0195a5d0-0000-7000-8000-000000000001", datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


def test_the_same_thing_at_almost_the_same_time_is_known() -> None:
    assert unmatched([CALL.queues(2.7)], [CALL.queues(2)]) == []


def test_an_event_heard_late_after_a_stop_is_known() -> None:
    assert unmatched([CALL.answers(20)], [CALL.answers(5)]) == []


def test_another_agent_is_news() -> None:
    logged: list[Event] = [CALL.rings(3, "1001"), CALL.rings(3, "1002")]
    assert unmatched([CALL.rings(3, "1001")], logged) == [logged[1]]


def test_of_two_rings_the_one_missed_is_news() -> None:
    first, second = CALL.rings(3), CALL.rings(28)
    assert unmatched([CALL.rings(28.4)], [first, second]) == [first]
    assert unmatched([CALL.rings(3.4)], [first, second]) == [second]


def test_a_second_wait_at_the_same_queue_is_news() -> None:
    again = CALL.queues(300)
    assert unmatched([CALL.queues(2)], [CALL.queues(2), again]) == [again]


def test_the_end_that_the_service_saw_goes_before_any_other() -> None:
    assert unmatched([CALL.ends(72)], [CALL.ends(72.1)]) == []
    assert unmatched([CALL.ends(72)], [CALL.ends(500)]) == []


def test_an_answered_stay_is_no_abandoned_one() -> None:
    abandoned = CALL.leaves_queue(66, "abandoned", waited=3)
    assert unmatched([CALL.leaves_queue(65, "answered", waited=3)], [abandoned]) == [abandoned]
