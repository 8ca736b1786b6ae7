"""The tables of replays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cti.calls.models import CALL_ID
from hotline.kernel.db import Base, Identified, Json, UtcDateTime


class FlowReplay(Identified, Base):
    """One replay; `summary` is a `cti.replay.schemas.ReplaySummary`, as far as it has come."""

    __tablename__ = "flow_replay"
    __table_args__ = (Index("ix_flow_replay_flow_id_started_at", "flow_id", "started_at"),)

    flow_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    """The version; 0 for the draft as it was."""
    document: Mapped[str] = mapped_column(Text)
    """What was tried, as JSON: a draft goes on changing."""
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(16))
    started_by: Mapped[str | None] = mapped_column(String(36))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    summary: Mapped[dict[str, Any]] = mapped_column(Json)


class FlowReplayCall(Base):
    """A call that would have gone otherwise, or of which that is not known."""

    __tablename__ = "flow_replay_call"
    __table_args__ = (Index("ix_flow_replay_call_shift", "replay_id", "before", "after", "started_at"),)

    replay_id: Mapped[str] = mapped_column(ForeignKey("flow_replay.id", ondelete="CASCADE"), primary_key=True)
    call_id: Mapped[str] = mapped_column(CALL_ID, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    before: Mapped[str] = mapped_column(String(16))
    after: Mapped[str] = mapped_column(String(16))
    unforeseen: Mapped[str] = mapped_column(String(64))
    """The node that asks what nobody knows the answer to."""
    person_before: Mapped[float | None]
    """Seconds until an agent answered."""
    person_after: Mapped[float | None]
