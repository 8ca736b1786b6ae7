"""The comparisons that `condition` is made of: typed, pure, and each in plain dialplan where the dialplan can know it.

`holds(call)` compares; `in_dialplan()` is the same as an expression that gives 1 or 0, or None for a fact that the
service alone knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from callflow.action import CallFacts, Options
from callflow.compile.dialplan import safe
from callflow.compile.library import FACTS, LANGUAGE, value_in_dialplan
from callflow.ports import QueueFiguresSource
from callflow.queues.hours import DAYS, Day, known_zone, readable_spans
from callflow.values import ValueName, value_of
from ivr.dialplan import Variable

Digits = Annotated[str, StringConstraints(pattern=r"^[0-9*]{1,20}$")]
Compared = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.+-]{1,64}$")]
Queue = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,39}$")]
Zone = Annotated[str, AfterValidator(known_zone)]
Region = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,6}$")]


@dataclass(frozen=True, slots=True)
class ConditionCall:
    """What is compared."""

    facts: CallFacts
    now: datetime
    figures: QueueFiguresSource


class Comparison(Options):
    """Base of the comparisons."""

    unless: bool = False
    """True: it holds where the comparison does not. What is not known holds in neither case."""

    def known(self, call: ConditionCall) -> bool | None:
        """Whether it is so; None where that is not known."""
        raise NotImplementedError

    def holds(self, call: ConditionCall) -> bool:
        found = self.known(call)
        return found is not None and found is not self.unless

    def expression(self) -> str | None:
        """Whether it is so, in dialplan."""
        return None

    def compared(self) -> str:
        """What must not be empty for it to be known, in dialplan; "" where it always is."""
        return ""

    def in_dialplan(self) -> str | None:
        """`holds`, in dialplan."""
        expression = self.expression()
        if expression is None:
            return None
        given = f'"{value}" != "" & ' if (value := self.compared()) else ""
        return f"({given}!({expression}))" if self.unless else f"({given}({expression}))"


class Bounded(Comparison):
    """Base of those that compare numbers."""

    at_least: int | None = Field(default=None, ge=0, le=10**15)
    """So many or more."""
    at_most: int | None = Field(default=None, ge=0, le=10**15)
    """So many or fewer."""

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("say at_least or at_most")
        return self

    def within(self, number: int) -> bool:
        low, high = self.at_least, self.at_most
        return (low is None or number >= low) and (high is None or number <= high)


class CallerKnown(Comparison):
    """The directory knows the caller; the node comes after `identify`."""

    fact: Literal["caller_known"]
    enterprise: bool = False
    """True: as one enterprise, not only by a name."""

    def known(self, call: ConditionCall) -> bool | None:
        identity = call.facts.identity
        return identity is not None and (identity.enterprise_id is not None or not self.enterprise)


class CallerKind(Comparison):
    """The kind of the caller's enterprise."""

    fact: Literal["caller_kind"]
    one_of: tuple[Literal["enterprise", "individual_business", "private_enterprise"], ...] = Field(min_length=1)
    """The kinds."""

    def known(self, call: ConditionCall) -> bool | None:
        kind = call.facts.identity.kind if call.facts.identity else ""
        return kind in self.one_of if kind else None


class CallerRegion(Comparison):
    """Where the caller's enterprise is registered."""

    fact: Literal["caller_region"]
    one_of: tuple[Region, ...] = Field(min_length=1, max_length=50)
    """Codes of GB/T 2260, or how they begin: 15 is Inner Mongolia, 1503 Wuhai."""

    def known(self, call: ConditionCall) -> bool | None:
        region = call.facts.identity.region if call.facts.identity else ""
        return region.startswith(self.one_of) if region else None


class NumberPrefix(Comparison):
    """How the caller's number begins."""

    fact: Literal["caller_number"]
    starts_with: tuple[Digits, ...] = Field(min_length=1, max_length=50)
    """For instance 0473, or 1."""

    def known(self, call: ConditionCall) -> bool | None:
        number = "".join(filter(str.isdecimal, call.facts.caller_number))
        return number.startswith(self.starts_with) if number else None

    def expression(self) -> str | None:
        number = self.compared()
        return _any(f'"{number[:-1]}:0:{len(start)}}}" = "{safe(start)}"' for start in self.starts_with)

    def compared(self) -> str:
        return FACTS["{caller_number}"]


class DialedNumber(Comparison):
    """The number that was dialed."""

    fact: Literal["dialed"]
    one_of: tuple[Digits, ...] = Field(min_length=1, max_length=50)
    """The numbers."""

    def known(self, call: ConditionCall) -> bool | None:
        return call.facts.dialed in self.one_of


class EntryIs(Comparison):
    """Where the call came in."""

    fact: Literal["entry"]
    one_of: tuple[Literal["trunk", "web", "agent"], ...] = Field(min_length=1)
    """From the carrier, from a page, or from an agent's phone."""

    def known(self, call: ConditionCall) -> bool | None:
        return call.facts.entry in self.one_of

    def expression(self) -> str | None:
        return _equals(Variable.ENTRY.value_of, self.one_of)


class LanguageIs(Comparison):
    """The language the caller has chosen."""

    fact: Literal["language"]
    one_of: tuple[Literal["zh", "en"], ...] = Field(min_length=1)
    """The languages."""

    def known(self, call: ConditionCall) -> bool | None:
        return call.facts.language in self.one_of

    def expression(self) -> str | None:
        return _equals(LANGUAGE, self.one_of)


class WeekdayIs(Comparison):
    """The day of the week."""

    fact: Literal["weekday"]
    one_of: tuple[Day, ...] = Field(min_length=1)
    """The days."""
    timezone: Zone = "Asia/Shanghai"
    """Where."""

    def known(self, call: ConditionCall) -> bool | None:
        return DAYS[call.now.astimezone(ZoneInfo(self.timezone)).weekday()] in self.one_of

    def expression(self) -> str | None:
        return _equals(_clock(self.timezone, "%u"), [str(DAYS.index(day) + 1) for day in self.one_of])


class TimeBetween(Comparison):
    """The time of day."""

    fact: Literal["time"]
    between: Annotated[tuple[str, ...], AfterValidator(readable_spans)] = Field(min_length=1, max_length=10)
    """Spans such as "09:00-12:00"; none crosses midnight."""
    timezone: Zone = "Asia/Shanghai"
    """Where."""

    def known(self, call: ConditionCall) -> bool | None:
        local = call.now.astimezone(ZoneInfo(self.timezone))
        return any(span[:5] <= f"{local:%H:%M}" < span[6:] for span in self.between)

    def expression(self) -> str | None:
        # A digit before it: nothing may take 0900 for an octal number.
        now = f"1{_clock(self.timezone, '%H%M')}"
        return _any(
            f"({now} >= 1{span[:2]}{span[3:5]} & {now} < 1{span[6:8]}{span[9:]})" for span in map(safe, self.between)
        )


class QueueFigure(Bounded):
    """How busy a queue is at this moment."""

    fact: Literal["queue_waiting", "queue_free"]
    """Callers who wait, or agents who are free."""
    queue: Queue
    """As in queues.conf."""

    def known(self, call: ConditionCall) -> bool | None:
        figures = call.figures(self.queue)
        if figures is None:
            return None
        return self.within(figures.waiting if self.fact == "queue_waiting" else figures.free)


class ValueIs(Comparison):
    """A value of the flow, as text."""

    fact: Literal["value"]
    name: ValueName
    """As `set` or `collect` named it."""
    one_of: tuple[Compared, ...] = Field(min_length=1, max_length=50)
    """What it may be."""

    def known(self, call: ConditionCall) -> bool | None:
        value = value_of(self.name, call.facts)
        return value in self.one_of if value else None

    def expression(self) -> str | None:
        return _equals(self.compared(), self.one_of)

    def compared(self) -> str:
        return value_in_dialplan(self.name)


class ValueNumber(Bounded):
    """A value of the flow, as a number."""

    fact: Literal["number"]
    name: ValueName
    """As `set` or `collect` named it."""

    def known(self, call: ConditionCall) -> bool | None:
        value = value_of(self.name, call.facts)
        return self.within(int(value)) if value.isdecimal() and len(value) <= 15 else None

    # Only by the service: the dialplan counts in doubles, and compares what is no number as text.


AnyComparison = Annotated[
    CallerKnown
    | CallerKind
    | CallerRegion
    | NumberPrefix
    | DialedNumber
    | EntryIs
    | LanguageIs
    | WeekdayIs
    | TimeBetween
    | QueueFigure
    | ValueIs
    | ValueNumber,
    Field(discriminator="fact"),
]


def _any(expressions: Iterable[str]) -> str:
    return " | ".join(expressions)


def _equals(value: str, wanted: Iterable[str]) -> str:
    return _any(f'"{value}" = "{safe(each)}"' for each in wanted)


def _clock(zone: str, form: str) -> str:
    return f"${{STRFTIME(${{EPOCH}},{safe(zone)},{form})}}"
