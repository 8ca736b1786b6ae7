"""SIGINT, SIGTERM and SIGHUP stop in order, whenever they come and however often."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from hotline.kernel.signals import STOPPING, until_signal
from tests.phones.ports import free_port
from tests.phones.waiting import until


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The test's process goes on and must hear them again."""
    before = {each: signal.getsignal(each) for each in STOPPING}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # The run itself may be under nohup.
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


class Program:
    """Starts, lives and stops; a signal of the operator's comes at one of these `moments`."""

    def __init__(self, *signals: tuple[str, signal.Signals]) -> None:
        self._signals = signals
        self.did: list[str] = []
        self.said: list[str] = []

    async def live(self, stack: AsyncExitStack) -> None:
        await stack.enter_async_context(self.part())
        await self.moment("starting")
        await self.moment("living")
        await asyncio.Event().wait()

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await self.moment("stopping")
            self.did.append("stopped")

    async def moment(self, name: str) -> None:
        self.did.append(name)
        for when, number in self._signals:
            if when == name:
                before = len(self.said)
                os.kill(os.getpid(), number)
                await until(lambda: len(self.said) > before)  # noqa: B023  # awaited at once
        for _ in range(20):  # Where a cancellation would come through.
            await asyncio.sleep(0)

    async def run(self) -> None:
        await until_signal(self.live, say=self.said.append)


@pytest.mark.parametrize("number", STOPPING)
async def test_the_first_signal_stops_in_order(number: signal.Signals) -> None:
    program = Program(("living", number))
    await program.run()
    assert program.did == ["starting", "living", "stopping", "stopped"]
    assert program.said == ["Stopping…"]


async def test_so_it_does_while_starting() -> None:
    program = Program(("starting", signal.SIGTERM))
    await program.run()
    assert program.did == ["starting", "stopping", "stopped"]


async def test_further_signals_do_not_cut_the_stop() -> None:
    again = [("stopping", signal.SIGINT), ("stopping", signal.SIGTERM), ("stopping", signal.SIGINT)]
    program = Program(("living", signal.SIGINT), *again)
    await program.run()
    assert program.did[-1] == "stopped"
    assert program.said == ["Stopping…", *["Still stopping…"] * 3]


async def test_what_ends_by_itself_with_an_error_is_closed_too_and_told() -> None:
    program = Program(("stopping", signal.SIGINT))

    async def live(stack: AsyncExitStack) -> None:
        await stack.enter_async_context(program.part())
        raise RuntimeError("refused")

    with pytest.raises(RuntimeError, match="refused"):
        await until_signal(live, say=program.said.append)
    assert program.did == ["stopping", "stopped"]


async def test_under_nohup_a_closed_terminal_stops_nothing() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    said: list[str] = []

    async def live(_: AsyncExitStack) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    await until_signal(live, say=said.append)
    assert said == ["Stopping…"]


async def test_nobody_to_tell_does_not_keep_it_from_stopping(caplog: pytest.LogCaptureFixture) -> None:
    program = Program()

    async def live(stack: AsyncExitStack) -> None:
        await stack.enter_async_context(program.part())
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.Event().wait()

    def say(_: str) -> None:
        raise OSError(errno.EIO, "the terminal is closed")

    await until_signal(live, say=say)
    assert program.did == ["stopping", "stopped"]
    assert caplog.records == []


ENDING = """
import asyncio, os, signal
from hotline.kernel.signals import until_signal

async def live(stack):
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.Event().wait()

asyncio.run(until_signal(live, say=print))
os.kill(os.getpid(), signal.SIGINT)
os.kill(os.getpid(), signal.SIGTERM)
"""


def test_signals_while_the_process_ends_change_nothing() -> None:
    done = run_python("-c", ENDING)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Stopping…\n", "")


def test_ctrl_c_while_the_program_loads_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nraise SystemExit(3)\n")
    done = run_python("-m", "hotline", "up", path=tmp_path)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


@pytest.mark.slow
async def test_a_service_logs_it_like_everything_else(tmp_path: Path) -> None:
    told = tmp_path / "stderr"
    places = {"HOTLINE_HOME": str(tmp_path), "HOTLINE_HTTP__PORT": str(free_port()), "HOTLINE_AMI__PORT": "1"}
    with told.open("wb") as stderr:
        service = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hotline", "serve"),
            env=os.environ | places | {"HOTLINE_LOG_FORMAT": "json"},
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    try:
        await until(told.read_text, within=60, what="it logs")
        service.terminate()
        async with asyncio.timeout(30):
            stdout, _ = await service.communicate()
    finally:
        if service.returncode is None:
            service.kill()
            await service.wait()
    assert (service.returncode, stdout) == (0, b"")
    assert "Stopping…" in [json.loads(line)["event"] for line in told.read_text(encoding="utf-8").splitlines()]


def run_python(*arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """In the repository, with modules in `path` before all others, and heeding Ctrl-C even where this run does not."""
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"} | ({"PYTHONPATH": str(path)} if path else {})
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
