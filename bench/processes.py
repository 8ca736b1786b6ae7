"""What a process costs, from /proc, and processes that are started and stopped by their id."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """User and system time of all its threads so far; in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def busy_seconds() -> float:
    """What all processes of the machine together have taken so far, in seconds of one core."""
    user, nice, system, _idle, _iowait, irq, softirq = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) / _TICK


@asynccontextmanager
async def running(
    command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process runs inside; its output goes to `log`. Leaving ends it, by force after 10 s."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd=cwd,
        )
    try:
        yield process
    finally:
        await end(process)


async def end(process: asyncio.subprocess.Process) -> None:
    """SIGTERM, then SIGKILL; one already gone is no error."""
    for stop in (process.terminate, process.kill):
        if process.returncode is not None:
            return
        try:
            stop()
            async with asyncio.timeout(10):
                await process.wait()
        except (TimeoutError, ProcessLookupError):
            continue


async def ready(process: asyncio.subprocess.Process, log: Path, sign: str, within: float = 20) -> None:
    """Return when `sign` stands in the process's output; a RuntimeError with that output otherwise."""

    async def printed_or_ended() -> bool:
        return sign in last_words(log) or process.returncode is not None

    await until(printed_or_ended, within=within, what=f"{log.stem} prints {sign!r}")
    if process.returncode is not None:
        raise RuntimeError(f"{log.stem} ended at once: {last_words(log)}")


async def until(ask: Callable[[], Awaitable[bool]], *, within: float, each: float = 0.1, what: str) -> None:
    """Return when `ask` answers true; a RuntimeError after `within` seconds."""
    try:
        async with asyncio.timeout(within):
            while not await ask():  # noqa: ASYNC110  # other processes set no events of ours
                await asyncio.sleep(each)
    except TimeoutError:
        raise RuntimeError(f"not within {within:.0f} s: {what}") from None


def last_words(log: Path) -> str:
    """The end of a process's output."""
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]
