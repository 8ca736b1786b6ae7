"""What a feature hands in to have its rows imported, and the rows as they pass from step to step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.errors import ConflictError
from hotline.kernel.events import Event


class RowOutcome(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    SKIP = "skip"
    """Nothing in it differs from what is there."""
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportColumn:
    """A column that the importer knows; `names` are headers it is guessed by, the first zh, the second en."""

    key: str
    names: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """`code` is for the page's own words; `detail` says the same in English, with the way to mend it."""

    code: str
    detail: str
    column: str = ""
    """Key of the column; "" for the row as a whole."""


@dataclass(frozen=True, slots=True)
class ImportedRecord:
    """One row of the file by column; a column that is not mapped is absent."""

    number: int
    values: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class PreparedRow:
    """What a row says, before it is compared with what is there. `value` is JSON."""

    number: int
    keys: tuple[str, ...] = ()
    """By which rows of one file are about the same thing; at most two."""
    seeks: tuple[str, ...] = ()
    """Keys of rows above that would be about the same thing; found ones are handed to `compare`."""
    subject: str = ""
    """What the row is about, as a person would call it."""
    value: dict[str, Any] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    outcome: RowOutcome = RowOutcome.CREATE
    target: str | None = None
    """Id of what is created or updated; several rows may share it."""


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row that was written, with what `apply` said of how to undo it."""

    number: int
    target: str
    undo: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """A row above in the same file that has one of the keys."""

    number: int
    target: str | None


class ImportStaleError(ConflictError):
    """Something changed between the check and now. Raised by `apply`; the import is then to be checked again."""

    error_id = "import.stale"
    title = "The data changed since the file was checked"


class RowImporter(Protocol):
    """One kind of import. Its rows pass `prepare` and `compare` in chunks, in the file's order; when the user has
    read the report and confirmed, those without an error pass `apply`, in chunks of a transaction each; if one of
    them fails, or the user stops it, what was written passes `undo`, the last row first.
    """

    @property
    def kind(self) -> str: ...
    @property
    def permission(self) -> str: ...
    @property
    def columns(self) -> Sequence[ImportColumn]: ...

    def prepare(self, records: Sequence[ImportedRecord]) -> list[PreparedRow]:
        """What each says. Pure; runs in a thread."""
        ...

    async def compare(self, db: AsyncSession, rows: Sequence[PreparedRow], earlier: dict[str, EarlierRow]) -> None:
        """Set outcome, target and problems of the rows by what is there.

        `earlier` holds the rows above by key; the method adds these as it goes. Rows with problems are not among them.
        """
        ...

    async def apply(self, db: AsyncSession, rows: Sequence[PreparedRow], *, at: datetime) -> dict[int, dict[str, Any]]:
        """Write one chunk, and give by row number what it takes to undo it, as JSON; `at` is the same for all chunks.

        Raises ImportStaleError.
        """
        ...

    async def undo(self, db: AsyncSession, rows: Sequence[WrittenRow]) -> int:
        """Take back one chunk; how many of the records created are in use by now and stay."""
        ...

    def applied(self, *, import_id: str, by: str, at: datetime, counts: Mapping[str, int]) -> Event | None:
        """What to publish when all is written, or all is undone (then without counts); None for nothing."""
        ...


@runtime_checkable
class WholeFileImporter(RowImporter, Protocol):
    """Its rows depend on one another: `compare` looks at chunks as ever, then `review` at all of them together; `apply`
    gets them all in one transaction.
    """

    @property
    def most_rows(self) -> int:
        """A longer file is refused."""
        ...

    async def review(self, db: AsyncSession, rows: Sequence[PreparedRow], refused: Sequence[int]) -> None:
        """Set outcome, target, value and problems of `rows`, which have no error so far; `refused` are the others'
        numbers. Only reads; safe to call again.
        """
        ...


@runtime_checkable
class PersonalImporter(RowImporter, Protocol):
    """What its rows may change depends on who imports."""

    def on_behalf_of(self, user_id: str) -> RowImporter: ...


@runtime_checkable
class ConvertingImporter(RowImporter, Protocol):
    """It takes files that are no table, too."""

    def as_table(self, data: bytes) -> bytes:
        """`data`, or the CSV file that it amounts to. Pure; runs in a thread. Raises TableUnreadableError."""
        ...


Publish = Callable[[Event], object]
