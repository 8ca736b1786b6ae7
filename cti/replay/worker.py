"""Replays batches of calls in a process of its own, so that the service's callers never wait for it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence

import structlog

from callflow.document import Flow, check_flow
from callflow.lint.world import World
from callflow.registry import all_actions
from callflow.simulate.replay import Replayer
from callflow.source import FlowInvalidError
from callflow.versions.text import of_json, without_lines
from cti.replay.logged import CallFromLog, CallShift, ReplayedPaths, paths_of, shift_of
from cti.replay.state import LeftOut


class ReplayBench:
    """The versions that calls ran on, each with its way through the other one."""

    def __init__(self, own: Mapping[int, str], other: str, world: World, waits: Mapping[str, float]) -> None:
        """Documents as JSON. Raises `FlowInvalidError` for the other one."""
        self._other = _flow(other, 0)
        self._own: dict[int, tuple[Flow, Replayer]] = {}
        for number, content in own.items():
            try:
                flow = _flow(content, number)
            except FlowInvalidError:
                continue  # Of an earlier release of the service; its calls are left out.
            self._own[number] = (flow, Replayer(flow, self._other, world, waits=waits))

    async def shifts(self, calls: Sequence[CallFromLog]) -> list[CallShift | LeftOut]:
        return [await self._shift(call) for call in calls]

    async def paths(self, call: CallFromLog) -> ReplayedPaths:
        """Empty where the call cannot be told."""
        found = self._own.get(call.version)
        return ReplayedPaths() if found is None else await paths_of(call, *found)

    async def _shift(self, call: CallFromLog) -> CallShift | LeftOut:
        found = self._own.get(call.version)
        return LeftOut.VERSION_GONE if found is None else await shift_of(call, *found)


def _flow(content: str, number: int) -> Flow:
    return check_flow(without_lines(of_json(content)), all_actions(), version=number)


_bench: ReplayBench | None = None


def prepare(own: Mapping[int, str], other: str, world: World, waits: Mapping[str, float]) -> None:
    """The initializer of a worker process."""
    global _bench  # noqa: PLW0603  # what an initializer leaves to its process
    os.nice(10)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    _bench = ReplayBench(own, other, world, waits)


def replay_batch(calls: Sequence[CallFromLog]) -> list[CallShift | LeftOut]:
    """In a process that `prepare` prepared."""
    assert _bench is not None
    return asyncio.run(_bench.shifts(calls))
