"""What a screen shows of a running call: the call log's memory, or, after a restart, what the call itself knows."""

from __future__ import annotations

from typing import Protocol

from callflow.live import LiveCall, LiveCalls
from cti.calls.history.record import CallRecord, RecordedStep


class Log(Protocol):
    """The call log."""

    def live(self, call_id: str) -> CallRecord | None:
        """The record of a live or lately ended call as far as it goes, from memory."""
        ...


class LiveRecords:
    def __init__(self, log: Log, calls: LiveCalls) -> None:
        self._log = log
        self._calls = calls

    def live(self, call_id: str) -> CallRecord | None:
        """The call's record as far as it goes; from memory."""
        record = self._log.live(call_id)
        if record is not None and record.caller_number:
            return record
        running = self._calls.live(call_id)
        return _record_of(running, record) if running else record


def _record_of(call: LiveCall, logged: CallRecord | None) -> CallRecord:
    identity = call.identity
    return CallRecord(
        call_id=call.call_id,
        started_at=call.started_at,
        caller_number=call.caller_number,
        caller_name=call.caller_name,
        dialed=call.dialed,
        entry=call.entry,
        channel=call.channel,
        enterprise_id=identity.enterprise_id if identity else None,
        enterprise_name=identity.enterprise_name if identity else "",
        contact_id=identity.contact_id if identity else None,
        contact_name=identity.contact_name if identity else "",
        path=[RecordedStep(at=step.at, node=step.node, label=step.label, digits=step.digits) for step in call.path],
        queue=call.queue,
        threeway=logged.threeway if logged else [],
    )
