"""One check for each guard of the tables, and who acts as what. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from crm.knowledge.content import KnowledgeContent, missing_of
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.state import (
    ENTRY_MOVES,
    REVISION_MOVES,
    KnowledgeAction,
    KnowledgeActor,
    KnowledgeGuard,
    KnowledgeMove,
    KnowledgeState,
    RevisionState,
)
from hotline.accounts.roles import Permission, Role
from hotline.kernel.http import Principal

WRITERS = frozenset({Role.KB_EDITOR, Role.KB_REVIEWER})
"""The hotline's own, who write for every unit and see every revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeReader:
    """Whoever looks at the knowledge base."""

    who: Principal
    units: frozenset[str] = frozenset()
    """Their unit and all below it; empty for the hotline's people."""

    @property
    def hotline(self) -> bool:
        return not WRITERS.isdisjoint(self.who.roles)

    def writes_for(self, unit_id: str | None) -> bool:
        if Permission.KNOWLEDGE_WRITE not in self.who.permissions:
            return False
        return self.hotline or (unit_id is not None and unit_id in self.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeFacts:
    """All that decides whether an action on an entry is possible."""

    entry: KnowledgeEntry
    reader: KnowledgeReader
    content: KnowledgeContent | None
    """Of the revision."""
    today: date
    unit_active: bool = True


def actors_of(entry: KnowledgeEntry, reader: KnowledgeReader) -> frozenset[KnowledgeActor]:
    found = set()
    roles = reader.who.roles
    if reader.writes_for(entry.unit_id):
        found.add(KnowledgeActor.WRITER)
    head = Role.UNIT_HEAD in roles and entry.unit_id in reader.units
    if head or (entry.unit_id is None and reader.hotline):
        found.add(KnowledgeActor.UNIT_REVIEWER)
    if Permission.KNOWLEDGE_PUBLISH in reader.who.permissions:
        found.add(KnowledgeActor.EDITOR)
    return frozenset(found)


def _complete(facts: KnowledgeFacts) -> str | None:
    missing = missing_of(facts.content) if facts.content else ("title",)
    return f"Fill in: {', '.join(missing)}." if missing else None


def _another_wrote(facts: KnowledgeFacts) -> str | None:
    if facts.reader.who.user_id in (facts.entry.revised_by, *facts.entry.revision_writers):
        return "You wrote in it yourself: somebody else looks it through."
    return None


def _still_holds(facts: KnowledgeFacts) -> str | None:
    last = facts.content.expires_on if facts.content else None
    if last is not None and last < facts.today:
        return f"Its last day was {last.isoformat()}: send it back for another date."
    return None


def _unit_in_use(facts: KnowledgeFacts) -> str | None:
    return None if facts.unit_active else "Its unit is not in use any more: the entry needs another unit first."


KNOWLEDGE_GUARDS: Mapping[KnowledgeGuard, Callable[[KnowledgeFacts], str | None]] = {
    KnowledgeGuard.COMPLETE: _complete,
    KnowledgeGuard.ANOTHER_WROTE: _another_wrote,
    KnowledgeGuard.STILL_HOLDS: _still_holds,
    KnowledgeGuard.UNIT_IN_USE: _unit_in_use,
}


def refusal_of(move: KnowledgeMove, facts: KnowledgeFacts) -> tuple[KnowledgeGuard, str] | None:
    """The first guard that does not let it pass, and why in a sentence."""
    for guard in move.guards:
        if refused := KNOWLEDGE_GUARDS[guard](facts):
            return guard, refused
    return None


def offered(facts: KnowledgeFacts) -> dict[KnowledgeAction, KnowledgeGuard | None]:
    """What the reader may do now, each with the guard that does not let it pass yet."""
    acting = actors_of(facts.entry, facts.reader)
    rows: list[tuple[KnowledgeAction, KnowledgeMove]] = [
        *((a, move) for (r, a), move in REVISION_MOVES.items() if r == RevisionState(facts.entry.revision_state)),
        *((a, move) for (s, a), move in ENTRY_MOVES.items() if s == KnowledgeState(facts.entry.state)),
    ]
    found: dict[KnowledgeAction, KnowledgeGuard | None] = {}
    for action, move in rows:
        if move.by & acting:
            refused = refusal_of(move, facts)
            found[action] = refused[0] if refused else None
    return found
