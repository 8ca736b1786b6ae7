"""The public knowledge base: nothing but what is published for everybody, safe to show, gone once it is over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from crm.knowledge.content import KnowledgeContent
from crm.public_knowledge.markup import element, is_safe_link, markdown
from crm.public_knowledge.schemas import PublicEntry, PublicEntryRow
from tests.crm.conftest import PUBLIC_URL, Workspace
from tests.crm.test_knowledge import KnowledgeDesk, desk
from tests.fakes.clock import FakeClock

__all__ = ["desk"]

API = "/api/portal/knowledge"
PAGE = "/portal/knowledge"
NOBODY = ""
INTERNAL = {"keywords": ["内部关键词"], "synonyms": ["内部说法"], "industries": ["内部行业"], "stages": ["deregister"]}
INCENTIVE = {
    "kind": "incentive",
    "incentive": {
        "beneficiaries": "小微企业",
        "conditions": "正常纳税",
        "fulfilled_within": "十个工作日",
        "address": "政务大厅三楼",
        "phone": "0473-2012345",
    },
}
ROW_KEYS = {"id", "title", "title_en", "kind", "category", "unit_name", "answer", "updated_on"}
ENTRY_KEYS = ROW_KEYS | {
    *("answer_en", "details", "details_en", "issuing_body", "document_number", "source", "region"),
    *("effective_on", "expires_on", "incentive", "related", "attachments"),
}


async def page_of(workspace: Workspace, path: str, **headers: str) -> tuple[int, str, Mapping[str, str]]:
    """As a browser without a session asks."""
    assert workspace.client is not None
    async with workspace.client.get(path, headers=headers) as response:
        return response.status, await response.text(), response.headers


def keys_of(value: Any) -> set[str]:
    match value:
        case dict():
            return set(value) | {key for one in value.values() for key in keys_of(one)}
        case list():
            return {key for one in value for key in keys_of(one)}
    return set()


# --- markup --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://a.cn", True),
        ("tel:12345", True),
        ("/portal/knowledge", True),
        ("#a", True),
        ("//a.cn", False),
        ("/\\a.cn", False),
        ("https:///a", False),
        ("javascript:alert(1)", False),
        (" JaVaScRiPt:alert(1)", False),
        ("data:text/html,a", False),
        ("mailto:a@b.cn", False),
        ("", False),
    ],
)
def test_links_lead_to_web_addresses_telephones_and_this_site(address: str, safe: bool) -> None:
    assert is_safe_link(address) is safe


def test_html_in_markdown_is_text_and_no_heading_competes_with_the_title() -> None:
    html = markdown('# 一\n\n<script>x</script> <b onclick="x">y</b> [a](javascript:x) ![p](https://a.cn/p.png)')
    assert "<h2>一</h2>" in html
    assert not re.findall(r"<(?:script|b|img|h1)\b", html)
    assert 'href="javascript' not in html
    assert "<table>" in markdown("|a|b|\n|-|-|\n|1|2|")


def test_text_and_attributes_are_escaped() -> None:
    assert element("a", "<b>", href='"><b>') == '<a href="&quot;&gt;&lt;b&gt;">&lt;b&gt;</a>'


# --- what is shown, and to whom ------------------------------------------------------------------------------


async def test_everybody_finds_and_reads_what_is_published_for_all_and_nothing_else(
    desk: KnowledgeDesk, workspace: Workspace
) -> None:
    shown = await desk.published(scope="public", title="营业执照补领")
    agents = await desk.published(scope="agent", title="营业执照内部口径")
    draft = await desk.draft(scope="public", title="营业执照草稿")
    found = await workspace.get(NOBODY, API, search="执照")
    assert [row["id"] for row in found["items"]] == [shown]
    assert found["total"] == 1
    _, html, _ = await page_of(workspace, f"{PAGE}?q=执照")
    assert "营业执照补领" in html
    assert "内部口径" not in html
    assert "草稿" not in html
    for hidden in (agents, draft, "0", "nobody"):
        assert await workspace.refused(NOBODY, "GET", f"{API}/{hidden}") == (404, "resource.not_found")
        status, html, headers = await page_of(workspace, f"{PAGE}/{hidden}")
        assert (status, headers["X-Robots-Tag"]) == (404, "noindex")
        assert "没有这个页面" in html


async def test_a_search_shows_the_best_first_and_pages_go_on(desk: KnowledgeDesk, workspace: Workspace) -> None:
    best = await desk.published(scope="public", title="食品经营许可证延续")
    later = await desk.published(scope="public", title="开店要办什么", answer="先办营业执照，再办食品经营许可证。")
    first = await workspace.get(NOBODY, API, search="食品经营许可证", limit=1)
    assert ([row["id"] for row in first["items"]], first["total"]) == ([best], 2)
    second = await workspace.get(NOBODY, API, search="食品经营许可证", limit=1, cursor=first["next"])
    assert ([row["id"] for row in second["items"]], second.get("next")) == ([later], None)
    wrong = await workspace.refused(NOBODY, "GET", f"{API}?search=许可证&cursor=WyJhIl0")
    assert wrong == (422, "input.cursor")


async def test_a_page_says_where_the_nearest_begin_and_what_was_corrected(
    desk: KnowledgeDesk, workspace: Workspace
) -> None:
    whole = await desk.published(scope="public", title="食品经营许可证延续", keywords=[], synonyms=[])
    near = await desk.published(
        scope="public", title="食品经营许可证注销", answer="网上提出。", keywords=[], synonyms=[]
    )
    text = "食品经营许可证怎么延续"
    found = await workspace.get(NOBODY, API, search=text)
    assert ([row["id"] for row in found["items"]], found["complete"]) == ([whole, near], 1)
    _, html, _ = await page_of(workspace, f"{PAGE}?q={text}")
    assert html.index(whole) < html.index("只包含部分词") < html.index(near)
    await desk.act("bureau_head", whole, "withdraw", reason="废止")
    found = await workspace.get(NOBODY, API, search=text)
    assert ([row["id"] for row in found["items"]], found["complete"]) == ([near], 0)
    assert "没有内容同时包含所有词" in (await page_of(workspace, f"{PAGE}?q={text}"))[1]
    assert "Nothing has all" in (await page_of(workspace, f"{PAGE}?q={text}&lang=en"))[1]
    _, html, _ = await page_of(workspace, f"{PAGE}?q=经营许可正")
    assert "没有“经营许可正”，已按“经营许可证”查找" in html  # noqa: RUF001  # as the page has it
    assert "最接近" not in html
    assert (await workspace.get(NOBODY, API))["complete"] is None


async def test_no_internal_field_stands_in_any_answer(desk: KnowledgeDesk, workspace: Workspace) -> None:
    other = await desk.published(scope="agent", title="内部的相关知识")
    entry_id = await desk.published(scope="public", title="稳岗补贴", related_ids=[other], **INTERNAL, **INCENTIVE)
    await desk.act("bureau", entry_id, "revise")
    content = {"title": "内部修订稿", "kind": "procedure", "answer": "内部修订稿"}
    body = {"version": await desk.version(entry_id), "content": content}
    status, _ = await workspace.ask("bureau", "PUT", f"/api/knowledge/{entry_id}/revision", body)
    assert status == 200
    rows = await workspace.get(NOBODY, API)
    entry = await workspace.get(NOBODY, f"{API}/{entry_id}")
    assert keys_of(rows) == ROW_KEYS | {"items", "next", "total", "complete", "corrected"}
    assert keys_of(entry) == ENTRY_KEYS | set(INCENTIVE["incentive"])
    assert entry["related"] == []
    # What an entry has and a reader outside has not: by name, so that a field added later is decided on.
    inside = set(KnowledgeContent.model_fields) - set(PublicEntry.model_fields)
    assert inside == {
        *("category_id", "scope", "keywords", "synonyms", "stages", "industries"),
        *("item_ids", "related_ids", "specialist_ids", "attachment_ids"),
    }
    assert set(PublicEntryRow.model_fields) == ROW_KEYS
    people = [person.user_id for person in workspace.people.values()]
    pages = [str(rows), str(entry)]
    for path in (PAGE, f"{PAGE}?lang=en", f"{PAGE}/{entry_id}", f"{PAGE}/{entry_id}?lang=en"):
        pages.append((await page_of(workspace, path))[1])
    for text in pages:
        assert "稳岗补贴" in text
        assert not [word for word in ("内部", "deregister", *people) if word in text]
        assert not re.findall(r"uses|review|synonym|keyword|specialist|revision|remark", text)


async def test_an_entry_that_is_over_is_gone_at_once(
    desk: KnowledgeDesk, workspace: Workspace, morning: FakeClock
) -> None:
    withdrawn = await desk.published(scope="public", title="旧政策")
    last = morning.now().date() + timedelta(days=1)
    expiring = await desk.published(scope="public", title="限时政策", expires_on=last.isoformat())
    assert len((await workspace.get(NOBODY, API))["items"]) == 2
    await desk.act("kb_reviewer", withdrawn, "withdraw", reason="已废止")
    # The sweep has not run: the pages go by the day themselves.
    await morning.advance(timedelta(days=2))
    assert (await workspace.get(NOBODY, API))["items"] == []
    for entry_id in (withdrawn, expiring):
        assert await workspace.refused(NOBODY, "GET", f"{API}/{entry_id}") == (410, "portal.entry_gone")
        status, html, headers = await page_of(workspace, f"{PAGE}/{entry_id}")
        assert (status, headers["X-Robots-Tag"], headers["Cache-Control"]) == (410, "noindex", "no-store")
        assert "这条内容已下架" in html
        assert "旧政策" not in html
        assert "限时政策" not in html
    assert "/portal/knowledge/" not in (await page_of(workspace, "/sitemap.xml"))[1]


async def test_categories_and_kinds_narrow_the_list_and_pages_follow_each_other(
    desk: KnowledgeDesk, workspace: Workspace, morning: FakeClock
) -> None:
    above = await workspace.post("kb_reviewer", "/api/knowledge-categories", {"name": "许可"})
    below = await workspace.post("kb_reviewer", "/api/knowledge-categories", {"name": "食品", "parent_id": above["id"]})
    inside = await desk.published(scope="public", title="食品许可", category_id=below["id"])
    await morning.advance(timedelta(minutes=1))
    outside = await desk.published(scope="public", title="办理时间", kind="place_and_hours")

    async def ids(**query: Any) -> list[str]:
        return [row["id"] for row in (await workspace.get(NOBODY, API, **query))["items"]]

    assert await ids() == [outside, inside]
    assert await ids(category_id=above["id"]) == [inside]
    assert await ids(kind="place_and_hours") == [outside]
    first = await workspace.get(NOBODY, API, limit=1)
    assert await ids(limit=1, cursor=first["next"]) == [inside]
    _, html, _ = await page_of(workspace, f"{PAGE}?category={above['id']}")
    assert "食品许可" in html
    assert f'<option value="{below["id"]}">　食品</option>' in html
    assert "办理时间" not in html


# --- pages ---------------------------------------------------------------------------------------------------


async def test_a_page_is_readable_without_a_script_and_described_for_crawlers(
    desk: KnowledgeDesk, workspace: Workspace
) -> None:
    bad = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    entry_id = await desk.published(
        scope="public",
        title="许可证延续<b>",
        answer=bad,
        details=f"## 材料\n\n{bad}\n\n- 申请书",
        title_en="Renewing a licence",
        source="https://a.cn/doc",
    )
    status, html, headers = await page_of(workspace, f"{PAGE}/{entry_id}")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["X-Robots-Tag"] == "all"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert "<script" not in html
    assert "<img" not in html
    assert "<title>许可证延续&lt;b&gt; - 12345 企业服务知识库</title>" in html
    assert '<meta name="description" content="&lt;script&gt;' in html
    assert f'<link rel="canonical" href="{PUBLIC_URL}{PAGE}/{entry_id}">' in html
    assert "<h2>材料</h2>" in html
    assert "<li>申请书</li>" in html
    assert 'href="https://a.cn/doc"' in html
    _, english, _ = await page_of(workspace, f"{PAGE}/{entry_id}?lang=en")
    assert '<html lang="en">' in english
    assert "<h1>Renewing a licence</h1>" in english
    assert "in Chinese only" in english


async def test_a_page_that_did_not_change_is_not_sent_again(desk: KnowledgeDesk, workspace: Workspace) -> None:
    entry_id = await desk.published(scope="public")
    path = f"{PAGE}/{entry_id}"
    _, _, headers = await page_of(workspace, path)
    assert headers["Cache-Control"] == "no-cache"
    status, body, again = await page_of(workspace, path, **{"If-None-Match": headers["ETag"]})
    assert (status, body, again["ETag"]) == (304, "", headers["ETag"])
    await desk.act("kb_reviewer", entry_id, "withdraw", reason="已废止")
    assert (await page_of(workspace, path, **{"If-None-Match": headers["ETag"]}))[0] == 410


async def test_crawlers_are_sent_to_these_pages_and_no_other(desk: KnowledgeDesk, workspace: Workspace) -> None:
    entry_id = await desk.published(scope="public")
    _, robots, _ = await page_of(workspace, "/robots.txt")
    assert robots.splitlines() == [
        "User-agent: *",
        f"Allow: {PAGE}",
        "Allow: /sitemap.xml",
        "Disallow: /",
        "",
        f"Sitemap: {PUBLIC_URL}/sitemap.xml",
    ]
    _, sitemap, headers = await page_of(workspace, "/sitemap.xml")
    assert f"<loc>{PUBLIC_URL}{PAGE}/{entry_id}</loc><lastmod>2026-03-02</lastmod>" in sitemap
    assert headers["Content-Type"] == "application/xml; charset=utf-8"
    _, _, api = await page_of(workspace, API)
    assert api["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    "query",
    [
        f"q={'长' * 101}",
        "q=%00",
        "kind=nothing",
        "cursor=x",
        "category=" + "a" * 200,
        "q=%1b%5b",
    ],
)
async def test_a_wrong_address_gets_a_page_that_helps(desk: KnowledgeDesk, workspace: Workspace, query: str) -> None:
    status, html, headers = await page_of(workspace, f"{PAGE}?{query}")
    assert (status, headers["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert "网址不完整" in html


@pytest.mark.parametrize("words", ["%ED%A0%80", '" OR *', "a NEAR b", "%", "_", "'", "(((", "x" * 100, "。", "utm"])
async def test_no_search_is_an_error_or_finds_everything(desk: KnowledgeDesk, workspace: Workspace, words: str) -> None:
    await desk.published(scope="public")
    status, html, _ = await page_of(workspace, f"{PAGE}?q={words}&utm_source=a")
    assert status == 200
    assert "食品经营许可证延续" not in html


async def test_a_visitor_who_asks_too_often_waits_and_reads_why(desk: KnowledgeDesk, workspace: Workspace) -> None:
    statuses = [(await page_of(workspace, PAGE))[0] for _ in range(121)]
    assert statuses == [*[200] * 120, 429]
    status, html, headers = await page_of(workspace, PAGE)
    assert status == 429
    assert int(headers["Retry-After"]) > 0
    assert "访问太频繁" in html
    # Counted together: whoever is refused on the pages is refused on the API.
    assert await workspace.refused(NOBODY, "GET", API) == (429, "rate.limited")
    assert ("", "access.rate_limited") in workspace.audited()
