"""Which parts of a text were found. Pure."""

from __future__ import annotations

from pydantic import BaseModel

from crm.knowledge.asking import KnowledgeQuestion
from hotline.kernel.search_tokens import folded

_BEFORE = 24
"""Characters before the first hit of a long answer that are shown."""


class TextPart(BaseModel):
    text: str
    hit: bool


def highlighted(text: str, question: KnowledgeQuestion) -> list[TextPart]:
    """The whole text in parts, as it is written."""
    return _parts(text, _hits(text, question))


def snippet(text: str, question: KnowledgeQuestion, *, most: int) -> list[TextPart]:
    """At most so many characters of the text, from a little before the first hit."""
    hits = _hits(text, question)
    first = hits.find(True)
    begin = max(first - _BEFORE, 0) if first >= most - _BEFORE else 0
    end = begin + most
    parts = _parts(text[begin:end], hits[begin:end])
    if begin:
        parts.insert(0, TextPart(text="…", hit=False))
    return parts


def _hits(text: str, question: KnowledgeQuestion) -> bytearray:
    """For each character whether it is in a hit."""
    plain, origins = _folded(text)
    found = bytearray(len(text))
    for word in _words(question):
        at = plain.find(word)
        while at >= 0:
            for position in range(at, at + len(word)):
                found[origins[position]] = True
            at = plain.find(word, at + len(word))
    return found


def _folded(text: str) -> tuple[str, list[int] | range]:
    """The text folded, and of which of its characters each of the folded ones came."""
    plain = folded(text)
    if len(plain) == len(text):
        return plain, range(len(text))
    parts = [folded(one) for one in text]
    return "".join(parts), [at for at, part in enumerate(parts) for _ in part]


def _words(question: KnowledgeQuestion) -> list[str]:
    wholes = [word.whole for word in question.words]
    forms = [form for word in (*wholes, *question.pieces) for form in (*word.forms, *word.smaller)]
    words = {part for form in forms for part in form.parts}
    # A single character is in too many words, unless it was asked for by itself.
    return [word for word in words if len(word) > 1 or word == question.text]


def _parts(text: str, hits: bytearray) -> list[TextPart]:
    parts: list[TextPart] = []
    begun = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or hits[at] != hits[begun]:
            parts.append(TextPart(text=text[begun:at], hit=bool(hits[begun])))
            begun = at
    return parts
