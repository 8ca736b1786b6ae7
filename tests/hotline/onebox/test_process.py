"""Starting, watching and ending a real Asterisk."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hotline.onebox.configure import Instance
from hotline.onebox.errors import AsteriskStartError
from hotline.onebox.pids import end_process, is_alive, wait_for_exit
from hotline.onebox.process import AsteriskProcess, ProcessState, running_pid
from hotline.onebox.sockets import owner_of
from ivr.settings import AmiSettings
from tests.fakes.clock import FakeClock
from tests.phones.asterisk import RealAsterisk
from tests.phones.waiting import until

real = pytest.mark.real


@pytest.fixture
def own_asterisk() -> Iterator[RealAsterisk]:
    """An instance of this test alone, configured and not started."""
    asterisk = RealAsterisk()
    asterisk.configure()
    try:
        yield asterisk
    finally:
        pid = running_pid(asterisk.instance)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        asterisk.stop_now()


def processes_of(instance: Instance) -> list[int]:
    """Every process with this instance's configuration on its command line."""
    config = str(instance.directories.config)
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and is_alive(int(p.name), argument=config)]


@real
async def test_it_starts_and_leaves_no_process(own_asterisk: RealAsterisk) -> None:
    process = AsteriskProcess(own_asterisk.instance)
    await process.start()
    assert processes_of(own_asterisk.instance) == [process.pid]
    assert "System uptime" in await process.command("core show uptime")
    assert owner_of(own_asterisk.settings.ami.port) == f"asterisk (pid {process.pid})"
    await process.stop()
    await process.stop()
    assert processes_of(own_asterisk.instance) == []
    assert process.state is ProcessState.STOPPED


@real
async def test_one_that_dies_is_started_again(own_asterisk: RealAsterisk) -> None:
    clock = FakeClock()
    states: list[ProcessState] = []
    process = AsteriskProcess(own_asterisk.instance, clock=clock, on_state=states.append)
    await process.start()
    first = process.pid
    process.kill()
    await until(lambda: process.state is ProcessState.WAITING)
    assert process.pid is None
    await clock.advance(timedelta(seconds=1))
    await until(lambda: process.state is ProcessState.RUNNING)
    assert process.pid not in (None, first)
    assert process.restarts == 1
    await process.stop()
    s = ProcessState
    assert states == [s.STARTING, s.RUNNING, s.WAITING, s.STARTING, s.RUNNING, s.STOPPED]


class Stumbling(AsteriskProcess):
    stumbles = 0

    async def _launch(self) -> None:
        if self.stumbles:
            self.stumbles -= 1
            raise KeyError("a bug")
        await super()._launch()


@real
async def test_one_that_cannot_be_started_again_is_tried_after_any_error(own_asterisk: RealAsterisk) -> None:
    clock = FakeClock()
    process = Stumbling(own_asterisk.instance, clock=clock)
    await process.start()
    process.stumbles = 1
    process.kill()
    await until(lambda: process.state is ProcessState.WAITING)
    await clock.advance(timedelta(seconds=1))
    await until(lambda: not process.stumbles and process.state is ProcessState.WAITING)
    await clock.advance(timedelta(seconds=2))
    await until(lambda: process.state is ProcessState.RUNNING)
    await process.stop()


@real
async def test_a_killed_services_asterisk_is_taken_over(own_asterisk: RealAsterisk) -> None:
    killed = AsteriskProcess(own_asterisk.instance)
    await killed.start()
    await killed.release()  # all that is left of a service after kill -9
    process = AsteriskProcess(own_asterisk.instance)
    await process.start()
    assert process.adopted
    assert process.pid == killed.pid
    clock_free = asyncio.create_task(until(lambda: process.state is ProcessState.WAITING))
    process.kill()
    await clock_free  # an adopted one is watched too
    await process.stop()
    assert processes_of(own_asterisk.instance) == []


@real
async def test_one_with_other_ports_is_replaced(own_asterisk: RealAsterisk) -> None:
    old = AsteriskProcess(own_asterisk.instance)
    await old.start()
    await old.release()
    (own_asterisk.instance.directories.run / "fingerprint").write_text("of another release")
    process = AsteriskProcess(own_asterisk.instance)
    await process.start()
    assert not process.adopted
    assert process.pid != old.pid
    assert processes_of(own_asterisk.instance) == [process.pid]
    await process.stop()


@real
async def test_a_foreign_asterisk_on_our_port_is_named(own_asterisk: RealAsterisk, real_asterisk: RealAsterisk) -> None:
    taken = AmiSettings(port=real_asterisk.settings.ami.port, secret=own_asterisk.settings.ami.secret)
    own_asterisk.settings = own_asterisk.settings.model_copy(update={"ami": taken})
    own_asterisk.configure(ami_secret="a-secret-of-our-own")
    process = AsteriskProcess(own_asterisk.instance)
    with pytest.raises(AsteriskStartError, match=f"{taken.port} another Asterisk answers"):
        await process.start()
    assert processes_of(own_asterisk.instance) == []


@real
async def test_one_that_cannot_start_says_its_last_words(own_asterisk: RealAsterisk) -> None:
    (own_asterisk.instance.directories.etc / "stasis.conf").write_text(
        "[declined_message_types]\ndecline = ast_channel_snapshot_type\n"
    )
    process = AsteriskProcess(own_asterisk.instance)
    with pytest.raises(AsteriskStartError, match="Its last words: .*ERROR"):
        await process.start()
    assert processes_of(own_asterisk.instance) == []
    assert process.state is ProcessState.STOPPED


# --- processes ------------------------------------------------------------------------------------------


async def test_a_process_that_ignores_sigterm_is_killed() -> None:
    stubborn = await asyncio.create_subprocess_exec(
        "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done", stdout=asyncio.subprocess.PIPE
    )
    assert stubborn.stdout is not None
    await stubborn.stdout.readline()
    await end_process(stubborn.pid, timedelta(seconds=0.2))
    assert await stubborn.wait() == -signal.SIGKILL


async def test_a_process_that_is_gone_is_waited_for_at_once() -> None:
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    async with asyncio.timeout(1):
        await wait_for_exit(gone.pid)
        await end_process(gone.pid, timedelta(seconds=1))
    assert not is_alive(gone.pid)


async def test_an_id_used_again_is_not_ours() -> None:
    with contextlib.suppress(ProcessLookupError):
        assert is_alive(os.getpid())
    assert not is_alive(os.getpid(), argument="/somewhere/asterisk.conf")
