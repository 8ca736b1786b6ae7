"""By what the hits of a search can be narrowed, and how many of them each value has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from crm.knowledge import repository
from crm.knowledge.ranking import RankedEntry
from crm.knowledge.schemas import FacetName, FacetValue, SearchFacet
from crm.units import repository as units

_MOST = 12
"""Values of one facet."""


def counted(hits: Sequence[RankedEntry]) -> dict[FacetName, Counter[str]]:
    """How many hits each value has. Pure."""

    def count(values: Iterable[str | None]) -> Counter[str]:
        return Counter(value for value in values if value)

    return {
        FacetName.KIND: count(hit.kind for hit in hits),
        FacetName.UNIT: count(hit.unit_id for hit in hits),
        FacetName.CATEGORY: count(hit.category_id for hit in hits),
        FacetName.STAGE: count(stage for hit in hits for stage in hit.stages.split("\n")),
        FacetName.INDUSTRY: count(industry for hit in hits for industry in hit.industries.split("\n")),
    }


async def facets_of(db: AsyncSession, hits: Sequence[RankedEntry]) -> list[SearchFacet]:
    found = counted(hits)
    names = {id: unit.name for id, unit in (await units.named(db, set(found[FacetName.UNIT]))).items()}
    names |= {row.id: row.name for row in await repository.categories(db)} if found[FacetName.CATEGORY] else {}
    return [SearchFacet(facet=facet, values=_values(facet, values, names)) for facet, values in found.items() if values]


def _values(facet: FacetName, values: Counter[str], names: dict[str, str]) -> list[FacetValue]:
    likeliest = sorted(values.items(), key=lambda one: (-one[1], one[0]))[:_MOST]
    said = {value: value if facet is FacetName.INDUSTRY else names.get(value, "") for value in values}
    return [FacetValue(value=value, name=said[value], hits=hits) for value, hits in likeliest]
