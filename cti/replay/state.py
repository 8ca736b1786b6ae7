"""The life of a replay, and what became of a call in it."""

from __future__ import annotations

from enum import StrEnum


class ReplayState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    """It broke, or the service ended meanwhile."""


class ReplayOutcome(StrEnum):
    """As `cti.calls.history.record.Outcome` where a call ends orderly, and what nobody can know."""

    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    ABANDONED_QUEUE = "abandoned_queue"
    OUT_OF_HOURS = "out_of_hours"
    ABANDONED_MENU = "abandoned_menu"
    UNFORESEEN = "unforeseen"
    """The caller would have been asked what they were never asked."""


class LeftOut(StrEnum):
    """Why a call is not replayed."""

    INCOMPLETE = "incomplete"
    """The service missed a part of it, or a fault ended it."""
    OFF_PATH = "off_path"
    """It went otherwise than its version says: a fault or the service's absence led it on."""
    SUBFLOW = "subflow"
    """It ran through another flow on its way."""
    VERSION_GONE = "version_gone"
    """This release cannot run the version it ran on."""
