"""The time limits of a case: which there are, and what becomes of each."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class DeadlineKind(StrEnum):
    """What is to be done in time. A case has at most one open deadline of a kind; of the `sub_` ones each unit has."""

    DISPATCH = "dispatch"
    """From acceptance until a unit has it."""
    SIGN = "sign"
    CONTACT = "contact"
    """From signing until the unit has reached the caller."""
    INTERIM = "interim"
    CLOSE = "close"
    """The handling clock: from dispatch until the unit's reply."""
    RETURN = "return"
    """A right, not a duty: once it is over the case counts as taken on."""
    RETURN_DECISION = "return_decision"
    CALLBACK = "callback"
    FOLLOW_UP = "follow_up"
    """From the caller's words until the case is closed or goes back."""
    AUDIT = "audit"
    """Of a reply that no callback follows."""
    PROMISED = "promised"
    """The date promised to the caller."""
    SUB_SIGN = "sub_sign"
    SUB_ANSWER = "sub_answer"


@unique
class DeadlineState(StrEnum):
    RUNNING = "running"
    """Past its moment it still runs until the thing is done: then it is overdue."""
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    """Done too late, decided by the deadline itself, or a right that was not used."""
    CANCELLED = "cancelled"


OPEN = frozenset({DeadlineState.RUNNING, DeadlineState.PAUSED})
OF_ASSIGNMENTS = frozenset({DeadlineKind.SUB_SIGN, DeadlineKind.SUB_ANSWER})
"""Kinds of which each assisting unit, and each unit below, has its own."""
OF_UNITS = OF_ASSIGNMENTS | {
    DeadlineKind.SIGN,
    DeadlineKind.CONTACT,
    DeadlineKind.INTERIM,
    DeadlineKind.CLOSE,
    DeadlineKind.PROMISED,
    DeadlineKind.RETURN,
}
"""Kinds that a handling unit owes; the others are the hotline's own."""


@unique
class LimitStep(StrEnum):
    """A row of a profile: most kinds of deadline, and the least time that a rework gets."""

    DISPATCH = "dispatch"
    SIGN = "sign"
    CONTACT = "contact"
    INTERIM = "interim"
    CLOSE = "close"
    REWORK = "rework"
    RETURN = "return"
    RETURN_DECISION = "return_decision"
    CALLBACK = "callback"
    FOLLOW_UP = "follow_up"
    AUDIT = "audit"
    SUB_SIGN = "sub_sign"
    SUB_ANSWER = "sub_answer"


class ProfileName(StrEnum):
    ENTERPRISE = "enterprise"
    GENERAL = "general"
