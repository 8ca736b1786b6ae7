"""Keeps a file of the one-box's Asterisk as the database has it, while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from hotline.kernel.clock import Clock
from hotline.kernel.errors import HotlineError
from hotline.kernel.tasks import TaskOwner

log = structlog.get_logger(__name__)
_AGAIN = timedelta(seconds=5)


class ConfigurationKeeper:
    """Writes one file of Asterisk's configuration and has it reloaded: at `start()`, and after each `look()`.

    Calls are not touched by it. What fails is logged and tried again, for as long as it takes.
    """

    def __init__(
        self,
        what: str,
        write: Callable[[], Awaitable[bool]],
        reload: Callable[[str], Awaitable[None]],
        module: str,
        clock: Clock,
    ) -> None:
        """`what` stands in the log; `write` says whether anything changed; `reload` takes the module's name."""
        self._what = what
        self._module = module
        self._write = write
        self._reload = reload
        self._clock = clock
        self._wanted = asyncio.Event()
        self._tasks = TaskOwner(what)

    def start(self) -> None:
        self._wanted.set()
        self._tasks.spawn(self._keep(), name="keeper")

    def look(self) -> None:
        """What the file is made from may have changed."""
        self._wanted.set()

    async def close(self) -> None:
        await self._tasks.close()

    async def _keep(self) -> None:
        unloaded = False
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                unloaded = await self._write() or unloaded
                if unloaded:
                    await self._reload(self._module)
                    unloaded = False
                    log.info(f"{self._what} written to Asterisk")
            except (HotlineError, OSError, EOFError, TimeoutError) as error:
                reason = str(error) or type(error).__name__
                log.warning(f"writing {self._what} to Asterisk failed", reason=reason)
            except Exception:
                # Our bug, or a database that refuses: what changes next still counts.
                log.exception(f"writing {self._what} to Asterisk failed")
            else:
                continue
            self._wanted.set()
            await self._clock.sleep(_AGAIN)
