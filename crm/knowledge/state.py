"""The life of an entry as two tables: what callers and agents get, and the revision that is being written. Pure.

revision:  draft → unit_review → editor_review → (scheduled →) published as the next version
entry:     unpublished → published → expired or withdrawn, and back by the next revision
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class KnowledgeState(StrEnum):
    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"
    EXPIRED = "expired"
    """Past its last day: no search shows it."""
    WITHDRAWN = "withdrawn"


class RevisionState(StrEnum):
    NONE = "none"
    DRAFT = "draft"
    UNIT_REVIEW = "unit_review"
    """At the unit's reviewer."""
    EDITOR_REVIEW = "editor_review"
    """At the hotline's editor."""
    SCHEDULED = "scheduled"


class KnowledgeAction(StrEnum):
    REVISE = "revise"
    """Begin a revision, from the version that is published or from an older one (restore)."""
    SAVE = "save"
    DISCARD = "discard"
    """Give the revision up; an entry that was never published is withdrawn with it."""
    SUBMIT = "submit"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    PUBLISH = "publish"
    """At once, or at a moment."""
    CONFIRM = "confirm"
    """It was looked through and still holds; the next review is due later."""
    WITHDRAW = "withdraw"
    REASSIGN = "reassign"
    """To another unit, or to the hotline itself."""


class KnowledgeActor(StrEnum):
    WRITER = "writer"
    """The unit's people and those of units above it, and the hotline's knowledge editors."""
    UNIT_REVIEWER = "unit_reviewer"
    """The head of the unit, or of one above it; of an entry of the hotline, its knowledge editors."""
    EDITOR = "editor"
    """The hotline's knowledge reviewers."""


class KnowledgeGuard(StrEnum):
    """What must be so before an action; `crm.knowledge.guards` has one check for each."""

    COMPLETE = "complete"
    """Everything that its kind needs is filled in."""
    ANOTHER_WROTE = "another_wrote"
    """Whoever acts wrote nothing of it."""
    STILL_HOLDS = "still_holds"
    """Its last day is not over."""
    UNIT_IN_USE = "unit_in_use"


_R, _S, _A, _W, _G = RevisionState, KnowledgeState, KnowledgeAction, KnowledgeActor, KnowledgeGuard


@dataclass(frozen=True, slots=True)
class KnowledgeMove:
    by: frozenset[KnowledgeActor]
    revision: RevisionState | None = None
    """What the revision becomes; None: it stays."""
    entry: KnowledgeState | None = None
    guards: tuple[KnowledgeGuard, ...] = ()


def _move(
    *by: KnowledgeActor,
    to: RevisionState | None = None,
    entry: KnowledgeState | None = None,
    guards: tuple[KnowledgeGuard, ...] = (),
) -> KnowledgeMove:
    return KnowledgeMove(frozenset(by), to, entry, guards)


_PUBLISHING = (_G.COMPLETE, _G.UNIT_IN_USE, _G.ANOTHER_WROTE, _G.STILL_HOLDS)

REVISION_MOVES: Mapping[tuple[RevisionState, KnowledgeAction], KnowledgeMove] = {
    (_R.NONE, _A.REVISE): _move(_W.WRITER, to=_R.DRAFT),
    (_R.DRAFT, _A.SAVE): _move(_W.WRITER),
    (_R.DRAFT, _A.DISCARD): _move(_W.WRITER, to=_R.NONE),
    (_R.DRAFT, _A.SUBMIT): _move(_W.WRITER, to=_R.UNIT_REVIEW, guards=(_G.COMPLETE, _G.UNIT_IN_USE)),
    (_R.UNIT_REVIEW, _A.SEND_BACK): _move(_W.UNIT_REVIEWER, to=_R.DRAFT),
    (_R.UNIT_REVIEW, _A.APPROVE): _move(
        _W.UNIT_REVIEWER, to=_R.EDITOR_REVIEW, guards=(_G.COMPLETE, _G.UNIT_IN_USE, _G.ANOTHER_WROTE)
    ),
    (_R.EDITOR_REVIEW, _A.SEND_BACK): _move(_W.EDITOR, to=_R.DRAFT),
    (_R.EDITOR_REVIEW, _A.PUBLISH): _move(_W.EDITOR, to=_R.NONE, entry=_S.PUBLISHED, guards=_PUBLISHING),
    (_R.SCHEDULED, _A.SEND_BACK): _move(_W.EDITOR, to=_R.DRAFT),
    (_R.SCHEDULED, _A.PUBLISH): _move(_W.EDITOR, to=_R.NONE, entry=_S.PUBLISHED, guards=_PUBLISHING),
}
ENTRY_MOVES: Mapping[tuple[KnowledgeState, KnowledgeAction], KnowledgeMove] = {
    (_S.PUBLISHED, _A.CONFIRM): _move(_W.UNIT_REVIEWER, _W.EDITOR),
    (_S.PUBLISHED, _A.WITHDRAW): _move(_W.UNIT_REVIEWER, _W.EDITOR, entry=_S.WITHDRAWN),
    (_S.EXPIRED, _A.WITHDRAW): _move(_W.UNIT_REVIEWER, _W.EDITOR, entry=_S.WITHDRAWN),
    **{(state, _A.REASSIGN): _move(_W.EDITOR) for state in _S},
}
REASON_NEEDED = frozenset({_A.SEND_BACK, _A.WITHDRAW, _A.DISCARD, _A.REASSIGN})


def move_of(state: KnowledgeState, revision: RevisionState, action: KnowledgeAction) -> KnowledgeMove | None:
    """The row of either table; None where neither has one. No action stands in both."""
    return REVISION_MOVES.get((revision, action)) or ENTRY_MOVES.get((state, action))
