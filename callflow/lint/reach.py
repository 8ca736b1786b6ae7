"""Seconds from the answer to a person, over every way through the flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from callflow.document import CheckedNode
from callflow.lint.finding import Finding
from callflow.lint.graph import longest, shortest, way_to
from callflow.lint.subject import LintSubject
from callflow.lint.timing import NodeSeconds, NodeTiming
from ivr.agi_telephony import LANGUAGES

_MOST_MENUS = 5
"""Whose keys are followed one by one; each takes a walk through the whole flow."""

Stop = tuple[str, str]
"""A node, and the language in which the caller is there."""


@dataclass(frozen=True, slots=True)
class PersonWay:
    """One way to a person: the nodes from the entry on, and the language at its end."""

    seconds: float
    language: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyReach:
    """A key of the first menu: how soon, and how late, it leads to a person; None where it does not."""

    menu: str
    key: str
    quickest: float | None
    slowest: float | None


@dataclass(frozen=True)
class Journeys:
    """The document with languages and times on it; people end a journey."""

    subject: LintSubject

    @cached_property
    def timings(self) -> Mapping[str, NodeTiming]:
        return {language: NodeTiming(self.subject.world, language) for language in LANGUAGES}

    @cached_property
    def start(self) -> Stop:
        return self.subject.document.entry, LANGUAGES[0]

    @cached_property
    def stops(self) -> Mapping[Stop, tuple[tuple[Stop, str, NodeSeconds], ...]]:
        """All that a call can reach in its language, with (target, outcome, seconds)."""
        found: dict[Stop, tuple[tuple[Stop, str, NodeSeconds], ...]] = {}
        todo = [self.start] if self.start[0] in self.subject.document.nodes else []
        while todo:
            stop = todo.pop()
            if stop not in found:
                found[stop] = tuple(self._onward(stop))
                todo += [target for target, _, _ in found[stop]]
        return found

    def _onward(self, stop: Stop) -> Iterator[tuple[Stop, str, NodeSeconds]]:
        id, language = stop
        subject, node = self.subject, self.subject.nodes.get(stop[0])
        branches = subject.document.nodes[id].branches
        if node is None:
            for outcome, target in branches.items():
                if target in subject.document.nodes:
                    yield (target, language), outcome, NodeSeconds(0.0, 0.0)
            return
        timing = self.timings[language]
        after = self._language_after(node, language)
        for outcome, seconds in timing.outcomes(node).items():
            target = branches.get(outcome, "")
            if target in subject.document.nodes:
                yield (target, after), outcome, seconds
        if node.action.collects and id not in subject.persons:
            for key, target in subject.document.keys.items():
                if target in subject.document.nodes and key not in getattr(node.options, "keys", ()):
                    yield (target, language), key, NodeSeconds(0.0, timing.before_key(node))

    @staticmethod
    def _language_after(node: CheckedNode, language: str) -> str:
        chosen = getattr(node.options, "language", "") if node.action.name == "language" else ""
        return chosen if chosen in LANGUAGES else language

    @cached_property
    def people(self) -> tuple[Stop, ...]:
        return tuple(stop for stop in self.stops if stop[0] in self.subject.persons)

    def _weighted(self, *, full: bool) -> dict[Stop, list[tuple[Stop, float]]]:
        """The stops until a person, with seconds."""
        weighted = {}
        for stop, onward in self.stops.items():
            ends = stop[0] in self.subject.persons
            # A time below nothing, which a document may hold, must not make a circle shorter with each round.
            steps = [(target, max(0.0, s.full if full else s.quick)) for target, _, s in onward]
            weighted[stop] = [] if ends else steps
        return weighted

    @cached_property
    def slowest(self) -> PersonWay | None:
        """With everything heard out and each circle gone through once; None where there is no way."""
        if not self.stops:
            return None
        far, before = longest(self._weighted(full=True), self.start)
        reached = [stop for stop in self.people if stop in far]
        return self._way(max(reached, key=far.__getitem__), far, before) if reached else None

    @cached_property
    def quickest(self) -> PersonWay | None:
        if not self.stops:
            return None
        near, before = shortest(self._weighted(full=False), self.start)
        reached = [stop for stop in self.people if stop in near]
        return self._way(min(reached, key=near.__getitem__), near, before) if reached else None

    @staticmethod
    def _way(stop: Stop, seconds: Mapping[Stop, float], before: Mapping[Stop, Stop]) -> PersonWay:
        return PersonWay(round(seconds[stop], 1), stop[1], tuple(node for node, _ in way_to(stop, before)))

    @cached_property
    def heard(self) -> tuple[Mapping[Stop, float], Mapping[Stop, Stop]]:
        """The longest way to each stop, and the stop before it."""
        return longest(self._weighted(full=True), self.start) if self.stops else ({}, {})

    def first_menus(self) -> Iterator[Stop]:
        """Menus that a call comes to before any other."""
        seen: set[Stop] = set()
        todo = [self.start] if self.stops else []
        while todo:
            stop = todo.pop()
            if stop in seen:
                continue
            seen.add(stop)
            node = self.subject.nodes.get(stop[0])
            if node is not None and node.action.name == "menu":
                yield stop
            elif node is None or not node.action.collects:
                todo += [target for target, _, _ in self.stops[stop]]

    def by_key(self) -> list[KeyReach]:
        """Of the first few menus, how their keys lead to a person, from the answer on."""
        quick, full = self._weighted(full=False), self._weighted(full=True)
        near, _ = shortest(quick, self.start) if self.stops else ({}, {})
        far, _ = self.heard
        found = []
        for menu in islice(self.first_menus(), _MOST_MENUS):
            for target, outcome, seconds in self.stops[menu]:
                soon, _ = shortest(quick, target)
                late, _ = longest(full, target)
                ends = [stop for stop in self.people if stop in soon]
                quickest = min((near[menu] + seconds.quick + soon[stop] for stop in ends), default=None)
                slowest = max((far[menu] + seconds.full + late[s] for s in self.people if s in late), default=None)
                found.append(KeyReach(menu[0], outcome, _rounded(quickest), _rounded(slowest)))
        return found


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


@dataclass(frozen=True, slots=True)
class PersonReach:
    """None where no way leads to a person."""

    quickest: PersonWay | None
    slowest: PersonWay | None
    by_key: tuple[KeyReach, ...]


def person_reach(subject: LintSubject) -> PersonReach:
    """How soon, and how late, callers come to a person; of `callflow.lint.check.subject_of`'s document."""
    journeys = Journeys(subject)
    return PersonReach(journeys.quickest, journeys.slowest, tuple(journeys.by_key()))


def check(subject: LintSubject) -> Iterator[Finding]:
    """Whether a person is reached, and soon enough."""
    journeys, budgets = Journeys(subject), subject.world.budgets
    slowest, quickest = journeys.slowest, journeys.quickest
    if slowest is not None and slowest.seconds > budgets.slowest_person:
        yield _too_slow(subject, "reach.slowest", slowest, budgets.slowest_person)
    if quickest is not None and quickest.seconds > budgets.quickest_person:
        yield _too_slow(subject, "reach.quickest", quickest, budgets.quickest_person)


def _too_slow(subject: LintSubject, rule: str, way: PersonWay, most: float) -> Finding:
    shown = way.nodes if len(way.nodes) <= 12 else (*way.nodes[:6], "…", *way.nodes[-5:])
    return subject.finding(
        *(rule, "nodes", way.nodes[-1]),
        seconds=f"{way.seconds:g}",
        most=f"{most:g}",
        language=LANGUAGE_NAMES[way.language],
        nodes=" → ".join(shown),
    )


LANGUAGE_NAMES: Mapping[str, Mapping[str, str]] = {
    "zh": {"zh": "普通话", "en": "Mandarin"},
    "en": {"zh": "英语", "en": "English"},
}
"""A language's name in each language."""
