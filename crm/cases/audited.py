"""What the audit log holds of a case: enough to see what changed, too little to read what a caller said. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from hotline.accounts.masking import mask_number, mask_numbers_in
from hotline.kernel.ids import is_uuid

SHOWN = 80
"""Characters of a text; of a longer one the log also holds its length and hash."""
TEXTS = frozenset({"title", "content", "unit_complained_of", "complaint_type", "demand", "place"})


def audited_fields(values: Mapping[str, Any], *, confidential: bool) -> dict[str, Any]:
    """`values` of a case in the audit log's form; of a confidential one no text is shown at all."""
    return {name: _audited(name, value, confidential) for name, value in sorted(values.items())}


def audited_detail(values: Mapping[str, Any], *, confidential: bool) -> dict[str, Any]:
    """An action's body, dumped for Python: ids, numbers, times and enums whole, other texts as in `audited_fields`.

    So of a confidential case even a text of one word, such as a name in pinyin, is not shown.
    """
    return {name: _audited_value(value, confidential) for name, value in sorted(values.items())}


def _audited_value(value: Any, confidential: bool) -> Any:
    match value:
        case Enum():
            return value.value
        case datetime() | date():
            return value.isoformat()
        case str() if is_uuid(value):
            return value
        case str():
            return _text(value, 0 if confidential else SHOWN)
        case dict():
            return audited_detail(value, confidential=confidential)
        case list():
            return [_audited_value(one, confidential) for one in value]
    return value


def _audited(name: str, value: Any, confidential: bool) -> Any:
    if name == "callback_number":
        return mask_number(value)
    if name in TEXTS:
        return _text(value, 0 if confidential else SHOWN)
    return value.isoformat() if isinstance(value, datetime) else value


def _text(text: str, shown: int) -> Any:
    if len(text) <= shown:
        return mask_numbers_in(text)
    # Masked before it is cut: half a number is no number to the mask.
    cut: dict[str, Any] = {"begin": mask_numbers_in(text)[:shown], "length": len(text)}
    if len(text) > SHOWN:  # a short one, such as a number, is found by trying
        cut["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return cut
