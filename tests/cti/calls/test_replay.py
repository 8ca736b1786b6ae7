"""What the service missed is in the log all the same, once."""

from __future__ import annotations

import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from callflow.events import CallResumed, VoicemailLeft
from cti.calls.models import CallFactRow, CallLogCursor, CallRecordRow
from hotline.kernel.db import Base, Database
from ivr.switchboard import Channel, PhoneSnapshot
from tests.cti.calls.asterisk_logs import AsteriskLogs, LoggedCall
from tests.cti.calls.conftest import House, opened
from tests.phones.waiting import until


@pytest.fixture
def logs(house: House) -> AsteriskLogs:
    return AsteriskLogs(house.logs)


@pytest.fixture
def call() -> LoggedCall:
    return LoggedCall(datetime.now(UTC))


async def count(database: Database, model: type[Base]) -> int:
    async with database.snapshot() as db:
        return await db.scalar(select(func.count()).select_from(model)) or 0


async def detail(house: House, call: LoggedCall) -> Any:
    return await house.get("supervisor", f"/api/calls/{call.call_id}")


async def test_a_call_that_the_service_never_saw(house: House, logs: AsteriskLogs, call: LoggedCall) -> None:
    call.is_logged(logs)
    assert await house.replayed() > 0
    found = await detail(house, call)
    assert (found["outcome"], found["gap"], found["agents"]) == ("answered", True, ["1001"])
    assert (found["caller_name"], found["caller_number"]) == ("李雷", "+86139****5678")
    assert (found["waited_seconds"], found["talk_seconds"], found["safe_reason"]) == (3, 60, "unmatched")
    assert (found["ended_by"], found["cause"]) == ("agent", None)


async def test_a_call_of_which_asterisk_lost_the_beginning(house: House, logs: AsteriskLogs, call: LoggedCall) -> None:
    call.is_logged(logs)
    file = logs.cdr
    fields = file.read_text(encoding="utf-8").split(",")
    was = fields[4]
    fields[4] = "0.000000"
    file.write_text(",".join(fields), encoding="utf-8")
    assert await house.replayed() > 0
    found = await detail(house, call)
    assert datetime.fromisoformat(found["started_at"]).timestamp() == int(float(was))
    assert found["gap"]


async def test_a_call_that_the_service_saw_from_the_start_to_its_own_death(
    house: House, logs: AsteriskLogs, call: LoggedCall
) -> None:
    await house.happens(call.arrives(), call.is_known(), *call.menu(), call.queues())
    call.is_logged(logs)
    await house.replayed()
    found = await detail(house, call)
    assert (found["outcome"], found["gap"], found["talk_seconds"]) == ("answered", True, 60)
    assert [step["digits"] for step in found["path"]] == ["1"]
    assert [a["result"] for a in found["attempts"]] == ["answered"]
    assert await count(house.database, CallRecordRow) == 1


async def test_a_call_resumed_after_the_outage(house: House, logs: AsteriskLogs, call: LoggedCall) -> None:
    """Dead from the queue to the talk; the agent's hanging up is seen again."""
    await house.happens(call.arrives(), *call.menu(), call.queues())
    call.is_logged(logs, whole=False)
    # Asterisk knows the channel; no CDR tells yet which call it is.
    assert house.calls.replay is not None
    house.calls.replay.resync({call.unique_id: call.call_id}, call.at(0))
    await house.replayed()
    live = await detail(house, call)
    assert (live["outcome"], live["agents"], live["gap"]) == ("live", ["1001"], True)
    await house.happens(call.talk_ends(65, 60), call.rates(70), call.ends(72))
    call.is_logged_to_the_end(logs)
    await house.replayed()
    found = await detail(house, call)
    assert (found["outcome"], found["talk_seconds"], found["survey"], found["ended_by"]) == (
        "answered",
        60,
        1,
        "caller",
    )
    assert [a["result"] for a in found["attempts"]] == ["answered"]


async def test_what_the_service_saw_is_not_taken_twice(house: House, logs: AsteriskLogs, call: LoggedCall) -> None:
    await house.happens(*call.simple())
    before = await detail(house, call)
    call.is_logged(logs, extension="s")
    assert await house.replayed() == 0
    assert await count(house.database, CallFactRow) == 0
    assert await detail(house, call) == before
    assert before["gap"] is False


async def test_lines_read_before_their_call_is_known(any_database: Database, tmp_path: Path, call: LoggedCall) -> None:
    """queue_log is read while the call goes on; its CDR comes after a restart of the service."""
    async with opened(any_database, tmp_path) as house:
        logs = AsteriskLogs(house.logs)
        call.is_logged(logs, whole=False)
        await house.replayed()
        assert await count(any_database, CallRecordRow) == 0
    async with opened(any_database, tmp_path) as house:
        call.is_logged_to_the_end(logs)
        await house.replayed()
        found = await detail(house, call)
        assert (found["outcome"], found["waited_seconds"], found["talk_seconds"]) == ("answered", 3, 60)


async def test_who_ended_a_wait_that_nobody_saw(house: House, logs: AsteriskLogs, call: LoggedCall) -> None:
    logs.queue(call.at(2), call.unique_id, "ENTERQUEUE", "", "", 1)
    logs.queue(call.at(20), call.unique_id, "ABANDON", 1, 1, 18)
    logs.call_detail(call, 20)
    await house.replayed()
    found = await detail(house, call)
    assert (found["outcome"], found["ended_by"], found["waited_seconds"]) == ("abandoned_queue", "caller", 18)


async def test_a_log_read_again_from_its_beginning_adds_nothing(
    house: House, logs: AsteriskLogs, call: LoggedCall
) -> None:
    call.is_logged(logs)
    await house.replayed()
    before, facts = await detail(house, call), await count(house.database, CallFactRow)
    async with house.database.transaction() as db:
        await db.execute(delete(CallLogCursor).where(CallLogCursor.source != "journal"))
    await house.replayed()
    assert await detail(house, call) == before
    assert await count(house.database, CallFactRow) == facts


async def test_facts_kept_and_not_yet_applied_are_applied_after_a_crash(
    any_database: Database, tmp_path: Path, call: LoggedCall
) -> None:
    async with opened(any_database, tmp_path) as house:
        call.is_logged(AsteriskLogs(house.logs))
        await house.replayed()
        async with any_database.transaction() as db:
            # As if the service had died between keeping the facts and writing the record.
            await db.execute(delete(CallRecordRow.metadata.tables["call_attempt"]))
            await db.execute(delete(CallRecordRow))
            await db.execute(CallFactRow.__table__.update().values(applied=False))  # type: ignore[attr-defined]
    async with opened(any_database, tmp_path) as house:
        await house.calls.recorder.settle()
        assert (await detail(house, call))["outcome"] == "answered"


async def test_a_message_left_in_the_safe_flow(house: House, logs: AsteriskLogs, call: LoggedCall) -> None:
    with wave.open(str(house.recordings / f"{call.call_id}-voicemail.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 8000 * 4)
    logs.call_detail(call, 40, extension="n_voicemail")
    await house.replayed()
    found = await detail(house, call)
    assert (found["outcome"], found["voicemail_seconds"], found["has_voicemail"]) == ("voicemail", 4.0, True)
    response, _ = await house.bytes("qa", f"/api/calls/{call.call_id}/recording", side="voicemail")
    assert (response.status, response.content_length) == (200, 44 + 64000)


async def test_a_call_that_went_nowhere(house: House, logs: AsteriskLogs, call: LoggedCall) -> None:
    logs.call_detail(call, 0.05, extension="12345")
    await house.replayed()
    assert (await detail(house, call))["outcome"] == "abandoned_menu"


async def test_nonsense_in_the_files_hides_no_call(house: House, logs: AsteriskLogs, call: LoggedCall) -> None:
    logs.queue_log.write_text("1795553382|NONE|NONE|NONE|QUEUESTART|\nnonsense\n\n|||||\n")
    logs.cdr.write_text('"a","b"\n"unfinished\n')
    call.is_logged(logs)
    await house.replayed()
    assert (await detail(house, call))["outcome"] == "answered"


async def test_lines_of_foreign_channels_are_forgotten_in_time(house: House, logs: AsteriskLogs) -> None:
    old = datetime.now(UTC) - timedelta(days=3)
    logs.queue(old, "1700000000.1", "ENTERQUEUE", "", "", 1)
    await house.replayed()
    assert await count(house.database, CallFactRow) == 0


def snapshot(asked_at: datetime, *calls: LoggedCall) -> PhoneSnapshot:
    channels = tuple(
        Channel(
            name=f"PJSIP/trunk-{number:08x}",
            unique_id=call.unique_id,
            linked_id=call.unique_id,
            call_id=call.call_id,
            state="Up",
            context="hotline-queue",
            extension="s",
            priority=1,
            application="Queue",
            application_data="",
            caller_number="",
            caller_name="",
            connected_number="",
            connected_name="",
            bridge_id="",
            duration=timedelta(),
        )
        for number, call in enumerate(calls)
    )
    return PhoneSnapshot(asked_at=asked_at, started="", channels=channels, members=(), entries=(), rooms={})


async def test_calls_that_asterisk_lost_have_ended(house: House) -> None:
    now = datetime.now(UTC)
    lost, alive, fresh = (LoggedCall(now - timedelta(seconds=age)) for age in (60, 50, 0))
    for call in (lost, alive, fresh):
        await house.happens(call.arrives(), *call.menu())
    await house.calls.resync(snapshot(now - timedelta(seconds=5), alive))
    await house.replayed()
    found = await detail(house, lost)
    assert (found["outcome"], found["ended_by"], found["gap"]) == ("failed", "system", True)
    assert datetime.fromisoformat(found["ended_at"]) == lost.at(1)
    for call in (alive, fresh):
        assert (await detail(house, call))["outcome"] == "live"


@pytest.mark.slow
async def test_the_log_is_read_at_start_and_when_asterisk_is_back(
    house: House, logs: AsteriskLogs, call: LoggedCall
) -> None:
    call.is_logged(logs)
    await house.calls.start()

    async def there(found: LoggedCall) -> bool:
        return (await house.ask("supervisor", "GET", f"/api/calls/{found.call_id}"))[0] == 200

    await until(lambda: there(call))
    other = LoggedCall(call.at(-4))
    other.is_logged(logs)
    await house.calls.resync(snapshot(datetime.now(UTC)))
    await until(lambda: there(other))


@pytest.mark.slow
async def test_the_end_of_a_call_with_a_gap_has_the_logs_read_at_once(
    house: House, logs: AsteriskLogs, call: LoggedCall
) -> None:
    await house.calls.start()
    await house.happens(call.arrives(), CallResumed(at=call.at(3), call_id=call.call_id, node="queue"))

    async def quiet() -> bool:
        async with house.database.snapshot() as db:
            return await db.get(CallLogCursor, "cdr") is not None

    logs.call_detail(LoggedCall(call.at(-2)), 1)
    await until(quiet)
    call.is_logged(logs)
    await house.happens(call.ends(72))

    async def filled() -> bool:
        return bool((await detail(house, call))["talk_seconds"])

    await until(filled)


async def test_a_voicemail_that_the_service_saw_is_not_reported_again(
    house: House, logs: AsteriskLogs, call: LoggedCall
) -> None:
    left = VoicemailLeft(at=call.at(30), call_id=call.call_id, file=f"{call.call_id}-voicemail.wav", seconds=9.0)
    await house.happens(call.arrives(), left, call.ends(40))
    logs.call_detail(call, 40, extension="s")
    assert await house.replayed() == 0
