"""What may answer a case, by its words as far as they are typed and by the item chosen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.cases.schemas import CaseBody, Id, Title, Words
from crm.knowledge.asking import KnowledgeQuestion, ask
from crm.knowledge.finding import NO_FILTER, candidates, partial_searches
from crm.knowledge.ranking import RankedEntry, ScoredEntry, rank_nearest
from crm.knowledge.search_index import facet
from crm.knowledge.synonyms import load_synonyms

MOST_SUGGESTED = 5
_READ = 300
"""Characters of the content: a story says at its beginning what it is about."""
_OF_ITEM = 40
_ITEM = 0.5
"""What it counts that an entry is about the item chosen."""
_LEAST = 0.22
"""Of the weight of a case's words; a text has many that no entry has."""


class CaseInWords(CaseBody):
    """A case as far as it is typed."""

    title: Title = ""
    content: Words = ""
    item_id: Id | None = None


async def suggest_knowledge(
    db: AsyncSession, case: CaseInWords, *, now: datetime
) -> tuple[KnowledgeQuestion, list[ScoredEntry]]:
    """Published entries, the likeliest first, and the question as it was read."""
    question = ask(f"{case.title} {case.content[:_READ]}", await load_synonyms(db))
    filters = NO_FILTER.alternatives()
    about: list[RankedEntry] = []
    if case.item_id:
        about = await candidates(db, [([facet("item", case.item_id), *filters], _OF_ITEM)])
    found = {entry.id: entry for entry in about}
    if question.pieces:
        found |= {entry.id: entry for entry in await candidates(db, partial_searches(question, filters))}
    ranked = rank_nearest(question, list(found.values()), now=now, least=0.0)
    of_item = {entry.id for entry in about}
    scored = [ScoredEntry(one.entry, one.score + (_ITEM if one.entry.id in of_item else 0.0)) for one in ranked]
    best = sorted((one for one in scored if one.score >= _LEAST), key=lambda one: (-one.score, one.entry.id))
    return question, best[:MOST_SUGGESTED]
