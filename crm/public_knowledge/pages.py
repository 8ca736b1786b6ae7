"""The public pages as HTML: readable without a script, and made for a telephone's screen. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from crm.knowledge.models import KnowledgeKind
from crm.public_knowledge.frame import PATH, PublicPage
from crm.public_knowledge.markup import Markup, element, is_safe_link, joined, markdown
from crm.public_knowledge.schemas import (
    LONGEST_SEARCH,
    PublicEntry,
    PublicEntryRow,
    PublicKnowledgePage,
    PublicKnowledgeQuery,
    PublicName,
)
from crm.public_knowledge.texts import KINDS, PublicLanguage

_DESCRIBED = 150
_TERMS = ("beneficiaries", "conditions", "fulfilled_within", "address", "phone")


def list_page(
    page: PublicPage,
    found: PublicKnowledgePage,
    query: PublicKnowledgeQuery,
    categories: Sequence[tuple[int, PublicName]],
) -> str:
    kept = {
        name: value
        for name, value in (("q", query.search), ("kind", query.kind or ""), ("category", query.category_id or ""))
        if value
    }
    count = page.text("found_many") if found.total is None else page.text("found", count=found.total)
    body = joined(
        element("h1", page.text("site")),
        element("p", page.text("about"), class_="soft"),
        _search_form(page, query, categories),
        element("p", count, class_="soft", role="status") if found.items else _nothing(page),
        *(
            element("p", page.text("corrected", word=one.word, meant=one.meant), class_="soft")
            for one in found.corrected
        ),
        *_rows(page, found),
        element(
            "div",
            element("a", page.text("first"), href=page.address(PATH, **kept)) if query.cursor else None,
            element("a", page.text("more"), href=page.address(PATH, **kept, cursor=found.next), rel="next")
            if found.next
            else None,
            class_="pages",
        ),
    )
    title = f"{query.search}" if query.search else page.text("site")
    return page.document(
        body, title=title, description=page.text("about"), path=PATH, query=kept, index=not (kept or query.cursor)
    )


def entry_page(page: PublicPage, entry: PublicEntry) -> str:
    """Renders Markdown: call it outside the event loop."""
    english = page.language is PublicLanguage.ENGLISH
    title = (english and entry.title_en) or entry.title
    answer, answer_language = _in_language(page, entry.answer, entry.answer_en)
    details, details_language = _in_language(page, entry.details, entry.details_en)
    where = joined(
        *_joined_by(" · ", [KINDS[page.language][entry.kind], entry.category.name if entry.category else ""]),
        " · ",
        page.text("updated", day=entry.updated_on.isoformat()),
    )
    chinese_only = english and answer_language is not None
    body = element(
        "article",
        element("h1", title, lang=None if not english or entry.title_en else PublicLanguage.CHINESE.value),
        element("p", where, class_="soft"),
        element("p", page.text("only_chinese"), class_="soft") if chinese_only else None,
        element("p", answer, class_="answer", lang=answer_language),
        _terms(page, entry),
        element("h2", page.text("details")) if details else None,
        element("div", markdown(details), lang=details_language) if details else None,
        _files(page, entry),
        element("h2", page.text("basis")),
        _basis(page, entry),
        _related(page, entry),
    )
    act = element(
        "p",
        element("a", page.text("back"), href=page.address(PATH)),
        " ",
        element("a", page.text("dial"), href="tel:12345"),
        class_="act",
    )
    description = " ".join(answer.split())[:_DESCRIBED]
    return page.document(joined(body, act), title=title, description=description, path=f"{PATH}/{entry.id}", index=True)


def trouble_page(page: PublicPage, status: int) -> str:
    body = element(
        "div",
        element("h1", page.text(str(status))),
        element("p", page.text(f"{status}_hint")),
        element("p", element("a", page.text("back"), href=page.address(PATH)), class_="act"),
        class_="empty",
    )
    return page.document(body, title=page.text(str(status)), description=page.text("about"), path=PATH, index=False)


def sitemap(origin: str, addresses: Sequence[tuple[str, date]]) -> str:
    """Of the list, and of every entry."""
    newest = max((day for _, day in addresses), default=None)
    urls = [_url(f"{origin}{PATH}", newest), *(_url(f"{origin}{PATH}/{id}", day) for id, day in addresses)]
    body = element("urlset", *urls, xmlns="http://www.sitemaps.org/schemas/sitemap/0.9")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def robots(origin: str) -> str:
    """Everything but these pages is closed to crawlers."""
    return f"User-agent: *\nAllow: {PATH}\nAllow: /sitemap.xml\nDisallow: /\n\nSitemap: {origin}/sitemap.xml\n"


def _in_language(page: PublicPage, chinese: str, english: str) -> tuple[str, str | None]:
    """The text, and its language where it is not the page's."""
    if page.language is PublicLanguage.CHINESE:
        return chinese, None
    return (english, None) if english else (chinese, PublicLanguage.CHINESE.value)


def _joined_by(separator: str, parts: Sequence[str]) -> list[str]:
    return [separator.join(part for part in parts if part)]


def _search_form(page: PublicPage, query: PublicKnowledgeQuery, categories: Sequence[tuple[int, PublicName]]) -> Markup:
    kinds = [(kind.value, KINDS[page.language][kind]) for kind in KnowledgeKind]
    tree = [(one.id, "　" * level + one.name) for level, one in categories]
    return element(
        "form",
        element(
            "div",
            element("label", page.text("search_label"), for_="q"),
            element(
                "input",
                type="search",
                id="q",
                name="q",
                value=query.search,
                maxlength=str(LONGEST_SEARCH),
                placeholder=page.text("search_hint"),
                autocomplete="off",
                enterkeyhint="search",
            ),
            class_="wide",
        ),
        _choice(page, "kind", kinds, query.kind.value if query.kind else ""),
        _choice(page, "category", tree, query.category_id or "") if tree else None,
        element("input", type="hidden", name="lang", value="en") if page.language is PublicLanguage.ENGLISH else None,
        element("button", page.text("search"), type="submit"),
        action=PATH,
        method="get",
        role="search",
    )


def _choice(page: PublicPage, name: str, options: Sequence[tuple[str, str]], chosen: str) -> Markup:
    choices = [("", page.text("all")), *options]
    return element(
        "div",
        element("label", page.text(name), for_=name),
        element(
            "select",
            *(element("option", label, value=value, selected=value == chosen) for value, label in choices),
            id=name,
            name=name,
        ),
    )


def _rows(page: PublicPage, found: PublicKnowledgePage) -> Iterator[Markup]:
    """What has all the words, and apart from it what is merely near."""
    complete = len(found.items) if found.complete is None else found.complete
    if whole := found.items[:complete]:
        yield element("ul", *(_row(page, row) for row in whole), class_="found")
    if near := found.items[complete:]:
        yield element("p", page.text("nearest_more" if whole else "nearest"), class_="near", role="status")
        yield element("ul", *(_row(page, row) for row in near), class_="found")


def _row(page: PublicPage, row: PublicEntryRow) -> Markup:
    english = page.language is PublicLanguage.ENGLISH
    parts = [
        KINDS[page.language][row.kind],
        row.unit_name or page.text("hotline"),
        page.text("updated", day=row.updated_on.isoformat()),
    ]
    link = element(
        "a",
        element("strong", (english and row.title_en) or row.title),
        element("p", row.answer, lang=PublicLanguage.CHINESE.value if english else None),
        element("p", *_joined_by(" · ", parts), class_="soft"),
        href=page.address(f"{PATH}/{row.id}"),
    )
    return element("li", link)


def _nothing(page: PublicPage) -> Markup:
    hint = element("p", page.text("none_hint"))
    dial = element("p", element("a", page.text("dial"), href="tel:12345"), class_="act")
    return element("div", element("h2", page.text("none")), hint, dial, class_="empty", role="status")


def _terms(page: PublicPage, entry: PublicEntry) -> Markup | None:
    if entry.incentive is None:
        return None
    values = entry.incentive.model_dump()
    rows = [(page.text(name), _dialled(values[name]) if name == "phone" else values[name]) for name in _TERMS]
    return joined(element("h2", page.text("terms")), _facts(rows))


def _basis(page: PublicPage, entry: PublicEntry) -> Markup:
    source = entry.source
    link = element("a", source, href=source, rel="nofollow noopener noreferrer") if is_safe_link(source) else None
    return _facts(
        [
            (page.text("unit"), entry.unit_name or page.text("hotline")),
            (page.text("issuing_body"), entry.issuing_body),
            (page.text("document_number"), entry.document_number),
            (page.text("source"), link or ""),
            (page.text("region"), entry.region),
            (page.text("effective_on"), entry.effective_on.isoformat() if entry.effective_on else ""),
            (page.text("expires_on"), entry.expires_on.isoformat() if entry.expires_on else ""),
        ]
    )


def _files(page: PublicPage, entry: PublicEntry) -> Markup | None:
    if not entry.attachments:
        return None
    links = [
        element(
            "li",
            element("a", one.name, href=f"{PATH}/{entry.id}/files/{one.id}", download=True),
            f" ({max(1, one.size // 1024):,} KB)",
        )
        for one in entry.attachments
    ]
    return joined(element("h2", page.text("attachments")), element("ul", *links))


def _related(page: PublicPage, entry: PublicEntry) -> Markup | None:
    if not entry.related:
        return None
    links = [element("li", element("a", one.name, href=page.address(f"{PATH}/{one.id}"))) for one in entry.related]
    return joined(element("h2", page.text("related")), element("ul", *links))


def _facts(rows: Sequence[tuple[str, str]]) -> Markup:
    return element("dl", *(part for name, text in rows if text for part in (element("dt", name), element("dd", text))))


def _dialled(phone: str) -> str:
    """A link that dials, where it is one number and nothing else."""
    digits = phone.replace(" ", "").replace("-", "")
    return element("a", phone, href=f"tel:{digits}") if digits.isascii() and digits.isdigit() else phone


def _url(address: str, day: date | None) -> Markup:
    return element("url", element("loc", address), element("lastmod", day.isoformat()) if day else None)
