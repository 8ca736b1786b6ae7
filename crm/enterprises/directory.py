"""Who calls from a number, answered from memory: the call path never waits for the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog

from callflow.ports import CallerIdentity
from crm.enterprises import repository
from crm.enterprises.events import (
    EnterpriseMergeUndone,
    EnterpriseRegistered,
    EnterprisesImported,
    EnterprisesMerged,
    EnterpriseUpdated,
)
from crm.enterprises.models import NumberPurpose
from crm.enterprises.numbers import NumberPlan
from crm.enterprises.repository import DirectoryRow
from hotline.kernel.bus import Bus
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from hotline.kernel.errors import UnavailableError
from hotline.kernel.events import Recorded
from hotline.kernel.tasks import TaskOwner, repeat

log = structlog.get_logger(__name__)

RETRY = timedelta(seconds=2)
RELOAD = timedelta(minutes=10)
FIRST_LOAD = timedelta(seconds=5)
STALE_AFTER = timedelta(seconds=30)
_PAGE = 500
_SOME = 500
"""More changes than these, and the whole book is read instead."""
_CHANGES = (EnterpriseRegistered, EnterpriseUpdated, EnterprisesMerged, EnterpriseMergeUndone, EnterprisesImported)


class NumberIndex:
    """The numbers of the book by number. Pure."""

    def __init__(self) -> None:
        self._by_number: dict[str, tuple[DirectoryRow, ...]] = {}
        self._numbers_of: dict[str, frozenset[str]] = {}

    def __len__(self) -> int:
        return len(self._by_number)

    def replace(self, enterprise_ids: Iterable[str], rows: Iterable[DirectoryRow]) -> None:
        """Know `rows` as all the numbers of `enterprise_ids`."""
        for enterprise_id in enterprise_ids:
            for number in self._numbers_of.pop(enterprise_id, frozenset()):
                kept = tuple(row for row in self._by_number[number] if row.enterprise_id != enterprise_id)
                if kept:
                    self._by_number[number] = kept
                else:
                    del self._by_number[number]
        self.add(rows)

    def add(self, rows: Iterable[DirectoryRow]) -> None:
        """Know `rows` too."""
        for row in rows:
            self._by_number[row.number] = (*self._by_number.get(row.number, ()), row)
            self._numbers_of[row.enterprise_id] = self._numbers_of.get(row.enterprise_id, frozenset()) | {row.number}

    def find(self, number: str) -> tuple[DirectoryRow, ...]:
        """The contacts that call from `number`; where there is none, those to be called back at it."""
        rows = self._by_number.get(number, ())
        callers = tuple(row for row in rows if row.purpose == NumberPurpose.CALLER)
        return callers or rows


def identity(rows: tuple[DirectoryRow, ...]) -> CallerIdentity | None:
    """What the rows of one number agree upon, or None where there are none.

    The enterprise is named by id only where it is the only one, and so is the contact; where several share the
    number, the names hold all of them, for the agent to ask. Only a caller's own number, and one enterprise,
    may skip the menu. Pure.
    """
    if not rows:
        return None
    enterprises = dict.fromkeys((row.enterprise_id, row.enterprise_name) for row in rows)
    contacts = dict.fromkeys((row.contact_id, row.contact_name) for row in rows)
    one, certain = len(enterprises) == 1, len(contacts) == 1
    return CallerIdentity(
        enterprise_id=rows[0].enterprise_id if one else None,
        enterprise_name=" / ".join(name for _, name in enterprises),
        contact_id=rows[0].contact_id if certain else None,
        contact_name=" / ".join(dict.fromkeys(name for _, name in contacts)),
        kind=rows[0].kind if one else "",
        region=_region(rows[0].credit_code) if one else "",
        skip_menu=one and all(row.skips_menu and row.purpose == NumberPurpose.CALLER for row in rows),
    )


def _region(credit_code: str | None) -> str:
    """The six digits of GB/T 2260 in a unified code (GB 32100 §4.2); "" where there is none."""
    region = (credit_code or "")[2:8]
    return region if len(region) == 6 and region.isdecimal() else ""


class EnterpriseDirectory:
    """Implements `callflow.ports.CallerDirectory` over a `NumberIndex` kept fresh by the bus.

    One task reads what changed after each commit; everything is read again every RELOAD, for what another
    process changed. While the database is away, the last known book answers.
    """

    def __init__(
        self, database: Database, bus: Bus, plan: NumberPlan, clock: Clock, *, patience: timedelta = FIRST_LOAD
    ) -> None:
        """`patience`: how long `start` waits for the first load before it continues without."""
        self._database = database
        self._bus = bus
        self._plan = plan
        self._clock = clock
        self._patience = patience
        self._tasks = TaskOwner("enterprise directory")
        self._unsubscribe: Callable[[], None] | None = None
        self._wanted = asyncio.Event()
        self._loaded = asyncio.Event()
        self._all_stale = True
        self._stale: set[str] = set()
        self._stale_since: float | None = None
        """By the monotonic clock; see `stale`."""
        self._index = NumberIndex()

    @property
    def loaded(self) -> bool:
        """Whether the whole book has been read since the start."""
        return self._loaded.is_set()

    @property
    def stale(self) -> bool:
        """Whether something has changed, or may have, that is not read yet."""
        return self._stale_since is not None

    async def start(self) -> None:
        """Subscribe and load; a database that is away delays neither this nor the calls."""
        self._unsubscribe = self._bus.subscribe(self._changed, *_CHANGES)
        self._want()
        refreshing = repeat(self._refresh, clock=self._clock, pause=RETRY, trouble="enterprise directory not refreshed")
        self._tasks.spawn(refreshing, name="refresh")
        self._tasks.spawn(self._reload_now_and_then(), name="reload")
        try:
            await asyncio.wait_for(self._loaded.wait(), self._patience.total_seconds())
        except TimeoutError:
            log.warning("enterprise directory starts empty", reason="the database did not answer")

    async def close(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
        await self._tasks.close()

    async def check(self) -> str:
        """For readiness: how much is known. Raises `UnavailableError` where changes have been waiting for a while."""
        if self._stale_since is not None:
            stale = timedelta(seconds=round(self._clock.monotonic() - self._stale_since))
            if stale >= STALE_AFTER:
                raise UnavailableError(
                    f"The enterprise directory could not be read for {stale}; callers are known as they were before."
                )
        return f"{len(self._index)} numbers"

    async def identify(self, number: str) -> CallerIdentity | None:
        """The caller with this `number`, as the trunk shows it; None if unknown. Never waits."""
        return identity(self.matches(number))

    def matches(self, number: str) -> tuple[DirectoryRow, ...]:
        """All contacts that share `number`."""
        canonical = self._plan.canonical(number)
        return self._index.find(canonical) if canonical else ()

    def _changed(self, recorded: Recorded) -> None:
        match recorded.event:
            case EnterpriseRegistered() | EnterpriseUpdated() as event:
                self._stale.add(event.enterprise_id)
            case EnterprisesMerged() | EnterpriseMergeUndone() as event:
                self._stale |= {event.survivor_id, event.merged_id}
            case EnterprisesImported():
                self._all_stale = True
        self._want()

    async def _reload_now_and_then(self) -> None:
        while True:
            await self._clock.sleep(RELOAD)
            self._all_stale = True
            self._want()

    def _want(self) -> None:
        if self._stale_since is None:
            self._stale_since = self._clock.monotonic()
        self._wanted.set()

    async def _refresh(self) -> None:
        await self._wanted.wait()
        self._wanted.clear()
        everything, some = self._all_stale, self._stale
        self._all_stale, self._stale = False, set()
        try:
            await self._load(everything, some)
        except Exception:
            self._all_stale |= everything
            self._stale |= some
            self._wanted.set()
            raise
        # What changed meanwhile is stale since now.
        self._stale_since = self._clock.monotonic() if self._wanted.is_set() else None

    async def _load(self, everything: bool, some: set[str]) -> None:
        if everything or len(some) > _SOME:
            self._index = await self._whole()
            self._loaded.set()
            return
        async with self._database.snapshot() as db:
            rows = await repository.directory_rows(db, some)
        self._index.replace(some, rows)

    async def _whole(self) -> NumberIndex:
        """The book as it is, read in pages of one snapshot so that the loop is never held for long."""
        index, after = NumberIndex(), ""
        async with self._database.snapshot() as db:
            while True:
                rows, after = await repository.directory_page(db, after=after, most=_PAGE)
                if not rows:
                    return index
                index.add(rows)
                await asyncio.sleep(0)
