"""The life of an attachment, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from crm.attachments.errors import AttachmentStateError


class AttachmentState(StrEnum):
    READY = "ready"
    QUARANTINED = "quarantined"
    """Waits for the virus scanner; nobody may download it."""
    REFUSED = "refused"
    """The scanner found something; the content goes with the nightly sweep."""
    REMOVED = "removed"
    """By a person, with a reason; the content goes likewise."""


class AttachmentAction(StrEnum):
    CLEAR = "clear"
    REFUSE = "refuse"
    REMOVE = "remove"


_S, _A = AttachmentState, AttachmentAction
TRANSITIONS: Mapping[tuple[AttachmentState, AttachmentAction], AttachmentState] = MappingProxyType(
    {
        (_S.QUARANTINED, _A.CLEAR): _S.READY,
        (_S.QUARANTINED, _A.REFUSE): _S.REFUSED,
        (_S.QUARANTINED, _A.REMOVE): _S.REMOVED,
        (_S.READY, _A.REMOVE): _S.REMOVED,
    }
)
HELD = frozenset({_S.READY, _S.QUARANTINED})
"""States in which the content is kept."""


def advance_attachment(state: AttachmentState, action: AttachmentAction) -> AttachmentState:
    """Raises AttachmentStateError where the table has no such row."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise AttachmentStateError(f"It is {state}, which {action} does not fit.") from None
