"""Masked telephone numbers: enough to recognise a caller, too little to ring one."""

from __future__ import annotations

import re

SHORT_CODE_DIGITS = 6
SHOWN_AT_END = 4
HIDDEN = 4
SHOWN_AT_BEGIN = 3
"""Of a number of eleven digits, the longest that people have."""
_NUMBER = re.compile(r"\+?\d(?:[\s().-]*\d){6,}")


def mask_number(number: str) -> str:
    """`number` with the digits before the last four hidden: 13912345678 → 139****5678.

    Short codes and extensions (up to six digits) name an institution, not a person, and stay readable; so does
    whatever holds no digits ("anonymous"). A number of ten digits or fewer shows its last four alone.
    """
    places = [index for index, character in enumerate(number) if character.isdigit()]
    if len(places) <= SHORT_CODE_DIGITS:
        return number
    before = places[:-SHOWN_AT_END]
    hidden = set(before if len(places) <= HIDDEN + SHORT_CODE_DIGITS else before[-HIDDEN:])
    return "".join("*" if index in hidden else character for index, character in enumerate(number))


def mask_numbers_in(text: str) -> str:
    """`text` with every telephone number in it masked: many trunks and phones send the number as the caller's name."""
    return _NUMBER.sub(lambda found: mask_number(found[0]), text)
