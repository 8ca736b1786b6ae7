"""The catalogue as a tree in memory: levels, and what an item takes over from those above it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm.catalogue.models import CatalogueItem
from hotline.kernel.trees import above


@dataclass(frozen=True, slots=True)
class UnitLabel:
    name: str
    active: bool


class Outline:
    """`rows`: the whole catalogue; `units`: each unit by its id, closed ones too."""

    def __init__(self, rows: Iterable[CatalogueItem], units: Mapping[str, UnitLabel]) -> None:
        self.rows = {row.id: row for row in rows}
        self._units = units
        self._parents = {row.id: row.parent_id for row in self.rows.values()}

    def path(self, item_id: str) -> list[CatalogueItem]:
        """From the root to the item itself."""
        return [self.rows[id] for id in (*reversed(above(self._parents, item_id)), item_id)]

    def level(self, item_id: str) -> int:
        return len(self.path(item_id))

    def unit_of(self, item_id: str) -> str | None:
        """The unit in use of the item, or of the nearest item above it that names one."""
        for row in reversed(self.path(item_id)):
            if row.unit_id is not None and (unit := self._units.get(row.unit_id)) is not None and unit.active:
                return row.unit_id
        return None

    def limit_source(self, item_id: str) -> CatalogueItem | None:
        """The item whose limit applies: itself, or the nearest above it."""
        return next((row for row in reversed(self.path(item_id)) if row.limit_amount is not None), None)

    def unit_name(self, unit_id: str) -> str:
        unit = self._units.get(unit_id)
        return unit.name if unit else ""

    def unit_in_use(self, unit_id: str) -> bool:
        unit = self._units.get(unit_id)
        return unit is not None and unit.active

    def unit_named(self, name: str) -> str | None:
        """The id of the unit in use of this name."""
        return next((id for id, unit in self._units.items() if unit.active and unit.name == name), None)

    def leaves(self) -> list[CatalogueItem]:
        """Items in use with none in use below them, which are what a case is given."""
        inner = {row.parent_id for row in self.rows.values() if row.active}
        return [row for row in self.rows.values() if row.active and row.id not in inner]
