"""Whoever starts a task owns it: registers it, and cancels and awaits it at the end. `repeat` survives errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, NoReturn

import structlog

from hotline.kernel.clock import Clock
from hotline.kernel.errors import HotlineError

log = structlog.get_logger(__name__)


class TaskOwner:
    """The background tasks of one component.

    A task that fails is logged with its name at once, never swallowed. `close()` cancels what still runs
    and waits for it; it may be called twice.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._tasks)

    def spawn(self, coroutine: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Run `coroutine` as a task named `<owner>.<name>`."""
        if self._closed:
            coroutine.close()
            raise RuntimeError(f"{self._name} is closed and starts no task")
        task = asyncio.create_task(coroutine, name=f"{self._name}.{name}")
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task failed", task=task.get_name(), exc_info=error)

    async def close(self) -> None:
        self._closed = True
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def repeat(work: Callable[[], Awaitable[object]], *, clock: Clock, pause: timedelta, trouble: str) -> NoReturn:
    """Do `work`, which waits for its own time, again and again: one bad round is never the last.

    After one that failed comes a `pause`. It is logged as `trouble`, once for the same kind in a row.
    """
    known: type[Exception] | None = None
    while True:
        try:
            await work()
        except Exception as error:
            if type(error) is not known:
                if isinstance(error, HotlineError):
                    log.warning(trouble, error_id=error.error_id, reason=error.detail)
                else:
                    log.exception(trouble)
            known = type(error)
            await clock.sleep(pause)
        else:
            known = None


async def first_of(*work: Coroutine[Any, Any, Any]) -> None:
    """Return when the first of `work` ends, or raise what it raised; the others are cancelled."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
