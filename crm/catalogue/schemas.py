"""The catalogue as it crosses the wire."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm.catalogue.models import CatalogueItem, ItemLimitUnit
from crm.catalogue.outline import Outline
from hotline.kernel.words import LINES, PLAIN, VISIBLE

MOST_LEVELS = 5
MOST_ITEMS = 5000
"""The list is given whole, and suggestions keep it in memory."""

ItemCode = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"), PLAIN]
ItemName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), VISIBLE]
Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30), VISIBLE]
Keywords = Annotated[list[Keyword], Field(max_length=50)]
Basis = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), VISIBLE]
RowId = Annotated[str, StringConstraints(pattern=r"^[0-9a-zA-Z-]{1,36}$")]


class CatalogueBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ItemLimit(CatalogueBody):
    """A statutory limit, which replaces the profile's (从其规定)."""

    amount: int = Field(ge=1, le=365)
    unit: ItemLimitUnit
    basis: Basis
    """The law that sets it."""


class ItemDraft(CatalogueBody):
    code: ItemCode
    name: ItemName
    parent_id: RowId | None = None
    unit_id: RowId | None = None
    limit: ItemLimit | None = None
    keywords: Keywords = Field(default_factory=list)


class ItemChange(CatalogueBody):
    """What is given replaces what was; None, where given, takes parent, unit or limit away."""

    version: int
    code: ItemCode | None = None
    name: ItemName | None = None
    parent_id: RowId | None = None
    unit_id: RowId | None = None
    limit: ItemLimit | None = None
    keywords: Keywords | None = None
    active: bool | None = None


class CatalogueQuery(CatalogueBody):
    active: bool | None = None
    """None: both those in use and those that are not."""


class CatalogueUnit(BaseModel):
    id: str
    name: str


class CatalogueItemView(BaseModel):
    id: str
    code: str
    name: str
    parent_id: str | None
    level: int
    """From 1."""
    unit: CatalogueUnit | None
    """Its own."""
    handled_by: CatalogueUnit | None
    """The unit that gets its cases: its own or, where that is missing or closed, the nearest above."""
    limit: ItemLimit | None
    limit_applied: ItemLimit | None
    """Its own limit, or the nearest above; None: the profile's."""
    keywords: list[str]
    active: bool
    version: int

    @classmethod
    def of(cls, row: CatalogueItem, outline: Outline) -> CatalogueItemView:
        source = outline.limit_source(row.id)
        return cls(
            id=row.id,
            code=row.code,
            name=row.name,
            parent_id=row.parent_id,
            level=outline.level(row.id),
            unit=_unit(outline, row.unit_id),
            handled_by=_unit(outline, outline.unit_of(row.id)),
            limit=limit_of(row),
            limit_applied=limit_of(source) if source else None,
            keywords=row.keywords,
            active=row.active,
            version=row.version,
        )

    def audited(self) -> dict[str, Any]:
        return self.model_dump(
            mode="json", include={"code", "name", "parent_id", "unit", "limit", "keywords", "active"}
        )


class SuggestionQuestion(CatalogueBody):
    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000), LINES]
    """What the caller said: title, content and demand of a case."""
    limit: int = Field(default=5, ge=1, le=10)


class SuggestionReason(BaseModel):
    words: list[str]
    """Of the text, those that speak for the item; the strongest first."""
    past_cases: int
    """How many similar cases of the past got this item."""


class SuggestionView(BaseModel):
    """An item for a text, and the unit that should get it."""

    item_id: str
    code: str
    path: list[str]
    """Names from the root to the item itself."""
    unit: CatalogueUnit | None
    score: float
    """Between 0 and 1, for the order alone."""
    reason: SuggestionReason


def limit_of(row: CatalogueItem) -> ItemLimit | None:
    if row.limit_amount is None or row.limit_unit is None:
        return None
    return ItemLimit(amount=row.limit_amount, unit=ItemLimitUnit(row.limit_unit), basis=row.limit_basis)


def _unit(outline: Outline, unit_id: str | None) -> CatalogueUnit | None:
    if unit_id is None:
        return None
    return CatalogueUnit(id=unit_id, name=outline.unit_name(unit_id))
