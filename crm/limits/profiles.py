"""The table of limits, and which row of it a case gets. Pure, but for reading the file shipped beside this module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import yaml

from crm.limits.amounts import worktime
from crm.limits.state import LimitStep, ProfileName


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    profile: ProfileName
    step: LimitStep
    type: str | None = None
    urgency: str | None = None
    amount: str
    hours: str
    """The table of working hours it counts by."""
    source: str
    """Where the value comes from; `default` for this project's own."""
    law: str = ""
    """The law that sets it, of an item's statutory limit."""

    @property
    def key(self) -> str:
        """What names it forever: `enterprise.close.consult`."""
        return ".".join((self.profile, self.step, self.type or self.urgency or "any"))

    def fits(self, type: str | None, urgency: str) -> bool:
        return self.type in (None, type) and self.urgency in (None, urgency)


class LimitTable:
    """`own`: the city's values by key, as (amount, hours, source); they win over the shipped ones."""

    def __init__(self, rows: Iterable[LimitRow], own: Mapping[str, tuple[str, str, str]] | None = None) -> None:
        own = own or {}
        self.rows = [self._with(row, own.get(row.key)) for row in rows]

    @staticmethod
    def _with(row: LimitRow, own: tuple[str, str, str] | None) -> LimitRow:
        return row if own is None else replace(row, amount=own[0], hours=own[1], source=own[2])

    def find(self, profile: ProfileName, step: LimitStep, *, type: str | None, urgency: str) -> LimitRow | None:
        """The narrowest row that fits; None where the profile sets no such limit."""
        fitting = [row for row in self.rows if (row.profile, row.step) == (profile, step) and row.fits(type, urgency)]
        return max(fitting, key=lambda row: (row.urgency is not None, row.type is not None), default=None)


@cache
def shipped_limits() -> tuple[LimitRow, ...]:
    """As in profiles.yaml; a row without a profile is in both. Raises ValueError for a row that cannot be."""
    text = (files("crm.limits") / "profiles.yaml").read_text(encoding="utf-8")
    rows = [
        LimitRow(**{**row, "step": LimitStep(row["step"]), "profile": profile})
        for row in yaml.safe_load(text)
        for profile in ProfileName
        if row.get("profile", profile) == profile
    ]
    for row in rows:
        worktime(row.amount)
    if len({row.key for row in rows}) < len(rows):
        raise ValueError("two rows of profiles.yaml have one key")
    return tuple(rows)
