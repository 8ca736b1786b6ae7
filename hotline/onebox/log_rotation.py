"""Rotates the logs of the one-box's Asterisk: once a day or at 20 MB, with fourteen files of each kept.

A log is renamed, then Asterisk reopens its logs on our command; until then it keeps writing to the renamed file.
`cti.calls.asterisk_logs.tail` reads every file that still lies there, so nothing is lost or read twice.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Awaitable, Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog

from hotline.kernel.clock import Clock
from hotline.kernel.errors import HotlineError
from hotline.kernel.tasks import TaskOwner

log = structlog.get_logger(__name__)

RENAMED = ("messages.log", "security.log", "queue_log", "cdr-custom/hotline.csv")
COPIED = ("console.log",)
"""Asterisk's standard output, which it cannot reopen: copied, then cut. It is opened in append mode."""
KEPT = 14
LARGEST = 20 * 1024 * 1024
EVERY = timedelta(minutes=1)
MODULE = "logger"
_STAMP = "%Y%m%d-%H%M%S"
_TAIL = re.compile(r"-\d{8}-\d{6}(\.\d+)?")


def is_due(size: int, since: date, today: date) -> bool:
    """Whether a log of `size` bytes that was begun on the day `since` is to be rotated; an empty one never is."""
    return size >= LARGEST or (size > 0 and since < today)


def rotated_files(path: Path) -> list[Path]:
    """The rotated files of the log at `path` that were made here, the oldest first."""
    names = (p for p in path.parent.glob(f"{path.name}-*") if _TAIL.fullmatch(p.name.removeprefix(path.name)))
    return sorted(names)


class LogRotation:
    """`start()` once Asterisk runs, `close()` before it ends. `reload` takes a module's name."""

    def __init__(self, folder: Path, reload: Callable[[str], Awaitable[None]], clock: Clock) -> None:
        self._folder = folder
        self._reload = reload
        self._clock = clock
        self._since: dict[Path, date] = {}
        self._renamed = False
        """A log was renamed that Asterisk has not reopened yet."""
        self._tasks = TaskOwner("log rotation")

    def start(self) -> None:
        self._tasks.spawn(self._keep_rotating(), name="loop")

    async def close(self) -> None:
        await self._tasks.close()

    async def run(self) -> None:
        """Rotate what is due. A log that cannot be rotated is logged, and tried again the next time."""
        await asyncio.to_thread(self._rotate_all, self._clock.now().astimezone())
        if self._renamed:
            await self._reload(MODULE)
            self._renamed = False

    async def _keep_rotating(self) -> None:
        while True:
            try:
                await self.run()
            except (HotlineError, OSError, EOFError, TimeoutError) as error:
                log.warning("Asterisk cannot reopen its logs", reason=str(error) or type(error).__name__)
            except Exception:
                log.exception("Asterisk's logs cannot be rotated")
            await self._clock.sleep(EVERY)

    def _rotate_all(self, now: datetime) -> None:
        for name in (*RENAMED, *COPIED):
            try:
                self._rotate(self._folder / name, now, copy=name in COPIED)
            except OSError as error:
                log.warning("log cannot be rotated", file=name, cause=error.strerror or type(error).__name__)

    def _rotate(self, path: Path, now: datetime, *, copy: bool) -> None:
        try:
            status = path.lstat()
        except FileNotFoundError:
            return
        made = rotated_files(path)
        since = self._since.setdefault(path, _day_begun(path, made, written=status.st_mtime, now=now))
        if not is_due(status.st_size, since, now.date()):
            return
        target = _free_name(path, now)
        if copy:
            _copy_and_cut(path, target)
        else:
            path.rename(target)
            self._renamed = True
        self._since[path] = now.date()
        _drop([*made, target])
        log.info("log rotated", file=path.name, bytes=status.st_size)


def _day_begun(path: Path, made: list[Path], *, written: float, now: datetime) -> date:
    """The day of the last rotation; where there was none, the day of the last line, for want of the first one's."""
    if made:
        return datetime.strptime(made[-1].name.removeprefix(f"{path.name}-")[:8], "%Y%m%d").date()
    return datetime.fromtimestamp(written, now.tzinfo).date()


def _free_name(path: Path, now: datetime) -> Path:
    name = f"{path.name}-{now.strftime(_STAMP)}"
    names = (path.with_name(name), *(path.with_name(f"{name}.{count}") for count in range(1, 100)))
    return next(target for target in names if not target.exists())


def _copy_and_cut(path: Path, target: Path) -> None:
    # The folder is Asterisk's account's: no link that it may have put there is followed.
    source = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(source, "rb+") as old:
        copied = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        with open(copied, "wb") as new:
            shutil.copyfileobj(old, new)
        old.truncate(0)


def _drop(files: Iterable[Path]) -> None:
    for file in sorted(files)[:-KEPT]:
        file.unlink(missing_ok=True)
