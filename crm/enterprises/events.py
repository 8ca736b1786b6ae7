"""What happened to the book of enterprises."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class EnterpriseRegistered(Event):
    enterprise_id: str
    by: str


@dataclass(frozen=True, kw_only=True)
class EnterpriseUpdated(Event):
    """The enterprise, its contacts or their numbers changed; `fields` names what, never the values."""

    enterprise_id: str
    by: str
    fields: tuple[str, ...]
