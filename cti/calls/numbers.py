"""Telephone numbers brought to the form the call log is searched by. Pure."""

from __future__ import annotations

import re
import unicodedata

from hotline.kernel.words import plain

_NUMBER = re.compile(r"[\d\s+()\-.]*")
_COUNTRY_CODE = "86"
_WITH_COUNTRY_CODE = 12
"""Digits of the shortest national number (an area code's 3 and 7) with the country code before it."""
FEWEST_DIGITS = 3


def search_digits(number: str) -> str:
    """The digits without trunk zeros and the country code: +86 139…, 0139… and 139… are the same."""
    digits = "".join(c for c in unicodedata.normalize("NFKC", number) if c in "0123456789").lstrip("0")
    if digits.startswith(_COUNTRY_CODE) and len(digits) >= _WITH_COUNTRY_CODE:
        digits = digits[len(_COUNTRY_CODE) :].lstrip("0")
    return digits[:64]


def searched_digits(text: str) -> tuple[str, str]:
    """The beginning and the end of the numbers that `text` may mean; "" if it can be neither.

    A leading zero counts only at the end of a number, because the call log itself shows the last four digits.
    """
    text = plain(text).strip()
    if not _NUMBER.fullmatch(text):
        return "", ""
    begins, ends = search_digits(text), "".join(c for c in text if c in "0123456789")[:64]
    return (begins if len(begins) >= FEWEST_DIGITS else ""), (ends if len(ends) >= FEWEST_DIGITS else "")
