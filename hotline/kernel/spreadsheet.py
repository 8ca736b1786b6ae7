"""Cells of the files we hand out, so that a spreadsheet shows them as they are and runs none of them. Pure."""

from __future__ import annotations

import re

Cell = str | int | float
BOM = "\ufeff"
"""Without it, Excel takes a CSV file's Chinese for something else."""
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")  # noqa: RUF001  # as Chinese keyboards have them
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no spreadsheet's XML may hold."""
_LOOKS_LIKE_A_NUMBER = re.compile(r" *(?:[0-9.,]{12,}|0[0-9.,]+|[0-9]+(?:\.[0-9]*)?[eE][0-9]+) *")
"""Excel shows a number of more than eleven digits as a power of ten, and none with a 0 in front."""


def storable(value: Cell) -> Cell:
    """`value` as a spreadsheet's XML can hold it."""
    return _CONTROL.sub("\ufffd", value) if isinstance(value, str) else value


def csv_cell(value: Cell) -> Cell:
    """`value` so that a spreadsheet that opens the CSV shows it as it is.

    A text that begins like a formula, as a caller's name may, gets an apostrophe in front, so that it never runs. A
    text of many digits, or with a 0 in front, gets a tab, so that Excel and WPS leave it a text: as a number,
    261130000248 would be shown as 2.6113E+11, and of the digits after the 15th nothing would be left.
    """
    if not isinstance(value, str):
        return value
    text = str(storable(value))
    if text.lstrip(" \u3000").startswith(FORMULA):
        return "'" + text
    return "\t" + text if _LOOKS_LIKE_A_NUMBER.fullmatch(text) else text
