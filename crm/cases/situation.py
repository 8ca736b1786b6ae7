"""All that decides whether an action is possible, read before anything is decided. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crm.cases.lights import CaseDeadlineView
from crm.cases.models import Assignment, AssignmentRole, Case, CaseCallback, CaseStep
from crm.cases.state import Actor, CaseAction
from crm.cases.visibility import Viewer, running
from crm.ports import CitableKnowledge

_ANSWERS = frozenset({CaseAction.REPLY, CaseAction.RECEIVE_ANSWER})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """A unit that an action names."""

    name: str
    active: bool
    above: tuple[str, ...] = ()
    """The units above it, the nearest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an action is not possible: `reason` is a stable code, `detail` says it and how to mend it."""

    reason: str
    detail: str


def refuse(reason: str, detail: str) -> Refusal:
    return Refusal(reason=reason, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedExtension:
    days: int
    endorsed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    case: Case
    viewer: Viewer
    """Whoever acts."""
    actors: frozenset[Actor]
    now: datetime
    missing: tuple[str, ...] = ()
    """Fields that submit still asks for."""
    three_ways: frozenset[str] = frozenset()
    """Calls of the case on which a specialist spoke with the caller."""
    citable: Mapping[tuple[str, int], CitableKnowledge] = field(default_factory=dict)
    """Of the entries and versions that the action cites, those that are published."""
    assignments: tuple[Assignment, ...] = ()
    callbacks: tuple[CaseCallback, ...] = ()
    """Oldest first, of all rounds."""
    steps: tuple[CaseStep, ...] = ()
    """Oldest first."""
    units: Mapping[str, UnitFacts] = field(default_factory=dict)
    """Those that the action names, and that exist."""
    deadlines: Mapping[str, datetime] = field(default_factory=dict)
    """The running deadlines by kind."""
    longest_extension: int = 0
    """In working days."""
    deadline_views: Callable[[], list[CaseDeadlineView]] = list
    """All deadlines, as the page shows them."""

    master: Case | None = None
    """The case that the action names as master; else the one that this case follows."""
    followers: int = 0
    """How many cases wait for this one's answer."""
    linked_calls: tuple[str, ...] = ()
    knows_call: bool = True
    """Whether whoever acts may know of the call that the action names."""
    repeat_noted: bool = False
    """Whether whoever acts has noted a repetition on the master."""

    @property
    def me(self) -> str:
        return self.viewer.who.user_id

    @property
    def lead(self) -> Assignment | None:
        return next((one for one in running(self.assignments) if one.role == AssignmentRole.LEAD), None)

    def assignment(self, assignment_id: str | None) -> Assignment | None:
        """The running assignment of this id; the lead's for None."""
        if assignment_id is None:
            return self.lead
        return next((one for one in running(self.assignments) if one.id == assignment_id), None)

    def children(self, parent: Assignment | None) -> list[Assignment]:
        """Running assignments that answer to `parent`."""
        return [one for one in running(self.assignments) if parent is not None and one.parent_id == parent.id]

    @property
    def callbacks_after_answer(self) -> list[CaseCallback]:
        """Of this round; what a caller said while the unit was silent says nothing of its answer."""
        recorded = set()
        for step in reversed(self.steps):
            if step.action in _ANSWERS:
                break
            if step.action == CaseAction.RECORD_CALLBACK:
                recorded.add(step.at)
        return [one for one in self.callbacks if one.round == self.case.round and one.at in recorded]

    @property
    def requested_extension(self) -> RequestedExtension | None:
        """The extension asked for last, and whether the unit's head agreed."""
        endorsed = False
        for step in reversed(self.steps):
            if step.action == CaseAction.ENDORSE_EXTENSION:
                endorsed = True
            elif step.action == CaseAction.REQUEST_EXTENSION:
                detail = step.detail
                return RequestedExtension(days=int(detail["days"]), endorsed=endorsed or bool(detail.get("endorsed")))
        return None
