"""Processes by their id: alive, gone, ended."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path


def is_alive(pid: int, *, argument: str = "") -> bool:
    """Whether process `pid` runs, is no zombie, and has `argument` on its command line (ids are used again)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, IndexError):
        return False
    return status not in "ZX" and (not argument or argument.encode() in arguments)


async def wait_for_exit(pid: int) -> None:
    """Return when process `pid`, which need not be our child, is gone."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    gone: asyncio.Future[None] = loop.create_future()

    def note() -> None:
        if not gone.done():
            gone.set_result(None)

    loop.add_reader(descriptor, note)
    try:
        await gone
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def end_process(pid: int, limit: timedelta) -> None:
    """SIGTERM, then, after `limit`, SIGKILL; returns when it is gone. One already gone is no error."""
    for number, seconds in ((signal.SIGTERM, limit.total_seconds()), (signal.SIGKILL, 10.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        try:
            async with asyncio.timeout(seconds):
                await wait_for_exit(pid)
                return
        except TimeoutError:
            continue
