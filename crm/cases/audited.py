"""What the audit log holds of a case: enough to see what changed, too little to read what a caller said. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hotline.accounts.masking import mask_number, mask_numbers_in

SHOWN = 80
"""Characters of a text; of a longer one the log also holds its length and hash."""
_CODE = re.compile(r"[a-z][a-z_]{0,39}|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.Z+-]+")
"""A choice, an id or a time: what a form sends that is no text."""
TEXTS = frozenset({"title", "content", "unit_complained_of", "complaint_type", "demand", "place"})


def audited_fields(values: Mapping[str, Any], *, confidential: bool) -> dict[str, Any]:
    """`values` of a case in the audit log's form; of a confidential one no text is shown at all."""
    return {name: _audited(name, value, confidential) for name, value in sorted(values.items())}


def audited_detail(values: Mapping[str, Any], *, confidential: bool) -> dict[str, Any]:
    """What an action said: ids, numbers, times and choices whole, texts as `audited_fields` has them."""
    return {name: _audited_value(value, confidential) for name, value in sorted(values.items())}


def _audited_value(value: Any, confidential: bool) -> Any:
    match value:
        case str() if _CODE.fullmatch(value):
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
    begin = mask_numbers_in(text)[:shown]
    return {"begin": begin, "length": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()}
