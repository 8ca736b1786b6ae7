"""Masked telephone numbers: enough to recognise a caller, too little to ring one."""

from __future__ import annotations

import re

SHORT_CODE_DIGITS = 6
SHOWN_AT_END = 4
HIDDEN = 4
LONGEST_NUMBER = 15
"""Digits, by E.164."""
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
    return _NUMBER.sub(lambda found: _mask_run(found[0]), text)


def _mask_run(run: str) -> str:
    """A run longer than any number (E.164) holds several: all digits but the last four are hidden."""
    digits = sum(character.isdigit() for character in run)
    if digits <= LONGEST_NUMBER:
        return mask_number(run)
    kept = digits - SHOWN_AT_END
    places = [index for index, character in enumerate(run) if character.isdigit()][:kept]
    return "".join("*" if index in set(places) else character for index, character in enumerate(run))
