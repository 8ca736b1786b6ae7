"""Files outside the database: kept under the hash of their content, whole or not at all.

A file is written to `<root>/incoming` while it arrives and renamed to `<root>/ab/abcdef…` once it is whole and on the
disk. Rows refer to it by its hash; what no row refers to is removed by `sweep()`.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
import re
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from hotline.kernel.clock import Clock
from hotline.kernel.errors import HotlineError, UnavailableError
from hotline.kernel.ids import uuid7

log = structlog.get_logger(__name__)
T = TypeVar("T")
GRACE = timedelta(days=1)
"""How old what no row refers to must be: an upload is renamed before its row is committed."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_BATCH = 500
_FULL = (errno.ENOSPC, errno.EDQUOT)


class FileTooLargeError(HotlineError):
    error_id = "file.too_large"
    status = 413
    title = "The file is too large"


class StoreFullError(UnavailableError):
    error_id = "file.store_full"
    title = "There is no room for the file"


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A whole file that is not kept yet."""

    path: Path
    sha256: str
    size: int


InUse = Callable[[Sequence[str]], Awaitable[set[str]]]
"""Those of these hashes that some row refers to."""


class FileStore:
    """Nothing is made on the disk before the first file comes. Directories and files are this account's alone."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._clock = clock

    def path(self, sha256: str) -> Path:
        """Where this content is, or would be. Raises ValueError for what is no hash."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256 in hexadecimal digits")
        return self._root / sha256[:2] / sha256

    @asynccontextmanager
    async def receive(self, chunks: AsyncIterable[bytes], *, most: int) -> AsyncIterator[ReceivedFile]:
        """The file that `chunks` make, for as long as the block lasts; `keep()` within it makes it stay.

        Raises FileTooLargeError once `most` bytes are exceeded, StoreFullError, and whatever `chunks` raises.
        """
        path = self._incoming / uuid7()
        try:
            received = await self._write(path, chunks, most)
            yield received
        except OSError as error:
            if error.errno in _FULL:
                log.error("no room for a file", root=str(self._root))
                raise StoreFullError("The disk of the service is full; tell its operator.") from None
            raise
        finally:
            await _in_thread(partial(path.unlink, missing_ok=True))

    async def keep(self, received: ReceivedFile) -> None:
        """Put the content where its hash says; safe where it is there already. Commit the row within `GRACE`."""
        await _in_thread(partial(self._publish, received))

    async def keep_bytes(self, content: bytes) -> str:
        """Keep what was made here, such as a thumbnail; returns its hash."""

        async def whole() -> AsyncIterator[bytes]:
            yield content

        async with self.receive(whole(), most=len(content)) as received:
            await self.keep(received)
        return received.sha256

    async def sweep(self, in_use: InUse, *, grace: timedelta = GRACE) -> int:
        """Remove contents that no row refers to and uploads that were cut off, both older than `grace`.

        Returns how many contents went. Safe while files arrive, also in another process, and to interrupt.
        """
        before = self._clock.now().timestamp() - grace.total_seconds()
        await _in_thread(partial(self._remove_cut_off, before))
        removed = 0
        old = await _in_thread(partial(self._older, before))
        for start in range(0, len(old), _BATCH):
            batch = old[start : start + _BATCH]
            unused = sorted(set(batch) - await in_use(batch))
            removed += await _in_thread(partial(self._remove, unused, before))
        return removed

    # --- inner, in threads --------------------------------------------------------------------------------

    async def _write(self, path: Path, chunks: AsyncIterable[bytes], most: int) -> ReceivedFile:
        descriptor = await _in_thread(partial(self._create, path))
        digest, size = hashlib.sha256(), 0
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise FileTooLargeError(f"At most {most:,} bytes are taken.", most=most)
                await _in_thread(partial(_append, descriptor, chunk, digest))
            await _in_thread(partial(os.fsync, descriptor))
        finally:
            os.close(descriptor)
        return ReceivedFile(path, digest.hexdigest(), size)

    def _create(self, path: Path) -> int:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._incoming.mkdir(mode=0o700, exist_ok=True)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def _publish(self, received: ReceivedFile) -> None:
        target = self.path(received.sha256)
        now = self._clock.now().timestamp()
        with self._locked():
            if target.exists():
                # A sweep that found it unused before this moment must see that it is wanted again.
                os.utime(target, (now, now))
                return
            target.parent.mkdir(mode=0o700, exist_ok=True)
            os.utime(received.path, (now, now))
            received.path.rename(target)
            _sync(target.parent)
            _sync(self._root)

    def _older(self, before: float) -> list[str]:
        return [file.name for file in self._contents() if file.stat().st_mtime < before]

    def _contents(self) -> Iterator[Path]:
        return (file for file in self._root.glob("[0-9a-f][0-9a-f]/*") if _SHA256.fullmatch(file.name))

    def _remove(self, hashes: Sequence[str], before: float) -> int:
        removed = 0
        for sha256 in hashes:
            path = self.path(sha256)
            with self._locked():
                if path.exists() and path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
        return removed

    def _remove_cut_off(self, before: float) -> None:
        for file in self._incoming.glob("*"):
            if file.stat().st_mtime < before:
                file.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time decides whether a content is there; released by the kernel when it dies."""
        descriptor = os.open(self._root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _append(descriptor: int, chunk: bytes, digest: hashlib._Hash) -> None:
    digest.update(chunk)
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _in_thread(work: Callable[[], T]) -> T:
    """`work` in a thread, waited for also when cancelled: it may use a descriptor that is closed next."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
