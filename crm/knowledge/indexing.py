"""Has the search know every entry by today's tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from typing import Any

import structlog

from crm.knowledge import repository
from crm.knowledge.content import KnowledgeContent
from crm.knowledge.search_index import SCHEME, IndexedEntry, indexed_entry, write_index
from hotline.kernel.db import Database
from hotline.kernel.jobs import JobContext

log = structlog.get_logger(__name__)
INDEX = "knowledge.index"
INDEX_EVERY = timedelta(minutes=1)
"""After an upgrade that changes the tokens nothing is found before the first time."""
_AT_ONCE = 200
_PROCESSES = 2
_PATIENCE = timedelta(seconds=60)
"""For the service, which writes too."""
_SAID_EVERY = 10_000
_Row = tuple[str, int, str | None, str, dict[str, Any]]
"""Entry, its version, unit, state and content."""
_Tokens = list[tuple[int, IndexedEntry]]
"""With the version each was made of."""


async def index_stale(ctx: JobContext) -> None:
    """Index entries that the search knows not, or by other tokens: after an upgrade, or loaded from outside."""
    if done := await index_all(ctx.database, stale=True):
        log.info("entries indexed", entries=done)


async def index_again(url: str, say: Callable[[int], None]) -> int:
    """Index every entry of the database at `url`; `say` is given how many are done, ten thousand apart."""
    database = Database(url, busy_timeout=_PATIENCE)
    await database.open()
    try:
        with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as workers:
            return await index_all(
                database, workers=workers, progress=lambda done: None if done % _SAID_EVERY else say(done)
            )
    finally:
        await database.close()


async def index_all(
    database: Database,
    *,
    stale: bool = False,
    progress: Callable[[int], None] | None = None,
    workers: Executor | None = None,
) -> int:
    """Index every entry again, or those that are not indexed by today's tokens; how many there were.

    Some a transaction: each is found all the while, by its former tokens until the new ones are written. `workers` make
    the tokens, processes by preference; None: a thread.
    """
    done = 0
    loop = asyncio.get_running_loop()
    waiting: list[asyncio.Future[_Tokens]] = []
    async for rows in _batches(database, stale=stale):
        waiting.append(loop.run_in_executor(workers, _tokens_of, rows))
        if len(waiting) > _AHEAD:
            done += await _write(database, await waiting.pop(0), progress, done)
    for batch in waiting:
        done += await _write(database, await batch, progress, done)
    return done


_AHEAD = 3
"""Batches whose tokens are made while one is written."""


async def _batches(database: Database, *, stale: bool) -> AsyncIterator[list[_Row]]:
    after = ""
    while True:
        async with database.snapshot() as db:
            rows = await repository.entries_after(db, after, unless_of=SCHEME if stale else None, most=_AT_ONCE)
            said = await repository.stored_contents(db, rows)
        if not rows:
            return
        yield [(row.id, row.version, row.unit_id, row.state, said[row.id]) for row in rows if row.id in said]
        after = rows[-1].id


def _tokens_of(rows: Sequence[_Row]) -> _Tokens:
    return [
        (version, indexed_entry(id, KnowledgeContent.model_validate(content), unit_id=unit, state=state))
        for id, version, unit, state, content in rows
    ]


async def _write(database: Database, made: _Tokens, progress: Callable[[int], None] | None, done: int) -> int:
    async with database.transaction() as db:
        # What changed meanwhile was indexed by the change.
        present = await repository.locked_versions(db, [entry.entry_id for _, entry in made])
        await write_index(db, [entry for version, entry in made if present.get(entry.entry_id) == version])
    if progress is not None:
        progress(done + len(made))
    return len(made)
