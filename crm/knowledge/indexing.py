"""Has the search know every entry by today's tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from crm.knowledge import repository
from crm.knowledge.search_index import SCHEME, index_entries
from hotline.kernel.db import Database
from hotline.kernel.jobs import JobContext

log = structlog.get_logger(__name__)
INDEX = "knowledge.index"
INDEX_EVERY = timedelta(hours=1)
_AT_ONCE = 200


async def index_stale(ctx: JobContext) -> None:
    """Index entries that the search knows not, or by other tokens: after an upgrade, or loaded from outside."""
    if done := await index_all(ctx.database, stale=True):
        log.info("entries indexed", entries=done)


async def index_all(database: Database, *, stale: bool = False, progress: Callable[[int], None] | None = None) -> int:
    """Index every entry again, or those that are not indexed by today's tokens; how many there were. Some a
    transaction: each is found all the while, by its former tokens until the new ones stand.
    """
    after, done = "", 0
    while True:
        async with database.transaction() as db:
            rows = await repository.entries_after(db, after, unless_of=SCHEME if stale else None, most=_AT_ONCE)
            await index_entries(db, await repository.contents(db, rows))
        if not rows:
            return done
        after, done = rows[-1].id, done + len(rows)
        if progress is not None:
            progress(done)
