"""Assembles everything that runs calls: registry, attendant, recovery, and the view of the live calls."""

from __future__ import annotations

from pathlib import Path

from callflow.action import FlowPorts
from callflow.attendant import Attendant
from callflow.live import LiveCall
from callflow.pinning import FlowSource
from callflow.ports import (
    AnnouncementSource,
    CalendarSource,
    CallerDirectory,
    CaseProgress,
    NoCases,
    NoPhones,
    NoWebServices,
    OnAir,
    PhoneBook,
    PostMessage,
    QueueFiguresSource,
    WebServices,
    no_figures,
    no_messages,
)
from callflow.recovery import CallRecovery
from callflow.sessions import CallStore
from hotline.kernel.bus import Bus, Dispatcher
from hotline.kernel.clock import Clock
from hotline.kernel.db import Database
from ivr.events import AgiStarted, PhoneEvent
from ivr.lease import Lease
from ivr.registry import CallRegistry
from ivr.session import CallSession
from ivr.sounds import SoundFolder
from ivr.switchboard import PhoneSnapshot, Switchboard
from ivr.telephony import PromptPaths


class CallflowService:
    """`start()` after the database, with the phone link starting or up; `close()` before both.

    Have `adopt()` called each time the phone link is ready. Implements `callflow.live.Calls`.
    """

    def __init__(
        self,
        *,
        switchboard: Switchboard,
        phone: Dispatcher[PhoneEvent],
        bus: Bus,
        database: Database,
        clock: Clock,
        flows: FlowSource,
        directory: CallerDirectory,
        calendars: CalendarSource,
        progress: CaseProgress | None = None,
        queues: QueueFiguresSource = no_figures,
        announcements: AnnouncementSource = OnAir,
        phones: PhoneBook | None = None,
        web: WebServices | None = None,
        messages: PostMessage = no_messages,
        recordings: Path,
        sounds: Path | None = None,
        prompts: PromptPaths | None = None,
        lease: Lease | None = None,
    ) -> None:
        """`prompts` wins over `sounds`."""
        self._store = CallStore(database, clock)
        self._registry = CallRegistry(switchboard, phone, clock, self._on_call, lease=lease)
        self._attendant = Attendant(
            flows,
            FlowPorts(
                directory=directory,
                calendars=calendars,
                clock=clock,
                recordings=recordings,
                progress=progress or NoCases(),
                queues=queues,
                announcements=announcements,
                phones=phones or NoPhones(),
                flows=flows.live,
                messages=messages,
                web=web or NoWebServices(),
            ),
            bus,
            self._store,
            prompts or SoundFolder(sounds or Path()),
            self._registry,
        )
        self._recovery = CallRecovery(switchboard, self._registry, self._store, self._attendant, clock)

    def start(self) -> None:
        self._store.start()
        self._registry.start()

    async def close(self) -> None:
        """Stop serving; calls continue in Asterisk and are resumed at the next start. Safe to call twice."""
        await self._registry.close()
        await self._attendant.close()
        await self._store.close()

    # --- the view of others -----------------------------------------------------------------------------

    def live(self, call_id: str) -> LiveCall | None:
        running = self._attendant.running.get(call_id)
        return running.view() if running is not None else None

    def all_live(self) -> tuple[LiveCall, ...]:
        return tuple(running.view() for running in self._attendant.running.values())

    # --- calls ------------------------------------------------------------------------------------------

    def _on_call(self, session: CallSession, event: AgiStarted) -> None:
        self._attendant.serve(session, self._attendant.attend(session, event))

    async def adopt(self, snapshot: PhoneSnapshot) -> None:
        """Take the lease, then reconcile every call with Asterisk.

        Safe to call twice, and while calls are running.
        """
        await self._registry.renew_lease()
        await self._recovery.adopt(snapshot)
