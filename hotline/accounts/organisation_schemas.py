"""Organisations as they cross the wire."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from hotline.accounts.models import Organisation, OrganisationKind
from hotline.accounts.schemas import Input
from hotline.kernel.words import VISIBLE

OrganisationName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), VISIBLE]
OrganisationId = Annotated[str, Field(min_length=1, max_length=36)]


class OrganisationDraft(Input):
    name: OrganisationName
    kind: OrganisationKind
    parent_id: OrganisationId


class OrganisationChange(Input):
    """What is given replaces what was."""

    version: int
    name: OrganisationName | None = None
    kind: OrganisationKind | None = None
    parent_id: OrganisationId | None = None
    active: bool | None = None


class UserOrganisation(Input):
    organisation_id: OrganisationId


class OrganisationView(BaseModel):
    id: str
    name: str
    kind: OrganisationKind
    parent_id: str | None
    """None of the root alone."""
    active: bool
    version: int
    users: int
    """Active users of this organisation itself, without those below it."""

    @classmethod
    def of(cls, row: Organisation, *, users: int) -> OrganisationView:
        return cls(
            id=row.id,
            name=row.name,
            kind=OrganisationKind(row.kind),
            parent_id=row.parent_id,
            active=row.active,
            version=row.version,
            users=users,
        )

    def audited(self) -> dict[str, Any]:
        return self.model_dump(mode="json", include={"name", "kind", "parent_id", "active"})
