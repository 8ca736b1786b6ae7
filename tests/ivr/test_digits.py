from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from ivr.digits import LIMIT, DigitBuffer

keys = st.text("0123456789*#", min_size=1, max_size=1)


@dataclass(frozen=True)
class KeyStory:
    """Keys as pressed; each run is either lost between two commands, or taken by one command."""

    runs: tuple[tuple[str, bool], ...]

    @property
    def pressed(self) -> str:
        return "".join(run for run, _ in self.runs)


stories = st.builds(
    KeyStory, st.lists(st.tuples(st.text("0123456789*#", min_size=1, max_size=4), st.booleans()), max_size=8).map(tuple)
)


def test_a_key_between_two_commands_waits_for_the_next_question() -> None:
    buffer = DigitBuffer()
    buffer.pressed("1")
    assert buffer.take(1) == "1"
    assert buffer.take(1) == ""


def test_a_key_reported_twice_is_one_key() -> None:
    buffer = DigitBuffer()
    buffer.pressed("1")
    buffer.answered("1")
    assert buffer.waiting == "1"


def test_a_late_dtmf_event_of_an_answered_key_is_no_second_key() -> None:
    buffer = DigitBuffer()
    buffer.answered("1")
    assert buffer.take(1) == "1"
    buffer.pressed("1")
    assert not buffer
    buffer.pressed("1")
    assert buffer.take(1) == "1"


def test_the_key_pressed_first_is_taken_first_even_where_a_command_took_only_the_second() -> None:
    buffer = DigitBuffer()
    buffer.pressed("5")
    buffer.pressed("1")
    buffer.answered("1")
    assert (buffer.take(1), buffer.take(1)) == ("5", "1")


def test_the_closing_key_ends_an_entry_and_is_a_key_alone() -> None:
    buffer = DigitBuffer()
    for digit in "12#":
        buffer.pressed(digit)
    assert buffer.complete(6)
    assert buffer.take(6) == "12"
    buffer.pressed("#")
    assert buffer.take(1) == "#"


def test_the_closing_key_behind_a_full_entry_is_not_the_next_answer() -> None:
    buffer = DigitBuffer()
    buffer.answered("123456#")
    assert buffer.take(6) == "123456"
    assert not buffer


@dataclass
class Time:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_closing_key_behind_the_key_of_a_menu_is_swallowed_wherever_it_comes() -> None:
    buffer = DigitBuffer()
    for digit in "4#1#":
        buffer.pressed(digit)
    assert [buffer.take(1), buffer.take(1), buffer.take(1)] == ["4", "1", ""]
    buffer.pressed("2")
    assert buffer.take(1) == "2"
    buffer.pressed("#")
    assert (buffer.waiting, buffer.complete(1)) == ("", False)
    buffer.pressed("1")
    assert (buffer.waiting, buffer.take(1)) == ("1", "1")


def test_a_closing_key_reported_twice_closes_once() -> None:
    for reports in (("pressed", "answered"), ("answered", "pressed")):
        buffer = DigitBuffer()
        buffer.pressed("1")
        assert buffer.take(1) == "1"
        for report in reports:
            getattr(buffer, report)("#")
        assert not buffer
        buffer.pressed("#")
        assert buffer.take(1) == "#"


def test_a_hash_key_long_after_is_a_key_of_its_own() -> None:
    time = Time()
    buffer = DigitBuffer(time)
    buffer.pressed("1")
    assert buffer.take(1) == "1"
    assert buffer.closing
    time.seconds += 2.1
    assert not buffer.closing
    buffer.pressed("#")
    assert buffer.complete(1)
    assert buffer.take(1) == "#"


def test_a_closing_key_behind_a_wrong_key_is_no_second_wrong_key() -> None:
    buffer = DigitBuffer()
    buffer.pressed("9")
    assert buffer.take(1) == "9"
    buffer.clear()
    buffer.pressed("#")
    assert buffer.take(1) == ""


def test_a_telephone_leant_on_fills_no_memory() -> None:
    buffer = DigitBuffer()
    for _ in range(1000):
        buffer.pressed("5")
    assert len(buffer) == LIMIT


@given(stories)
def test_in_the_usual_order_every_key_comes_out_once_in_order(story: KeyStory) -> None:
    buffer = DigitBuffer()
    out = ""
    for run, taken in story.runs:
        for digit in run:
            buffer.pressed(digit)
        if taken:
            buffer.answered(run)
        while buffer:
            out += buffer.take(1, "")
    assert out == story.pressed


@given(stories, st.data())
def test_whatever_order_the_reports_come_in_no_key_is_lost_or_doubled(story: KeyStory, data: st.DataObject) -> None:
    events = list(story.pressed)
    results = [run for run, taken in story.runs if taken]
    buffer = DigitBuffer()
    out = ""
    while events or results:
        if events and (not results or data.draw(st.booleans())):
            buffer.pressed(events.pop(0))
        else:
            buffer.answered(results.pop(0))
    while buffer:
        out += buffer.take(1, "")
    assert sorted(out) == sorted(story.pressed)


@given(st.lists(keys, max_size=10), st.integers(1, 5))
def test_take_never_gives_more_than_asked(pressed: list[str], max_digits: int) -> None:
    buffer = DigitBuffer()
    for digit in pressed:
        buffer.pressed(digit)
    assert len(buffer.take(max_digits)) <= max_digits
