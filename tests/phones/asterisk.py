"""A real Asterisk of one's own: configured and run by the product's own code, in a temporary home."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import struct
import tempfile
import threading
import wave
from collections.abc import Coroutine, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import SecretStr

from hotline.app.settings import Settings
from hotline.kernel.settings import HttpSettings
from hotline.onebox.account import unprivileged
from hotline.onebox.configure import SAFE_FLOW, Instance, configure
from hotline.onebox.fetch import obtain
from hotline.onebox.process import AsteriskProcess, ProcessState
from hotline.onebox.render import AgentEndpoints
from ivr.settings import AmiSettings, AsteriskSettings
from tests.phones.ports import free_port, own_network
from tests.phones.waiting import until

T = TypeVar("T")

AGENTS = tuple(AgentEndpoints(str(n), f"web-secret-{n}", f"desk-secret-{n}") for n in range(1001, 1007))
MUSIC_HZ = 300
"""The instance's music on hold is this one tone, which no test phone sends."""


class RealAsterisk:
    """Runs in a thread of its own with its own loop, so that tests of any loop share it.

    `settings` are those of a service beside it: home, AMI with its secret, addresses. Agents are 1001–1006;
    their phones' secrets are in `agents`. The trunk's address is `trunk_host`: a phone bound there is the carrier,
    and calls to the outside ring at <trunk_host>:5060.
    """

    def __init__(self, *, agents: Sequence[AgentEndpoints] = AGENTS, **settings: Any) -> None:
        self.agents = {agent.number: agent for agent in agents}
        self.sip_host, self.trunk_host, self.other_host = own_network()
        # Not pytest's folders: those are closed to the unprivileged user that Asterisk runs as.
        self.home = Path(tempfile.mkdtemp(prefix="hotline-test-"))
        self.home.chmod(0o755)
        self.settings = self._settings(settings)
        self.home.chmod(0o755)
        self.sip_port = self.settings.asterisk.sip_port
        self.instance: Instance
        self.process: AsteriskProcess
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="real-asterisk", daemon=True)
        self._thread.start()

    def _settings(self, overrides: dict[str, Any]) -> Settings:
        values: dict[str, Any] = {
            "home": self.home,
            "http": HttpSettings(port=free_port()),
            "ami": AmiSettings(port=free_port(), secret=SecretStr("ami-secret-of-tests")),
            "asterisk": AsteriskSettings(
                sip_host=self.sip_host,
                sip_port=free_port(self.sip_host, kind=socket.SOCK_DGRAM),
                trunk_host=self.trunk_host,
                web_port=free_port(),
                browser_networks=(ip_network("127.0.0.0/16"),),
                rtp_start=12000,
                rtp_end=19999,
            ),
        }
        return Settings(**(values | overrides))

    # --- life -----------------------------------------------------------------------------------------

    def start_now(self) -> None:
        """Configure and start; blocks until Asterisk is ready. For fixtures."""
        self.configure()
        self._run(self._start()).result(90)
        self.log_of_start = self.log()

    def configure(self, *, ami_secret: str = "") -> None:
        """Write the configuration, with another AMI secret if wanted."""
        if ami_secret:
            ami = self.settings.ami.model_copy(update={"secret": SecretStr(ami_secret)})
            self.settings = self.settings.model_copy(update={"ami": ami})
        _make_music(self.settings.sounds / "moh")
        self.instance = configure(
            self.settings,
            distribution=obtain(self.settings.cache),
            agents=tuple(self.agents.values()),
            account=unprivileged(),
        )

    def stop_now(self) -> None:
        """Stop and remove the home."""
        try:
            if hasattr(self, "process"):
                self._run(self.process.stop()).result(60)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop.close()
            shutil.rmtree(self.home, ignore_errors=True)

    async def start(self) -> None:
        await asyncio.wrap_future(self._run(self._start()))

    async def stop(self) -> None:
        """End Asterisk; calls are hung up."""
        await asyncio.wrap_future(self._run(self.process.stop()))

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def kill(self) -> None:
        """SIGKILL; returns when it is gone. The watch starts it again after a second: `await back()`."""
        pid = self.pid
        self.process.kill()
        await until(lambda: self.process.pid != pid or self.process.state is not ProcessState.RUNNING)

    async def back(self) -> None:
        """Returns when Asterisk is ready (again)."""
        await until(lambda: self.process.state is ProcessState.RUNNING, within=30)

    # --- questions ------------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        assert self.process.pid is not None, "Asterisk does not run"
        return self.process.pid

    async def cli(self, command: str) -> str:
        """What the console answers."""
        return await asyncio.wrap_future(self._run(self.process.command(command)))

    async def channels(self) -> list[str]:
        """Names of all channels."""
        lines = (await self.cli("core show channels concise")).splitlines()
        return [line.split("!")[0] for line in lines if "!" in line]

    async def until_lasts(self, channel: str, seconds: int) -> None:
        """Wait until a channel whose name begins so has existed for `seconds` more, by Asterisk's clock."""

        async def age() -> int:
            lines = (await self.cli("core show channels concise")).splitlines()
            ages = [int(line.split("!")[11]) for line in lines if line.startswith(channel)]
            assert ages, f"no channel {channel}"
            return max(ages)

        before = await age()

        async def older() -> bool:
            return await age() >= before + seconds

        await until(older, within=3 * seconds + 10, each=0.3, what=f"{channel} has lasted {seconds} s more")

    async def hang_up_all(self) -> None:
        """End what a test left behind; returns when no channel is up."""
        await self.cli("channel request hangup all")

        async def none_left() -> bool:
            return not await self.channels()

        await until(none_left, what="all channels are gone")

    async def clear(self) -> None:
        """Leave nothing of a test behind: no call, no agent in a queue, no lease, no safe flow."""
        await self.hang_up_all()
        await self.cli("dialplan set global APP_LEASE 0")
        safe_flow = self.instance.directories.etc / SAFE_FLOW
        if safe_flow.exists():
            safe_flow.unlink()
            await self.cli("dialplan reload")
        queue = ""
        for line in (await self.cli("queue show")).splitlines():
            if heading := re.match(r"(\S+) has \d+ calls", line):
                queue = heading[1]
            elif member := re.search(r"\(((?:PJSIP|Local)/[^) ]+)", line):
                await self.cli(f"queue remove member {member[1]} from {queue}")

    def clear_now(self) -> None:
        asyncio.run(self.clear())

    @property
    def log_file(self) -> Path:
        return self.settings.asterisk_logs / "messages.log"

    def log(self, after: int = 0) -> str:
        """Warnings and errors so far, from byte `after` on."""
        if not self.log_file.exists():
            return ""
        return self.log_file.read_bytes()[after:].decode("utf-8", "replace")

    def log_size(self) -> int:
        return self.log_file.stat().st_size if self.log_file.exists() else 0

    # --- inner ----------------------------------------------------------------------------------------

    async def _start(self) -> None:
        self.process = AsteriskProcess(self.instance)
        await self.process.start()

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)


def _make_music(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_tone(folder / "tone.wav", MUSIC_HZ, seconds=60, level=0.1)


def write_tone(path: Path, hertz: float, *, seconds: float = 10, level: float = 0.3, rate: int = 8000) -> Path:
    """A mono 16-bit WAV of one tone, without a click where it loops."""
    periods = round(hertz * seconds)
    count = int(rate * seconds)
    samples = level * 32767 * np.sin(2 * np.pi * periods * np.arange(count) / count)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{count}h", *samples.astype(np.int16)))
    os.chmod(path, 0o644)
    return path
