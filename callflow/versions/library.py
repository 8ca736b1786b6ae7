"""The flows in memory: what new calls begin on, and the versions that running calls began with."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.action import AnyAction
from callflow.actions.subflow import called_flows
from callflow.document import SHIPPED_FLOW, Flow, check_flow, load_flow, read_file
from callflow.registry import all_actions
from callflow.source import FlowInvalidError
from callflow.versions import repository
from callflow.versions.seed import seed_flow
from callflow.versions.state import FlowAlias, VersionSource
from callflow.versions.text import of_json, to_content, to_json, without_lines
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database, DuplicateError
from hotline.kernel.errors import HotlineError, UnavailableError
from hotline.kernel.jobs import JobContext
from hotline.kernel.tasks import TaskOwner, repeat

log = structlog.get_logger(__name__)

FLOWS_CHANGED = "flows.changed"
"""The job that follows each publication, at its time; handled by `FlowLibrary.run_changed`."""
RELOAD = timedelta(seconds=30)
RETRY = timedelta(seconds=2)
_FIRST_READ = timedelta(seconds=5)
_MOST_KEPT = 200
"""Versions in memory that no alias means; a call holds its own in any case."""
_EARLIER = 5
"""How many publications to go back for one that this release of the service can run."""


@dataclass(frozen=True, slots=True)
class _Entries:
    default: Flow
    by_number: Mapping[str, Flow]

    def find(self, dialed: str) -> Flow:
        endings = (dialed[at:] for at in range(len(dialed)))
        return next((self.by_number[ending] for ending in endings if ending in self.by_number), self.default)


class FlowLibrary:
    """A `callflow.pinning.FlowSource` over the store.

    What this process publishes is in force at once, what another one does within `RELOAD`, mostly in a second, by its
    job. While the database is away, calls go on by what was read last; a service that starts then uses the copy of the
    live flow that the last one left in `copy`.
    """

    def __init__(self, database: Database, clock: Clock, *, file: Path | None, copy: Path) -> None:
        """`file` is the setting `flow`. Raises `FlowInvalidError` where it cannot be used."""
        self._database = database
        self._clock = clock
        self._file = file
        self._copy = copy
        self._actions: Mapping[str, AnyAction] = all_actions()
        self.on_change: list[Callable[[], None]] = []
        """Called after what new calls begin on has changed; must not wait."""
        self._entries = _Entries(load_flow(file or SHIPPED_FLOW, self._actions), {})
        self._kept: dict[tuple[str, int], Flow] = {}
        self._live: Mapping[str, Flow] = {}
        self._trouble = "the flows were not read yet"
        self._changed = asyncio.Event()
        self._reading = asyncio.Lock()
        self._tasks = TaskOwner("flows")

    # --- for calls --------------------------------------------------------------------------------------

    @property
    def default(self) -> Flow:
        return self._entries.default

    def for_number(self, dialed: str) -> Flow:
        return self._entries.find(dialed)

    def live(self, flow: str) -> Flow | None:
        """The live version of a flow, also of one that answers no number; never waits."""
        return self._live.get(flow)

    def calls(self) -> Mapping[str, frozenset[str]]:
        """Of each live flow, the flows that it calls."""
        return {id: called_flows(flow) for id, flow in self._live.items()}

    async def version(self, flow: str, number: int) -> Flow | None:
        if (found := self._kept.get((flow, number))) is not None:
            return found
        for known in (self._entries.default, *self._entries.by_number.values()):
            if (known.id, known.version) == (flow, number):
                return known
        try:
            async with asyncio.timeout(2), self._database.snapshot() as db:
                return await self._load(db, flow, number)
        except (HotlineError, SQLAlchemyError, TimeoutError) as error:
            log.warning("flow version unread", flow=flow, version=number, reason=type(error).__name__)
            return None

    def in_force(self) -> tuple[Flow, ...]:
        """Every version that a new call may begin on or come to as a subflow, the default one first."""
        flows = [self._entries.default, *self._entries.by_number.values()]
        seen: set[str] = set()
        for flow in flows:
            called = called_flows(flow) - seen
            seen |= called
            flows += [self._live[id] for id in sorted(called) if id in self._live]
        return tuple({(flow.id, flow.version): flow for flow in flows}.values())

    async def check(self) -> str:
        """Raises `UnavailableError` where calls do not run on what the store says."""
        if self._trouble:
            raise UnavailableError(f"Callers hear {self.default.id}, version {self.default.version}: {self._trouble}.")
        return f"{self.default.id} {self.default.version}"

    # --- its life ---------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Waits a few seconds for the database, which may be away."""
        try:
            async with asyncio.timeout(_FIRST_READ.total_seconds()):
                await self.reload()
        except (HotlineError, SQLAlchemyError, TimeoutError) as error:
            await asyncio.to_thread(self._read_copy)
            log.warning("flows unread, going on with the last copy", reason=type(error).__name__, flow=self.default.id)
        self._tasks.spawn(repeat(self._follow, clock=self._clock, pause=RETRY, trouble="flows unread"), name="read")

    async def close(self) -> None:
        await self._tasks.close()

    def changed(self, _session: Any = None) -> None:
        """Read again; for a transaction's `after_commit`."""
        self._changed.set()

    async def reload(self) -> None:
        """Add the flow of this installation where the store lacks it, and read what is in force."""
        source = VersionSource.FILE if self._file else VersionSource.SHIPPED
        text = await asyncio.to_thread(read_file, self._file or SHIPPED_FLOW)
        content = await asyncio.to_thread(to_content, text)
        try:
            async with self._database.transaction() as db:
                await seed_flow(db, content, source, now=self._clock.now())
        except DuplicateError:
            log.info("flow added by another process")
        async with self._database.snapshot() as db:
            await self.read(db)

    async def run_changed(self, ctx: JobContext) -> None:
        """The handler of `FLOWS_CHANGED` jobs."""
        await self.read(ctx.db)

    async def read(self, db: AsyncSession) -> None:
        """Let new calls begin on what the transaction sees."""
        async with self._reading:
            self._trouble = ""
            found: dict[str, Flow] = {}
            for row in await repository.entry_numbers(db):
                flow = await self._in_force(db, row.flow_id, FlowAlias(row.alias))
                if flow is not None:
                    found[row.number] = flow
            self._live = await self._live_flows(db)
            default = found.pop("", None)
            if default is None:
                self._trouble = self._trouble or "no flow is published for the hotline's number"
                return
            before, self._entries = self._entries, _Entries(default, found)
        if before != self._entries:
            log.info("flow in force", flow=default.id, version=default.version, others=len(found))
            for hook in self.on_change:
                hook()
        await asyncio.to_thread(self._write_copy, default)

    # --- inner ------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(RELOAD.total_seconds()):
                await self._changed.wait()
        except TimeoutError:
            pass
        async with self._database.snapshot() as db:
            await self.read(db)

    async def _live_flows(self, db: AsyncSession) -> dict[str, Flow]:
        live: dict[str, Flow] = {}
        for row in await repository.flows(db):
            flow = await self._in_force(db, row.id, FlowAlias.LIVE)
            if flow is not None:
                live[row.id] = flow
        return live

    async def _in_force(self, db: AsyncSession, flow_id: str, alias: FlowAlias) -> Flow | None:
        for publication in await repository.started(db, flow_id, alias, self._clock.now(), most=_EARLIER):
            if (flow := await self._load(db, flow_id, publication.number)) is not None:
                return flow
            self._trouble = f"version {publication.number} of {flow_id} cannot be run by this release"
        return None

    async def _load(self, db: AsyncSession, flow_id: str, number: int) -> Flow | None:
        if (known := self._kept.get((flow_id, number))) is not None:
            return known
        row = await repository.version(db, flow_id, number)
        if row is None:
            return None
        content = of_json(row.content)
        try:
            flow = await asyncio.to_thread(check_flow, without_lines(content), self._actions, version=number)
        except FlowInvalidError as error:
            log.error("published flow not usable", flow=flow_id, version=number, reason=error.detail)
            return None
        if len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[flow_id, number] = flow
        return flow

    def _write_copy(self, flow: Flow) -> None:
        text = to_json({"version": flow.version, "document": flow.document.model_dump(mode="json")})
        try:
            if self._copy.exists() and self._copy.read_text(encoding="utf-8") == text:
                return
            self._copy.parent.mkdir(parents=True, exist_ok=True)
            waiting = self._copy.with_suffix(".new")
            try:
                waiting.write_text(text, encoding="utf-8")
                os.replace(waiting, self._copy)
            finally:
                waiting.unlink(missing_ok=True)
        except OSError as error:
            log.warning("copy of the live flow not written", file=str(self._copy), reason=error.strerror)

    def _read_copy(self) -> None:
        try:
            copy = of_json(self._copy.read_text(encoding="utf-8"))
            flow = check_flow(without_lines(copy["document"]), self._actions, version=int(copy["version"]))
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, FlowInvalidError) as error:
            log.warning("copy of the live flow not usable", file=str(self._copy), reason=type(error).__name__)
            return
        self._entries = _Entries(flow, {})
