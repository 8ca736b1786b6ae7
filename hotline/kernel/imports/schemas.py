"""Imports as they cross the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hotline.kernel.http import PageQuery
from hotline.kernel.imports.models import ImportRecord, ImportRow
from hotline.kernel.imports.ports import ImportColumn, RowOutcome
from hotline.kernel.imports.state import ImportState
from hotline.kernel.tabular import TableEncoding
from hotline.kernel.words import VISIBLE

ColumnKey = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z_]+$")]
FileName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), VISIBLE]


class ImportUploadQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file_name: FileName


class ImportCheckBody(BaseModel):
    """How the file is to be read; what is absent stays as it was guessed."""

    model_config = ConfigDict(extra="forbid")

    version: int
    encoding: TableEncoding | None = None
    mapping: dict[ColumnKey, int] | None = Field(default=None, max_length=100)


class ImportVersion(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int


class ImportRowQuery(PageQuery):
    outcome: RowOutcome | None = None


class EncodingChoice(BaseModel):
    encoding: TableEncoding | None
    """None: an xlsx file, which states it."""
    preview: list[list[str]]
    """The header and the first rows, cut."""
    mapping: dict[str, int]
    """As guessed by this header."""


class ImportColumnView(BaseModel):
    key: str
    names: list[str]
    required: bool


class ImportView(BaseModel):
    id: str
    kind: str
    state: ImportState
    file_name: str
    encodings: list[EncodingChoice]
    """More than one: the user has to say which preview reads right."""
    encoding: TableEncoding | None
    columns: list[ImportColumnView]
    mapping: dict[str, int]
    rows_total: int | None
    rows_done: int
    """Of this step: checked, or written and not yet taken back."""
    counts: dict[str, int]
    """By outcome, once it was checked."""
    problem: str | None
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, row: ImportRecord, columns: Sequence[ImportColumn]) -> ImportView:
        return cls(
            id=row.id,
            kind=row.kind,
            state=ImportState(row.state),
            file_name=row.file_name,
            encodings=[EncodingChoice.model_validate(choice) for choice in row.encodings],
            encoding=TableEncoding(row.encoding) if row.encoding else None,
            columns=[
                ImportColumnView(key=column.key, names=list(column.names[:2]), required=column.required)
                for column in columns
            ],
            mapping=row.mapping,
            rows_total=row.rows_total,
            rows_done=_rows_done(row),
            counts=row.counts,
            problem=row.problem,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
        )


def _rows_done(row: ImportRecord) -> int:
    if row.state in (ImportState.APPLYING, ImportState.REVERTING):
        return max(0, min(row.written_to - 1, row.rows_total or 0))  # row 1 is the header
    return row.rows_done


class RowProblemView(BaseModel):
    code: str
    detail: str
    column: str


class ImportRowView(BaseModel):
    number: int
    outcome: RowOutcome
    subject: str
    problems: list[RowProblemView]

    @classmethod
    def of(cls, row: ImportRow) -> ImportRowView:
        return cls(
            number=row.number,
            outcome=RowOutcome(row.outcome or RowOutcome.ERROR),
            subject=row.subject,
            problems=[RowProblemView.model_validate(problem) for problem in row.problems],
        )
