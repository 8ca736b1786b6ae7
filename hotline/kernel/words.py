"""What people type or paste into a field, before anything compares it. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from pydantic import BeforeValidator

# Zero-width and direction marks that come along when text is copied from web pages, PDFs and address books. Joiners and
# the Mongolian vowel separator stay: they are part of how a word is written.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def visible(text: str) -> str:
    """`text` without characters that nobody sees."""
    return _INVISIBLE.sub("", text)


def plain(text: str) -> str:
    """`visible(text)` with full-width digits, letters and spaces as the narrow ones (NFKC)."""
    return unicodedata.normalize("NFKC", visible(text))


def search_words(text: str) -> list[str]:
    """The words of a search box, between spaces of any width; whatever is found holds all of them."""
    return list(dict.fromkeys(visible(text).split()))


def _visible_value(value: Any) -> Any:
    return visible(value) if isinstance(value, str) else value


def _plain_value(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value


VISIBLE = BeforeValidator(_visible_value)
"""For a text field; the last of its annotations, so that it comes before all of them."""
PLAIN = BeforeValidator(_plain_value)
"""For a field of digits or codes, likewise."""
