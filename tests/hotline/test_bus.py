from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.events import EVENT_TYPES, Event, Recorded
from tests.hotline.web import NoJournal

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class LampLit(Event):
    room: str = ""


@dataclass(frozen=True, kw_only=True)
class LampLitBrightly(LampLit):
    watts: int = 100


@dataclass(frozen=True, kw_only=True)
class LampBroke(Event):
    pass


class SeenEvents:
    def __init__(self) -> None:
        self.events: list[Recorded] = []

    def __call__(self, recorded: Recorded) -> None:
        self.events.append(recorded)


def test_an_event_is_journaled_and_then_delivered_with_its_number() -> None:
    journal, seen = NoJournal(), SeenEvents()
    bus = Bus(journal)
    bus.subscribe(seen, LampLit)
    bus.publish(LampBroke(at=AT))
    event = LampLit(at=AT, room="hall")
    assert bus.publish(event) == Recorded(2, event)
    assert journal.events == [LampBroke(at=AT), event]
    assert seen.events == [Recorded(2, event)]


def test_a_subscriber_gets_subclasses_too() -> None:
    seen = SeenEvents()
    bus = Bus(NoJournal())
    bus.subscribe(seen, LampLit)
    bus.publish(LampLitBrightly(at=AT))
    assert len(seen.events) == 1


def test_handlers_run_in_the_order_they_subscribed() -> None:
    order: list[str] = []
    dispatcher: Dispatcher[Event] = Dispatcher()
    dispatcher.subscribe(lambda _: order.append("first"), Event)
    dispatcher.subscribe(lambda _: order.append("second"), LampLit)
    dispatcher.deliver(LampLit(at=AT))
    assert order == ["first", "second"]


def test_a_handler_that_raises_does_not_stop_the_others() -> None:
    seen: list[Event] = []

    def fail(_event: Event) -> None:
        raise KeyError("inner")

    dispatcher: Dispatcher[Event] = Dispatcher()
    dispatcher.subscribe(fail, LampLit)
    dispatcher.subscribe(seen.append, LampLit)
    with capture_logs() as logs:
        dispatcher.deliver(LampLit(at=AT))
    assert len(seen) == 1
    assert logs[0]["event"] == "event handler failed"


def test_unsubscribing_twice_does_no_harm() -> None:
    seen: list[Event] = []
    dispatcher: Dispatcher[Event] = Dispatcher()
    undo = dispatcher.subscribe(seen.append, LampLit)
    dispatcher.deliver(LampLit(at=AT))
    undo()
    undo()
    dispatcher.deliver(LampLit(at=AT))
    assert len(seen) == 1


def test_a_handler_may_unsubscribe_another_while_it_runs() -> None:
    seen: list[str] = []
    dispatcher: Dispatcher[Event] = Dispatcher()

    def first(_event: Event) -> None:
        seen.append("first")
        undo()

    dispatcher.subscribe(first, LampLit)
    undo = dispatcher.subscribe(lambda _: seen.append("second"), LampLit)
    dispatcher.deliver(LampLit(at=AT))
    dispatcher.deliver(LampLit(at=AT))
    assert seen == ["first", "second", "first"]


def test_an_event_class_is_known_by_its_dotted_name() -> None:
    assert LampLitBrightly.name == "lamp.lit.brightly"
    assert EVENT_TYPES["lamp.lit"] is LampLit
    assert LampLit(at=AT, call_id="c", room="hall").payload() == {"room": "hall"}


def test_two_events_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match=r"lamp\.lit"):
        type("LampLit", (Event,), {"__module__": "elsewhere"})
