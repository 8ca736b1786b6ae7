"""extensions_safe.conf of the one-box: what the live flow makes, or the last that Asterisk took."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from callflow.compile import compile_safe_flow, mark_of
from callflow.document import Flow
from hotline.onebox.configure import SAFE_FLOW, Instance, write_safe_flow
from hotline.onebox.errors import BoxError


class SafeFlowRefusedError(BoxError):
    error_id = "box.safe_flow_refused"
    title = "Asterisk did not take the safe flow"


class SafeFlowFile:
    """`write` and `reload` for a `ConfigurationKeeper`. A file that Asterisk cannot read would cost callers the one
    before it as well (measured: the context is gone after the reload), so that one is put back.
    """

    def __init__(
        self,
        instance: Instance,
        live: Callable[[], Flow],
        reload: Callable[[str], Awaitable[None]],
        has: Callable[[str], Awaitable[bool]],
    ) -> None:
        """`has` asks Asterisk whether its safe flow has an extension, and raises where Asterisk is away."""
        self._instance = instance
        self._live = live
        self._reload = reload
        self._has = has
        self._file = instance.directories.etc / SAFE_FLOW
        self._good = ""
        self._refused = ""

    async def write(self) -> bool:
        """Whether the file changed. Raises, and leaves it as it is, where Asterisk is away or the disk is full."""
        text = compile_safe_flow(self._live())
        before = self._file.read_text(encoding="utf-8") if self._file.exists() else ""
        if text in (before, self._refused):
            return False
        if (mark := mark_of(before)) and await self._has(mark):
            self._good = before
        return write_safe_flow(self._instance, text)

    async def reload(self, module: str) -> None:
        """Raises `SafeFlowRefusedError` once the last good one is back in the dialplan."""
        await self._reload(module)
        text = self._file.read_text(encoding="utf-8")
        if await self._has(mark_of(text)):
            return
        self._refused = text
        if self._good:
            write_safe_flow(self._instance, self._good)
            await self._reload(module)
        flow = self._live()
        raise SafeFlowRefusedError(
            f"Asterisk did not take the safe flow of {flow.id}, version {flow.version} (its log says why); "
            "without the service, callers hear the last one that it took."
        )
