"""Suggestions of item and unit for a case's text, from an index in memory.

In memory, and not a table of tokens: the index is derived from the catalogue (at most 5,000 items) and from the latest
dispatches (at most `MOST_CASES`), takes a second to build and some tens of megabytes, and a question then takes a
millisecond without a round trip. A table would be written on each change of each case, for a list that only advises.
Each process builds its own, and rebuilds it when the catalogue's or a unit's version has changed, and every `STALE` for
the cases.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm.catalogue import repository
from crm.catalogue.index import ItemWords, SuggestionIndex, TokenizedDispatch, suggestion_tokens
from crm.catalogue.outline import Outline
from crm.catalogue.ports import DispatchHistory, PastDispatch
from crm.catalogue.schemas import CatalogueUnit, SuggestionReason, SuggestionView
from hotline.kernel.clock import Clock

MOST_CASES = 5000
STALE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Built:
    revision: tuple[int, int, int]
    at: float
    outline: Outline
    index: SuggestionIndex


class ItemSuggestions:
    """`history` None: by the catalogue alone."""

    def __init__(self, clock: Clock, history: DispatchHistory | None) -> None:
        self._clock = clock
        self._history = history
        self._built: _Built | None = None
        self._building = asyncio.Lock()
        self._tokens: dict[str, TokenizedDispatch] = {}
        """Of the cases in the index, so that a new one is built from what is new."""

    async def suggest(self, db: AsyncSession, text: str, *, limit: int = 5) -> list[SuggestionView]:
        """The items that `text` may be about, the likeliest first; [] where nothing speaks for any."""
        built = await self._fresh(db)
        found = []
        for one in built.index.suggest(text, limit=limit):
            path = built.outline.path(one.item_id)
            unit_id = one.unit_id if one.unit_id and built.outline.unit_in_use(one.unit_id) else None
            unit_id = unit_id or built.outline.unit_of(one.item_id)
            found.append(
                SuggestionView(
                    item_id=one.item_id,
                    code=path[-1].code,
                    path=[row.name for row in path],
                    unit=CatalogueUnit(id=unit_id, name=built.outline.unit_name(unit_id)) if unit_id else None,
                    score=one.score,
                    reason=SuggestionReason(words=list(one.words), past_cases=one.past_cases),
                )
            )
        return found

    async def _fresh(self, db: AsyncSession) -> _Built:
        revision = await repository.revision(db)
        built = self._built
        if built is not None and self._is_current(built, revision):
            return built
        if built is not None and self._building.locked():
            return built  # Somebody builds the next one; a list that advises may be a moment old.
        async with self._building:
            if self._built is None or not self._is_current(self._built, revision):
                self._built = await self._build(db, revision)
            return self._built

    def _is_current(self, built: _Built, revision: tuple[int, int, int]) -> bool:
        return built.revision == revision and self._clock.monotonic() - built.at < STALE.total_seconds()

    async def _build(self, db: AsyncSession, revision: tuple[int, int, int]) -> _Built:
        outline = await repository.outline(db)
        past = await self._history.latest(db, limit=MOST_CASES) if self._history else ()
        # What is loaded belongs to the session: the thread gets plain values.
        items = [_words(outline, row.id) for row in outline.leaves()]
        known, self._tokens = self._tokens, {}
        tokens, index = await asyncio.to_thread(_index, items, list(past), known)
        self._tokens = tokens
        return _Built(revision, self._clock.monotonic(), outline, index)


def _words(outline: Outline, item_id: str) -> ItemWords:
    path = outline.path(item_id)
    return ItemWords(item_id, tuple(row.name for row in path), tuple(path[-1].keywords), outline.unit_of(item_id))


def _index(
    items: list[ItemWords], past: list[PastDispatch], known: Mapping[str, TokenizedDispatch]
) -> tuple[dict[str, TokenizedDispatch], SuggestionIndex]:
    tokens: dict[str, TokenizedDispatch] = {}
    for case in past:
        before = known.get(case.case_id)
        if before is not None and (before.item_id, before.unit_id) == (case.item_id, case.unit_id):
            tokens[case.case_id] = before
        else:
            tokens[case.case_id] = TokenizedDispatch(suggestion_tokens(case.text), case.item_id, case.unit_id)
    return tokens, SuggestionIndex(items, tokens.values())
