"""Enterprise names in the forms that search compares. Pure."""

from __future__ import annotations

import re
from itertools import islice, product

from pypinyin import Style, pinyin

from hotline.kernel.words import plain

MOST_READINGS = 16

_NOT_A_WORD = re.compile(r"[\W_]+")
_LATIN = re.compile(r"[a-z0-9]+")


def normal_name(name: str) -> str:
    """`name` without what people write differently: width, case, spaces, brackets, punctuation."""
    return _NOT_A_WORD.sub("", plain(name).casefold())


def initials(name: str) -> str:
    """The pinyin initials of `name`, and those of its other readings, each between spaces: " whhy ".

    Characters with several readings make several strings, up to MOST_READINGS; Latin letters and digits stand
    for themselves.
    """
    return _readings(name, Style.FIRST_LETTER)


def full_pinyin(name: str) -> str:
    """The same with whole syllables, without tones: " wuhaihaiyang "."""
    return _readings(name, Style.NORMAL)


def _readings(name: str, style: Style) -> str:
    syllables: list[list[str]] = []
    for part in re.split(r"([a-z0-9]+)", normal_name(name)):
        if _LATIN.fullmatch(part):
            syllables.append([part])
        elif part:
            # "v" for ü, as keyboards have it.
            syllables += pinyin(part, style=style, heteronym=True, errors="ignore", v_to_u=False)
    choices = [list(dict.fromkeys(filter(None, readings))) or [""] for readings in syllables]
    readings = dict.fromkeys("".join(reading) for reading in islice(product(*choices), MOST_READINGS))
    return f" {' '.join(readings)} "
