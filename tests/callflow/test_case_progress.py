"""Case progress by keys, without a telephone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from callflow.events import CallQueued, DigitsEntered
from callflow.ports import CallerProgress, ProgressRefusedError, ProgressState
from tests.callflow.calls import Through, shipped_flow
from tests.fakes.telephony import SILENCE, FakeTelephony

NUMBER, CODE = "260302000114", "12345678"
SPELT_ZH = [*"260302", "short-gap", *"000", "digit-yao", "digit-yao", "short-gap", "4", "short-gap"]
NEXT = datetime(2026, 10, 8, 17, 0, tzinfo=UTC)
"""01:00 on the 9th in the hotline's own zone."""


class OneCase:
    def __init__(self, told: CallerProgress | Exception | None = None) -> None:
        self.answer = told or CallerProgress(state=ProgressState.WITH_UNIT)
        self.asked: list[tuple[str, str, str]] = []

    async def look_up(self, number: str, code: str, *, caller: str) -> CallerProgress | None:
        self.asked.append((number, code, caller))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if (number, code) == (NUMBER, CODE) else None


async def call(answers: list[str], cases: OneCase | None = None) -> tuple[Through, FakeTelephony]:
    telephony = FakeTelephony(answers)
    return await Through(shipped_flow(), progress=cases or OneCase()).run(telephony), telephony


def queues(through: Through) -> list[str]:
    return [event.queue for event in through.of(CallQueued) if isinstance(event, CallQueued)]


async def test_number_and_code_give_the_state_digit_by_digit() -> None:
    through, telephony = await call(["5", NUMBER, CODE])
    start = telephony.said.index("progress-of")
    assert telephony.said[start + 1 :][: len(SPELT_ZH) + 1] == [*SPELT_ZH, "progress-with-unit"]
    assert telephony.said[-1] == "goodbye"
    assert queues(through) == []


async def test_the_next_date_is_said_in_the_hotlines_own_zone() -> None:
    cases = OneCase(CallerProgress(state=ProgressState.INTERIM, promised_at=NEXT))
    _, telephony = await call(["5", NUMBER, CODE], cases)
    start = telephony.said.index("progress-interim")
    assert telephony.said[start:][:5] == ["progress-interim", "progress-next", "month-10", "9", "date-day"]


async def test_english_says_one_and_no_chinese_word() -> None:
    cases = OneCase(CallerProgress(state=ProgressState.INTERIM, promised_at=NEXT))
    _, telephony = await call(["4", "5", NUMBER, CODE], cases)
    assert "digit-yao" not in telephony.said
    assert "date-day" not in telephony.said


@pytest.mark.parametrize("answers", [["5", "0"], ["5", NUMBER, "0"], ["5", "9", "0"], ["5", NUMBER, CODE, "0"]])
async def test_0_reaches_a_person_from_everywhere(answers: list[str]) -> None:
    through, _ = await call(answers)
    assert queues(through) == ["public"]


@pytest.mark.parametrize(
    "answers",
    [
        [SILENCE] * 3,
        ["1", "12", "#"],
        [NUMBER, SILENCE] * 3,
        [NUMBER, "1"] * 3,
        [NUMBER, "87654321"] * 3,
        ["990101000011", CODE] * 3,
    ],
)
async def test_three_tries_and_a_person(answers: list[str]) -> None:
    through, telephony = await call(["5", *answers])
    assert telephony.said.count("progress-wrong") == 2
    assert "progress-failed" in telephony.said
    assert queues(through) == ["public"]


async def test_a_wrong_code_may_be_mended() -> None:
    _, telephony = await call(["5", NUMBER, "87654321", NUMBER, CODE])
    assert "progress-with-unit" in telephony.said


@pytest.mark.parametrize("trouble", [OSError("away"), TimeoutError(), RuntimeError("x")])
async def test_with_the_database_away_the_caller_is_told_and_gets_a_person(trouble: Exception) -> None:
    through, telephony = await call(["5", NUMBER, CODE], OneCase(trouble))
    assert "progress-away" in telephony.said
    assert queues(through) == ["public"]


async def test_a_database_that_hangs_is_waited_for_in_bounds() -> None:
    class Hanging(OneCase):
        async def look_up(self, number: str, code: str, *, caller: str) -> CallerProgress | None:
            await asyncio.Event().wait()
            return None

    through, telephony = await call(["5", NUMBER, CODE], Hanging())
    assert "progress-away" in telephony.said
    assert queues(through) == ["public"]


async def test_who_asks_too_often_gets_a_person() -> None:
    cases = OneCase(ProgressRefusedError())
    through, telephony = await call(["5", NUMBER, CODE, NUMBER, CODE], cases)
    assert len(cases.asked) == 1
    assert "progress-failed" in telephony.said
    assert queues(through) == ["public"]


async def test_questions_are_counted_by_the_calling_number() -> None:
    cases = OneCase()
    await call(["5", NUMBER, CODE], cases)
    assert cases.asked == [(NUMBER, CODE, "13904730001")]


@pytest.mark.parametrize("answers", [[NUMBER, CODE], [CODE, NUMBER, CODE], [NUMBER + CODE[:3], CODE]])
async def test_nothing_keyed_stands_in_an_event(answers: list[str]) -> None:
    through, _ = await call(["5", *answers])
    typed = [event.digits for event in through.of(DigitsEntered) if isinstance(event, DigitsEntered)]
    assert typed == ["5"]
    assert NUMBER not in str(through.events)
    assert CODE[:3] not in str(through.events)
