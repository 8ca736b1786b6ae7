"""Telephone numbers as callers, agents and trunks write them, brought to one canonical form. Pure."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import shortnumberinfo

from hotline.kernel.errors import InvalidInputError
from hotline.kernel.words import plain

REGION = "CN"
COUNTRY_CODE = 86
LONGEST_SHORT_CODE = 6

_EXTENSION = re.compile(r"(?:转|轉|分机|ext\.?|x|#|,|;).*$", re.IGNORECASE | re.DOTALL)
_SEPARATORS = re.compile(r"[\s\-‐-―−.()/·_]+")
_WRITTEN = re.compile(r"\+?[0-9]{3,20}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_SUBSCRIBER = re.compile(r"[2-8][0-9]{6,7}")


class NumberInvalidError(InvalidInputError):
    error_id = "number.invalid"
    title = "That is not a telephone number"


class NumberPlan:
    """Canonical numbers for a hotline in one Chinese city.

    Canonical is E.164 ("+8613912345678", "+864732991001"), except short codes ("12345", "95588"), which exist
    only inside the country and stay as they are dialled. A canonical number is its own canonical form.
    """

    def __init__(self, area_code: str) -> None:
        """`area_code` is the city's own, with or without the trunk 0; numbers of 7 or 8 digits belong to it."""
        self._area_code = area_code.lstrip("0")

    def canonical(self, text: str) -> str | None:
        """The canonical form of `text`, or None where it is not a number that could be called."""
        written = _SEPARATORS.sub("", _EXTENSION.sub("", plain(text)))
        if not _WRITTEN.fullmatch(written):
            return None
        if not written.startswith("+"):
            if _is_short_code(written):
                return written
            if _SUBSCRIBER.fullmatch(written):
                return _complete(self.local(written))
        return _complete(written) or _complete(_with_country_code(written))

    def local(self, digits: str) -> str:
        """`digits`, as they are dialled in the city, with its area code and the country's; not checked."""
        return f"+{COUNTRY_CODE}{self._area_code}{digits}"

    def require(self, text: str) -> str:
        """Like `canonical`, for numbers that people enter; raises NumberInvalidError."""
        number = self.canonical(text)
        if number is None:
            raise NumberInvalidError(
                "Write a mobile number, a landline with or without its area code, a short code, or +country number."
            )
        return number


def display(canonical: str) -> str:
    """How an agent writes and dials it: 13912345678, 0473-2991001, 12345, +14155552671."""
    if not canonical.startswith("+"):
        return canonical
    number = phonenumbers.parse(canonical)
    if number.country_code != COUNTRY_CODE:
        return canonical
    national = phonenumbers.national_significant_number(number)
    area = phonenumbers.length_of_geographical_area_code(number)
    return f"0{national[:area]}-{national[area:]}" if area else national


def _is_short_code(digits: str) -> bool:
    if len(digits) > LONGEST_SHORT_CODE or digits.startswith("0"):
        return False
    return shortnumberinfo.is_valid_short_number_for_region(phonenumbers.parse(digits, REGION), REGION)


def _complete(written: str | None) -> str | None:
    number = _parsed(written) if written else None
    if number is None:
        return None
    national = phonenumbers.national_significant_number(number)
    # Operators open mobile ranges faster than the library's tables follow; eleven digits from 13 to 19 are enough.
    new_mobile = number.country_code == COUNTRY_CODE and _MOBILE.fullmatch(national)
    if new_mobile or phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def _parsed(written: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(written, REGION)
    except phonenumbers.NumberParseException:
        return None


def _with_country_code(written: str) -> str | None:
    """Some trunks send the trunk 0 and the country code together: 086139…"""
    bare = written.lstrip("+0")
    return f"+{bare}" if bare.startswith(str(COUNTRY_CODE)) else None
