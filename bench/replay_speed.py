"""How long a replay takes: `python -m bench.replay_speed [CALLS ...]`, over simulated calls in a call log on SQLite."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from callflow.document import SHIPPED_FLOW, check_flow
from callflow.lint.world import PromptSound, World
from callflow.registry import all_actions
from callflow.simulate.caller import CallerAnswer, QueueBehaviour, SimulatedCaller
from callflow.simulate.record import SimulatedCall
from callflow.simulate.run import simulate
from callflow.versions.library import FlowLibrary
from callflow.versions.service import DRAFT, FlowService
from callflow.versions.text import to_content, without_lines
from cti.calls.history.record import Attempt, CallRecord, RecordedStep
from cti.calls.history.rows import write_records
from cti.replay.models import FlowReplay
from cti.replay.schemas import ReplayStart
from cti.replay.service import ReplayService
from hotline.app.models import metadata
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.kernel.jobs import JobQueue
from ivr.prompts.catalogue import shipped_catalogue
from ivr.telephony import QueueOutcome

BEGAN = datetime(2026, 11, 2, tzinfo=UTC)
EVERY = timedelta(seconds=20)
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class ReplaySpeed:
    calls: int
    touched: int
    seconds: float


def _world() -> World:
    prompts: dict[str, dict[str, PromptSound]] = {}
    for prompt in shipped_catalogue():
        prompts.setdefault(prompt.id, {})[prompt.language] = PromptSound(text=prompt.text)
    return World(today=BEGAN.date(), prompts=prompts)


def _callers() -> list[SimulatedCaller]:
    """Their like in turn: by key, silent, wrong, gone in the menu, gone in the queue, voicemail."""
    nobody = QueueBehaviour(outcome=QueueOutcome.TIMED_OUT)

    def caller(*keys: str, **more: object) -> SimulatedCaller:
        return SimulatedCaller(answers=tuple(CallerAnswer(press=key) for key in keys), **more)  # type: ignore[arg-type]

    return [
        caller("1"),
        caller("1", queues=(QueueBehaviour(after=35, talk=240),)),
        caller("2"),
        caller("2", queues=(QueueBehaviour(after=90, talk=120),)),
        caller(),
        caller("9", "8", "7"),
        caller("0"),
        caller("4", "1"),
        caller(hangs_up_at=9),
        caller("1", queues=(QueueBehaviour(outcome="abandoned", after=40),)),
        caller("2", "1", queues=(nobody,)),
    ]


def record_of(call_id: str, at: datetime, call: SimulatedCall) -> CallRecord:
    """As the call log keeps it."""
    record = CallRecord(
        call_id=call_id,
        started_at=at,
        caller_number="13900000000",
        dialed="12345",
        flow="enterprise",
        flow_version=1,
        ended_at=at + timedelta(seconds=call.seconds),
        ended_by="caller",
        ended_in=call.nodes[-1],
    )
    for step in call.steps:
        begun = at + timedelta(seconds=step.at)
        record.path.append(
            RecordedStep(at=begun, node=step.node, label=step.label, action=step.action, digits=step.keys)
        )
    for stay in call.stays:
        record.queue, record.queued_at = stay.queue, at + timedelta(seconds=stay.at)
        record.waited_seconds += round(stay.waited)
        if stay.outcome == "answered":
            answered = record.queued_at + timedelta(seconds=stay.waited)
            record.answered_at = answered
            talk = Attempt(agent="1001", queue=stay.queue, rang_at=answered, answered_at=answered, result="answered")
            talk.talk_seconds = round(stay.talked)
            record.attempts.append(talk)
    if any(step.action == "voicemail" and step.outcome == "recorded" for step in call.steps):
        record.voicemail, record.voicemail_seconds = "message.wav", 8.0
    return record


async def _fill(database: Database, calls: int) -> None:
    flow = check_flow(without_lines(to_content(SHIPPED_FLOW.read_text(encoding="utf-8"))), all_actions())
    kinds = [await simulate(flow, caller, _world()) for caller in _callers()]
    for first in range(0, calls, _AT_ONCE):
        some = range(first, min(calls, first + _AT_ONCE))
        records = [record_of(f"call-{n:07}", BEGAN + n * EVERY, kinds[n % len(kinds)]) for n in some]
        async with database.transaction() as db:
            await write_records(db, [(record, False) for record in records])


async def measure(calls: int, folder: Path) -> ReplaySpeed:
    """Through a draft whose welcome is shorter and whose queue is left earlier: every call meets something new."""
    database, clock = Database(f"sqlite+aiosqlite:///{folder / f'{calls}.db'}"), SystemClock()
    await database.open()
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        library = FlowLibrary(database, clock, file=None, copy=folder / "live-flow.json")
        await library.reload()
        flows = FlowService(library, JobQueue(clock), clock, _world)
        await _fill(database, calls)
        async with database.transaction() as db:
            content = await flows.content(db, "enterprise", DRAFT)
            content["nodes"]["welcome"]["options"]["prompts"] = ["welcome"]
            content["nodes"]["enterprise-queue"]["options"]["timeout"] = "PT30S"
            await flows.save_draft(db, "enterprise", content, 1, by=None)
        replays = ReplayService(database, flows, clock, _world)
        asked = ReplayStart(since=BEGAN, until=BEGAN + calls * EVERY)
        began = time.monotonic()
        async with database.transaction() as db:
            row = await replays.begin(db, "enterprise", asked, by="")
        await replays.run(row)
        seconds = time.monotonic() - began
        async with database.snapshot() as db:
            done = (await db.scalars(select(FlowReplay))).one()
        assert done.state == "done", done.state
        return ReplaySpeed(calls, done.summary["touched"], seconds)
    finally:
        await database.close()


async def main(sizes: Sequence[int]) -> None:
    with TemporaryDirectory() as folder:
        for calls in sizes:
            speed = await measure(calls, Path(folder))
            print(f"{speed.calls:,} calls, {speed.touched:,} replayed: {speed.seconds:.1f} s")


if __name__ == "__main__":
    asyncio.run(main([int(each) for each in sys.argv[1:]] or [1_000, 10_000, 100_000]))
