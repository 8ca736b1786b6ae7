"""Which of the entries found comes first. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.knowledge.asking import AskedWord, KnowledgeQuestion, WordForm
from hotline.kernel.search_tokens import folded, runs_of

_TITLE, _TITLE_BEGINS = 1.0, 0.1
_NAME_EQUAL, _NAME = 0.9, 0.7
_SOUND_BEGINS, _SOUND = 0.85, 0.65
_ANSWER, _ELSEWHERE = 0.4, 0.15
_WHOLE_TITLE, _WHOLE_IN_TITLE, _WHOLE_NAME, _COVERED = 1.0, 0.35, 0.3, 0.25
_SAID, _SAID_LENGTH = 0.5, 4
_USED, _MUCH_USED = 0.08, 1000
_FRESH, _FRESH_DAYS = 0.04, 365
ENOUGH = 0.2
"""Of the weight of what was asked: below, an entry merely touches it."""


@dataclass(frozen=True, slots=True)
class RankedEntry:
    """What is known of an entry that may be a hit."""

    id: str
    title: str
    names: str
    """Folded, one a line."""
    answer: str
    """Folded."""
    sounds: str
    uses: int
    published_at: datetime | None
    kind: str
    unit_id: str | None
    category_id: str | None
    stages: str
    industries: str


@dataclass(frozen=True, slots=True)
class ScoredEntry:
    entry: RankedEntry
    score: float


def rank_all(question: KnowledgeQuestion, found: Iterable[RankedEntry], *, now: datetime) -> list[ScoredEntry]:
    """Entries that hold all the words, as the index knows; the best first."""
    pieces = question.pieces
    return _sorted(_scored(question, pieces, one, now, elsewhere=_ELSEWHERE) for one in found)


def rank_nearest(
    question: KnowledgeQuestion, found: Sequence[RankedEntry], *, now: datetime, least: float = ENOUGH
) -> list[ScoredEntry]:
    """Entries that hold some of the words: rare ones count more than those that most have."""
    entries = [(one, _Texts(one)) for one in found]
    pieces = []
    for piece in question.pieces:
        having = sum(1 for _, texts in entries if any(_has(texts, form) for form in piece.forms))
        rare = math.log(1 + len(entries) / max(having, 1)) if having else _UNKNOWN
        pieces.append(AskedWord(piece.forms, piece.weight * rare, piece.smaller))
    scored = (_scored(question, pieces, one, now, elsewhere=0.0, smaller=True, texts=texts) for one, texts in entries)
    return _sorted(one for one in scored if one.score >= least)


_UNKNOWN = 0.5
"""Weight of a word that no entry has."""


def _sorted(scored: Iterable[ScoredEntry]) -> list[ScoredEntry]:
    return sorted(scored, key=lambda one: (-one.score, one.entry.id))


class _Texts:
    __slots__ = ("answer", "names", "sounds", "title")

    def __init__(self, entry: RankedEntry) -> None:
        self.title = "".join(runs_of(folded(entry.title)))
        self.names = entry.names
        self.answer = entry.answer
        self.sounds = entry.sounds


def _has(texts: _Texts, form: WordForm) -> bool:
    if len(form.parts) == 1:
        (part,) = form.parts
        return part in texts.title or part in texts.names
    return all(part in texts.title or part in texts.names for part in form.parts)


def _scored(
    question: KnowledgeQuestion,
    pieces: Sequence[AskedWord],
    entry: RankedEntry,
    now: datetime,
    *,
    elsewhere: float,
    smaller: bool = False,
    texts: _Texts | None = None,
) -> ScoredEntry:
    texts = texts or _Texts(entry)
    total = sum(piece.weight for piece in pieces) or 1.0
    score = covered = 0.0
    for piece in pieces:
        best = elsewhere
        for form in (*piece.forms, *piece.smaller) if smaller else piece.forms:
            if len(form.parts) == 1:
                value = form.factor * _found(texts, form.parts[0], elsewhere)
            else:
                value = form.factor * min(_found(texts, part, elsewhere) for part in form.parts)
            if value >= _TITLE * form.factor > 0 and value > best:
                covered += sum(map(len, form.parts))
            best = max(best, value)
        score += piece.weight * best
    score /= total
    score += _of_names(question.text, texts)
    score += _COVERED * min(covered / (len(texts.title) or 1), 1.0)
    return ScoredEntry(entry, score + _of_whole(question.text, texts) + _of_use(entry, now))


def _found(texts: _Texts, part: str, elsewhere: float) -> float:
    """How much it counts where a word is found."""
    at = texts.title.find(part)
    if at >= 0:
        return _TITLE + (_TITLE_BEGINS if at == 0 else 0.0)
    if part in texts.names:
        return _NAME_EQUAL if part in texts.names.split("\n") else _NAME
    if len(part) > 1 and (at := texts.sounds.find(part)) >= 0:
        begins = at == 0 or texts.sounds[at - 1] == " "
        return _SOUND_BEGINS if begins else _SOUND
    return _ANSWER if part in texts.answer else elsewhere


def _of_names(text: str, texts: _Texts) -> float:
    """One of the entry's keywords or synonyms was said among others."""
    said = (len(name) for name in texts.names.split("\n") if len(name) > 1 and name in text and name != text)
    longest = max(said, default=0)
    return _SAID * min(longest / _SAID_LENGTH, 1.0)


def _of_whole(text: str, texts: _Texts) -> float:
    if text == texts.title:
        return _WHOLE_TITLE
    if text in texts.title:
        return _WHOLE_IN_TITLE
    return _WHOLE_NAME if text in texts.names.split("\n") else 0.0


def _of_use(entry: RankedEntry, now: datetime) -> float:
    used = min(math.log1p(entry.uses) / math.log1p(_MUCH_USED), 1.0)
    age = (now - entry.published_at).days if entry.published_at else _FRESH_DAYS
    return _USED * used + _FRESH * max(1 - age / _FRESH_DAYS, 0.0)
