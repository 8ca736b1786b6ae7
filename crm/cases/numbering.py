"""Case numbers: the day, a counter and a check digit, all digits, so that a caller can say or key them."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import Date, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum import damm

from hotline.kernel.ids import is_uuid

COUNTER_DIGITS = 5

_NUMBER = re.compile(r"(\d{6})(\d{5,8})(\d)")
# The upsert is the same on SQLite and PostgreSQL; it holds the day's row until the transaction ends, so that two
# cases never take one number and a rolled-back case leaves none unused.
_NEXT = text(
    "INSERT INTO case_counter (day, last) VALUES (:day, 1) "
    "ON CONFLICT (day) DO UPDATE SET last = case_counter.last + 1 RETURNING last"
).bindparams(bindparam("day", type_=Date))


def case_number(day: date, count: int) -> str:
    """`count` from 1; past the five digits the number grows rather than repeats."""
    digits = f"{day:%y%m%d}{count:0{COUNTER_DIGITS}d}"
    return f"{digits}{damm.calc_check_digit(digits)}"


def spoken(number: str) -> str:
    """In groups, as an agent reads it out: 260302-00017-4."""
    match = _NUMBER.fullmatch(number)
    return "-".join(match.groups()) if match else number


def case_key(text: str) -> str:
    """An id as it is; a number without the hyphens and spaces that people put into it. Raises ValueError."""
    if is_uuid(text):
        return text.lower()
    digits = text.replace("-", "").replace(" ", "")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 16:
        raise ValueError("neither the id of a case nor its number")
    return digits


async def next_number(db: AsyncSession, day: date) -> str:
    """A unique number, allocated in the caller's transaction."""
    return case_number(day, (await db.execute(_NEXT, {"day": day})).scalar_one())
