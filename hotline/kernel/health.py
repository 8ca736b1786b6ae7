"""Is the service alive, and is every part of it ready; what it measures.

`/healthz` is open to everybody and says only that the process answers: a load balancer's probe. `/readyz`
names every part and `/metrics` every figure, which reveals too much to outsiders: they are answered without a
log-in only on this machine itself (and not through a proxy on it), elsewhere with the permission that
`EdgeOptions.diagnostics_permission` names.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal, NoReturn, get_args

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict

from hotline.kernel.clock import Clock
from hotline.kernel.errors import HotlineError, UnavailableError
from hotline.kernel.http import RequestContext, Routes
from hotline.kernel.metrics import CONTENT_TYPE, PART_OK, READINESS, exposition

log = structlog.get_logger(__name__)
Status = Literal["ready", "degraded", "not_ready"]
Check = Callable[[], Awaitable[str | None]]
"""Returns a detail worth showing, or None; raises when the part is unhealthy."""


class Hint(BaseModel):
    """What to do when a part is ill, as the health page and `hotline doctor` show it."""

    model_config = ConfigDict(frozen=True)

    zh: str = ""
    en: str = ""


NO_HINT = Hint()


class PartHealth(BaseModel):
    """One part: `name` never changes once published; `elapsed` in seconds."""

    name: str
    ok: bool
    critical: bool
    detail: str
    hint: Hint = NO_HINT
    elapsed: float


class Readiness(BaseModel):
    """not_ready: a critical part is down; degraded: another is."""

    status: Status
    parts: list[PartHealth]


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    check: Check
    critical: bool
    hint: Hint


class HealthChecks:
    """The parts that make up readiness, asked all at once, each with a deadline.

    A part that goes wrong or comes right is logged once, by whichever look at it finds that first.
    """

    def __init__(self, clock: Clock, *, deadline: timedelta = timedelta(seconds=3)) -> None:
        self._clock = clock
        self._deadline = deadline
        self._parts: list[_Part] = []
        self._failing: set[str] = set()

    def add(self, name: str, check: Check, *, critical: bool, hint: Hint = NO_HINT) -> None:
        if any(part.name == name for part in self._parts):
            raise ValueError(f"two health checks are named {name!r}")
        self._parts.append(_Part(name, check, critical, hint))

    async def readiness(self) -> Readiness:
        parts = await asyncio.gather(*(self._ask(part) for part in self._parts))
        status: Status = "ready"
        if not all(part.ok for part in parts):
            status = "not_ready" if any(part.critical and not part.ok for part in parts) else "degraded"
        for part in parts:
            self._note(part)
        for one in get_args(Status):
            READINESS.labels(one).set(one == status)
        return Readiness(status=status, parts=list(parts))

    async def watch(self, every: timedelta) -> NoReturn:
        """Check the parts periodically, so that logs and metrics are current even if `/readyz` is not polled."""
        while True:
            await self._clock.sleep(every)
            await self.readiness()

    def _note(self, part: PartHealth) -> None:
        PART_OK.labels(part.name).set(part.ok)
        if not part.ok and part.name not in self._failing:
            self._failing.add(part.name)
            log.warning("part unhealthy", part=part.name, hint=part.detail)
        elif part.ok and part.name in self._failing:
            self._failing.discard(part.name)
            log.info("part recovered", part=part.name)

    async def _ask(self, part: _Part) -> PartHealth:
        started = self._clock.monotonic()
        ok = False
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                detail = await part.check() or ""
            ok = True
        except TimeoutError:
            detail = f"no answer within {self._deadline.total_seconds():g} s"
        except HotlineError as error:
            detail = error.detail
        except Exception as error:
            if part.name not in self._failing:
                log.exception("health check failed", part=part.name)
            detail = f"the check itself failed: {type(error).__name__}"
        elapsed = round(self._clock.monotonic() - started, 4)
        return PartHealth(name=part.name, ok=ok, critical=part.critical, detail=detail, hint=part.hint, elapsed=elapsed)


def disk_check(path: Path, *, least_free: int = 1024**3) -> Check:
    """Whether the file system of `path` (or of its nearest folder that exists) has `least_free` bytes left."""

    async def check() -> str:
        folder = next(folder for folder in (path, *path.parents) if folder.exists())
        usage = await asyncio.to_thread(shutil.disk_usage, folder)
        state = f"{usage.free / 1024**3:.1f} GiB free"
        if usage.free < least_free:
            wanted = f"{least_free / 1024**3:.1f} GiB"
            raise UnavailableError(f"Only {state} at {folder}, {wanted} wanted; delete or move recordings.")
        return state

    return check


def operations_routes(health: HealthChecks) -> Routes:
    """/healthz, /readyz, /metrics."""
    routes = Routes("", tag="operations")

    @routes.get("/healthz", public=True, raw=True, transaction=False, described=False)
    async def healthz(ctx: RequestContext) -> web.StreamResponse:
        return web.Response(text="ok\n")

    @routes.get("/readyz", public=True, raw=True, transaction=False, described=False)
    async def readyz(ctx: RequestContext) -> web.StreamResponse:
        await _admit(ctx)
        readiness = await health.readiness()
        # For checks that read no body: with ?strict, every part must be well.
        good = {"ready"} if "strict" in ctx.request.query else {"ready", "degraded"}
        return web.Response(
            body=readiness.model_dump_json(),
            status=200 if readiness.status in good else 503,
            content_type="application/json",
        )

    @routes.get("/metrics", public=True, raw=True, transaction=False, described=False)
    async def metrics(ctx: RequestContext) -> web.StreamResponse:
        await _admit(ctx)
        return web.Response(body=exposition(), headers={"Content-Type": CONTENT_TYPE})

    return routes


async def _admit(ctx: RequestContext) -> None:
    if ctx.gate.is_local(ctx.request):
        return
    await ctx.authenticate()
    ctx.require(ctx.gate.options.diagnostics_permission)
