"""Agents (坐席): who answers, at which queues, with which phones."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.accounts.models import User
from hotline.accounts.roles import Permission, permissions_of
from hotline.kernel.db import Base, Identified, Json, UtcDateTime


class Agent(Identified, Base):
    """A user who takes calls; never deleted, because the call log names agents by number.

    The phones' passwords are stored here because Asterisk's configuration is generated from them. `web_secret` is
    given to nobody: it is the password in pjsip.conf while no one is logged in (`cti/desktop/web_secrets.py`).
    """

    __tablename__ = "agent"

    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), unique=True)
    number: Mapped[str] = mapped_column(String(10), unique=True)
    """工号: digits; also the member's name in the queues and the user of the phones."""
    web_secret: Mapped[str] = mapped_column(String(64))
    web_session: Mapped[str | None] = mapped_column(String(64))
    """`UserSession.token_hash` of the log-in by which the browser phone has its password."""
    desk_secret: Mapped[str] = mapped_column(String(64))
    queues: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    """[{"queue": "enterprise", "penalty": 0}, …]"""
    wrap_up_seconds: Mapped[int] = mapped_column(default=30)
    deactivated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when this is an agent no more."""


def may_use_workspace(user: User) -> bool:
    """Whether the account is active and has a role that works at a queue."""
    return user.active and Permission.WORKSPACE_USE in permissions_of(user.role_set())


def is_agent(agent: Agent, user: User) -> bool:
    """Whether this user takes calls now: as an agent not deactivated, by an account that may use a queue."""
    return agent.deactivated_at is None and may_use_workspace(user)
