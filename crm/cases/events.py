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
    """An action was done; `source` and `target` are states, and equal where it left the state as it was."""

    case_id: str
    action: str
    source: str
    target: str
    by: str
