"""Enterprise names and credit codes in the forms that search compares. Pure."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice, product

from pypinyin import Style, pinyin
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from hotline.kernel.errors import InvalidInputError

MOST_READINGS = 16

_NOT_A_WORD = re.compile(r"[\W_]+")
_LATIN = re.compile(r"[a-z0-9]+")
_CODE_CHARACTERS = re.compile(r"[0-9A-HJ-NPQRTUWXY]+")


class CreditCodeInvalidError(InvalidInputError):
    error_id = "enterprise.credit_code_invalid"
    title = "The unified social credit code is not valid"


def normal_name(name: str) -> str:
    """`name` without what people write differently: width, case, spaces, brackets, punctuation."""
    return _NOT_A_WORD.sub("", unicodedata.normalize("NFKC", name).casefold())


def initials(name: str) -> str:
    """The pinyin initials of `name`, and those of its other readings, each between spaces: " whhy ".

    Characters with several readings make several strings, up to MOST_READINGS; Latin letters and digits stand
    for themselves.
    """
    letters: list[list[str]] = []
    for part in re.split(r"([a-z0-9]+)", normal_name(name)):
        if _LATIN.fullmatch(part):
            letters.append([part])
        elif part:
            letters += pinyin(part, style=Style.FIRST_LETTER, heteronym=True, errors="ignore")
    choices = [list(dict.fromkeys(filter(None, readings))) or [""] for readings in letters]
    readings = dict.fromkeys("".join(reading) for reading in islice(product(*choices), MOST_READINGS))
    return f" {' '.join(readings)} "


def require_credit_code(text: str) -> str:
    """`text` as an 18-character code in capitals, its check digit verified (GB 32100-2015).

    Raises CreditCodeInvalidError.
    """
    try:
        return str(uscc.validate(unicodedata.normalize("NFKC", text)))
    except ValidationError as error:
        raise CreditCodeInvalidError(
            "A credit code has 18 digits and capital letters (no I, O, S, V, Z) and a check digit; compare it again "
            "with the business licence."
        ) from error


def code_prefix(text: str) -> str | None:
    """`text` as the beginning of a credit code, or None where it cannot be one."""
    prefix = re.sub(r"[\s\-]+", "", unicodedata.normalize("NFKC", text)).upper()
    return prefix if 2 <= len(prefix) <= 18 and _CODE_CHARACTERS.fullmatch(prefix) else None
