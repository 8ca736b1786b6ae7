"""What happened to cases. None carries what a caller said."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    case_id: str
    number: str
    by: str


@dataclass(frozen=True, kw_only=True)
class CaseDrafted(Event):
    """A draft was saved; `fields` are the names of those that changed."""

    case_id: str
    version: int
    fields: tuple[str, ...]
    by: str


@dataclass(frozen=True, kw_only=True)
class CaseLinkedToCall(Event):
    case_id: str
    by: str


@dataclass(frozen=True, kw_only=True)
class CaseMoved(Event):
    """Base of the events of a transition."""

    case_id: str
    action: str
    source: str
    target: str
    by: str


@dataclass(frozen=True, kw_only=True)
class CaseSubmitted(CaseMoved):
    """Written completely; a reviewer's turn."""


@dataclass(frozen=True, kw_only=True)
class CaseNotAccepted(CaseMoved):
    """Refused by one of the standard's reasons, which `reason` names from a to g."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class CaseTransferredToEmergency(CaseMoved):
    service: str


@dataclass(frozen=True, kw_only=True)
class CaseClosedDirectly(CaseMoved):
    """Answered on the spot."""
