"""What a table that somebody uploads may weigh, and the error of one that cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.kernel.errors import InvalidInputError


class TableUnreadableError(InvalidInputError):
    error_id = "table.unreadable"
    title = "The table cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLimits:
    file_bytes: int = 20 * 1024**2
    rows: int = 200_000
    columns: int = 200
    cell_length: int = 32_767
    """As Excel's own."""
    unpacked_bytes: int = 160 * 1024**2
    """Of all parts of an xlsx file together; 100,000 rows of ten columns make about 60 MB."""
    parts: int = 1_000
    ratio: int = 200
    """Unpacked to packed, of a part of some size; spreadsheet programs reach 20 to 60."""
