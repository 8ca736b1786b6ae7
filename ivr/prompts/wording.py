"""From a sentence as people write it to what a voice can speak: numbers and signs written out. Pure.

    请按1；查询码是12345。For English, press 4.
    → zh 请按 一；查询码是幺二三四五。 + en For English, press four.

Numbers of one or two digits are read as numbers, longer ones digit by digit, in Mandarin with 幺 for 1.
"""

from __future__ import annotations

import re

from ivr.prompts.catalogue import Language, Segment, unspeakable
from ivr.prompts.errors import PromptWordsError

LONGEST = 300
_ZH = "零一二三四五六七八九"
_YAO = {"1": "幺"}
_EN = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NARROW = str.maketrans("０１２３４５６７８９　", "0123456789 ")
_ZH_SIGNS = str.maketrans(
    {",": "，", ".": "。", ";": "；", ":": "：", "!": "！", "?": "？", "(": "，", ")": "，", "（": "，", "）": "，"}
    | dict.fromkeys("“”‘’「」『』《》\"'", "")
    | {"#": "井号", "*": "星号", "—": "，", "…": "。", "\n": " "}
)
_EN_SIGNS = str.maketrans(
    {"‘": "'", "“": "", "”": "", '"': "", "(": ",", ")": ",", "#": " pound ", "*": " star ", "\n": " "}
)
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9'’,.;:!?\- ]*[A-Za-z0-9.!?]|[A-Za-z]")
_NUMBER = re.compile(r"[0-9]+")
_AFTER_PRESS = re.compile(r"(?<=按) *([0-9])(?![0-9])")


def segments_of(text: str, language: Language) -> tuple[Segment, ...]:
    """`text` cut into what each voice speaks. Raises PromptWordsError for what none can, naming it."""
    text = text.translate(_NARROW).strip()
    if language is Language.EN:
        segments = [Segment(Language.EN, _english(text))]
    else:
        segments, at = [], 0
        for found in _LATIN.finditer(text):
            segments += [Segment(Language.ZH, _mandarin(text[at : found.start()]))]
            segments += [Segment(Language.EN, _english(found[0]))]
            at = found.end()
        segments.append(Segment(Language.ZH, _mandarin(text[at:])))
    kept = tuple(segment for segment in segments if re.search(r"[A-Za-z一-鿿]", segment.words))
    if not kept:
        raise PromptWordsError("There is nothing to speak in this text; write a sentence.")
    for segment in kept:
        if sign := unspeakable(segment):
            raise PromptWordsError(
                f"{sign!r} cannot be spoken; write it out in words under “spoken as”, or upload a recording."
            )
        if len(segment.words) > LONGEST:
            raise PromptWordsError(f"{len(segment.words)} characters are too long; at most {LONGEST} are spoken.")
    return kept


def _mandarin(text: str) -> str:
    text = _AFTER_PRESS.sub(r" \1", text)
    return _NUMBER.sub(lambda found: _zh_number(found[0]), text).translate(_ZH_SIGNS).strip()


def _zh_number(digits: str) -> str:
    if len(digits) > 2 or (len(digits) == 2 and digits[0] == "0"):
        return "".join(_YAO.get(digit) or _ZH[int(digit)] for digit in digits)
    tens, ones = divmod(int(digits), 10)
    if not tens:
        return _ZH[ones]
    return ("" if tens == 1 else _ZH[tens]) + "十" + (_ZH[ones] if ones else "")


def _english(text: str) -> str:
    words = _NUMBER.sub(lambda found: f" {_en_number(found[0])} ", text).translate(_EN_SIGNS)
    return re.sub(r" +([,.;:!?])", r"\1", re.sub(r" {2,}", " ", words)).strip()


def _en_number(digits: str) -> str:
    if len(digits) > 2 or (len(digits) == 2 and digits[0] == "0"):
        return ", ".join(_EN[int(digit)] for digit in digits)
    number = int(digits)
    if number < 20:
        return _EN[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_EN[ones]}" if ones else "")
