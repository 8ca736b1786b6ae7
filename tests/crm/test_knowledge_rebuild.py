"""The index of the knowledge base is made anew while it is searched and changed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import inspect, update

import hotline.app.models  # noqa: F401  # All tables are known once it is imported.
from crm.knowledge.indexing import index_again, index_all, index_missing
from crm.knowledge.search_index import SCHEME, KnowledgeSearch
from hotline.kernel.db import Base, Database
from hotline.kernel.errors import ConflictError
from hotline.kernel.migrate import differences
from hotline.kernel.search import is_index_table
from hotline.kernel.search_rebuild import search_rebuild
from tests.crm.test_knowledge import WRITTEN, KnowledgeDesk, desk

__all__ = ["desk"]


class HeldWorkers(ThreadPoolExecutor):
    """Makes no tokens before it is released."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked, self.released = threading.Event(), threading.Event()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        def later() -> Any:
            self.asked.set()
            assert self.released.wait(30)
            return fn(*args, **kwargs)

        return super().submit(later)


async def tables(database: Database) -> list[str]:
    async with database.transaction() as db:
        names = await (await db.connection()).run_sync(lambda connection: inspect(connection).get_table_names())
    return sorted(name for name in names if is_index_table(name) and name.startswith("knowledge"))


async def test_it_is_searched_and_changed_while_the_index_is_made_anew(desk: KnowledgeDesk) -> None:
    kept, changed, withdrawn = [await desk.published(title=f"许可证{word}") for word in ("延续", "遗失", "注销")]
    workers = HeldWorkers()
    rebuild = asyncio.create_task(index_all(desk.workspace.database, workers=workers))
    assert await asyncio.to_thread(workers.asked.wait, 30)

    assert set(await desk.found("agent1", "许可证")) == {kept, changed, withdrawn}
    came = await desk.published(title="许可证补领")
    await desk.act("bureau_head", withdrawn, "withdraw", reason="已废止")
    await desk.act("bureau", changed, "revise")
    body = {"version": await desk.version(changed), "content": {**WRITTEN, "title": "许可证挂失"}}
    await desk.workspace.ask("bureau", "PUT", f"/api/knowledge/{changed}/revision", body)
    for who, action in (("bureau", "submit"), ("bureau_head", "approve"), ("kb_reviewer", "publish")):
        await desk.act(who, changed, action)
    assert set(await desk.found("agent1", "许可证")) == {kept, changed, came}

    workers.released.set()
    assert await rebuild == 4
    assert set(await desk.found("agent1", "许可证")) == {kept, changed, came}
    assert (await desk.found("agent1", "许可证挂失"))[0] == changed
    assert (await desk.found("agent1", "许可证补领"))[0] == came


async def test_what_changes_after_it_is_indexed_in_its_place(desk: KnowledgeDesk) -> None:
    before = await desk.published()
    await index_all(desk.workspace.database)
    later = await desk.published(title="食品经营许可证补领")
    assert set(await desk.found("agent1", "许可证")) == {before, later}
    await desk.act("bureau_head", before, "withdraw", reason="已废止")
    assert await desk.found("agent1", "许可证") == [later]


async def test_the_tables_are_as_they_were(desk: KnowledgeDesk) -> None:
    database = desk.workspace.database
    await desk.published()
    before = await tables(database)
    for _ in range(2):
        await index_all(database)
        assert await tables(database) == before
    assert await differences(database.url.render_as_string(hide_password=False), Base.metadata) == []


async def test_one_that_was_cut_off_leaves_nothing_once_there_is_another(desk: KnowledgeDesk) -> None:
    database = desk.workspace.database
    await desk.published()
    before = await tables(database)
    first = search_rebuild(database, KnowledgeSearch)
    await first.begin()
    assert await tables(database) != before
    await index_all(database)
    assert await tables(database) == before
    with pytest.raises(ConflictError):
        async with database.transaction() as db:
            await first.hold(db)
    assert len(await desk.found("agent1", "许可证")) == 1


async def test_many_entries_of_other_tokens_are_indexed_anew(desk: KnowledgeDesk) -> None:
    database = desk.workspace.database
    entry_id = await desk.published()
    for many in (1, 2):
        async with database.transaction() as db:
            await db.execute(update(KnowledgeSearch).values(scheme=SCHEME - 1, words="x", names=""))
        assert await desk.found("agent1", "许可证") == []
        assert await index_missing(database, many=many) == 1
        assert await desk.found("agent1", "许可证") == [entry_id]
        assert await index_missing(database, many=many) == 0


async def test_the_command_says_how_far_it_is(desk: KnowledgeDesk) -> None:
    entry_id = await desk.published()
    async with desk.workspace.database.transaction() as db:
        await db.execute(update(KnowledgeSearch).values(words="x"))
    said: list[tuple[int, int]] = []
    url = desk.workspace.database.url.render_as_string(hide_password=False)
    assert await index_again(url, lambda done, of: said.append((done, of))) == 1
    assert said == [(1, 1)]
    assert await desk.found("agent1", "许可证") == [entry_id]
