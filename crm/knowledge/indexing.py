"""Has the search know every entry by today's tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge import index_repository as repository
from crm.knowledge.content import KnowledgeContent
from crm.knowledge.index_repository import StoredEntry
from crm.knowledge.search_index import SCHEME, IndexedEntry, KnowledgeSearch, indexed_entry, write_index
from hotline.kernel.db import Database
from hotline.kernel.jobs import JobContext
from hotline.kernel.search_rebuild import SearchRebuild, SearchRow, search_rebuild

log = structlog.get_logger(__name__)
INDEX = "knowledge.index"
INDEX_EVERY = timedelta(minutes=1)
"""After an upgrade that changes the tokens nothing is found before the first time."""
Progress = Callable[[int, int], None]
"""Is given how many entries are done, and of how many."""
_AT_ONCE = 200
_AT_ONCE_ANEW = 1000
_PROCESSES = 2
_AHEAD = 3
"""Batches whose tokens are made while one is written."""
_PATIENCE = timedelta(seconds=60)
"""For the service, which writes too."""
_SAID_EVERY = 10_000
_MANY = 5000
"""Stale entries from which on a rebuild is quicker than to index each in its place."""
_FEW, _ROUNDS = 50, 20
"""Changed entries that are left for the moment of the swap, if they become so few in so many rounds."""
_PAUSE = 0.01
"""Seconds between two batches in which the service gets its turn to write."""


async def index_stale(ctx: JobContext) -> None:
    """Index entries that the search knows not, or by other tokens: after an upgrade, or loaded from outside."""
    if done := await index_missing(ctx.database):
        log.info("entries indexed", entries=done)


async def index_again(url: str, say: Progress) -> int:
    """Index every entry of the database at `url`; `say` is called every ten thousand entries, and when all are done."""
    database = Database(url, busy_timeout=_PATIENCE)
    await database.open()
    try:
        with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as workers:
            return await index_all(database, workers=workers, progress=say)
    finally:
        await database.close()


async def index_missing(database: Database, *, many: int = _MANY) -> int:
    """Index what is not indexed by today's tokens: each entry in its place, or all anew from so many on; how many."""
    async with database.snapshot() as db:
        stale = await repository.count_stale(db, SCHEME)
    if stale >= many:
        return await index_all(database)
    done, after = 0, ""
    while True:
        async with database.snapshot() as db:
            rows = await repository.entries_to_index(db, after, unless_of=SCHEME, most=_AT_ONCE)
        if not rows:
            return done
        made = await asyncio.to_thread(_tokens_of, rows)
        async with database.transaction() as db:
            # What changed meanwhile was indexed by the change.
            present = await repository.locked_versions(db, [row.id for row in rows])
            versions = {row.id: row.version for row in rows}
            same = [entry for entry in made if present.get(entry.entry_id) == versions[entry.entry_id]]
            await write_index(db, same)
        done, after = done + len(made), rows[-1].id


async def index_all(database: Database, *, progress: Progress | None = None, workers: Executor | None = None) -> int:
    """Index every entry anew, beside the index that answers until all is done; how many there were.

    What changes meanwhile is indexed again before the new one answers. `workers` make the tokens, processes by
    preference; None: a thread.
    """
    begun = time.monotonic()
    rebuild = search_rebuild(database, KnowledgeSearch)
    await rebuild.begin()
    made: dict[str, int] = {}
    """By entry the version of its row that is in the new index."""
    async with database.snapshot() as db:
        total = len(await repository.entry_versions(db))
    async for rows, tokens in _made(_batches(database), workers):
        async with database.transaction() as db:
            await _add(db, rebuild, rows, tokens, made)
        _report(progress, len(made), total, step=len(rows))
        await asyncio.sleep(_PAUSE)
    await rebuild.index()
    for _ in range(_ROUNDS):
        async with database.transaction() as db:
            if await _catch_up(db, rebuild, made) <= _FEW:
                break
    async with database.transaction() as db:
        await rebuild.hold(db)
        await _catch_up(db, rebuild, made)
        await rebuild.swap(db)
    await rebuild.clean()
    log.info("knowledge base indexed anew", entries=len(made), seconds=round(time.monotonic() - begun, 1))
    if progress is not None:
        progress(len(made), len(made))
    return len(made)


def _report(progress: Progress | None, done: int, total: int, *, step: int) -> None:
    if done // _SAID_EVERY == (done - step) // _SAID_EVERY:
        return
    log.info("indexing the knowledge base", entries=done, of=total)
    if progress is not None and done < total:
        progress(done, total)


async def _batches(database: Database) -> AsyncIterator[Sequence[StoredEntry]]:
    after = ""
    while True:
        async with database.snapshot() as db:
            rows = await repository.entries_to_index(db, after, unless_of=None, most=_AT_ONCE_ANEW)
        if not rows:
            return
        yield rows
        after = rows[-1].id


async def _made(
    batches: AsyncIterator[Sequence[StoredEntry]], workers: Executor | None
) -> AsyncIterator[tuple[Sequence[StoredEntry], list[SearchRow]]]:
    """Each batch with its tokens, in order; a few are made ahead."""
    loop = asyncio.get_running_loop()
    waiting: list[tuple[Sequence[StoredEntry], asyncio.Future[list[SearchRow]]]] = []
    async for rows in batches:
        waiting.append((rows, loop.run_in_executor(workers, search_rows, rows)))
        if len(waiting) > _AHEAD:
            first, made = waiting.pop(0)
            yield first, await made
    for first, made in waiting:
        yield first, await made


def _tokens_of(rows: Sequence[StoredEntry]) -> list[IndexedEntry]:
    return [
        indexed_entry(row.id, KnowledgeContent.model_validate_json(row.content), unit_id=row.unit_id, state=row.state)
        for row in rows
        if row.content is not None
    ]


def search_rows(rows: Sequence[StoredEntry]) -> list[SearchRow]:
    """Pure; of entries that say nothing yet there is none."""
    return [SearchRow(entry.entry_id, " ".join(entry.tokens), entry.described) for entry in _tokens_of(rows)]


async def _add(
    db: AsyncSession,
    rebuild: SearchRebuild,
    rows: Sequence[StoredEntry],
    tokens: Sequence[SearchRow],
    made: dict[str, int],
) -> None:
    made.update((row.id, row.version) for row in rows)
    # SQLite refuses the row of an entry that is gone by now.
    present = await repository.present_entries(db, [row.subject_id for row in tokens])
    await rebuild.add(db, [row for row in tokens if row.subject_id in present])


async def _catch_up(db: AsyncSession, rebuild: SearchRebuild, made: dict[str, int]) -> int:
    """Bring what changed since it was indexed into the new index; how many entries did."""
    present = await repository.entry_versions(db)
    gone = made.keys() - present.keys()
    await rebuild.remove(db, sorted(gone))
    for entry_id in gone:
        del made[entry_id]
    changed = sorted(entry_id for entry_id, version in present.items() if made.get(entry_id) != version)
    for at in range(0, len(changed), _AT_ONCE):
        await _index_changed(db, rebuild, changed[at : at + _AT_ONCE], made)
    return len(changed)


async def _index_changed(
    db: AsyncSession, rebuild: SearchRebuild, changed: Collection[str], made: dict[str, int]
) -> None:
    rows = await repository.entries_to_index(db, "", unless_of=None, most=len(changed), only=changed)
    await _add(db, rebuild, rows, search_rows(rows), made)
