"""The flow under lint, as far as it can be read, with the ways through it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from callflow.action import AnyAction
from callflow.document import CheckedNode, FlowDocument
from callflow.lint.finding import Finding
from callflow.lint.graph import Graph
from callflow.lint.world import World
from callflow.source import DocumentPath, FlowText
from callflow.speech import SpeechItem, Spoken

PERSON_ACTIONS = frozenset({"queue", "specialist", "dial"})
"""Here a person answers, or will."""
SERVICE_ACTIONS = frozenset({"case_progress", "voicemail", "survey", "callback"})
"""Here callers get what they came for, or leave word."""
RETURN = "return"
"""Here the flow that called this one goes on."""
CHOSEN = frozenset({"entered", "rated", "announced", "recorded", "errors"})
"""Outcomes, besides a menu's keys, that a caller brings about by pressing or speaking."""

_NEAR_NAMES = 20


@dataclass(frozen=True)
class LintSubject:
    """`nodes` holds those whose action and options are right; the rest of the document is there in any case."""

    source: FlowText
    document: FlowDocument
    nodes: Mapping[str, CheckedNode]
    world: World
    actions: Mapping[str, AnyAction]

    def finding(self, rule: str, *path: str | int, **arguments: object) -> Finding:
        """One at `path`, with the line of it or of its nearest parent."""
        node = str(path[1]) if len(path) > 1 and path[0] == "nodes" else ""
        line = self.source.problem(path, "").line
        return Finding(rule=rule, node=node, path=path, line=line, arguments=arguments)

    def near(self, name: str, known: Collection[str]) -> str:
        """The names most like `name`, for a message; only of the first few names, for the search takes a while."""
        if name not in self._near:
            among = sorted(known)
            like = difflib.get_close_matches(name, among, 3, 0.4) if len(self._near) < _NEAR_NAMES else ()
            self._near[name] = ", ".join(like or among[:5]) or "-"
        return self._near[name]

    @cached_property
    def _near(self) -> dict[str, str]:
        return {}

    # --- kinds of nodes ---------------------------------------------------------------------------------

    def of(self, *actions: str) -> Iterator[CheckedNode]:
        return (node for node in self.nodes.values() if node.action.name in actions)

    @cached_property
    def persons(self) -> frozenset[str]:
        return frozenset(node.id for node in self.of(*PERSON_ACTIONS))

    @cached_property
    def returns(self) -> frozenset[str]:
        return frozenset(node.id for node in self.of(RETURN))

    @cached_property
    def services(self) -> frozenset[str]:
        return frozenset(node.id for node in self.of(*SERVICE_ACTIONS))

    # --- ways -------------------------------------------------------------------------------------------

    @cached_property
    def ways(self) -> Graph[str]:
        """Every branch that leads to a node of the document."""
        document = self.document
        return Graph(
            {
                id: tuple(target for target in node.branches.values() if target in document.nodes)
                for id, node in document.nodes.items()
            }
        )

    @cached_property
    def own_ways(self) -> Graph[str]:
        """The branches that a caller takes who presses nothing, as long as menus are not passed over."""
        return Graph({id: tuple(self._unchosen(id)) for id in self.document.nodes})

    def _unchosen(self, id: str) -> Iterator[str]:
        node = self.document.nodes[id]
        checked = self.nodes.get(id)
        # An action that reads no keys may have outcomes of any name.
        asks = checked is None or checked.action.collects
        keys = getattr(checked.options, "keys", ()) if checked else ()
        for outcome, target in node.branches.items():
            chosen = asks and (outcome in CHOSEN or outcome in keys or outcome == "no_menu")
            if target in self.document.nodes and not chosen:
                yield target

    @cached_property
    def starts(self) -> tuple[str, ...]:
        """Where calls enter: the entry, the person, and what keys lead to from everywhere."""
        names = (self.document.entry, self.document.person, *self.document.keys.values())
        return tuple(dict.fromkeys(name for name in names if name in self.document.nodes))

    @cached_property
    def reached(self) -> frozenset[str]:
        return self.ways.reach(self.starts)

    @cached_property
    def before_person(self) -> frozenset[str]:
        """Nodes on the way from the entry, before any person or service."""
        entry = [self.document.entry] if self.document.entry in self.document.nodes else []
        return self.ways.reach(entry, until=self.persons | self.services)

    @cached_property
    def to_person_alone(self) -> frozenset[str]:
        """Nodes from which a caller who presses nothing can reach a person, or the flow that called this one."""
        return self.own_ways.reversed().reach(self.persons | self.returns)

    # --- prompts ----------------------------------------------------------------------------------------

    def speech(self, node: CheckedNode) -> Iterator[tuple[DocumentPath, SpeechItem]]:
        """All that a node's options have it say, and where that is written."""
        for name in _speaking(node):
            for index, item in enumerate(getattr(node.options, name)):
                if isinstance(item, str | Spoken):
                    yield ("nodes", node.id, "options", name, index), item


def speech_of(node: CheckedNode) -> Iterator[SpeechItem]:
    """All that a node's options have it say."""
    for name in _speaking(node):
        yield from (item for item in getattr(node.options, name) if isinstance(item, str | Spoken))


def _speaking(node: CheckedNode) -> Iterator[str]:
    """The options that hold speech."""
    return (name for name in type(node.options).model_fields if name == "prompts" or name.endswith("_prompts"))


def prompts_in(items: Iterable[SpeechItem]) -> tuple[str, ...]:
    return tuple(item for item in items if isinstance(item, str))
