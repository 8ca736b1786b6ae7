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


@dataclass(frozen=True, kw_only=True)
class EnterprisesImported(Event):
    """A file of enterprises was written; how many were created and updated."""

    import_id: str
    by: str
    created: int
    updated: int


@dataclass(frozen=True, kw_only=True)
class EnterprisesMerged(Event):
    """`merged_id` is now `survivor_id`."""

    survivor_id: str
    merged_id: str
    by: str


@dataclass(frozen=True, kw_only=True)
class EnterpriseMergeUndone(Event):
    """They are two again."""

    survivor_id: str
    merged_id: str
    by: str
