"""Pure: adds the calls of a replay up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil

from cti.replay.logged import CallShift, Stay
from cti.replay.schemas import BeforeAfter, PersonSeconds, QueueLoad, ReplaySummary, ShiftCount, UnforeseenCount
from cti.replay.state import LeftOut

_HOUR = "%Y-%m-%dT%H"


class ReplayCounter:
    """Takes results as they come; `summary` at any time."""

    def __init__(self, left_out: Counter[str]) -> None:
        self._left_out = left_out
        self._shifts: Counter[tuple[str, str]] = Counter()
        self._unforeseen: Counter[str] = Counter()
        self._touched = 0
        self._person: tuple[list[float], list[float]] = ([], [])
        self._loads: tuple[_Load, _Load] = (_Load(), _Load())

    def add(self, results: Iterable[CallShift | LeftOut]) -> None:
        for result in results:
            if isinstance(result, LeftOut):
                self._left_out[result.value] += 1
                continue
            self._touched += result.touched
            self._shifts[result.before, str(result.after)] += 1
            if result.unforeseen:
                self._unforeseen[result.unforeseen] += 1
                # Of two figures that are set side by side, both are of the same calls.
                continue
            hour = result.at.strftime(_HOUR)
            sides = (result.person_before, result.stays_before), (result.person_after, result.stays_after)
            for (seconds, stays), found, load in zip(sides, self._person, self._loads, strict=True):
                if seconds is not None:
                    found.append(seconds)
                load.add(stays, hour)

    def summary(self) -> ReplaySummary:
        before, after = self._loads
        return ReplaySummary(
            calls=sum(self._shifts.values()),
            touched=self._touched,
            shifts=[
                ShiftCount(before=shift[0], after=shift[1], calls=calls)
                for shift, calls in sorted(self._shifts.items(), key=lambda each: (-each[1], each[0]))
            ],
            unforeseen=[UnforeseenCount(node=node, calls=calls) for node, calls in self._unforeseen.most_common(20)],
            left_out=dict(self._left_out),
            person=BeforeAfter(before=_seconds(self._person[0]), after=_seconds(self._person[1])),
            queues={
                queue: BeforeAfter(before=before.of(queue), after=after.of(queue))
                for queue in sorted(before.queues | after.queues)
            },
        )


class _Load:
    """What arrives at the queues, before or after."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()
        self._answered: Counter[str] = Counter()
        self._waited: Counter[str] = Counter()
        self._hours: dict[str, Counter[str]] = {}

    @property
    def queues(self) -> set[str]:
        return set(self._calls)

    def add(self, stays: Sequence[Stay], hour: str) -> None:
        for queue, outcome, waited in stays:
            self._calls[queue] += 1
            self._answered[queue] += outcome == "answered"
            self._waited[queue] += round(waited)
            self._hours.setdefault(queue, Counter())[hour] += 1

    def of(self, queue: str) -> QueueLoad:
        busiest = self._hours.get(queue, Counter()).most_common(1)
        return QueueLoad(
            calls=self._calls[queue],
            answered=self._answered[queue],
            waited=self._waited[queue],
            busiest_hour=busiest[0][1] if busiest else 0,
        )


def _seconds(found: list[float]) -> PersonSeconds:
    if not found:
        return PersonSeconds(calls=0, median=None, p90=None)
    found.sort()

    def at(share: float) -> float:
        return round(found[max(0, ceil(share * len(found)) - 1)], 1)

    return PersonSeconds(calls=len(found), median=at(0.5), p90=at(0.9))
