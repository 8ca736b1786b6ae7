"""What a caller who waits costs: resident memory with N in the queue, less what it was before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bench.processes import resident_bytes, until
from bench.rig import Rig
from bench.sipp import load, sipp
from bench.variants import Variant

ARRIVING = 25
"""Calls a second."""
WAIT = 15.0
"""Seconds all of them wait together."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Kilobytes for each caller who waits."""

    callers: int
    asterisk: float
    service: float


async def measure(rig: Rig, ours: Variant, callers: int) -> Memory:
    """Run it first: later, memory that earlier calls have freed would be used again and not be seen."""
    assert ours.pid is not None
    await load(rig, ours, rate=10, seconds=2)
    await _queue(rig, ours, 5, wait=3)
    before = resident_bytes(rig.pid), resident_bytes(ours.pid)
    during = await _queue(rig, ours, callers, wait=WAIT)
    asterisk, service = ((now - then) / callers / 1024 for now, then in zip(during, before, strict=True))
    return Memory(callers, asterisk, service)


async def _queue(rig: Rig, ours: Variant, callers: int, *, wait: float) -> tuple[int, int]:
    """Resident bytes of Asterisk and of the service while all `callers` wait."""
    assert ours.pid is not None
    pause = round((callers / ARRIVING + wait) * 1000)
    options = ("-r", str(ARRIVING), "-m", str(callers), "-d", str(pause))
    async with sipp(rig, "wait", ours.exten, *options) as run:

        async def all_wait() -> bool:
            return await rig.waiting() >= callers

        await until(all_wait, within=callers / ARRIVING + wait, each=0.2, what="all callers wait")
        await asyncio.sleep(min(3.0, wait / 3))
        sizes = resident_bytes(rig.pid), resident_bytes(ours.pid)
        await run.finish()
        failed = int(run.counts()["FailedCall(C)"])
    if failed:
        raise RuntimeError(f"{failed} of {callers} waiting calls failed")
    await rig.quiet()
    return sizes
