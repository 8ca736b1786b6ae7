"""Unified social credit codes (GB 32100-2015), and what older licences show instead. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2, mod_11_10

from hotline.kernel.errors import InvalidInputError
from hotline.kernel.words import plain

_SEPARATORS = re.compile(r"[\s\-‐-―−.·]+")
_CHARACTERS = re.compile(r"[0-9A-HJ-NPQRTUWXY]+")
_SHAPE = re.compile(r"[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
"""Registering department (GB 32100 §4.2: 1 to 9, A, N, Y), class, region, organisation, check digit."""
_REGISTRATION_NUMBER = re.compile(r"[0-9]{15}")
_IDENTITY_NUMBER = re.compile(r"[1-8][0-9]{16}[0-9X]")
_ORGANISATION = slice(8, 16)
_ORGANISATION_DIGIT = 16
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class CodeFault(StrEnum):
    SHAPE = "shape"
    IDENTITY_NUMBER = "identity_number"
    ORGANISATION_DIGIT = "organisation_digit"
    CHECK_DIGIT = "check_digit"
    REGISTRATION_NUMBER = "registration_number"


class CreditCodeInvalidError(InvalidInputError):
    """The problem document carries the `reason` (a `CodeFault`) in addition to the text."""

    error_id = "enterprise.credit_code_invalid"
    title = "The unified social credit code is not valid"

    def __init__(self, fault: CodeFault) -> None:
        super().__init__(_HINTS[fault], reason=fault.value)
        self.fault = fault


CONFIRMABLE = frozenset({CodeFault.ORGANISATION_DIGIT, CodeFault.CHECK_DIGIT, CodeFault.REGISTRATION_NUMBER})
"""What is taken once somebody has compared it with the licence: licences with such codes were issued."""

_HINTS = {
    CodeFault.SHAPE: "A credit code has 18 characters: 1-9, A, N or Y in front, digits and capital letters "
    "(no I, O, S, V, Z), the 6 digits of the region from the 3rd on; compare it again with the business licence.",
    CodeFault.IDENTITY_NUMBER: "This looks like a person's identity number, which must not be entered here. In a "
    "credit code, characters 9 to 17 are the organisation code with its check digit (GB 11714).",
    CodeFault.ORGANISATION_DIGIT: "Characters 9 to 17 are the organisation code, and its check digit (the 17th "
    "character, GB 11714) does not fit; compare the code again. If the licence shows exactly this, confirm so.",
    CodeFault.CHECK_DIGIT: "The last character is the check digit (GB 32100), and it does not fit; compare the code "
    "again. If the licence shows exactly this, confirm so.",
    CodeFault.REGISTRATION_NUMBER: "This is a 15-digit registration number of a licence from before 2015; look for the "
    "18-character credit code. If the licence shows this number alone, confirm so.",
}


@dataclass(frozen=True, slots=True)
class CreditCode:
    code: str
    confirmed: bool
    """It fails a check, and somebody has compared it with the licence."""


def require_credit_code(text: str, *, confirmed: bool = False) -> CreditCode:
    """`text` as a code in capitals, without spaces and invisible characters.

    `confirmed` says that it was compared with the licence: then a wrong check digit is taken, since licences with
    one were issued, and so is the 15-digit registration number of a licence from before 2015. An identity number
    never is. Raises CreditCodeInvalidError.
    """
    code = _compact(text)
    fault = _fault(code)
    if fault is None:
        return CreditCode(code, confirmed=False)
    if confirmed and fault in CONFIRMABLE:
        return CreditCode(code, confirmed=True)
    raise CreditCodeInvalidError(fault)


def code_prefix(text: str) -> str | None:
    """`text` as the beginning of a credit code, or None where it cannot be one."""
    prefix = _compact(text)
    return prefix if 2 <= len(prefix) <= 18 and _CHARACTERS.fullmatch(prefix) else None


def organisation_of(code: str | None) -> str | None:
    """The organisation code (GB 11714, without its digit) in a credit code; older numbers hold none."""
    return code[_ORGANISATION] if code is not None and len(code) == 18 else None


def organisation_digit(body: str) -> str:
    """The check digit (GB 11714-1997) of the eight characters of an organisation code."""
    total = sum(int(character, 36) * weight for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0X987654321"[total % 11]


def _compact(text: str) -> str:
    return _SEPARATORS.sub("", plain(text)).upper()


def _fault(code: str) -> CodeFault | None:
    if _REGISTRATION_NUMBER.fullmatch(code):
        is_person = _is_date(f"19{code[6:12]}") and not mod_11_10.is_valid(code)
        return CodeFault.IDENTITY_NUMBER if is_person else CodeFault.REGISTRATION_NUMBER
    fault = _fault_of_eighteen(code)
    # One identity number in 341 passes both checks by chance; that one is indistinguishable from a code.
    return CodeFault.IDENTITY_NUMBER if fault and _is_identity_number(code) else fault


def _fault_of_eighteen(code: str) -> CodeFault | None:
    if not _SHAPE.fullmatch(code):
        return CodeFault.SHAPE
    if code[_ORGANISATION_DIGIT] != organisation_digit(code[_ORGANISATION]):
        return CodeFault.ORGANISATION_DIGIT
    if code[-1] != uscc.calc_check_digit(code[:-1]):
        return CodeFault.CHECK_DIGIT
    return None


def _is_identity_number(code: str) -> bool:
    return bool(_IDENTITY_NUMBER.fullmatch(code)) and _is_date(code[6:14]) and mod_11_2.is_valid(code)


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return digits[:2] in ("19", "20")
