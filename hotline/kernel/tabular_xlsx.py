"""xlsx by openpyxl in its read-only mode, with the limits against archives made to exhaust us. Synchronous."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook

from hotline.kernel.tabular_limits import TableLimits, TableUnreadableError

_CHUNK = 256 * 1024
_SMALL_PART = 1024**2
"""A part up to this size may have any ratio."""
_LONGEST_ROW = 8 * 1024**2
"""Of one row's XML: the parser holds a row whole."""
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_DAMAGED = "The workbook is damaged or made by an unusual program; open it, save it again as .xlsx, and try again."
_BOMB = "The workbook unpacks to far more than a table needs; copy the table alone into a new workbook and save that."


def rows(data: bytes, limits: TableLimits) -> Iterator[tuple[int, Sequence[str | float]]]:
    """The rows of the first visible sheet that has any; a formula is its own text, never evaluated."""
    _check_archive(data, limits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl's, on styles and extensions that do not concern a table
        try:
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        except Exception as error:  # openpyxl has no error of its own: a broken part raises whatever it runs into
            raise TableUnreadableError(_DAMAGED, cause=type(error).__name__) from None
        try:
            yield from _first_filled(book)
        finally:
            book.close()


def _first_filled(book: Any) -> Iterator[tuple[int, Sequence[str | float]]]:
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        filled = False
        for number, values in _sheet_rows(sheet):
            filled = True
            yield number, values
        if filled:
            return


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, Sequence[str | float]]]:
    # The stated size of a sheet is often wrong, and a hostile one makes the reader fill up millions of cells.
    sheet.reset_dimensions()
    source = sheet.iter_rows(values_only=True)
    number = 0
    while True:
        number += 1
        try:
            values = next(source)
        except StopIteration:
            return
        except TableUnreadableError:
            raise
        except Exception as error:
            raise TableUnreadableError(f"Row {number}: {_DAMAGED}", cause=type(error).__name__) from None
        cells = [_plain_value(value) for value in values]
        if any(cell != "" for cell in cells):
            yield number, cells
        elif number % 1_000_000 == 0:
            raise TableUnreadableError(_BOMB)


def _plain_value(value: Any) -> str | float:
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float() | str():
            return value
        case datetime():
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="minutes" if value.second == 0 else "seconds")
        case timedelta():
            return str(value)
        case _:
            # An array formula and the like: the formula's text.
            return str(getattr(value, "text", None) or "")


def _check_archive(data: bytes, limits: TableLimits) -> None:
    """Raise TableUnreadableError for an archive that unpacks beyond the limits, by what it states and by what it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_stated(parts, limits)
            if "xl/workbook.xml" not in archive.namelist() and "[Content_Types].xml" not in archive.namelist():
                raise TableUnreadableError("This archive is no .xlsx workbook; choose the workbook itself.")
            left = limits.unpacked_bytes
            for part in parts:
                left = _check_part(archive, part, left)
    except TableUnreadableError:
        raise
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise TableUnreadableError(_DAMAGED, cause=type(error).__name__) from None
    except Exception as error:  # zlib.error and lzma's, which share no base
        raise TableUnreadableError(_DAMAGED, cause=type(error).__name__) from None


def _check_stated(parts: Sequence[zipfile.ZipInfo], limits: TableLimits) -> None:
    too_many = len(parts) > limits.parts
    too_large = sum(part.file_size for part in parts) > limits.unpacked_bytes
    if too_many or too_large:
        raise TableUnreadableError(_BOMB)
    for part in parts:
        if part.file_size > _SMALL_PART and part.file_size > limits.ratio * max(part.compress_size, 1):
            raise TableUnreadableError(_BOMB)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Unpack one part piece by piece; what is left of the total afterwards."""
    markup = part.filename.endswith((".xml", ".rels"))
    sheet = part.filename.startswith("xl/worksheets/")
    since_row, tail = 0, b""
    with archive.open(part) as stream:
        while piece := stream.read(_CHUNK):
            left -= len(piece)
            if left < 0:
                raise TableUnreadableError(_BOMB)
            if not markup:
                continue
            text = tail + piece
            if b"<!" in text:
                # Spreadsheet programs write none; a DOCTYPE may define entities that grow without end.
                raise TableUnreadableError(_DAMAGED, cause="declaration in XML")
            last = None
            for last in _ROW.finditer(text):  # noqa: B007
                pass
            since_row = len(text) - last.start() if last else since_row + len(piece)
            if sheet and since_row > _LONGEST_ROW:
                raise TableUnreadableError(_BOMB)
            tail = text[-16:]
    return left
