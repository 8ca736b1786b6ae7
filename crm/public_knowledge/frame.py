"""What every public page has around it. Pure."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from crm.public_knowledge.markup import Markup, element, joined
from crm.public_knowledge.texts import TEXTS, PublicLanguage

PATH = "/portal/knowledge"
_STYLE = (Path(__file__).parent / "pages.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""No script at all, and no other site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """What all pages share."""

    language: PublicLanguage
    origin: str
    """As the pages are reached from outside; "" where no setting says it."""

    def text(self, key: str, **values: object) -> str:
        return TEXTS[self.language][key].format(**values)

    def address(self, path: str, **query: str) -> str:
        return _address(path, self.language, query)

    def document(
        self, body: Markup, *, title: str, description: str, path: str, query: dict[str, str] | None = None, index: bool
    ) -> str:
        """A whole page; `path` and `query` are where it is, without the language."""
        here = query or {}
        other = next(one for one in PublicLanguage if one is not self.language)
        site = self.text("site")
        head = joined(
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("title", title if title == site else f"{title} - {site}"),
            element("meta", name="description", content=description),
            element("meta", name="robots", content="index, follow" if index else "noindex, follow"),
            element("link", rel="icon", href="/icon.svg", type="image/svg+xml"),
            *(self._alternates(path, here) if index and self.origin else ()),
            Markup(f"<style>{_STYLE}</style>"),
        )
        navigation = element(
            "nav",
            element("a", self.text("hotline"), href=self.address(PATH)),
            element("a", self.text("progress"), href="/portal/progress"),
            element("a", self.text("call"), href="/call"),
            element(
                "a", self.text("other_language"), href=_address(path, other, here), hreflang=other.value, lang=other
            ),
        )
        page = element(
            "html",
            element("head", head),
            element(
                "body",
                element("header", navigation, class_="top"),
                element("main", body),
                element("footer", self.text("emergency")),
            ),
            lang=self.language.value,
        )
        return f"<!doctype html>\n{page}\n"

    def _alternates(self, path: str, query: dict[str, str]) -> list[Markup]:
        links = [
            element("link", rel="alternate", hreflang=one.value, href=self.origin + _address(path, one, query))
            for one in PublicLanguage
        ]
        return [element("link", rel="canonical", href=self.origin + self.address(path, **query)), *links]


def _address(path: str, language: PublicLanguage, query: dict[str, str]) -> str:
    more = {"lang": "en"} if language is PublicLanguage.ENGLISH else {}
    return f"{path}?{urlencode(query | more)}" if query or more else path
