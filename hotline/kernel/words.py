"""What people type or paste into a field, before anything compares it. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from pydantic import BeforeValidator

# Zero-width and direction marks that come along when text is copied from web pages, PDFs and address books. Joiners and
# the Mongolian vowel separator stay: they are part of how a word is written.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

# C0, DEL and C1, the separators of lines and paragraphs, and what reverses the order in which a text is shown: a name
# with one of them can look like another's. U+202A and U+202C, which address books add, turn nothing and are dropped.
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202b\\u202d\\u202e\\u2066-\\u2069]")


def visible(text: str) -> str:
    """`text` without invisible characters."""
    return _INVISIBLE.sub("", text)


def plain(text: str) -> str:
    """`visible(text)` with full-width digits, letters and spaces as the narrow ones (NFKC)."""
    return unicodedata.normalize("NFKC", visible(text))


def search_words(text: str) -> list[str]:
    """The words of a search box, between spaces of any width; whatever is found holds all of them."""
    return list(dict.fromkeys(visible(text).split()))


def one_line(text: str) -> str:
    """`visible(text)`. Raises ValueError for a character that ends the line, rings a bell or turns the text around."""
    return visible(_refuse_control(text))


def lines(text: str) -> str:
    """The same of a text of several lines: line feeds and tabs stay, CR LF becomes a line feed."""
    text = text.replace("\r\n", "\n")
    _refuse_control(text.replace("\n", "").replace("\t", ""))
    return visible(text)


def _refuse_control(text: str) -> str:
    if found := _CONTROL.search(text):
        raise ValueError(f"holds the control character U+{ord(found[0]):04X}; type the text again without it")
    return text


def _one_line_value(value: Any) -> Any:
    return one_line(value) if isinstance(value, str) else value


def _lines_value(value: Any) -> Any:
    return lines(value) if isinstance(value, str) else value


def _plain_value(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value


VISIBLE = BeforeValidator(_one_line_value)
"""For a name, a title or another text of one line; the last of its annotations, so that it comes before all of them."""
LINES = BeforeValidator(_lines_value)
"""For a text of several lines, likewise."""
PLAIN = BeforeValidator(_plain_value)
"""For a field of digits or codes, likewise."""
