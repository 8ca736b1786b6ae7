"""Which numbers the hotline may call by its trunk, so that no edit of a phone costs it a fortune. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

from crm.enterprises.numbers import NumberPlan

_SHORT = re.compile(r"1[0-2][0-9]{1,6}|9[56][0-9]{3,6}")
"""Carriers, authorities and services, as they are dialled; the library does not know them all."""


class TrunkNumbers:
    """`prefixes`: as in the setting `asterisk.dial_prefixes`."""

    def __init__(self, plan: NumberPlan, prefixes: Iterable[str], *, hotline_number: str = "12345") -> None:
        self._plan = plan
        self._prefixes = tuple(prefixes)
        self._hotline_number = hotline_number

    def allows(self, number: str) -> bool:
        """Whether `number`, as it is dialled, may be called.

        Never the hotline itself, nor what costs extra, nor by another carrier's prefix (17951, 12593).
        """
        if number == self._hotline_number:
            return False
        if _SHORT.fullmatch(number):
            return number.startswith(self._prefixes)
        known = self._plan.canonical(number)
        if known is None or not known.startswith(self._prefixes):
            return False
        return known.endswith(number.lstrip("+0")) and not _costs_extra(known)


def _costs_extra(canonical: str) -> bool:
    if not canonical.startswith("+"):
        return False
    return phonenumbers.number_type(phonenumbers.parse(canonical)) == phonenumbers.PhoneNumberType.PREMIUM_RATE
