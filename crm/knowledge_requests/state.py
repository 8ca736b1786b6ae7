"""The life of a knowledge request (知识需求) as a table: open, taken, answered by an entry, closed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class KnowledgeRequestState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    """Somebody of the unit sees to it."""
    ANSWERED = "answered"
    """An entry is written for it; published, it closes the request."""
    DECLINED = "declined"
    """By the unit; the hotline's knowledge reviewers agree, or send it back."""
    CLOSED = "closed"


class KnowledgeRequestAction(StrEnum):
    TAKE = "take"
    """Also from whoever has it, and back from an entry that will not be published."""
    PASS_ON = "pass_on"
    """To the unit that it is for."""
    ANSWER = "answer"
    """With an entry: a new one, or the next revision of one that is there."""
    REFER = "refer"
    """To a published entry that answers it as it is."""
    DECLINE = "decline"
    AGREE = "agree"
    """With the unit that declined it."""
    REFUSE = "refuse"
    """The unit has to answer it after all."""
    WITHDRAW = "withdraw"
    """By whoever made it."""


class KnowledgeRequestActor(StrEnum):
    MAKER = "maker"
    UNIT = "unit"
    """Its people and those of units above it; of a request to the hotline, its knowledge editors."""
    EDITOR = "editor"
    """The hotline's knowledge editors and reviewers."""
    REVIEWER = "reviewer"
    """The hotline's knowledge reviewers."""


class KnowledgeRequestGuard(StrEnum):
    """What must be so before an action; `crm.knowledge_requests.guards` has one check for each."""

    NOT_MINE_YET = "not_mine_yet"
    TAKEN_BY_ME = "taken_by_me"
    ANOTHER_DECLINED = "another_declined"


class KnowledgeRequestOutcome(StrEnum):
    """Why it is closed."""

    PUBLISHED = "published"
    REFERRED = "referred"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


_S, _A, _W = KnowledgeRequestState, KnowledgeRequestAction, KnowledgeRequestActor
_G, _O = KnowledgeRequestGuard, KnowledgeRequestOutcome


@dataclass(frozen=True, slots=True)
class KnowledgeRequestMove:
    by: KnowledgeRequestActor
    target: KnowledgeRequestState
    guards: tuple[KnowledgeRequestGuard, ...] = ()
    outcome: KnowledgeRequestOutcome | None = None


_Move = KnowledgeRequestMove
REQUEST_MOVES: Mapping[tuple[KnowledgeRequestState, KnowledgeRequestAction], KnowledgeRequestMove] = {
    (_S.OPEN, _A.TAKE): _Move(_W.UNIT, _S.TAKEN),
    (_S.OPEN, _A.DECLINE): _Move(_W.UNIT, _S.DECLINED),
    (_S.OPEN, _A.PASS_ON): _Move(_W.EDITOR, _S.OPEN),
    (_S.OPEN, _A.WITHDRAW): _Move(_W.MAKER, _S.CLOSED, (), _O.WITHDRAWN),
    (_S.TAKEN, _A.ANSWER): _Move(_W.UNIT, _S.ANSWERED, (_G.TAKEN_BY_ME,)),
    (_S.TAKEN, _A.REFER): _Move(_W.UNIT, _S.CLOSED, (_G.TAKEN_BY_ME,), _O.REFERRED),
    (_S.TAKEN, _A.TAKE): _Move(_W.UNIT, _S.TAKEN, (_G.NOT_MINE_YET,)),
    (_S.TAKEN, _A.DECLINE): _Move(_W.UNIT, _S.DECLINED, (_G.TAKEN_BY_ME,)),
    (_S.TAKEN, _A.PASS_ON): _Move(_W.EDITOR, _S.OPEN),
    (_S.ANSWERED, _A.TAKE): _Move(_W.UNIT, _S.TAKEN),
    (_S.ANSWERED, _A.PASS_ON): _Move(_W.EDITOR, _S.OPEN),
    (_S.DECLINED, _A.AGREE): _Move(_W.REVIEWER, _S.CLOSED, (_G.ANOTHER_DECLINED,), _O.DECLINED),
    (_S.DECLINED, _A.REFUSE): _Move(_W.REVIEWER, _S.OPEN, (_G.ANOTHER_DECLINED,)),
    (_S.DECLINED, _A.PASS_ON): _Move(_W.EDITOR, _S.OPEN),
}
"""An answered one is closed by the publication of its entry: `KnowledgeRequests.published`."""
WAITING = frozenset({_S.OPEN, _S.TAKEN})
"""For the unit."""
UNANSWERED = WAITING | {_S.ANSWERED}
"""Past its limit overdue: an entry that is not published answers nobody."""
REASON_ASKED = frozenset({_A.DECLINE, _A.REFUSE, _A.PASS_ON})


def request_move(state: KnowledgeRequestState, action: KnowledgeRequestAction) -> KnowledgeRequestMove | None:
    return REQUEST_MOVES.get((state, action))
