"""A case sheet, laid out as headings and texts; the PDF and the print view show the same one."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from hotline.notices.templates import Language


class SheetFact(BaseModel):
    label: str
    value: str


class SheetSection(BaseModel):
    heading: str
    texts: list[str]
    """Each of any length, with line feeds; never markup."""


class CaseSheet(BaseModel):
    language: Language
    heading: str
    case_id: str
    number: str
    title: str
    facts: list[SheetFact]
    sections: list[SheetSection]
    printed_by: str
    printed_at: datetime


class SheetQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    language: Language = "zh"
    """Of headings and names of states; what people wrote stays as it is."""
    unmask: bool = False
    """With the caller's number readable; needs the permission for it, and is audited apart."""
