"""Finds entries: what may be a hit by the index, a bounded number, ranked by what it says."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from typing import Any

from sqlalchemy import Select, select, text
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
from crm.knowledge.spelling import LONGEST, corrected, may_be_corrected
from crm.knowledge.state import KnowledgeState
from crm.knowledge.synonyms import load_synonyms
from hotline.kernel.paging import InvalidCursorError, PageQuery, decode_cursor, encode_cursor
from hotline.kernel.search import Alternatives, Search, found_numbers, search_parameters
from hotline.kernel.search_tokens import folded, is_han

MOST_RANKED = 300
"""Hits of one search; whoever finds more adds a word."""
_E, _S = KnowledgeEntry, KnowledgeSearch
_EXACT, _OF_FIELD, _ELSEWHERE = 20, 150, 80
_OF_NEARLY = 30
_ENOUGH = 10
"""Hits with all the words of a sentence, of which no more are wanted."""
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
    complete: int = 0
    """How many of the first hits have all the words; the others are the nearest."""


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
    if len(hits) < _ENOUGH and not any(_as_typed(hit, question) for hit in hits):
        # What is in no title as it was typed may be mistyped; what has all its words is corrected by its sound alone.
        fixed = await _corrections(db, question, filters, by_sound_alone=bool(hits))
        text = " ".join(_put(word.whole.text, fixed) for word in question.words)
        meant = ask(text, known)
        if fixed and (better := await _whole(db, meant, filters, now)):
            return await _filled(db, KnowledgeHits(FoundBy.ALL, meant, better, tuple(fixed.items())), filters, now)
    return await _filled(db, KnowledgeHits(FoundBy.ALL, question, hits), filters, now)


def page_of(found: KnowledgeHits, query: PageQuery) -> tuple[list[str], str | None]:
    """Ids of the hits of a page, and the cursor of the next one, which counts hits. Raises InvalidCursorError."""
    (begin,) = decode_cursor(query.cursor, int) if query.cursor is not None else (0,)
    if not 0 <= begin <= MOST_RANKED:
        raise InvalidCursorError("Take `cursor` unchanged from the `next` of a page of the same list.")
    end = begin + query.limit
    ids = [hit.entry.id for hit in found.hits[begin:end]]
    return ids, encode_cursor(end) if len(found.hits) > end else None


def _as_typed(hit: ScoredEntry, question: KnowledgeQuestion) -> bool:
    return all(
        word.whole.text in folded(hit.entry.title) or word.whole.text in hit.entry.names or not is_han(word.whole.text)
        for word in question.words
    )


def _put(word: str, fixed: Mapping[str, str]) -> str:
    for wrong, meant in fixed.items():
        word = word.replace(wrong, meant)
    return word


async def _filled(
    db: AsyncSession, found: KnowledgeHits, filters: Sequence[Alternatives], now: datetime
) -> KnowledgeHits:
    """After a few hits that have all the words of a sentence those that are nearest; see `KnowledgeHits.complete`."""
    complete = len(found.hits)
    if found.question.strict or complete >= _ENOUGH or (complete and len(found.question.pieces) == 1):
        return replace(found, complete=complete)
    known = {hit.entry.id for hit in found.hits}
    near = rank_nearest(found.question, await candidates(db, partial_searches(found.question, filters)), now=now)
    hits = (*found.hits, *(hit for hit in near if hit.entry.id not in known))[:MOST_RANKED]
    return replace(found, by=found.by if complete else FoundBy.NEAREST, hits=hits, complete=complete)


async def _whole(
    db: AsyncSession, question: KnowledgeQuestion, filters: Sequence[Alternatives], now: datetime
) -> tuple[ScoredEntry, ...]:
    found = rank_all(question, await candidates(db, _whole_searches(question, filters)), now=now)
    return tuple(found[:MOST_RANKED])


async def _corrections(
    db: AsyncSession, question: KnowledgeQuestion, filters: Sequence[Alternatives], *, by_sound_alone: bool
) -> dict[str, str]:
    """By word that no entry has what it was meant to be, as far as titles say."""
    found: dict[str, str] = {}
    for word in question.words:
        whole = word.whole.text
        single = len(question.words) == 1
        if not single and await candidates(db, [([typed_alternatives(word, ANYWHERE), *filters], 1)]):
            continue
        if meant := await _meant(db, whole, filters, by_sound_alone=by_sound_alone):
            found[whole] = meant
            continue
        # Where there are hits, they have its words. One of a sentence is guessed at by its sound alone.
        for piece in () if by_sound_alone or len(whole) > LONGEST else word.pieces:
            if piece.text != whole and not await candidates(
                db, [([word_alternatives(piece.forms, ANYWHERE), *filters], 1)]
            ):
                if meant := await _meant(db, piece.text, filters, by_sound_alone=True):
                    found[piece.text] = meant
    return found


async def _meant(db: AsyncSession, word: str, filters: Sequence[Alternatives], *, by_sound_alone: bool) -> str | None:
    if not may_be_corrected(word):
        return None
    near = await candidates(
        db, [([[one], *filters], _OF_NEARLY) for one in nearly(word, by_sound_alone=by_sound_alone)]
    )
    return corrected(word, (folded(entry.title) for entry in near), by_sound_alone=by_sound_alone)


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
    statement, parameters = _statement(dialect, len(searches)), search_parameters(dialect, searches)
    if dialect == "sqlite":
        return [RankedEntry(*row) for row in await db.execute(statement, parameters)]
    # For a beginning, or for any of many words, PostgreSQL would read every row's words, which are long.
    await db.execute(_NO_SCAN)
    rows = [RankedEntry(*row) for row in await db.execute(statement, parameters)]
    await db.execute(_SCAN)
    return rows


_NO_SCAN, _SCAN = text("SET LOCAL enable_seqscan = off"), text("SET LOCAL enable_seqscan = on")


@functools.cache
def _statement(dialect: str, searches: int) -> Select[Any]:
    """Made once for each number of searches: to make it takes longer than to run it."""
    columns: list[Any] = [_E.id, _E.title, _S.names, _S.answer, _S.sounds, _E.uses, _E.published_at, _E.kind]
    columns += [_E.unit_id, _E.category_id, _S.stages, _S.industries]
    numbers = found_numbers(dialect, KnowledgeSearch, searches)
    return select(*columns).join(_S, _S.subject_id == _E.id).where(_S.number.in_(numbers))
