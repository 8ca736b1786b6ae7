"""Waiting for the operator's word to stop."""

from __future__ import annotations

import asyncio
import signal


async def until_signal(*signals: signal.Signals) -> signal.Signals:
    """Return at the first SIGINT or SIGTERM (or of `signals`); a second one ends the process at once."""
    wanted = signals or (signal.SIGINT, signal.SIGTERM)
    loop = asyncio.get_running_loop()
    came: asyncio.Future[signal.Signals] = loop.create_future()

    def stop(number: signal.Signals) -> None:
        for each in wanted:
            loop.remove_signal_handler(each)
        if not came.done():
            came.set_result(number)

    for each in wanted:
        loop.add_signal_handler(each, stop, each)
    return await came
