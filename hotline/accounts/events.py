"""What happened to accounts."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class AccessChanged(Event):
    """A user's sessions or roles changed: whoever keeps a connection of theirs asks again who it is.

    `reason` is "logged_out", "password", "roles", "deactivated", "activated",
    "second_factor", "sessions_ended" or "agent_left".
    """

    user_id: str
    reason: str
