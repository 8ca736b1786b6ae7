"""What this floor asks of the others about calls; `hotline/app/composition.py` hands it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.gate import Principal
from hotline.kernel.settings import HttpSettings
from ivr.settings import AsteriskSettings


class CtiSettings(Protocol):
    """The settings that this floor reads."""

    @property
    def http(self) -> HttpSettings: ...

    @property
    def asterisk(self) -> AsteriskSettings: ...

    @property
    def time_zone(self) -> ZoneInfo:
        """The hotline's own."""
        ...

    @property
    def recordings(self) -> Path: ...

    @property
    def asterisk_logs(self) -> Path: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReference:
    """A case that was made or touched on a call."""

    id: str
    number: str
    title: str
    state: str


class CasesOfCalls(Protocol):
    """crm's answer to "which cases belong to these calls"."""

    async def of_calls(self, db: AsyncSession, call_ids: Sequence[str]) -> dict[str, list[CaseReference]]: ...

    async def closed_to(self, db: AsyncSession, call_ids: Sequence[str], who: Principal) -> set[str]:
        """Those of `call_ids` that belong to a confidential case which `who` may not open."""
        ...


class CasesThatKeep(Protocol):
    """crm's answer to "which of these calls are still needed": see `hotline/app/settings.py`, retention."""

    async def kept(self, db: AsyncSession, call_ids: Sequence[str], *, since: datetime) -> set[str]:
        """Those of `call_ids` that belong to a case which is open, or was closed after `since`."""
        ...


class ScreenPopReader(Protocol):
    """crm's answer to "who is calling, and what about, before"."""

    @property
    def view(self) -> type[BaseModel]:
        """The model of what `read()` returns."""
        ...

    async def read(self, call_id: str, who: Principal) -> BaseModel:
        """As `who` may know it. Raises `HotlineError`s, such as for a call they may not know of."""
        ...
