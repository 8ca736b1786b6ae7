"""What three-way calls ask of the floor above; `hotline/app/composition.py` hands it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialistTarget:
    """One phone of a policy specialist. `internal` phones register at our Asterisk, others go by the trunk.

    `on_duty`: whether the specialist may be called now. `allowed`: whether the trunk may be asked for this number, or,
    of an internal phone, whether it is nobody else's.
    """

    specialist_id: str
    name: str
    unit_name: str
    number: str
    internal: bool
    on_duty: bool = True
    allowed: bool = True


class SpecialistDirectory(Protocol):
    async def phone(self, specialist_id: str, phone_index: int) -> SpecialistTarget | None:
        """The phone at `phone_index` (from 0) of an active specialist; None where there is none."""
        ...
