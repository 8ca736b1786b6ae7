"""What happened to the handling units."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class UnitChanged(Event):
    """A unit, its specialists or their phones were added or changed; `what` names which."""

    unit_id: str
    what: str
    by: str
