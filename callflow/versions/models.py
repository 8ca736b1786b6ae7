"""Flows, their versions, and what was live when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Identified, UtcDateTime


class FlowRow(Base):
    """One flow with its draft. A draft may be unfinished; a version never is."""

    __tablename__ = "flow"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    draft: Mapped[str] = mapped_column(Text)
    """The document as JSON; text, because the order of its nodes is its author's."""
    draft_version: Mapped[int] = mapped_column(default=1)
    draft_base: Mapped[int] = mapped_column(default=0)
    """The number of the version that the draft was made from."""
    draft_by: Mapped[str | None] = mapped_column(String(36))
    draft_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FlowVersionRow(Identified, Base):
    """Never changed: calls run on it, and the call log names it."""

    __tablename__ = "flow_version"
    __table_args__ = (UniqueConstraint("flow_id", "number"),)

    flow_id: Mapped[str] = mapped_column(ForeignKey("flow.id"))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    nodes: Mapped[int]
    note: Mapped[str] = mapped_column(String(500), default="")
    source: Mapped[str] = mapped_column(String(16))
    """As `callflow.versions.state.VersionSource`."""
    created_by: Mapped[str | None] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FlowPublication(Identified, Base):
    """From `starts_at` on, until the next one, calls of an alias begin on this version."""

    __tablename__ = "flow_publication"
    __table_args__ = (Index("ix_flow_publication_flow_id_alias_starts_at", "flow_id", "alias", "starts_at"),)

    flow_id: Mapped[str] = mapped_column(ForeignKey("flow.id"))
    alias: Mapped[str] = mapped_column(String(8))
    number: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(500), default="")
    published_by: Mapped[str | None] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Only of one that had not started."""


class FlowEntryNumber(Base):
    """Calls to numbers that end in `number` begin on this flow; "" is every number that no other row names."""

    __tablename__ = "flow_entry_number"

    number: Mapped[str] = mapped_column(String(32), primary_key=True)
    flow_id: Mapped[str] = mapped_column(ForeignKey("flow.id"))
    alias: Mapped[str] = mapped_column(String(8))
