"""Announcements, and the switch of the menus."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.kernel.db import Base, Identified, UtcDateTime

MENU = "menu"


class AnnouncementRow(Identified, Base):
    """One topic; it is on from `on_from` up to `until`, and off where there is no `until`."""

    __tablename__ = "announcement"

    topic: Mapped[str] = mapped_column(String(100), index=True)
    text: Mapped[str] = mapped_column(String(500))
    prompt: Mapped[str] = mapped_column(String(64))
    on_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    switched_by: Mapped[str] = mapped_column(String(100), default="")
    version: Mapped[int] = mapped_column(default=1)


class MenuSwitchRow(Base):
    """The one row `MENU`: up to `until` no caller hears a menu."""

    __tablename__ = "menu_switch"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    switched_by: Mapped[str] = mapped_column(String(100), default="")
    version: Mapped[int] = mapped_column(default=1)
