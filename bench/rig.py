"""One Asterisk for all variants: the product's own configuration, and beside it what the peers need."""

from __future__ import annotations

import asyncio
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bench.caller import FIRST, SECOND
from bench.processes import until
from hotline.app.settings import Settings
from hotline.kernel.settings import HttpSettings
from hotline.onebox.account import unprivileged
from hotline.onebox.configure import SHIPPED, Instance, configure
from hotline.onebox.fetch import obtain
from hotline.onebox.keys import new_secret
from hotline.onebox.process import AsteriskProcess
from hotline.onebox.render import AgentEndpoints
from ivr.settings import AmiSettings, AsteriskSettings
from tests.phones.asterisk import write_tone
from tests.phones.ports import free_port, own_network

LONG, SHORT = 5.0, 0.2
"""Seconds of the first prompt, which a digit interrupts, and of the second."""

_ARI = """
load = res_websocket_client.so
load = res_stasis.so
load = res_stasis_answer.so
load = res_stasis_recording.so
load = res_stasis_playback.so
load = res_stasis_snoop.so
load = res_ari.so
load = res_ari_model.so
load = res_ari_channels.so
load = res_ari_playbacks.so
load = res_ari_events.so
load = app_stasis.so
"""
# What a user would write: no more than each needs.
_DIALPLAN = """
[from-trunk](+)
exten => 9001,1,Answer()
 same => n,Read(key,bench/first,1,,1,5)
 same => n,Playback(bench/second)
 same => n,Hangup()
exten => 9002,1,AGI(agi://127.0.0.1:{fastagi_port}/)
 same => n,Hangup()
exten => 9003,1,Stasis(bench)
 same => n,Hangup()
"""


@dataclass(frozen=True, slots=True)
class Ari:
    """Where the ARI peer logs in, as user `bench`."""

    port: int
    password: str


class Rig:
    """`async with Rig() as rig:` – the instance runs inside and leaves nothing behind."""

    def __init__(self, *, agents: tuple[AgentEndpoints, ...] = ()) -> None:
        self.sip_host, self.trunk_host, _ = own_network()
        # Not the caller's own temporary folder: Asterisk's unprivileged user must be able to read it.
        self.home = Path(tempfile.mkdtemp(prefix="hotline-bench-"))
        self.home.chmod(0o755)
        self.fastagi_port = free_port()
        self.settings = self._settings()
        self.ari = Ari(self.settings.asterisk.web_port, new_secret())
        self.instance: Instance
        self._agents = agents
        self._process: AsteriskProcess | None = None

    def _settings(self) -> Settings:
        return Settings(
            home=self.home / "hotline",
            http=HttpSettings(port=free_port()),
            ami=AmiSettings(port=free_port(), secret=SecretStr(new_secret())),
            asterisk=AsteriskSettings(
                sip_host=self.sip_host,
                sip_port=free_port(self.sip_host, kind=socket.SOCK_DGRAM),
                trunk_host=self.trunk_host,
                web_port=free_port(),
                rtp_start=32_000,
                rtp_end=39_999,
            ),
            log_level="warning",
        )

    @property
    def sip(self) -> tuple[str, int]:
        return self.sip_host, self.settings.asterisk.sip_port

    @property
    def pid(self) -> int:
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    @property
    def version(self) -> str:
        return self.instance.distribution.version

    async def __aenter__(self) -> Rig:
        try:
            await asyncio.to_thread(self._configure)
            self._process = AsteriskProcess(self.instance)
            await self._process.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()

    async def close(self) -> None:
        if self._process is not None:
            await self._process.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    async def channels(self) -> int:
        """How many channels are up."""
        assert self._process is not None
        lines = (await self._process.command("core show channels count")).splitlines()
        return int(lines[0].split()[0]) if lines else 0

    async def waiting(self) -> int:
        """How many callers wait in the queue."""
        assert self._process is not None
        lines = (await self._process.command("core show channels concise")).splitlines()
        return sum("!Queue!" in line for line in lines)

    async def quiet(self, within: float = 30) -> None:
        """Hang up what an overload has left behind; returns when no channel is left."""
        assert self._process is not None
        await self._process.command("channel request hangup all")

        async def none_left() -> bool:
            return not await self.channels()

        await until(none_left, within=within, each=0.2, what="no channel is left")

    def log(self) -> str:
        """Asterisk's warnings and errors."""
        file = self.settings.asterisk_logs / "messages.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def _configure(self) -> None:
        self._make_sounds()
        self.instance = configure(
            self.settings,
            distribution=obtain(self.settings.cache),
            agents=self._agents,
            account=unprivileged(),
            shipped=self._shipped(),
        )
        self.settings.home.chmod(0o755)

    def _shipped(self) -> Path:
        """A copy of the product's Asterisk configuration with the peers' additions."""
        copy = self.home / "asterisk-config"
        shutil.copytree(SHIPPED, copy)
        _append(copy / "modules.conf", _ARI)
        _append(copy / "extensions.conf", _DIALPLAN.format(fastagi_port=self.fastagi_port))
        user = f"[bench]\ntype = user\nread_only = no\npassword = {self.ari.password}\n"
        (copy / "ari.conf").write_text("[general]\nenabled = yes\n\n" + user)
        (copy / "websocket_client.conf").write_text("; No connection of Asterisk's own.\n")
        return copy

    def _make_sounds(self) -> None:
        """Prompts of one byte value each, so that a packet identifies its prompt; and music for those who wait."""
        prompts = {"first": bytes([FIRST]) * int(8000 * LONG), "second": bytes([SECOND]) * int(8000 * SHORT)}
        for folder in ("bench", "zh/hotline"):
            where = self.settings.sounds / folder
            where.mkdir(parents=True, exist_ok=True)
            names = prompts if folder == "bench" else {f"bench-{name}": data for name, data in prompts.items()}
            for name, data in names.items():
                (where / f"{name}.ulaw").write_bytes(data)
        music = self.settings.sounds / "moh"
        music.mkdir(exist_ok=True)
        write_tone(music / "tone.wav", 300, seconds=60, level=0.1)


def _append(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
