"""The catalogue of items (事项): what a case can be about, which unit handles it, within which limit."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Identified, Json


class ItemLimitUnit(StrEnum):
    """Both count working time."""

    DAY = "working_day"
    HOUR = "working_hour"


class CatalogueItem(Identified, Base):
    """Never deleted, so that old cases keep their item."""

    __tablename__ = "catalogue_item"

    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("catalogue_item.id"), index=True)
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)
    """Who handles it; None: as of the item above."""
    limit_amount: Mapped[int | None]
    limit_unit: Mapped[str | None] = mapped_column(String(16))
    """Instead of the profile's limit to close a case; None: as of the item above, or the profile."""
    limit_basis: Mapped[str] = mapped_column(String(200), default="")
    """The law that sets it (依据)."""
    keywords: Mapped[list[str]] = mapped_column(Json, default=list)
    """What callers say instead of the name."""
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
