"""Waiting for what another process does: asked again and again, up to a deadline."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def until(
    ask: Callable[[], Awaitable[T | None]], *, within: float = 10, each: float = 0.05, what: str = ""
) -> T: ...


@overload
async def until(ask: Callable[[], T | None], *, within: float = 10, each: float = 0.05, what: str = "") -> T: ...


async def until(ask: Callable[[], Any], *, within: float = 10, each: float = 0.05, what: str = "") -> Any:
    """The first true answer of `ask` (plain or async); after `within` seconds an AssertionError with the last one."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while True:
        answer = ask()
        value = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        if loop.time() > deadline:
            raise AssertionError(f"not within {within} s: {what or ask} (last answer: {value!r})")
        await asyncio.sleep(each)
