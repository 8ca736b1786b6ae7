"""Which numbers the hotline may call by its trunk, so that no edit of a phone costs it a fortune. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

from crm.enterprises.numbers import NumberPlan
from ivr.dialplan import HOTLINE_NUMBER

_SHORT = re.compile(r"1[0-2][0-9]{1,3}|95[0-9]{3,6}|96[0-9]{3,4}|(?!1[0-2]|9[56])[1-9][0-9]{2,5}")
"""As they are dialled: carriers, authorities and services, of which the library does not know all; and whatever an
exchange or a virtual network (虚拟网) defines itself."""

_EMERGENCY = frozenset({"110", "119", "120", "122"})
"""Police, fire, ambulance and traffic police."""

_DEARER = re.compile(r"125|179|16[08]")
"""How short numbers begin that let one dial on, or that answer, at another price: mobile carriers' services and cheap
lines (12520, 12590, 12593), other carriers' lines (17909, 17951), paid information (160, 168)."""


class TrunkNumbers:
    """`prefixes`: as in the setting `asterisk.dial_prefixes`."""

    def __init__(self, plan: NumberPlan, prefixes: Iterable[str], *, hotline_number: str = HOTLINE_NUMBER) -> None:
        self._plan = plan
        self._prefixes = tuple(prefixes)
        self._hotline = {hotline_number, plan.local(hotline_number)}

    def allows(self, number: str) -> bool:
        """Whether `number`, as it is dialled, may be called.

        Never the hotline itself, also by its area code, nor what costs extra, nor by another carrier's prefix
        (17951, 12593), whatever the setting says.
        """
        known = number if _SHORT.fullmatch(number) else self._plan.canonical(number)
        if known is None or known in self._hotline or not known.startswith(self._prefixes):
            return False
        # The library takes a carrier's prefix off: what is left is not what would be dialled.
        return known.endswith(number.lstrip("+0")) and not _costs_extra(known)

    def allows_a_flow(self, number: str) -> bool:
        """Whether a call flow may call `number`: the emergency numbers always."""
        return number in _EMERGENCY or self.allows(number)


def _costs_extra(known: str) -> bool:
    if not known.startswith("+"):
        return _DEARER.match(known) is not None
    return phonenumbers.number_type(phonenumbers.parse(known)) == phonenumbers.PhoneNumberType.PREMIUM_RATE
