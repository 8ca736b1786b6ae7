"""Enterprise names in the forms that search compares. Pure."""

from __future__ import annotations

import functools
import re
from itertools import islice, product

from pypinyin import Style, pinyin
from pypinyin.seg.simpleseg import seg

from hotline.kernel.words import plain

MOST_READINGS = 16
LONGEST_NORMAL = 400
"""Twice the longest name."""

_NOT_A_WORD = re.compile(r"[\W_]+")
_LATIN = re.compile(r"[a-z0-9]+")


def normal_name(name: str) -> str:
    """`name` without what people write differently: width, case, spaces, brackets, punctuation."""
    return _NOT_A_WORD.sub("", plain(name).casefold())


def folded_name(name: str) -> str:
    """`normal_name` with the two ways to write a limited company as one: enterprises that share it may be the same."""
    return normal_name(name).replace("有限责任公司", "有限公司")


def initials(name: str) -> str:
    """The pinyin initials of `name`, and those of its other readings, each between spaces: " whhy ".

    Characters with several readings make several strings, up to MOST_READINGS; Latin letters and digits stand
    for themselves.
    """
    return _joined(_initials(syllables(name)))


def full_pinyin(name: str) -> str:
    """The same with whole syllables, without tones: " wuhaihaiyang "."""
    return _joined(syllables(name))


def search_forms(name: str) -> dict[str, str]:
    """The columns of an enterprise that search and the finder of duplicates read."""
    read = syllables(name)
    # Some characters grow when they are normalised; what matters to a search is at the beginning.
    return {
        "name_normal": normal_name(name)[:LONGEST_NORMAL],
        "name_folded": folded_name(name)[:LONGEST_NORMAL],
        "initials": _joined(_initials(read)),
        "pinyin": _joined(read),
    }


def syllables(name: str) -> list[list[str]]:
    """The readings of each character, in capitals; a run of Latin letters and digits has one, itself in small ones."""
    found: list[list[str]] = []
    for part in re.split(r"([a-z0-9]+)", normal_name(name)):
        if _LATIN.fullmatch(part):
            found.append([part])
        elif part:
            for word in seg(part):
                found += map(list, _readings(word))
    return found


@functools.lru_cache(maxsize=16_384)
def _readings(word: str) -> tuple[tuple[str, ...], ...]:
    """Of each character of one of pypinyin's words. Names share most of their words, and to read one takes long."""
    # "v" for ü, as keyboards have it.
    read = pinyin(word, style=Style.NORMAL, heteronym=True, errors="ignore", v_to_u=False)
    # In capitals, so that they differ from Latin parts.
    return tuple(tuple(reading.upper() for reading in dict.fromkeys(filter(None, each))) for each in read)


def _initials(read: list[list[str]]) -> list[list[str]]:
    return [[reading[:1] if reading.isupper() else reading for reading in readings] for readings in read]


def _joined(read: list[list[str]]) -> str:
    choices = [list(dict.fromkeys(readings)) or [""] for readings in read]
    readings = dict.fromkeys("".join(reading).lower() for reading in islice(product(*choices), MOST_READINGS))
    return f" {' '.join(readings)} "
