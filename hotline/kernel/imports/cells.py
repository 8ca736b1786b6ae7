"""What is in the cells of imported rows, or what is wrong with them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from hotline.kernel.imports.ports import EarlierRow, ImportedRecord, PreparedRow, RowProblem
from hotline.kernel.words import plain

_TEXT_HINT = "It is empty, too long, or holds a character that is not allowed there; type it again."


def text_cell(record: ImportedRecord, key: str, kind: TypeAdapter[str], problems: list[RowProblem]) -> str:
    """The text as its field takes it; "" with one of `problems` where it does not."""
    try:
        return kind.validate_python(record.values.get(key, ""))
    except ValidationError:
        problems.append(RowProblem(code="text_invalid", detail=_TEXT_HINT, column=key))
        return ""


def choice_cell(
    record: ImportedRecord, key: str, words: Mapping[str, str], problems: list[RowProblem], *, required: bool = False
) -> str | None:
    """What `words`, folded to lower case and without spaces, make of the cell; None for an empty one."""
    text = re.sub(r"[\s_]+", "", plain(record.values.get(key, ""))).casefold()
    if text in words:
        return str(words[text])
    if text or required:
        known = ", ".join(word for word in words if not word.isascii())
        otherwise = "" if required else "; or leave it empty"
        detail = f"Write one of: {known}{otherwise}."
        problems.append(RowProblem(code="choice_unknown", detail=detail, column=key))
    return None


def refuse_repeated(rows: Sequence[PreparedRow], earlier: dict[str, EarlierRow], *columns: str) -> None:
    """For `compare` of rows whose keys stand for `columns`: a problem for each whose key a row above has."""
    for row in rows:
        for key, column in zip(row.keys, columns, strict=False):
            if key in earlier:
                detail = f"Row {earlier[key].number} has this {column}; write each once."
                row.problems.append(RowProblem(code=f"{column}_repeated", detail=detail, column=column))
            else:
                earlier[key] = EarlierRow(row.number, None)
