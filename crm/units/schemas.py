"""Units and specialists as they cross the wire."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from crm.units.models import PhoneKind, Specialist, SpecialistPhone, Unit
from hotline.kernel.words import LINES, VISIBLE, search_words

MOST_PHONES = 5
TOO_FEW = "unit.too_few_specialists"

_NUMBER = {
    # What we dial goes into the dialplan: digits only, so that nothing else ever can.
    PhoneKind.INTERNAL: re.compile(r"[0-9]{2,6}"),
    PhoneKind.EXTERNAL: re.compile(r"\+?[0-9]{3,20}"),
}

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), VISIBLE]
UnitId = Annotated[str, Field(min_length=1, max_length=36)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), VISIBLE]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), VISIBLE]
Scope = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), LINES]


class UnitBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PhoneDraft(UnitBody):
    label: Label
    kind: PhoneKind
    number: Annotated[str, VISIBLE]
    """Digits as they are dialled; an external one may begin with +."""

    @model_validator(mode="after")
    def _dialable(self) -> Self:
        if not _NUMBER[self.kind].fullmatch(self.number):
            raise ValueError("write 2 to 6 digits for an internal phone, 3 to 20 after an optional + for another")
        return self


class SpecialistDraft(UnitBody):
    name: Name
    title: Title = ""
    answerable_scope: Scope = ""
    """What the specialist may answer (可答复范围)."""
    on_duty: bool = True
    phones: list[PhoneDraft] = Field(min_length=1, max_length=MOST_PHONES)


class SpecialistChange(UnitBody):
    """What is given replaces what was; `phones` is the whole list, in the order they are rung."""

    version: int
    """The unit's."""
    name: Name | None = None
    title: Title | None = None
    answerable_scope: Scope | None = None
    on_duty: bool | None = None
    active: bool | None = None
    phones: list[PhoneDraft] | None = Field(default=None, min_length=1, max_length=MOST_PHONES)


class UnitDraft(UnitBody):
    name: Name
    parent_id: UnitId | None = None
    specialists: list[SpecialistDraft] = Field(default_factory=list, max_length=50)


class UnitChange(UnitBody):
    version: int
    name: Name | None = None
    parent_id: UnitId | None = None
    """None, where given, puts the unit at the top of the tree."""
    active: bool | None = None


class UnitQuery(UnitBody):
    search: str = Field(default="", max_length=100)
    """Words, all of which must be in the unit's name or in a specialist's name, title and scope."""
    active: bool = True
    """False: those closed instead."""


class PhoneView(BaseModel):
    """A phone by its place in the list, which dials it; the number stays here."""

    label: str
    kind: PhoneKind

    @classmethod
    def of(cls, row: SpecialistPhone) -> PhoneView:
        return cls(label=row.label, kind=PhoneKind(row.kind))


class SpecialistView(BaseModel):
    id: str
    name: str
    title: str
    answerable_scope: str
    on_duty: bool
    phones: list[PhoneView]

    @classmethod
    def of(cls, row: Specialist) -> SpecialistView:
        return cls(
            id=row.id,
            name=row.name,
            title=row.title,
            answerable_scope=row.answerable_scope,
            on_duty=row.on_duty,
            phones=[PhoneView.of(phone) for phone in row.phones],
        )

    def described(self, unit: str) -> str:
        """All that a search looks at."""
        return " ".join((unit, self.name, self.title, self.answerable_scope)).casefold()


class UnitView(BaseModel):
    id: str
    name: str
    parent_id: str | None
    """The unit above it, which may be closed."""
    specialists: list[SpecialistView]

    @classmethod
    def of(cls, row: Unit) -> UnitView:
        active = [SpecialistView.of(specialist) for specialist in row.specialists if specialist.active]
        return cls(id=row.id, name=row.name, parent_id=row.parent_id, specialists=active)

    def narrowed(self, search: str) -> UnitView | None:
        """The unit with those of its specialists that match every word of `search`; None if there is no match."""
        words = [word.casefold() for word in search_words(search)]
        if all(word in self.name.casefold() for word in words):
            return self
        found = [one for one in self.specialists if all(word in one.described(self.name) for word in words)]
        return self.model_copy(update={"specialists": found}) if found else None


class PhoneDetail(PhoneView):
    number: str


class SpecialistDetail(BaseModel):
    id: str
    name: str
    title: str
    answerable_scope: str
    on_duty: bool
    active: bool
    phones: list[PhoneDetail]

    def audited(self) -> dict[str, Any]:
        """What the audit log stores: who can be called, and on which numbers."""
        return self.model_dump(mode="json", include={"name", "on_duty", "active", "phones"})


class UnitDetail(BaseModel):
    """A unit as whoever keeps it sees it: with numbers, and with those who have left."""

    id: str
    name: str
    parent_id: str | None
    active: bool
    version: int
    warnings: list[str]
    """`unit.too_few_specialists`: fewer active specialists than the standard asks for."""
    specialists: list[SpecialistDetail]

    @classmethod
    def of(cls, row: Unit, *, fewest: int) -> UnitDetail:
        active = sum(specialist.active for specialist in row.specialists)
        return cls(
            id=row.id,
            name=row.name,
            parent_id=row.parent_id,
            active=row.active,
            version=row.version,
            warnings=[TOO_FEW] if active < fewest else [],
            specialists=[_detail(specialist) for specialist in row.specialists],
        )

    def specialist(self, specialist_id: str) -> SpecialistDetail:
        return next(specialist for specialist in self.specialists if specialist.id == specialist_id)

    def audited(self) -> dict[str, Any]:
        """What the audit log keeps: as of each specialist."""
        specialists = {specialist.id: specialist.audited() for specialist in self.specialists}
        return {"name": self.name, "parent_id": self.parent_id, "active": self.active, "specialists": specialists}


def _detail(row: Specialist) -> SpecialistDetail:
    return SpecialistDetail(
        id=row.id,
        name=row.name,
        title=row.title,
        answerable_scope=row.answerable_scope,
        on_duty=row.on_duty,
        active=row.active,
        phones=[
            PhoneDetail(label=phone.label, kind=PhoneKind(phone.kind), number=phone.number) for phone in row.phones
        ],
    )
