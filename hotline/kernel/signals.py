"""The operator's word to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from hotline.kernel.tasks import first_of

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def until_signal(
    live: Callable[[AsyncExitStack], Coroutine[Any, Any, None]], *, say: Callable[[str], None]
) -> None:
    """Run `live` until it ends, or one of `STOPPING` cancels it; then close what it has put on the stack.

    This also applies during start-up. Closing is not interrupted: further signals only print that it is under way, and
    those that come after it, while the process ends, mean nothing any more. What hangs is left to `kill -9`.
    SIGHUP comes when the terminal is closed: then `say` may raise OSError, and under nohup it is not heeded.
    """
    heeded = [each for each in STOPPING if each is not signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN]
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def heard() -> None:
        again = asked.is_set()
        asked.set()
        with contextlib.suppress(OSError):  # Nobody is there to read it.
            say("Still stopping…" if again else "Stopping…")

    for each in heeded:
        # Not the loop's own handlers: those give way to Python's before the process has ended.
        signal.signal(each, lambda *_: loop.call_soon_threadsafe(heard))
    try:
        async with AsyncExitStack() as stack:
            await first_of(asked.wait(), live(stack))
    finally:
        for each in heeded:
            signal.signal(each, signal.SIG_IGN)
