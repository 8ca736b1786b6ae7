"""Units and specialists as they cross the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from crm.units.duty import RosterContent, content_of
from crm.units.models import PhoneKind, Specialist, SpecialistPhone, Unit
from crm.units.roster import Duty
from hotline.accounts.models import User
from hotline.accounts.roles import Role
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
UserId = Annotated[str, Field(min_length=1, max_length=36)]
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
    user_id: UserId | None = None
    """Who they are among the unit's users; None, where given: they do not log in."""
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
    """Now: by the roster or, without one, by the switch."""
    on_duty_until: datetime | None
    """Where a roster says so."""
    next_duty: datetime | None
    """When the next shift begins, of one who is not on duty."""
    phones: list[PhoneView]

    @classmethod
    def of(cls, row: Specialist, duty: Duty) -> SpecialistView:
        return cls(
            id=row.id,
            name=row.name,
            title=row.title,
            answerable_scope=row.answerable_scope,
            on_duty=duty.on_duty,
            on_duty_until=duty.until,
            next_duty=duty.begins,
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
    organisation_id: str | None
    """Whose users handle its cases."""
    may_edit: bool
    """Whether whoever asks may change its specialists and their rosters."""
    specialists: list[SpecialistView]

    @classmethod
    def of(cls, row: Unit, duties: Mapping[str, Duty], *, may_edit: bool) -> UnitView:
        active = [SpecialistView.of(one, duties[one.id]) for one in row.specialists if one.active]
        return cls(
            id=row.id,
            name=row.name,
            parent_id=row.parent_id,
            organisation_id=row.organisation_id,
            may_edit=may_edit,
            specialists=active,
        )

    def narrowed(self, search: str) -> UnitView | None:
        """The unit with those of its specialists that match every word of `search`; None if there is no match."""
        words = [word.casefold() for word in search_words(search)]
        if all(word in self.name.casefold() for word in words):
            return self
        found = [one for one in self.specialists if all(word in one.described(self.name) for word in words)]
        return self.model_copy(update={"specialists": found}) if found else None


_AUDITED = {"name", "on_duty", "roster", "active", "user_id", "phones"}


class PhoneDetail(PhoneView):
    number: str


class SpecialistDetail(BaseModel):
    id: str
    name: str
    title: str
    answerable_scope: str
    on_duty: bool
    """The switch, which decides where there is no roster."""
    on_duty_now: bool
    on_duty_until: datetime | None
    next_duty: datetime | None
    roster: RosterContent | None
    active: bool
    user_id: str | None
    phones: list[PhoneDetail]

    def audited(self) -> dict[str, Any]:
        """What the audit log stores: who can be called, and on which numbers."""
        return self.model_dump(mode="json", include=_AUDITED)


class UnitDetail(BaseModel):
    """A unit as whoever keeps it sees it: with numbers, and with those who have left."""

    id: str
    name: str
    parent_id: str | None
    active: bool
    version: int
    organisation_id: str | None
    """Whose users handle its cases."""
    warnings: list[str]
    """`unit.too_few_specialists`: fewer active specialists than the standard asks for."""
    specialists: list[SpecialistDetail]

    @classmethod
    def of(cls, row: Unit, duties: Mapping[str, Duty], *, fewest: int) -> UnitDetail:
        active = sum(specialist.active for specialist in row.specialists)
        return cls(
            id=row.id,
            name=row.name,
            parent_id=row.parent_id,
            active=row.active,
            version=row.version,
            organisation_id=row.organisation_id,
            warnings=[TOO_FEW] if active < fewest else [],
            specialists=[_detail(specialist, duties[specialist.id]) for specialist in row.specialists],
        )

    def specialist(self, specialist_id: str) -> SpecialistDetail:
        return next(specialist for specialist in self.specialists if specialist.id == specialist_id)

    def audited(self) -> dict[str, Any]:
        """What the audit log keeps: as of each specialist."""
        specialists = {specialist.id: specialist.audited() for specialist in self.specialists}
        return {"name": self.name, "parent_id": self.parent_id, "active": self.active, "specialists": specialists}


class UnitPerson(BaseModel):
    """A user who works for the unit."""

    id: str
    name: str
    username: str
    roles: list[Role]
    active: bool

    @classmethod
    def of(cls, user: User) -> UnitPerson:
        roles = sorted(user.role_set())
        return cls(id=user.id, name=user.name, username=user.username, roles=roles, active=user.active)


def _detail(row: Specialist, duty: Duty) -> SpecialistDetail:
    return SpecialistDetail(
        id=row.id,
        name=row.name,
        title=row.title,
        answerable_scope=row.answerable_scope,
        on_duty=row.on_duty,
        on_duty_now=duty.on_duty,
        on_duty_until=duty.until,
        next_duty=duty.begins,
        roster=content_of(row) if row.roster else None,
        active=row.active,
        user_id=row.user_id,
        phones=[
            PhoneDetail(label=phone.label, kind=PhoneKind(phone.kind), number=phone.number) for phone in row.phones
        ],
    )
