"""The four ways to run one and the same call, and the processes behind them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.processes import last_words, ready, running, until
from bench.rig import Rig

ROOT = Path(__file__).resolve().parents[1]
FLOW = ROOT / "bench/flow.yaml"


@dataclass(frozen=True, slots=True)
class Variant:
    """`exten` is what one dials; `pid` the process that controls the calls, None where Asterisk does it alone."""

    name: str
    exten: str
    pid: int | None


@asynccontextmanager
async def all_variants(rig: Rig) -> AsyncIterator[tuple[Variant, ...]]:
    """Every controller up and serving; ours is the whole service as `hotline serve` runs it."""
    async with AsyncExitStack() as stack:
        fastagi = await stack.enter_async_context(_peer(rig, "fastagi", str(rig.fastagi_port)))
        ari = await stack.enter_async_context(_peer(rig, "ari", str(rig.ari.port), rig.ari.password))
        ours = await stack.enter_async_context(_service(rig))
        yield (
            Variant("native dialplan", "9001", None),
            Variant("FastAGI", "9002", fastagi),
            Variant("ARI", "9003", ari),
            Variant("ours", "12345", ours),
        )


@asynccontextmanager
async def _peer(rig: Rig, name: str, *arguments: str) -> AsyncIterator[int]:
    log = rig.home / f"{name}.log"
    command = (sys.executable, "-m", f"bench.peers.{name}", *arguments)
    async with running(command, log=log, cwd=ROOT) as process:
        await ready(process, log, "ready")
        yield process.pid


@asynccontextmanager
async def _service(rig: Rig) -> AsyncIterator[int]:
    log = rig.home / "hotline.log"
    # What .venv/bin/hotline does, of this checkout.
    command = (sys.executable, "-c", "from hotline.cli.main import main; main()", "serve")
    async with running(command, log=log, env=service_environment(rig), cwd=ROOT) as process:
        await _healthy(rig, process, log)
        yield process.pid


def service_environment(rig: Rig) -> dict[str, str]:
    settings = rig.settings
    return {
        "HOTLINE_HOME": str(settings.home),
        "HOTLINE_HTTP__PORT": str(settings.http.port),
        "HOTLINE_AMI__PORT": str(settings.ami.port),
        "HOTLINE_AMI__SECRET": settings.ami.secret.get_secret_value(),
        "HOTLINE_ASTERISK__SIP_HOST": settings.asterisk.sip_host,
        "HOTLINE_ASTERISK__SIP_PORT": str(settings.asterisk.sip_port),
        "HOTLINE_ASTERISK__TRUNK_HOST": settings.asterisk.trunk_host,
        "HOTLINE_ASTERISK__WEB_PORT": str(settings.asterisk.web_port),
        "HOTLINE_FLOW": str(FLOW),
        "HOTLINE_LOG_LEVEL": "warning",
    }


async def _healthy(rig: Rig, process: asyncio.subprocess.Process, log: Path) -> None:
    """Return when /readyz reports it: AMI, lease and database are there."""
    url = f"http://127.0.0.1:{rig.settings.http.port}/readyz"
    async with aiohttp.ClientSession() as http:

        async def says_so() -> bool:
            try:
                async with http.get(url) as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return process.returncode is not None

        try:
            await until(says_so, within=30, each=0.1, what="the service is ready")
        except RuntimeError as error:
            raise RuntimeError(f"{error}: {last_words(log)}") from None
    if process.returncode is not None:
        raise RuntimeError(f"the service ended at once: {last_words(log)}")
