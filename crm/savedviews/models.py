"""Views of the case lists that users keep under a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Identified, Json, UtcDateTime


class SavedView(Identified, Base):
    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("owner_id", "name"),
        Index("ix_saved_view_shared_with_id", "shared_with", "id"),
    )

    owner_id: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(50))
    work_list: Mapped[str] = mapped_column(String(24))
    """The work list that it narrows."""
    filters: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """As the page's address has them."""
    columns: Mapped[list[str]] = mapped_column(Json, default=list)
    """Keys of the columns shown, in their order; none: all."""
    sort: Mapped[str] = mapped_column(String(10), default="")
    shared_with: Mapped[str | None] = mapped_column(String(24))
    """A role whose people see it too."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
