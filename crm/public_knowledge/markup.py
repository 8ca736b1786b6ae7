"""HTML that is safe by default, and Markdown as such HTML. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

_VOID = frozenset({"input", "link", "meta"})
_SAFE_LINK = re.compile(r"(?:https?://[^/]|tel:[+\d]|/(?![/\\])|[#?])", re.IGNORECASE)
"""Web addresses, telephone numbers, and places of this site; `//host` and `/\\host` are another's."""
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3"}
"""The page's title is its only h1."""


class Markup(str):
    """HTML, ready to be sent."""

    __slots__ = ()


def element(name: str, /, *children: str | None, **attributes: str | bool | None) -> Markup:
    """`<name ...>children</name>`. Text is escaped, `Markup` is not; None and False leave out a child or attribute.

    A trailing `_` of an attribute's name falls away, another `_` becomes a hyphen.
    """
    given = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{joined(*children)}</{name}>")


def joined(*parts: str | None) -> Markup:
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts if part is not None))


@lru_cache(maxsize=128)
def markdown(text: str) -> Markup:
    """Headings, lists, tables and links of `text`; HTML in it is shown as text, a picture as a link's words.

    The longest details take up to a second: call it outside the event loop.
    """
    return Markup(_MARKDOWN.render(text))


def is_safe_link(address: str) -> bool:
    return _SAFE_LINK.match(address.strip()) is not None


def _heading(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    token.tag = _HEADINGS.get(token.tag, "h4")
    return str(self.renderToken(tokens, index, options, env))


def _link(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "nofollow noopener noreferrer")
    return str(self.renderToken(tokens, index, options, env))


def _renderer() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    made.validateLink = is_safe_link  # type: ignore[method-assign, assignment]
    made.add_render_rule("heading_open", _heading)
    made.add_render_rule("heading_close", _heading)
    made.add_render_rule("link_open", _link)
    # Wide tables scroll by themselves, not the page.
    made.add_render_rule("table_open", lambda *_: '<div class="table"><table>\n')
    made.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return made


_MARKDOWN = _renderer()
