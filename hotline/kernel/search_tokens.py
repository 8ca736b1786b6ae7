"""The tokens by which Chinese text is searched: the words of a dictionary, and pairs of neighbouring characters. Pure.

A dictionary alone misses names and new words, pairs alone find what merely touches; together a word that both know
counts twice, which is what a ranking wants. Full-text engines get them joined by spaces.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from operator import add

import opencc
import rjieba

from hotline.kernel.words import plain

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_CODES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_RUN_OF_HAN = re.compile(f"[{_HAN}]")
_SPLIT = "\u19b0-\u19c0\u19c8\u19c9\u1cf2\u1cf3"
"""Letters that were marks in the Unicode of FTS5: it would make two tokens of one."""
_RUNS = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}{_SPLIT}]+")
"""Chinese characters in a row, or letters and digits in a row."""
_LETTERS = re.compile(f"[^\\W_{_HAN}{_SPLIT}]+")
_OTHERS = re.compile(f"[^{_HAN}]+")
_FUNCTION = frozenset(
    "的了和是在有就都而及与着或把被让给向从对为以于之其也还又很不没要能会可请您你我他她它们这那个啊吗呢吧一上下"
)
"""Characters that join words: a pair with one of them is no word of its own."""
_COMMON = _FUNCTION | frozenset("公司们来去说怎么问办想什哪里到人钱时年月天个家三两四五六七八九十百千万")
_LONGEST = 20_000
"""Characters of one text that are looked at: as much as a case's content may have."""
_LONGEST_RUN = 64
"""Letters and digits of one token: PostgreSQL takes none of more than 2046 bytes."""


def folded(text: str) -> str:
    """`text` in lower case, narrow and simplified characters: what is compared where the way of writing is not."""
    text = plain(text).casefold()
    # Few texts have any, and to look for one is quicker than to translate each character.
    return text.translate(_simplified()) if _traditional().search(text) else text


@functools.cache
def _simplified() -> dict[int, str]:
    """Traditional characters and the simplified one of each: without regard to their neighbours, so that a part of a
    text is folded as it is in the whole.
    """
    found = [chr(code) for first, last in _HAN_CODES for code in range(first, last + 1)]
    simple = opencc.OpenCC("t2s").convert("\n".join(found)).split("\n")
    return {ord(one): other for one, other in zip(found, simple, strict=True) if one != other}


@functools.cache
def _traditional() -> re.Pattern[str]:
    return re.compile(f"[{''.join(map(chr, _simplified()))}]")


def search_tokens(text: str) -> list[str]:
    """The tokens of `text`, folded to lower case and narrow characters, with repetitions; empty for punctuation."""
    return list(_tokens(plain(text[:_LONGEST]).casefold()))


def _tokens(text: str) -> Iterator[str]:
    for run in _RUNS.findall(text):
        if not is_han(run[0]):
            yield run
            continue
        yield from _words(run)
        pairs = (run[at : at + 2] for at in range(len(run) - 1))
        yield from (pair for pair in pairs if _FUNCTION.isdisjoint(pair))


def runs_of(text: str) -> list[str]:
    """Chinese characters in a row, and letters and digits in a row, of a folded text."""
    return [run if is_han(run) else run[:_LONGEST_RUN] for run in _RUNS.findall(text)]


def pairs_of(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def pairs_and_runs(text: str) -> set[str]:
    """Of a folded text every two Chinese characters beside each other, and each run of letters and digits."""
    found = {run[:_LONGEST_RUN] for run in _LETTERS.findall(text)}
    han = _OTHERS.sub(" ", text)
    return found.union(pair for pair in set(map(add, han, han[1:])) if " " not in pair)


def dictionary_words(text: str) -> frozenset[str]:
    """Those of the tokens that are words, to be shown to people."""
    runs = _RUNS.findall(plain(text[:_LONGEST]).casefold())
    return frozenset(word for run in runs for word in (_words(run) if is_han(run[0]) else (run,)))


def _words(run: str) -> Iterator[str]:
    return (word for word in rjieba.cut_for_search(run) if _means_something(word))


def characters(text: str) -> list[str]:
    """The single Chinese characters of `text` that may mean something alone (税, 矿, 票): for short texts, whose words
    rarely meet. Too common for full-text search.
    """
    return [one for one in plain(text[:_LONGEST]) if is_han(one) and one not in _COMMON]


def is_han(text: str) -> bool:
    """Whether it begins with a Chinese character."""
    return _RUN_OF_HAN.match(text) is not None


def _means_something(word: str) -> bool:
    return len(word) > 1 and not _FUNCTION.issuperset(word)


def character_pairs(text: str) -> list[str]:
    """The tokens by which any part of `text` is found: of Chinese each character and each pair of neighbours, else
    each run of letters and digits; see `part_tokens`.
    """
    found: list[str] = []
    for run in _RUNS.findall(plain(text[:_LONGEST]).casefold()):
        if is_han(run[0]):
            found += run
            found += [run[at : at + 2] for at in range(len(run) - 1)]
        else:
            found.append(run[:_LONGEST_RUN])
    return found


def part_tokens(part: str) -> list[tuple[str, bool]]:
    """What a text that contains `part` has among its `character_pairs`, and whether that is but a token's beginning."""
    found: list[tuple[str, bool]] = []
    for run in _RUNS.findall(plain(part).casefold()):
        if not is_han(run[0]):
            found.append((run[:_LONGEST_RUN], True))
        elif len(run) == 1:
            found.append((run, False))
        else:
            found += [(run[at : at + 2], False) for at in range(len(run) - 1)]
    return found
