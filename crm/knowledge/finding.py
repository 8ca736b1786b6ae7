"""Finds entries: what may be a hit by the index, a bounded number, ranked by what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge.asking import KnowledgeQuestion, Synonyms, ask
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.ranking import RankedEntry, ScoredEntry, rank_all, rank_nearest
from crm.knowledge.search_index import (
    ANYWHERE,
    HEAD,
    TITLE,
    KnowledgeSearch,
    begins_with,
    facet,
    names_in,
    nearly,
    piece_alternatives,
    typed_alternatives,
    word_alternatives,
)
from crm.knowledge.spelling import corrected, may_be_corrected
from crm.knowledge.state import KnowledgeState
from crm.knowledge.synonyms import load_synonyms
from hotline.kernel.search import Alternatives, Search, found_numbers
from hotline.kernel.search_tokens import folded

MOST_RANKED = 300
"""Hits of one search; whoever finds more adds a word."""
_E, _S = KnowledgeEntry, KnowledgeSearch
_EXACT, _OF_FIELD, _ELSEWHERE = 20, 150, 80
_OF_NEARLY = 30
_OF_WORD, _OF_PAIR, _OF_MOST = 60, 60, 40
_MOST_COMBINED = 5


class FoundBy(StrEnum):
    ALL = "all"
    """Every word is in every hit."""
    NEAREST = "nearest"
    """No entry has them all; these have most."""


@dataclass(frozen=True, slots=True)
class KnowledgeFilter:
    """What every hit is, each by its values; () for any."""

    facets: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def alternatives(self) -> list[Alternatives]:
        wanted = (("state", (KnowledgeState.PUBLISHED.value,)), *self.facets)
        return [facet(name, *values) for name, values in wanted if values]


@dataclass(frozen=True, slots=True)
class KnowledgeHits:
    by: FoundBy
    question: KnowledgeQuestion
    """What was looked for."""
    hits: tuple[ScoredEntry, ...]
    """The best first."""
    corrected: tuple[tuple[str, str], ...] = ()
    """Words that no entry has, each with the one that was looked for instead."""


NO_FILTER = KnowledgeFilter()


async def find_knowledge(
    db: AsyncSession,
    text: str,
    *,
    now: datetime,
    wanted: KnowledgeFilter = NO_FILTER,
    synonyms: Synonyms | None = None,
) -> KnowledgeHits:
    """Published entries that `text` finds, as people and the desk search: the entry point of the search."""
    known = await load_synonyms(db) if synonyms is None else synonyms
    question = ask(text, known)
    if not question.words:
        return KnowledgeHits(FoundBy.ALL, question, ())
    filters = wanted.alternatives()
    hits = await _whole(db, question, filters, now)
    if hits:
        return KnowledgeHits(FoundBy.ALL, question, hits)
    if fixed := await _corrections(db, question, filters):
        meant = ask(" ".join(fixed.get(word.whole.text, word.whole.text) for word in question.words), known)
        if hits := await _whole(db, meant, filters, now):
            return KnowledgeHits(FoundBy.ALL, meant, hits, tuple(fixed.items()))
    if question.strict:
        return KnowledgeHits(FoundBy.ALL, question, ())
    nearest = rank_nearest(question, await candidates(db, partial_searches(question, filters)), now=now)
    return KnowledgeHits(FoundBy.NEAREST, question, tuple(nearest[:MOST_RANKED]))


async def _whole(
    db: AsyncSession, question: KnowledgeQuestion, filters: Sequence[Alternatives], now: datetime
) -> tuple[ScoredEntry, ...]:
    found = rank_all(question, await candidates(db, _whole_searches(question, filters)), now=now)
    return tuple(found[:MOST_RANKED])


async def _corrections(
    db: AsyncSession, question: KnowledgeQuestion, filters: Sequence[Alternatives]
) -> dict[str, str]:
    """By word that no entry has what it was meant to be, as far as titles say."""
    found: dict[str, str] = {}
    for word in question.words:
        text = word.whole.text
        if not may_be_corrected(text):
            continue
        if len(question.words) > 1 and await candidates(db, [([typed_alternatives(word, ANYWHERE), *filters], 1)]):
            continue
        near = await candidates(db, [([[one], *filters], _OF_NEARLY) for one in nearly(text)])
        if meant := corrected(text, (folded(entry.title) for entry in near)):
            found[text] = meant
    return found


def _whole_searches(question: KnowledgeQuestion, filters: Sequence[Alternatives]) -> list[Search]:
    """All the words, from the field that counts most to anywhere: each finds its own share of what is common."""
    together = [word_alternatives(word.whole.forms, TITLE) for word in question.words]
    searches: list[Search] = [
        ([begins_with(question.text), *filters], _EXACT),
        ([*together, *filters], _OF_FIELD),
    ]
    for field, most in ((TITLE, _OF_FIELD), (HEAD, _OF_FIELD), (ANYWHERE, _ELSEWHERE)):
        searches.append(([*(typed_alternatives(word, field) for word in question.words), *filters], most))
    if named := names_in(question.text):
        searches.append(([named, *searches[-1][0]], _OF_FIELD))
    return searches


def partial_searches(question: KnowledgeQuestion, filters: Sequence[Alternatives]) -> list[Search]:
    """Each word in titles and keywords, each two of them, and all but one of them anywhere."""
    pieces = sorted(question.pieces, key=lambda piece: -piece.weight)
    heads = [piece_alternatives(piece, HEAD) for piece in pieces]
    searches: list[Search] = [([head, *filters], _OF_WORD) for head in heads]
    if named := names_in(question.text):
        searches.append(([named, *filters], _OF_FIELD))
    for one, other in combinations(heads[:_MOST_COMBINED], 2):
        searches.append(([one, other, *filters], _OF_PAIR))
    if len(pieces) > 2:
        anywhere = [piece_alternatives(piece, ANYWHERE) for piece in pieces[: _MOST_COMBINED + 1]]
        for left_out in range(len(anywhere)):
            searches.append(([*anywhere[:left_out], *anywhere[left_out + 1 :], *filters], _OF_MOST))
    return searches


async def candidates(db: AsyncSession, searches: Sequence[Search]) -> list[RankedEntry]:
    """What one of the searches finds, in no order."""
    if not searches:
        return []
    dialect = (await db.connection()).dialect.name
    numbers = found_numbers(dialect, KnowledgeSearch, searches)
    columns: list[Any] = [_E.id, _E.title, _S.names, _S.answer, _S.sounds, _E.uses, _E.published_at, _E.kind]
    columns += [_E.unit_id, _E.category_id, _S.stages, _S.industries]
    query: Select[Any] = select(*columns).join(_S, _S.subject_id == _E.id).where(_S.number.in_(numbers))
    return [RankedEntry(*row) for row in await db.execute(query)]
