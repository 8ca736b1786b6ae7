"""The call log's tables. Rows are rebuilt from events by `cti.calls.history.recorder`, its only writer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cti.calls.history.record import LABEL
from hotline.kernel.db import Base, Json, UtcDateTime

CALL_ID = String(64)
"""A UUID; a call that came in by a dialplan without call ids has its channel's unique id."""


class CallRecordRow(Base):
    """One call, live or ended; the fields as in `cti.calls.history.record.CallRecord`."""

    __tablename__ = "call_record"
    __table_args__ = (
        Index("ix_call_record_started_at_call_id", "started_at", "call_id"),
        Index("ix_call_record_outcome_started_at", "outcome", "started_at"),
        Index("ix_call_record_queue_started_at", "queue", "started_at"),
        Index("ix_call_record_survey_started_at", "survey", "started_at"),
        Index("ix_call_record_enterprise_id_started_at", "enterprise_id", "started_at"),
        Index("ix_call_record_number_digits", "number_digits"),
        Index("ix_call_record_number_backwards", "number_backwards"),
    )

    call_id: Mapped[str] = mapped_column(CALL_ID, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    caller_number: Mapped[str] = mapped_column(String(64))
    number_digits: Mapped[str] = mapped_column(String(64))
    """The number as `cti.calls.numbers.search_digits` has it, and backwards: both ends are looked up by index."""
    number_backwards: Mapped[str] = mapped_column(String(64))
    caller_name: Mapped[str] = mapped_column(String(200))
    names: Mapped[str] = mapped_column(Text)
    """Caller, enterprise and contact in lower case, for searching."""
    dialed: Mapped[str] = mapped_column(String(64))
    entry: Mapped[str] = mapped_column(String(8))
    enterprise_id: Mapped[str | None] = mapped_column(String(36))
    enterprise_name: Mapped[str] = mapped_column(String(400))
    contact_id: Mapped[str | None] = mapped_column(String(36))
    contact_name: Mapped[str] = mapped_column(String(200))
    flow: Mapped[str] = mapped_column(String(64))
    flow_version: Mapped[int | None]
    queue: Mapped[str] = mapped_column(String(64))
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waited_seconds: Mapped[int]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    talk_seconds: Mapped[int]
    hold_seconds: Mapped[int]
    agents: Mapped[list[str]] = mapped_column(Json)
    """Numbers of those who talked with the caller; who was rung is in `call_attempt`."""
    threeway_moves: Mapped[list[dict[str, str]]] = mapped_column(Json)
    """Each a `cti.calls.history.record.ThreewayMove`, in order."""
    survey: Mapped[int | None] = mapped_column(SmallInteger)
    voicemail: Mapped[str] = mapped_column(String(200))
    voicemail_seconds: Mapped[float]
    outcome: Mapped[str] = mapped_column(String(16))
    safe_reason: Mapped[str] = mapped_column(String(64))
    ended_by: Mapped[str] = mapped_column(String(8))
    cause: Mapped[int | None]
    ended_in: Mapped[str] = mapped_column(String(64))
    has_recording: Mapped[bool]
    recording_removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its time was over and it was removed; written by `cti.calls.retention`, not from events."""
    gap: Mapped[bool]
    whole: Mapped[bool]


class CallStepRow(Base):
    """One node of the flow that the call went through, with what the caller pressed there."""

    __tablename__ = "call_step"

    call_id: Mapped[str] = mapped_column(ForeignKey("call_record.call_id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    node: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    label: Mapped[str] = mapped_column(String(LABEL))
    digits: Mapped[str] = mapped_column(String(200))


class CallAttemptRow(Base):
    """One ring at one agent, and the talk that came of it."""

    __tablename__ = "call_attempt"
    __table_args__ = (Index("ix_call_attempt_agent_call_id", "agent", "call_id"),)

    call_id: Mapped[str] = mapped_column(ForeignKey("call_record.call_id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    agent: Mapped[str] = mapped_column(String(32))
    queue: Mapped[str] = mapped_column(String(64))
    rang_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[str] = mapped_column(String(16))
    rang_seconds: Mapped[float]
    talk_seconds: Mapped[int]


class CallThreewayRow(Base):
    """One consultation of a specialist."""

    __tablename__ = "call_threeway"
    __table_args__ = (Index("ix_call_threeway_specialist_id_call_id", "specialist_id", "call_id"),)

    call_id: Mapped[str] = mapped_column(ForeignKey("call_record.call_id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    specialist_id: Mapped[str] = mapped_column(String(36))
    specialist: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(200))
    agent: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    result: Mapped[str] = mapped_column(String(16))


class CallFactRow(Base):
    """Something in Asterisk's own logs that the service had not seen; see `cti.calls.asterisk_logs.replay`.

    `call_id` is null until it is known which call the channel `unique_id` was.
    """

    __tablename__ = "call_fact"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    call_id: Mapped[str | None] = mapped_column(CALL_ID, index=True)
    unique_id: Mapped[str] = mapped_column(String(150), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    name: Mapped[str] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    applied: Mapped[bool] = mapped_column(default=False, index=True)
    """Whether the call's record knows of it."""


class CallLogCursor(Base):
    """How far the log has come in each of its sources: the journal, queue_log, the CDR file."""

    __tablename__ = "call_log_cursor"

    source: Mapped[str] = mapped_column(String(32), primary_key=True)
    position: Mapped[dict[str, Any]] = mapped_column(Json)
