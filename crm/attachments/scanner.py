"""The virus scanner: clamd, by its INSTREAM command (man 8 clamd)."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from datetime import timedelta
from pathlib import Path

from hotline.kernel.errors import UnavailableError

_CHUNK = 64 * 1024
_LONGEST_ANSWER = 4096


class ScannerAwayError(UnavailableError):
    error_id = "attachment.scanner_away"
    title = "The virus scanner does not answer"


class ClamdScanner:
    """`address` is the path of clamd's socket, or <host>:<port>."""

    def __init__(self, address: str, *, within: timedelta = timedelta(seconds=60)) -> None:
        self._address = address
        self._within = within.total_seconds()

    async def scan(self, path: Path) -> str | None:
        """The name of what was found; None for a clean file. Raises ScannerAwayError, also for an answer of another
        kind, such as that the file is larger than clamd takes.
        """
        try:
            async with asyncio.timeout(self._within):
                answer = await self._ask(path)
        except (OSError, EOFError, asyncio.LimitOverrunError, TimeoutError) as error:
            raise ScannerAwayError(f"clamd at {self._address}: {type(error).__name__}.") from None
        if answer == "stream: OK":
            return None
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            return answer.removeprefix("stream: ").removesuffix(" FOUND")[:200]
        raise ScannerAwayError(f"clamd at {self._address} answered {answer[:100]!r}.")

    async def _ask(self, path: Path) -> str:
        reader, writer = await self._connect()
        try:
            writer.write(b"zINSTREAM\0")
            file = await asyncio.to_thread(path.open, "rb")
            with file:
                while block := await asyncio.to_thread(file.read, _CHUNK):
                    writer.write(struct.pack("!L", len(block)) + block)
                    await writer.drain()
            writer.write(struct.pack("!L", 0))
            await writer.drain()
            answer = await reader.readuntil(b"\0")
            return answer.rstrip(b"\0").decode(errors="replace")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._address.startswith("/"):
            return await asyncio.open_unix_connection(self._address, limit=_LONGEST_ANSWER)
        host, _, port = self._address.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port), limit=_LONGEST_ANSWER)
