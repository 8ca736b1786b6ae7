"""A few AMI questions while Asterisk starts or is reloaded; calls are run by `ivr.ami`, never by this."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from hotline.onebox.errors import BoxError
from ivr.dialplan import RELOAD_USER

_LINE_LIMIT = 64 * 1024


class AmiRefusedError(BoxError):
    """AMI answered, and said no."""

    error_id = "box.ami_refused"


class AmiDialog:
    """One logged-in connection; ask one thing at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, action: str, **fields: str) -> dict[str, str]:
        """Send an action and return its response; raises AmiRefusedError on Response: Error."""
        lines = [f"Action: {action}", *(f"{name}: {value}" for name, value in fields.items())]
        if any(mark in line for line in lines for mark in "\r\n\0"):
            raise BoxError(f"the AMI action {action} has a value with a line break")
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await self._writer.drain()
        while "Response" not in (message := await self.next_message()):
            pass
        if message["Response"] == "Error":
            raise AmiRefusedError(f"Asterisk refused {action}: {message.get('Message', 'no reason given')}")
        return message

    async def wait_for(self, event: str) -> dict[str, str]:
        """The next event of this name."""
        while (message := await self.next_message()).get("Event") != event:
            pass
        return message

    async def next_message(self) -> dict[str, str]:
        block = await self._reader.readuntil(b"\r\n\r\n")
        pairs = (line.partition(": ") for line in block.decode("utf-8", "replace").split("\r\n") if line)
        return {name: value for name, _, value in pairs}


@asynccontextmanager
async def ami_dialog(
    host: str, port: int, username: str, secret: str, *, limit: timedelta = timedelta(seconds=5)
) -> AsyncIterator[AmiDialog]:
    """Connect and log in; all that is done inside shares the time `limit`.

    Raises TimeoutError, OSError or EOFError without an answer, AmiRefusedError on a wrong secret.
    """
    async with asyncio.timeout(limit.total_seconds()):
        reader, writer = await asyncio.open_connection(host, port, limit=_LINE_LIMIT)
        try:
            await reader.readline()
            dialog = AmiDialog(reader, writer)
            await dialog.ask("Login", Username=username, Secret=secret)
            yield dialog
        finally:
            writer.close()


async def reload_module(host: str, port: int, secret: str, module: str = "", *, username: str = RELOAD_USER) -> None:
    """Reload `module` (e.g. "res_pjsip.so"; "" means all). For an Asterisk of one's own or the one-box's alike."""
    async with ami_dialog(host, port, username, secret, limit=timedelta(seconds=20)) as dialog:
        await dialog.ask("Reload", **({"Module": module} if module else {}))
