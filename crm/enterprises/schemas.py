"""Enterprises and contacts as they cross the wire."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from crm.enterprises.models import (
    NAME_LENGTH,
    Contact,
    ContactMethod,
    ContactNumber,
    Enterprise,
    EnterpriseKind,
    EnterpriseSize,
    NumberPurpose,
)
from crm.enterprises.numbers import display
from hotline.accounts.masking import mask_number
from hotline.kernel.http import PageQuery

MOST_NUMBERS = 20
MOST_CONTACTS = 50

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LENGTH)]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
RoleName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50)]
WrittenNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NumberDraft(Body):
    number: WrittenNumber
    purpose: NumberPurpose = NumberPurpose.CALLER


class NumberChange(Body):
    """A number kept (`id`, as the reader may know it only masked) or a new one (`number`)."""

    id: str | None = None
    number: WrittenNumber | None = None
    purpose: NumberPurpose = NumberPurpose.CALLER

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.id is None) == (self.number is None):
            raise ValueError("give either the id of a number that stays, or a new number")
        return self


class ContactDraft(Body):
    name: PersonName
    role: RoleName = ""
    preferred: ContactMethod = ContactMethod.PHONE
    numbers: list[NumberDraft] = Field(default_factory=list, max_length=MOST_NUMBERS)


class ContactChange(Body):
    """What is given replaces what was; `numbers` is the whole list."""

    version: int
    """The enterprise's."""
    name: PersonName | None = None
    role: RoleName | None = None
    preferred: ContactMethod | None = None
    numbers: list[NumberChange] | None = Field(default=None, max_length=MOST_NUMBERS)


class EnterpriseDraft(Body):
    name: Name
    credit_code: str | None = Field(default=None, max_length=30)
    """Absent until the caller has it at hand; unique where given."""
    kind: EnterpriseKind = EnterpriseKind.ENTERPRISE
    industry: Words = ""
    size: EnterpriseSize | None = None
    skips_menu: bool = True
    contacts: list[ContactDraft] = Field(default_factory=list, max_length=MOST_CONTACTS)


class EnterpriseChange(Body):
    """What is given replaces what was."""

    version: int
    name: Name | None = None
    credit_code: str | None = Field(default=None, max_length=30)
    kind: EnterpriseKind | None = None
    industry: Words | None = None
    size: EnterpriseSize | None = None
    skips_menu: bool | None = None


class EnterpriseQuery(PageQuery):
    search: str = Field(default="", max_length=100)
    """Part of the name, its pinyin initials, the beginning of the credit code, or a whole telephone number."""


class NumberView(BaseModel):
    id: str
    number: str
    """Masked, except in the answer of unmask."""
    purpose: NumberPurpose

    @classmethod
    def of(cls, row: ContactNumber, *, unmasked: bool = False) -> NumberView:
        written = display(row.number)
        number = written if unmasked else mask_number(written)
        return cls(id=row.id, number=number, purpose=NumberPurpose(row.purpose))


class ContactView(BaseModel):
    id: str
    name: str
    role: str
    preferred: ContactMethod
    numbers: list[NumberView]

    @classmethod
    def of(cls, row: Contact, *, unmasked: bool = False) -> ContactView:
        return cls(
            id=row.id,
            name=row.name,
            role=row.role,
            preferred=ContactMethod(row.preferred),
            numbers=[NumberView.of(number, unmasked=unmasked) for number in row.numbers],
        )


class EnterpriseRow(BaseModel):
    id: str
    name: str
    credit_code: str | None
    kind: EnterpriseKind
    industry: str
    size: EnterpriseSize | None
    skips_menu: bool
    version: int

    @classmethod
    def of(cls, row: Enterprise) -> EnterpriseRow:
        return cls.model_validate(row, from_attributes=True)


class EnterpriseView(EnterpriseRow):
    contacts: list[ContactView]

    @classmethod
    def of(cls, row: Enterprise) -> EnterpriseView:
        own = EnterpriseRow.of(row).model_dump()
        return cls(**own, contacts=[ContactView.of(contact) for contact in row.contacts])
