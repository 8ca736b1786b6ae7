"""The operator's word to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

from hotline.kernel.tasks import first_of


async def until_signal(
    live: Callable[[AsyncExitStack], Coroutine[Any, Any, None]], *, say: Callable[[str], None]
) -> None:
    """Run `live` until it ends, or SIGINT or SIGTERM cancels it; then close what it has put on the stack.

    That also holds while it is starting. Nothing cuts the closing: further signals are only told that it goes on.
    The process must be left with `kill -9` where even that hangs.
    """
    asked = asyncio.Event()

    def heard() -> None:
        again = asked.is_set()
        asked.set()
        say("Still stopping…" if again else "Stopping…")

    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        # To the end of the loop, which may have threads to wait for after this.
        loop.add_signal_handler(each, heard)
    async with AsyncExitStack() as stack:
        await first_of(asked.wait(), live(stack))
