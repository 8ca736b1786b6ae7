"""Tables that people upload: CSV and xlsx as rows of text cells, whatever made them. Pure and synchronous.

`inspect_table` says what the bytes are, or between what a person has to choose; `read_table` gives the rows one by
one. Both take seconds for a large file: call them in a thread.

A cell that cannot be trusted, such as a long number that Excel has rounded, is a fault of its row; what makes the
whole table unreadable raises `TableUnreadableError` with the place and how to mend it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hotline.kernel import tabular_csv, tabular_xlsx
from hotline.kernel.tabular_csv import EncodingCandidate, TableEncoding
from hotline.kernel.tabular_limits import TableLimits, TableUnreadableError

__all__ = [
    "CellFault",
    "EncodingCandidate",
    "TableEncoding",
    "TableGuess",
    "TableLimits",
    "TableRow",
    "TableUncertainError",
    "TableUnreadableError",
    "inspect_table",
    "read_table",
]

_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DEFAULT_LIMITS = TableLimits()
_PREVIEW_ROWS = 4

_WHOLE_FLOAT = re.compile(r"(-?[0-9]+)\.0+")
_POWER_OF_TEN = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]{2,3}")
_ROUNDED = re.compile(r"[1-9][0-9]{14}0+")
"""More than the 15 digits Excel keeps, and zeros after them."""
_MARKED_AS_TEXT = re.compile(r"(?:\t|')(?=[=+\-@＝＋－＠\t]|[0-9.]{5})")  # noqa: RUF001  # as exports guard a cell
_ROUNDED_HINT = (
    "Excel keeps 15 digits of a number and has rounded this one; its last digits are lost. Format the column as text "
    "in the spreadsheet, type the number again from its source, and save it."
)


class TableUncertainError(TableUnreadableError):
    """The bytes can be read in several ways; `candidates` shows each."""

    error_id = "table.encoding_uncertain"
    title = "It is not certain how the file's characters are encoded"

    def __init__(self, candidates: Sequence[EncodingCandidate]) -> None:
        names = ", ".join(candidate.encoding.value for candidate in candidates)
        super().__init__(f"Choose the encoding in which the preview reads right: {names}.")
        self.candidates = tuple(candidates)

    @classmethod
    def among(cls, encodings: Sequence[str]) -> TableUncertainError:
        """Of candidates whose previews were shown before."""
        return cls([EncodingCandidate(TableEncoding(encoding), ()) for encoding in encodings])


@dataclass(frozen=True, slots=True)
class CellFault:
    column: int
    """From 0."""
    problem: str
    """What is wrong and how to mend it; never quotes the cell."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """`number` is the row's in a spreadsheet, the first being 1; `cells` end with the last that is not empty."""

    number: int
    cells: tuple[str, ...]
    faults: tuple[CellFault, ...] = ()

    def cell(self, column: int) -> str:
        """The text at `column` (from 0), without spaces around it; "" beyond the end."""
        return self.cells[column].strip() if 0 <= column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class TableGuess:
    """`candidates` has one entry where the encoding is certain; an xlsx file needs none, `encoding` is None then."""

    format: str
    candidates: tuple[EncodingCandidate, ...]
    preview: tuple[TableRow, ...]
    """The first rows, read by the first candidate."""

    @property
    def certain(self) -> bool:
        return len(self.candidates) <= 1


def inspect_table(data: bytes, *, limits: TableLimits = _DEFAULT_LIMITS) -> TableGuess:
    """What `data` is, with a preview. Raises TableUnreadableError where it is neither CSV nor xlsx."""
    if _is_xlsx(data, limits):
        return TableGuess("xlsx", (), _first_rows(read_table(data, limits=limits)))
    candidates = tabular_csv.candidates(data)
    rows = _first_rows(read_table(data, encoding=candidates[0].encoding, limits=limits))
    return TableGuess("csv", candidates, rows)


def read_table(
    data: bytes, *, encoding: TableEncoding | None = None, limits: TableLimits = _DEFAULT_LIMITS
) -> Iterator[TableRow]:
    """The rows that are not empty, in order; the header, if there is one, is the first of them.

    Raises TableUncertainError where `encoding` is not given and the bytes leave a doubt, and TableUnreadableError
    for what cannot be read or exceeds `limits`; also while the rows are taken.
    """
    if _is_xlsx(data, limits):
        return _checked(tabular_xlsx.rows(data, limits), limits, typed=True)
    if encoding is None:
        candidates = tabular_csv.candidates(data)
        if len(candidates) > 1:
            raise TableUncertainError(candidates)
        encoding = candidates[0].encoding
    return _checked(tabular_csv.rows(data, encoding, limits), limits, typed=False)


def _is_xlsx(data: bytes, limits: TableLimits) -> bool:
    if len(data) > limits.file_bytes:
        raise TableUnreadableError(
            f"The file is larger than {limits.file_bytes // 1024**2} MB; split it into several and import each."
        )
    if not data.strip(b"\xef\xbb\xbf \t\r\n\0"):
        raise TableUnreadableError("The file is empty; choose one with a header and at least one row.")
    if data.startswith(_OLD_OFFICE):
        raise TableUnreadableError(
            "This is an old .xls workbook or one with a password; save it as .xlsx without a password."
        )
    return data.startswith(_ZIP)


def _first_rows(source: Iterator[TableRow], most: int = _PREVIEW_ROWS) -> tuple[TableRow, ...]:
    return tuple(row for row, _ in zip(source, range(most), strict=False))


def _checked(
    source: Iterator[tuple[int, Sequence[str | float]]], limits: TableLimits, *, typed: bool
) -> Iterator[TableRow]:
    for number, values in source:
        if number > limits.rows:
            raise TableUnreadableError(f"The table has more than {limits.rows} rows; split it into several files.")
        row = _row(number, values, limits, typed=typed)
        if row.cells:
            yield row


def _row(number: int, values: Sequence[str | float], limits: TableLimits, *, typed: bool) -> TableRow:
    cells: list[str] = []
    faults: list[CellFault] = []
    for column, value in enumerate(values):
        cell, problem = _cell(value, typed=typed)
        if len(cell) > limits.cell_length:
            raise TableUnreadableError(
                f"Row {number}, column {column + 1}: the cell is longer than {limits.cell_length} characters; "
                "look for a quotation mark that is not closed, or shorten the text."
            )
        cells.append(cell)
        if problem:
            faults.append(CellFault(column, problem))
    while cells and not cells[-1].strip():
        cells.pop()
    if len(cells) > limits.columns:
        raise TableUnreadableError(
            f"Row {number} has {len(cells)} columns, more than {limits.columns}; remove what is not part of the table."
        )
    return TableRow(number, tuple(cells), tuple(faults))


def _cell(value: str | float, *, typed: bool) -> tuple[str, str | None]:
    """`value` as a person reads it, and what is wrong with it; where cells are `typed`, digits in a text are whole."""
    if isinstance(value, float | int):
        if not abs(value) < 10**15:
            return f"{value:.0f}" if abs(value) < 1e30 else str(value), _ROUNDED_HINT
        return (str(int(value)) if value == int(value) else repr(value)), None
    text = value.strip(" ")
    if "\0" in text:
        return text.replace("\0", ""), "The cell holds the character NUL; type it again."
    if _MARKED_AS_TEXT.match(text):
        return text[1:], None
    bare = text.strip()
    if whole := _WHOLE_FLOAT.fullmatch(bare):
        bare = whole[1] if len(whole[1].lstrip("-")) >= 5 else bare
    if _POWER_OF_TEN.fullmatch(bare) or (not typed and _ROUNDED.fullmatch(bare)):
        return bare, _ROUNDED_HINT
    return (bare if bare != text.strip() else text), None
