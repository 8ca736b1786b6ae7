"""Notes as they cross the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from crm.cases.schemas import Id
from hotline.kernel.http import PageQuery
from hotline.kernel.words import LINES

MOST_MENTIONED = 20
NoteText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), LINES]


class NoteDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Id | None = None
    """Made by the client, so that a note sent twice is written once."""
    text: NoteText
    for_units: bool = False
    mentions: list[Id] = Field(default_factory=list, max_length=MOST_MENTIONED)
    """Users that the note calls in; the text names them with @ for the reader alone."""
    corrects: Id | None = None
    """The note that this one replaces."""


class NoteQuery(PageQuery):
    model_config = ConfigDict(extra="forbid")


class PersonQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    search: str = Field(default="", max_length=50)
    for_units: bool = False


class MentionedPerson(BaseModel):
    id: str
    name: str


class NoteView(BaseModel):
    id: str
    text: str
    for_units: bool
    mentions: list[MentionedPerson]
    corrects: str | None
    corrected_by: str | None
    """The note that replaces this one."""
    written_by: str
    written_by_name: str
    written_at: datetime
    may_correct: bool
