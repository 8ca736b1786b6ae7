"""The drill of the live flow, from a process of its own."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from callflow.compile import compile_safe_flow, mark_of
from callflow.document import Flow
from callflow.drill.calls import DrillCalls, DrillUnavailableError
from callflow.drill.report import DrillReport, drill
from hotline.app.asterisk_files import dialplan_has
from hotline.app.composition import flow_library
from hotline.app.settings import Settings
from hotline.calendars.current import Calendars
from hotline.calendars.service import read_calendars
from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.errors import HotlineError
from ivr.ami import AmiClient, LinkState
from ivr.dialplan import Variable
from ivr.events import PhoneEvent
from ivr.sounds import SoundFolder
from ivr.switchboard import Switchboard

_CONNECTS = timedelta(seconds=10)


async def drill_live_flow(settings: Settings, secret: str) -> DrillReport:
    """`secret` is AMI's. Raises `DrillUnavailableError` where Asterisk is away or holds another flow; PhoneError."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url)
        await database.open()
        stack.push_async_callback(database.close)
        flows = flow_library(settings, database, clock)
        await flows.start()
        stack.push_async_callback(flows.close)
        calendars = await _calendars(database)
        phone: Dispatcher[PhoneEvent] = Dispatcher()
        ami = AmiClient(settings.ami.model_copy(update={"secret": SecretStr(secret)}), clock, phone.deliver)
        stack.push_async_callback(ami.close)
        await _connect(ami, settings)
        await require_loaded(ami.switchboard, flows.default)
        lease = await ami.switchboard.get_variable("", Variable.LEASE)
        stopped = int(lease or 0) < clock.now().timestamp()
        calls = DrillCalls(ami.switchboard, phone, clock, SoundFolder(settings.sounds))
        return await drill(flows.default, calls, calendars=lambda: calendars, clock=clock, stopped=stopped)


async def require_loaded(switchboard: Switchboard, flow: Flow) -> None:
    """Raises `DrillUnavailableError` where Asterisk's safe flow was not made from `flow`."""
    if not await dialplan_has(switchboard, mark_of(await asyncio.to_thread(compile_safe_flow, flow))):
        raise DrillUnavailableError(
            f"Asterisk does not hold the safe flow of {flow.id}, version {flow.version}; /readyz says what to do."
        )


def report_view(report: DrillReport) -> dict[str, Any]:
    """As JSON shows it."""
    view = asdict(report)
    view["equal"] = report.equal
    for case, shown in zip(report.cases, view["cases"], strict=True):
        shown["equal"] = case.equal
        shown["skipped"] = case.skipped._asdict() if case.skipped else None
    for one, shown in zip(report.losses, view["losses"], strict=True):
        shown["loss"] = one.loss._asdict()
    return view


async def _connect(ami: AmiClient, settings: Settings) -> None:
    settled = asyncio.Event()
    ami.on_link(lambda state: settled.set() if state in (LinkState.READY, LinkState.REFUSED) else None)
    await ami.start()
    try:
        async with asyncio.timeout(_CONNECTS.total_seconds()):
            await settled.wait()
    except TimeoutError:
        pass
    if not ami.ready:
        where = f"{settings.ami.host}:{settings.ami.port}"
        raise DrillUnavailableError(f"No Asterisk answers at {where}, or it refuses the log-in.")


async def _calendars(database: Database) -> Calendars:
    try:
        async with database.snapshot() as db:
            return await read_calendars(db)
    except (HotlineError, SQLAlchemyError):
        return Calendars([], [])
