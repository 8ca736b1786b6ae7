"""Which queue, for how long, and with which priority."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from callflow.action import CallFacts, Options


class QueueOptions(Options):
    queue: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,39}$")]
    """As in queues.conf; of two letters at least, which the dialplan's `_[a-z].` asks for."""
    timeout: timedelta | None = None
    """Longest wait; left out, the caller waits until an agent is free."""
    priority: int = Field(default=0, ge=0, le=100)
    """Callers of a higher one go first. An overflow queue sets one, for who has waited already."""
    known_enterprise_priority: int = Field(default=0, ge=0, le=100)
    """Added for a caller from an enterprise the directory knows."""


def priority_of(options: QueueOptions, facts: CallFacts) -> int:
    """The caller's QUEUE_PRIO."""
    known = facts.identity is not None and facts.identity.enterprise_id is not None
    return options.priority + (options.known_enterprise_priority if known else 0)
