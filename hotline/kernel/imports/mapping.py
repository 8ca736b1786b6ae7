"""Which column of the file is which, guessed by the headers. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hotline.kernel.errors import InvalidInputError
from hotline.kernel.imports.ports import ImportColumn
from hotline.kernel.words import plain

_NOT_A_LETTER = re.compile(r"[\W_]+")
_IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")  # noqa: RUF001  # as Chinese keyboards have them
MOST_COLUMNS = 200


class ImportMappingError(InvalidInputError):
    error_id = "import.mapping"
    title = "The columns are not assigned"


def guess_mapping(header: Sequence[str], columns: Sequence[ImportColumn]) -> dict[str, int]:
    """Column key to place, for each column whose header is known; the first of two equal headers counts.

    Case, spaces, width, punctuation and what stands in brackets do not matter.
    """
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        for form in (_folded(cell), _folded(_IN_BRACKETS.sub("", cell))):
            places.setdefault(form, place)
    places.pop("", None)
    found: dict[str, int] = {}
    for column in columns:
        for name in (*column.names, column.key):
            at = places.get(_folded(name))
            if at is not None and at not in found.values():
                found[column.key] = at
                break
    return found


def require_mapping(mapping: Mapping[str, int], columns: Sequence[ImportColumn]) -> dict[str, int]:
    """`mapping`, checked. Raises ImportMappingError."""
    known = {column.key for column in columns}
    if unknown := sorted(mapping.keys() - known):
        raise ImportMappingError(f"There is no column {unknown[0][:40]!r}; choose among {', '.join(sorted(known))}.")
    if any(not 0 <= place < MOST_COLUMNS for place in mapping.values()):
        raise ImportMappingError(f"A column of the file is a number from 0 to {MOST_COLUMNS - 1}.")
    if len(set(mapping.values())) < len(mapping):
        raise ImportMappingError("Two columns are assigned to the same column of the file; assign each once.")
    for column in columns:
        if column.required and column.key not in mapping:
            raise ImportMappingError(f"Say which column of the file is {column.names[0]} ({column.names[1]}).")
    return dict(mapping)


def _folded(text: str) -> str:
    return _NOT_A_LETTER.sub("", plain(text).casefold())
