"""Enterprises and contacts as they cross the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

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
from hotline.kernel.words import PLAIN, VISIBLE

MOST_NUMBERS = 20
MOST_CONTACTS = 50

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LENGTH), VISIBLE]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), VISIBLE]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), VISIBLE]
RoleName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50), VISIBLE]
WrittenNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40), PLAIN]


class EnterpriseBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NumberDraft(EnterpriseBody):
    number: WrittenNumber
    purpose: NumberPurpose = NumberPurpose.CALLER


class NumberChange(EnterpriseBody):
    """A number kept (`id`, as the reader may know it only masked) or a new one (`number`)."""

    id: str | None = None
    number: WrittenNumber | None = None
    purpose: NumberPurpose = NumberPurpose.CALLER

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.id is None) == (self.number is None):
            raise ValueError("give either the id of a number that stays, or a new number")
        return self


class ContactDraft(EnterpriseBody):
    name: PersonName
    role: RoleName = ""
    preferred: ContactMethod = ContactMethod.PHONE
    numbers: list[NumberDraft] = Field(default_factory=list, max_length=MOST_NUMBERS)


class ContactChange(EnterpriseBody):
    """What is given replaces what was; `numbers` is the whole list."""

    version: int
    """The enterprise's."""
    name: PersonName | None = None
    role: RoleName | None = None
    preferred: ContactMethod | None = None
    numbers: list[NumberChange] | None = Field(default=None, max_length=MOST_NUMBERS)


class EnterpriseDraft(EnterpriseBody):
    name: Name
    credit_code: str | None = Field(default=None, max_length=60)
    """Absent until the caller has it at hand; unique where given."""
    credit_code_confirmed: bool = False
    """The licence shows exactly this code: one with a wrong check digit, or a 15-digit number, is then taken."""
    kind: EnterpriseKind = EnterpriseKind.ENTERPRISE
    industry: Words = ""
    size: EnterpriseSize | None = None
    skips_menu: bool = True
    contacts: list[ContactDraft] = Field(default_factory=list, max_length=MOST_CONTACTS)


class EnterpriseChange(EnterpriseBody):
    """What is given replaces what was."""

    version: int
    name: Name | None = None
    credit_code: str | None = Field(default=None, max_length=60)
    credit_code_confirmed: bool = False
    """As in `EnterpriseDraft`; counts for the code given with it."""
    kind: EnterpriseKind | None = None
    industry: Words | None = None
    size: EnterpriseSize | None = None
    skips_menu: bool | None = None


class EnterpriseSort(StrEnum):
    """`name` goes by pinyin; without a search, `best` is the newest first."""

    BEST = "best"
    NAME = "name"
    NAME_DOWN = "-name"
    CREATED = "created_at"
    CREATED_DOWN = "-created_at"
    UPDATED = "updated_at"
    UPDATED_DOWN = "-updated_at"


class CodeState(StrEnum):
    NONE = "none"
    VALID = "valid"
    CONFIRMED = "confirmed"
    """Fails a check, and was compared with the licence."""


class EnterpriseQuery(PageQuery):
    search: str = Field(default="", max_length=100)
    """Words, all of which must match: each is part of the name, of its pinyin or its initials, the beginning of the
    credit code, or a whole telephone number."""
    kind: EnterpriseKind | None = None
    size: EnterpriseSize | None = None
    code: CodeState | None = None
    sort: EnterpriseSort = EnterpriseSort.BEST


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

    def audited(self) -> dict[str, Any]:
        """What the audit log stores; numbers are identified by id."""
        return self.model_dump(mode="json", exclude={"id"})


class EnterpriseRow(BaseModel):
    id: str
    name: str
    credit_code: str | None
    credit_code_confirmed: bool
    """It fails a check; somebody has compared it with the licence."""
    kind: EnterpriseKind
    industry: str
    size: EnterpriseSize | None
    skips_menu: bool
    merged_into: str | None = None
    """The enterprise it was merged into."""
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Enterprise) -> EnterpriseRow:
        return cls.model_validate(row, from_attributes=True)


class EnterpriseView(EnterpriseRow):
    contacts: list[ContactView]
    merged_ids: list[str]
    """Enterprises merged into this one: earlier calls carry their ids."""

    @classmethod
    def of(cls, row: Enterprise, *, merged_ids: Sequence[str] = ()) -> EnterpriseView:
        own = EnterpriseRow.of(row).model_dump()
        contacts = [ContactView.of(contact) for contact in row.contacts]
        return cls(**own, contacts=contacts, merged_ids=list(merged_ids))

    def audited(self) -> dict[str, Any]:
        """What the audit log keeps; numbers as masked as here."""
        own = self.model_dump(
            mode="json", exclude={"id", "version", "created_at", "updated_at", "contacts", "merged_into", "merged_ids"}
        )
        return own | {"contacts": {contact.id: contact.audited() for contact in self.contacts}}
