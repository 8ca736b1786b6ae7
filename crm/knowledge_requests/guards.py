"""One check for each guard of the table, and who acts as what. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crm.knowledge.guards import WRITERS, KnowledgeReader
from crm.knowledge_requests.models import KnowledgeRequest
from crm.knowledge_requests.state import (
    REQUEST_MOVES,
    KnowledgeRequestAction,
    KnowledgeRequestActor,
    KnowledgeRequestGuard,
    KnowledgeRequestMove,
    KnowledgeRequestState,
)
from hotline.accounts.roles import Permission, Role

MAKERS = frozenset({Role.AGENT, Role.DISPATCHER, Role.CALLBACK, Role.SUPERVISOR}) | WRITERS
SEES_ALL = WRITERS | {Role.SUPERVISOR}


def sees_all(reader: KnowledgeReader) -> bool:
    return not SEES_ALL.isdisjoint(reader.who.roles)


def works_for(reader: KnowledgeReader, unit_id: str | None) -> bool:
    """Whether the reader writes the entries of this unit; of the hotline's own its editors do."""
    if unit_id is None:
        return reader.hotline
    return unit_id in reader.units and Permission.KNOWLEDGE_WRITE in reader.who.permissions


def request_actors(request: KnowledgeRequest, reader: KnowledgeReader) -> frozenset[KnowledgeRequestActor]:
    acting = {
        KnowledgeRequestActor.MAKER: request.made_by == reader.who.user_id,
        KnowledgeRequestActor.UNIT: works_for(reader, request.unit_id),
        KnowledgeRequestActor.EDITOR: reader.hotline,
        KnowledgeRequestActor.REVIEWER: Role.KB_REVIEWER in reader.who.roles,
    }
    return frozenset(actor for actor, acts in acting.items() if acts)


def _not_mine_yet(request: KnowledgeRequest, me: str) -> str | None:
    return "You have it already." if request.taken_by == me else None


def _taken_by_me(request: KnowledgeRequest, me: str) -> str | None:
    return None if request.taken_by == me else "Somebody else has taken it: take it yourself first."


def _another_declined(request: KnowledgeRequest, me: str) -> str | None:
    return "You declined it yourself: another reviewer decides." if request.declined_by == me else None


REQUEST_GUARDS: Mapping[KnowledgeRequestGuard, Callable[[KnowledgeRequest, str], str | None]] = {
    KnowledgeRequestGuard.NOT_MINE_YET: _not_mine_yet,
    KnowledgeRequestGuard.TAKEN_BY_ME: _taken_by_me,
    KnowledgeRequestGuard.ANOTHER_DECLINED: _another_declined,
}


def refused_by(
    move: KnowledgeRequestMove, request: KnowledgeRequest, reader: KnowledgeReader
) -> tuple[KnowledgeRequestGuard, str] | None:
    """The first guard that does not let it pass, and why in a sentence."""
    for guard in move.guards:
        if refused := REQUEST_GUARDS[guard](request, reader.who.user_id):
            return guard, refused
    return None


def offered_actions(request: KnowledgeRequest, reader: KnowledgeReader) -> list[KnowledgeRequestAction]:
    """What the reader may do now, in the order of the table."""
    acting = request_actors(request, reader)
    return [
        action
        for (state, action), move in REQUEST_MOVES.items()
        if state == KnowledgeRequestState(request.state)
        and move.by in acting
        and refused_by(move, request, reader) is None
    ]
