from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from hotline.kernel.files import GRACE, FileStore, FileTooLargeError
from tests.fakes.clock import FakeClock

ROOT = Path(__file__).parents[2]


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def kept(store: FileStore, content: bytes) -> str:
    async with store.receive(pieces(content), most=len(content)) as received:
        await store.keep(received)
    return received.sha256


def contents(store_root: Path) -> set[str]:
    return {file.name for file in store_root.glob("??/*")}


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> FileStore:
    return FileStore(tmp_path / "files", clock)


async def nothing_is_used(_hashes: Sequence[str]) -> set[str]:
    return set()


async def test_a_content_is_kept_under_its_hash_and_is_nobody_elses_to_read(store: FileStore, tmp_path: Path) -> None:
    async with store.receive(pieces(b"ab", b"c"), most=3) as received:
        assert (received.sha256, received.size) == (hashlib.sha256(b"abc").hexdigest(), 3)
        await store.keep(received)
    path = store.path(received.sha256)
    assert path.read_bytes() == b"abc"
    for made in (path, path.parent, tmp_path / "files", tmp_path / "files" / "incoming"):
        assert stat.S_IMODE(made.stat().st_mode) & 0o077 == 0, made
    assert not any((tmp_path / "files" / "incoming").iterdir())


async def test_more_than_the_limit_is_not_even_written(store: FileStore, tmp_path: Path) -> None:
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"x" * 1000

    with pytest.raises(FileTooLargeError):
        async with store.receive(endless(), most=5000):
            pytest.fail("it was received")
    assert asked == 6
    assert not any((tmp_path / "files" / "incoming").iterdir())


async def test_what_is_not_kept_or_breaks_off_leaves_nothing(store: FileStore, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        async with store.receive(broken(), most=100):
            pytest.fail("it was received")
    async with store.receive(pieces(b"refused"), most=100):
        pass
    assert not any((tmp_path / "files" / "incoming").iterdir())
    assert contents(tmp_path / "files") == set()


async def test_the_same_content_at_once_is_one_file(store: FileStore, tmp_path: Path) -> None:
    hashes = await asyncio.gather(*(kept(store, b"same" * 1000) for _ in range(8)))
    assert contents(tmp_path / "files") == set(hashes)
    assert len(set(hashes)) == 1


async def test_the_sweep_takes_what_is_old_and_unused_alone(store: FileStore, clock: FakeClock) -> None:
    used, unused = await kept(store, b"used"), await kept(store, b"unused")
    await clock.advance(GRACE + timedelta(minutes=1))
    fresh = await kept(store, b"fresh")
    looked_up: list[str] = []

    async def in_use(hashes: Sequence[str]) -> set[str]:
        looked_up.extend(hashes)
        return {used}

    assert await store.sweep(in_use) == 1
    assert set(looked_up) == {used, unused}
    assert [store.path(one).exists() for one in (used, unused, fresh)] == [True, False, True]


async def test_a_content_sent_again_during_the_sweep_stays(store: FileStore, clock: FakeClock) -> None:
    """The row of the second upload is not committed yet when the sweep asks."""
    sha256 = await kept(store, b"wanted again")
    await clock.advance(GRACE * 2)

    async def meanwhile(_hashes: Sequence[str]) -> set[str]:
        assert await kept(store, b"wanted again") == sha256
        return set()

    assert await store.sweep(meanwhile) == 0
    assert store.path(sha256).read_bytes() == b"wanted again"


async def test_a_hash_is_no_path(store: FileStore) -> None:
    for name in ("../../etc/passwd", "a" * 63, "A" * 64, ""):
        with pytest.raises(ValueError, match="hexadecimal"):
            store.path(name)


def test_a_process_killed_while_it_receives_leaves_no_half_content(tmp_path: Path, clock: FakeClock) -> None:
    root = tmp_path / "files"
    script = f"""
import asyncio
from pathlib import Path
from hotline.kernel.clock import SystemClock
from hotline.kernel.files import FileStore

async def half():
    yield b"h" * 100_000
    print("half", flush=True)
    await asyncio.Event().wait()

async def main():
    async with FileStore(Path({str(root)!r}), SystemClock()).receive(half(), most=1_000_000):
        pass

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
    (half,) = (root / "incoming").iterdir()
    assert contents(root) == set()
    store = FileStore(root, clock)
    long_ago = (clock.now() - GRACE * 2).timestamp()
    os.utime(half, (long_ago, long_ago))
    assert asyncio.run(store.sweep(nothing_is_used)) == 0
    assert not half.exists()
