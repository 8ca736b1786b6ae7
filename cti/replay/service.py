"""Runs replays: one at a time, in processes of their own, beside the calls of the day."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from multiprocessing import get_context

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.action import no_flows
from callflow.document import check_flow
from callflow.lint.world import World
from callflow.registry import all_actions
from callflow.versions import repository as versions
from callflow.versions.service import FlowService
from callflow.versions.text import to_json, without_lines
from cti.replay import repository, worker
from cti.replay.counting import ReplayCounter
from cti.replay.errors import ReplayEmptyError, ReplayNotFoundError, ReplayRunningError, ReplayTooLargeError
from cti.replay.logged import CallFromLog, CallShift, ReplayedPaths
from cti.replay.models import FlowReplay
from cti.replay.schemas import ReplayStart
from cti.replay.state import LeftOut, ReplayState
from cti.replay.worker import ReplayBench
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.tasks import TaskOwner

log = structlog.get_logger(__name__)

MOST_CALLS = 500_000
_PROCESSES = 2
_BATCH = 1000
_AHEAD = 2 * _PROCESSES
"""Batches read before their results are taken."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What one replay needs."""

    replay_id: str
    flow: str
    since: datetime
    until: datetime
    own: dict[int, str]
    other: str
    waits: dict[str, float]


class ReplayService:
    def __init__(self, database: Database, flows: FlowService, clock: Clock, world: Callable[[], World]) -> None:
        """`world` is what lint knows of this installation; it may block for a moment."""
        self._database = database
        self._flows = flows
        self._clock = clock
        self._world = world
        self._tasks = TaskOwner("replays")
        self._running: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        async with self._database.transaction() as db:
            await repository.end_running(db, self._clock.now())

    async def close(self) -> None:
        await self._tasks.close()

    async def begin(self, db: AsyncSession, flow: str, asked: ReplayStart, *, by: str) -> FlowReplay:
        """In the caller's transaction; `run` follows its commit.

        Raises `FlowInvalidError`, `ReplayRunningError`, `ReplayEmptyError`, `ReplayTooLargeError`, and as
        `FlowService.content`.
        """
        content = await self._flows.content(db, flow, asked.number)
        await asyncio.to_thread(check_flow, without_lines(content), all_actions())
        if (other := await repository.running(db)) is not None:
            raise ReplayRunningError(f"A replay of {other.flow_id} is running; wait for its end, or stop it.")
        calls, whole = await repository.count_calls(db, flow, asked.since, asked.until)
        if whole == 0:
            raise ReplayEmptyError(f"Of {calls} calls in the period, none can be replayed; choose another period.")
        if whole > MOST_CALLS:
            raise ReplayTooLargeError(f"The period has {whole} calls, {MOST_CALLS} at most; choose a shorter one.")
        row = FlowReplay(
            flow_id=flow,
            number=asked.number,
            document=to_json(content),
            since=asked.since,
            until=asked.until,
            state=ReplayState.RUNNING,
            started_by=by,
            started_at=self._clock.now(),
            total=whole,
            done=0,
            summary=ReplayCounter(_incomplete(calls - whole)).summary().model_dump(mode="json"),
        )
        db.add(row)
        await db.flush()
        await repository.forget_old(db, flow)
        return row

    def run(self, row: FlowReplay) -> asyncio.Task[None]:
        """Start it in the background; the task ends with it."""
        task = self._running[row.id] = self._tasks.spawn(self._run(row), name=row.id)
        return task

    async def stop(self, flow: str, id: str) -> None:
        """Raises `ReplayNotFoundError`; one that is over stays as it is."""
        async with self._database.snapshot() as db:
            await self.read(db, flow, id)
        if (task := self._running.get(id)) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def read(self, db: AsyncSession, flow: str, id: str) -> FlowReplay:
        row = await repository.replay(db, flow, id)
        if row is None:
            raise ReplayNotFoundError("Look at the flow's replays; the oldest are removed.")
        return row

    async def paths(self, row: FlowReplay, call_id: str) -> ReplayedPaths:
        """Where a call of the replay went, and where it would have gone. Raises `ReplayNotFoundError`."""
        async with self._database.snapshot() as db:
            logged = await repository.logged_call(db, row.flow_id, row.since, row.until, call_id)
            version = await versions.version(db, row.flow_id, logged.version) if logged else None
            waits = await repository.waits_of(db, row.flow_id, row.since, row.until)
        if logged is None or version is None:
            raise ReplayNotFoundError("The call is no longer in the call log, or its version cannot be run.")
        own = {logged.version: version.content}
        bench = await asyncio.to_thread(lambda: ReplayBench(own, row.document, self._world(), waits))
        return await bench.paths(logged)

    # --- one replay -------------------------------------------------------------------------------------

    async def _run(self, row: FlowReplay) -> None:
        state = ReplayState.FAILED
        counter = ReplayCounter(Counter(row.summary.get("left_out", {})))
        try:
            done = await self._replay(await self._order(row), counter)
            state = ReplayState.DONE
            log.info("replay done", flow=row.flow_id, replay=row.id, calls=done)
        except asyncio.CancelledError:
            state = ReplayState.STOPPED
            raise
        except Exception:
            log.exception("replay failed", flow=row.flow_id, replay=row.id)
        finally:
            self._running.pop(row.id, None)
            # Also where the task was cancelled: what has come so far is shown.
            await asyncio.shield(self._note(row.id, counter, state=state))

    async def _order(self, row: FlowReplay) -> _Order:
        own = {}
        async with self._database.snapshot() as db:
            for number in await repository.versions_of(db, row.flow_id, row.since, row.until):
                if (version := await versions.version(db, row.flow_id, number)) is not None:
                    own[number] = version.content
            waits = await repository.waits_of(db, row.flow_id, row.since, row.until)
        return _Order(row.id, row.flow_id, row.since, row.until, own, row.document, waits)

    async def _replay(self, order: _Order, counter: ReplayCounter) -> int:
        # Other flows are not sent along: nobody knows what a caller would do in one.
        world = replace(await asyncio.to_thread(self._world), flows=no_flows)
        setup = (order.own, order.other, world, order.waits)
        pool = ProcessPoolExecutor(
            _PROCESSES, mp_context=get_context("spawn"), initializer=worker.prepare, initargs=setup
        )
        loop, under_way, done = asyncio.get_running_loop(), deque[asyncio.Future[list[CallShift | LeftOut]]](), 0
        try:
            async for batch in self._batches(order):
                under_way.append(loop.run_in_executor(pool, worker.replay_batch, batch))
                if len(under_way) >= _AHEAD:
                    done = await self._take(order, counter, await under_way.popleft(), done)
            while under_way:
                done = await self._take(order, counter, await under_way.popleft(), done)
        finally:
            await asyncio.to_thread(partial(pool.shutdown, wait=True, cancel_futures=True))
        return done

    async def _batches(self, order: _Order) -> AsyncIterator[list[CallFromLog]]:
        after: tuple[datetime, str] | None = None
        while True:
            async with self._database.snapshot() as db:
                calls = await repository.logged_calls(
                    db, order.flow, order.since, order.until, after=after, most=_BATCH
                )
            if not calls:
                return
            after = calls[-1].at, calls[-1].call_id
            yield calls

    async def _take(
        self, order: _Order, counter: ReplayCounter, results: Sequence[CallShift | LeftOut], done: int
    ) -> int:
        counter.add(results)
        done += len(results)
        shifted = [result for result in results if isinstance(result, CallShift) and result.shifted]
        await self._note(order.replay_id, counter, done=done, shifted=shifted)
        return done

    async def _note(
        self,
        replay_id: str,
        counter: ReplayCounter,
        *,
        done: int | None = None,
        shifted: Sequence[CallShift] = (),
        state: ReplayState | None = None,
    ) -> None:
        summary = counter.summary().model_dump(mode="json")
        async with self._database.transaction() as db:
            row = await db.get(FlowReplay, replay_id)
            if row is None:
                return
            row.summary = summary
            if done is not None:
                row.done = done
            if state is not None:
                row.state, row.ended_at = state, self._clock.now()
            await repository.add_shifts(db, replay_id, shifted)


def _incomplete(calls: int) -> Counter[str]:
    return Counter({LeftOut.INCOMPLETE.value: calls} if calls else {})
