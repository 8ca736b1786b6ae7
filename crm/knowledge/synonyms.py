"""Groups of words that mean the same. A search for one finds the others, of which each counts a little less."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge.asking import Synonyms
from crm.knowledge.content import KnowledgeBody
from crm.knowledge.errors import KnowledgeSynonymConflictError, KnowledgeSynonymError
from crm.knowledge.models import KnowledgeSynonym
from crm.knowledge.spelling import sound_of
from hotline.kernel.errors import NotFoundError
from hotline.kernel.ids import uuid7
from hotline.kernel.search_tokens import folded, runs_of
from hotline.kernel.words import VISIBLE

MOST_GROUPS = 1000
MOST_OTHERS = 40
"""Of one word."""
_SHORTEST = 2
_SHORTEST_SOUND = 4
_TOGETHER = "+"


def _words_once(words: list[str]) -> list[str]:
    for word in words:
        if not all(len("".join(runs_of(folded(part)))) >= _SHORTEST for part in word.split(_TOGETHER)):
            raise ValueError(f"each word has {_SHORTEST} characters at least; + stands between words said together")
    return list(dict.fromkeys(words))


SynonymWord = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=30), VISIBLE]
SynonymWords = Annotated[list[SynonymWord], Field(max_length=20), AfterValidator(_words_once)]


class SynonymDraft(KnowledgeBody):
    words: SynonymWords


class SynonymChange(SynonymDraft):
    version: int


class SynonymRemoval(KnowledgeBody):
    version: int


class SynonymView(BaseModel):
    id: str
    words: list[str]
    version: int

    @classmethod
    def of(cls, row: KnowledgeSynonym) -> Self:
        return cls.model_validate(row, from_attributes=True)


def synonyms_of(groups: Iterable[Sequence[str]]) -> Synonyms:
    """By word, and by its pinyin, the others of its groups, each as the words that say it together. Pure.

    Of a word in many groups the first of the others alone: a search looks for each of them.
    """
    found: defaultdict[str, dict[tuple[str, ...], None]] = defaultdict(dict)
    for group in groups:
        forms = [tuple("".join(runs_of(folded(part))) for part in word.split(_TOGETHER)) for word in group]
        for form in forms:
            if len(form) == 1:
                _add(found[form[0]], (other for other in forms if other != form))
                if len(sound := sound_of(form[0])) >= _SHORTEST_SOUND and sound != form[0]:
                    _add(found[sound], forms)
    return {word: tuple(others) for word, others in found.items()}


def _add(others: dict[tuple[str, ...], None], forms: Iterable[tuple[str, ...]]) -> None:
    for form in forms:
        if len(others) < MOST_OTHERS:
            others[form] = None


_kept = lru_cache(maxsize=2)(synonyms_of)
"""Every search asks for them, and they seldom change."""


async def load_synonyms(db: AsyncSession) -> Synonyms:
    groups = await db.scalars(select(KnowledgeSynonym.words).order_by(KnowledgeSynonym.id))
    return _kept(tuple(map(tuple, groups)))


class KnowledgeSynonyms:
    """Each method works in the caller's transaction."""

    async def listed(self, db: AsyncSession) -> list[SynonymView]:
        """The newest first."""
        rows = await db.scalars(select(KnowledgeSynonym).order_by(KnowledgeSynonym.id.desc()).limit(MOST_GROUPS))
        return [SynonymView.of(row) for row in rows]

    async def create(self, db: AsyncSession, draft: SynonymDraft) -> SynonymView:
        _require_two(draft.words)
        if (await db.scalar(select(func.count()).select_from(KnowledgeSynonym)) or 0) >= MOST_GROUPS:
            raise KnowledgeSynonymError(f"There are {MOST_GROUPS} groups already; add the words to one of them.")
        row = KnowledgeSynonym(id=uuid7(), words=draft.words, version=1)
        db.add(row)
        await db.flush()
        return SynonymView.of(row)

    async def change(self, db: AsyncSession, group_id: str, change: SynonymChange) -> tuple[SynonymView, SynonymView]:
        """Before and after. Raises NotFoundError, KnowledgeSynonymError, KnowledgeSynonymConflictError."""
        _require_two(change.words)
        row = await self._load(db, group_id, change.version)
        before = SynonymView.of(row)
        row.words = change.words
        row.version += 1
        await db.flush()
        return before, SynonymView.of(row)

    async def remove(self, db: AsyncSession, group_id: str, removal: SynonymRemoval) -> SynonymView:
        """What it was. Raises NotFoundError, KnowledgeSynonymConflictError."""
        row = await self._load(db, group_id, removal.version)
        before = SynonymView.of(row)
        await db.delete(row)
        await db.flush()
        return before

    async def _load(self, db: AsyncSession, group_id: str, version: int) -> KnowledgeSynonym:
        query = select(KnowledgeSynonym).where(KnowledgeSynonym.id == group_id).with_for_update()
        row = (await db.scalars(query)).one_or_none()
        if row is None:
            raise NotFoundError("There is no such group of words.")
        if row.version != version:
            raise KnowledgeSynonymConflictError(
                f"It is at version {row.version}, not {version}; load it again.", version=row.version
            )
        return row


def _require_two(words: list[str]) -> None:
    if len(words) < _SHORTEST:
        raise KnowledgeSynonymError("Give two words at least that mean the same.")
