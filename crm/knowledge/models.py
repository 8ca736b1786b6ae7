"""The knowledge base (知识库): entries, their immutable versions, the tree they stand in, and what cites them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.knowledge.state import KnowledgeState, RevisionState
from hotline.kernel.db import Base, Identified, Json, UtcDateTime


class KnowledgeKind(StrEnum):
    """At least what clause 4 of DB1503/T 0019-2023 names."""

    SERVICE_ITEM = "service_item"
    PROCEDURE = "procedure"
    PLACE_AND_HOURS = "place_and_hours"
    LAW_AND_POLICY = "law_and_policy"
    INCENTIVE = "incentive"
    CHANGE_AND_INSPECTION = "change_and_inspection"
    """Changes of information and annual inspection (信息变更、年检)."""
    QUESTION_AND_ANSWER = "question_and_answer"


class AnswerScope(StrEnum):
    """Who may answer from the entry (可答复范围)."""

    PUBLIC = "public"
    """Agents, and the caller may read it too."""
    AGENT = "agent"
    SPECIALIST = "specialist"
    """Only the unit's specialist: an agent reads it to know whom to bring in."""


class KnowledgeCategory(Identified, Base):
    __tablename__ = "knowledge_category"

    name: Mapped[str] = mapped_column(String(50))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("knowledge_category.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    """Among its siblings."""
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class KnowledgeEntry(Identified, Base):
    """One entry over all its versions, with the revision that is being written, if there is one."""

    __tablename__ = "knowledge_entry"
    __table_args__ = (
        Index("ix_knowledge_entry_state_uses_id", "state", "uses", "id"),
        Index("ix_knowledge_entry_unit_id_state_id", "unit_id", "state", "id"),
        Index("ix_knowledge_entry_revision_state_id", "revision_state", "id"),
        Index("ix_knowledge_entry_revised_by_revision_state_id", "revised_by", "revision_state", "id"),
        Index("ix_knowledge_entry_state_review_due_on_id", "state", "review_due_on", "id"),
        Index("ix_knowledge_entry_state_expires_on_id", "state", "expires_on", "id"),
        Index("ix_knowledge_entry_category_id_id", "category_id", "id"),
        Index("ix_knowledge_entry_scope_state_published_at_id", "scope", "state", "published_at", "id"),
    )

    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"))
    """The handling unit that owns it; None: the hotline itself."""
    state: Mapped[str] = mapped_column(String(12), default=KnowledgeState.UNPUBLISHED)
    revision_state: Mapped[str] = mapped_column(String(16), default=RevisionState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    """Of the row, for whoever writes; `published_number` is the one that people cite."""
    title: Mapped[str] = mapped_column(String(100))
    """Of what is published, else of the revision; so are the next columns."""
    kind: Mapped[str] = mapped_column(String(24))
    category_id: Mapped[str | None] = mapped_column(ForeignKey("knowledge_category.id"))
    scope: Mapped[str] = mapped_column(String(12))
    expires_on: Mapped[date | None] = mapped_column(Date)
    """The last day on which it holds, in the hotline's zone."""
    published_number: Mapped[int | None]
    """Of the version that is published, or was last."""
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    review_due_on: Mapped[date | None] = mapped_column(Date)
    """By when the unit says that it still holds."""
    review_reminded: Mapped[int] = mapped_column(default=0)
    """The last `ReviewReminder` that went out for this day."""
    expiry_alerted: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What is being written: a `KnowledgeContent`."""
    revised_by: Mapped[str | None] = mapped_column(String(36))
    """Who wrote in the revision last."""
    revision_writers: Mapped[list[str]] = mapped_column(Json, default=list)
    """All who wrote in it: others approve and publish it."""
    approved_by: Mapped[str | None] = mapped_column(String(36))
    publish_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a scheduled revision is published."""
    scheduled_by: Mapped[str | None] = mapped_column(String(36))
    remark: Mapped[str] = mapped_column(Text, default="")
    """Why it was sent back, withdrawn or scheduled: what the last action said."""
    uses: Mapped[int] = mapped_column(default=0)
    """How often a case cited it."""
    created_by: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KnowledgeVersion(Identified, Base):
    """What was published once; never changed, never removed, so that a case keeps what it cited."""

    __tablename__ = "knowledge_version"
    __table_args__ = (UniqueConstraint("entry_id", "number", name="uq_knowledge_version_entry_id_number"),)

    entry_id: Mapped[str] = mapped_column(ForeignKey("knowledge_entry.id"))
    number: Mapped[int]
    """From 1."""
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    written_by: Mapped[str] = mapped_column(String(36))
    approved_by: Mapped[str] = mapped_column(String(36))
    published_by: Mapped[str] = mapped_column(String(36))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KnowledgeCitation(Identified, Base):
    """A case was answered by this version."""

    __tablename__ = "knowledge_citation"
    __table_args__ = (
        UniqueConstraint("case_id", "version_id", name="uq_knowledge_citation_case_id_version_id"),
        Index("ix_knowledge_citation_entry_id_id", "entry_id", "id"),
        Index("ix_knowledge_citation_cited_at_entry_id", "cited_at", "entry_id"),
        Index("ix_knowledge_citation_cited_by_cited_at", "cited_by", "cited_at"),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("service_case.id"))
    entry_id: Mapped[str] = mapped_column(ForeignKey("knowledge_entry.id"))
    version_id: Mapped[str] = mapped_column(ForeignKey("knowledge_version.id"))
    cited_by: Mapped[str] = mapped_column(String(36))
    cited_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KnowledgeReview(Identified, Base):
    """An entry was looked through that was due for it; what still waits is on the entry itself."""

    __tablename__ = "knowledge_review"
    __table_args__ = (Index("ix_knowledge_review_due_on_unit_id", "due_on", "unit_id"),)

    entry_id: Mapped[str] = mapped_column(ForeignKey("knowledge_entry.id", ondelete="CASCADE"))
    unit_id: Mapped[str | None] = mapped_column(String(36))
    """Whose it was then."""
    due_on: Mapped[date] = mapped_column(Date)
    done_on: Mapped[date] = mapped_column(Date)


class KnowledgeSynonym(Identified, Base):
    """Words that mean the same, of which whoever searches for one finds the others."""

    __tablename__ = "knowledge_synonym"

    words: Mapped[list[str]] = mapped_column(Json)
    """With + between words that mean it together."""
    version: Mapped[int] = mapped_column(default=1)
