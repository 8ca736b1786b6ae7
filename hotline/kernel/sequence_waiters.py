"""Waiting until a numbered sequence has reached a number."""

from __future__ import annotations

import asyncio


class SequenceWaiters:
    """`reached` and `refuse` complete waits; cancelled waits are ignored."""

    def __init__(self) -> None:
        self._waits: list[tuple[int, asyncio.Future[None]]] = []

    def __bool__(self) -> bool:
        """Whether anything is waiting."""
        return bool(self._waits)

    def wait_for(self, number: int) -> asyncio.Future[None]:
        """Done once `number` is reached; fails with what `refuse` is given."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waits.append((number, future))
        return future

    def reached(self, number: int) -> None:
        """Everything up to `number` is done."""
        waits, self._waits = self._waits, []
        for target, future in waits:
            if target > number:
                self._waits.append((target, future))
            elif not future.done():
                future.set_result(None)

    def refuse(self, error: Exception) -> None:
        """Nobody's number will be reached for now."""
        waits, self._waits = self._waits, []
        for _, future in waits:
            if not future.done():
                future.set_exception(error)
