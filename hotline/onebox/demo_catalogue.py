"""The demo city's catalogue of items, as it is shipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.catalogue.models import CatalogueItem, ItemLimitUnit
from crm.catalogue.schemas import ItemDraft, ItemLimit
from crm.catalogue.service import CatalogueService
from crm.units.models import Unit


class DemoItem(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str
    name: str
    unit: str | None = None
    """By name."""
    limit: int | None = None
    """Working days."""
    basis: str = ""
    keywords: list[str] = Field(default_factory=list)
    items: list[DemoItem] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DemoLeaf:
    code: str
    names: tuple[str, ...]
    keywords: tuple[str, ...]
    unit: str | None


def demo_catalogue() -> list[DemoItem]:
    text = files("hotline.onebox").joinpath("demo_catalogue.yaml").read_text(encoding="utf-8")
    return [DemoItem.model_validate(item) for item in yaml.safe_load(text)]


def demo_leaves() -> Iterator[DemoLeaf]:
    """The items that cases get, with their names from the root and the unit they take over."""
    for item in demo_catalogue():
        yield from _leaves(item, (), None)


def _leaves(item: DemoItem, above: tuple[str, ...], unit: str | None) -> Iterator[DemoLeaf]:
    names, unit = (*above, item.name), item.unit or unit
    if not item.items:
        yield DemoLeaf(item.code, names, tuple(item.keywords), unit)
    for below in item.items:
        yield from _leaves(below, names, unit)


async def load_catalogue(db: AsyncSession, service: CatalogueService) -> None:
    """Add what is not there yet, by code; safe to repeat."""
    units = {name: id for id, name in await db.execute(select(Unit.id, Unit.name).where(Unit.active))}
    known = {code: id for code, id in await db.execute(select(CatalogueItem.code, CatalogueItem.id))}
    pending: list[tuple[DemoItem, str | None]] = [(item, None) for item in demo_catalogue()]
    while pending:
        item, parent_id = pending.pop(0)
        if item.code not in known:
            limit = ItemLimit(amount=item.limit, unit=ItemLimitUnit.DAY, basis=item.basis) if item.limit else None
            draft = ItemDraft(
                code=item.code,
                name=item.name,
                parent_id=parent_id,
                unit_id=units.get(item.unit or ""),
                limit=limit,
                keywords=item.keywords,
            )
            known[item.code] = (await service.create(db, draft)).id
        pending += [(below, known[item.code]) for below in item.items]
