"""/portal/knowledge in Chromium without scripts: found, read and left again, on a phone and on a desktop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from hotline.kernel.ids import uuid7
from tests.stories.city import City
from tests.web.conftest import DESK, window
from tests.web.pages import NARROW, faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
TITLE, TITLE_IN_ENGLISH = "小微企业社保补贴怎么申领", "Social insurance subsidy for small enterprises"
SCRIPT = "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
CONTENT = {
    "title": TITLE,
    "title_en": TITLE_IN_ENGLISH,
    "kind": "incentive",
    "scope": "public",
    "answer": "招用高校毕业生并缴纳社保的小微企业，可以申领最长一年的社保补贴。\n每季度末的次月，在网上或窗口提交。",
    "details": f"## 材料\n\n1. 申请表\n2. 花名册\n\n| 险种 | 补贴 | 期限 | 说明 |\n|-|-|-|-|\n"
    f"| 养老保险 | 单位缴费部分 | 最长一年 | 按季度申领 |\n\n{SCRIPT}",
    "issuing_body": "人力资源和社会保障局",
    "document_number": "乌人社发〔2025〕12号",
    "source": "https://example.gov.cn/" + "a" * 90,
    "incentive": {
        "beneficiaries": "招用毕业两年内高校毕业生的小微企业",
        "conditions": "签订一年以上劳动合同并缴纳社会保险",
        "fulfilled_within": "受理后二十个工作日",
        "address": "海勃湾区政务服务中心三楼",
        "phone": "0473-2012345",
    },
    "synonyms": ["内部说法"],
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def published(the_city: City) -> AsyncIterator[str]:
    entry_id = uuid7()
    async with the_city.as_user("market") as api:
        units: list[dict[str, Any]] = await api.get("/api/units")
        unit = next(one["id"] for one in units if one["name"] == "市场监督管理局")
        entry = await api.post("/api/knowledge", id=entry_id, unit_id=unit, content=CONTENT)
        entry = await api.post(f"/api/knowledge/{entry_id}/submit", version=entry["version"])
    for who, action in (("markethead", "approve"), ("knowledge", "publish")):
        async with the_city.as_user(who) as api:
            entry = await api.post(f"/api/knowledge/{entry_id}/{action}", version=entry["version"])
    yield entry_id


async def is_fit(page: Page) -> None:
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [NARROW, DESK], ids=["375", "1366"])
async def test_a_visitor_finds_reads_and_changes_the_language(
    city: City, browser: Browser, published: str, size: tuple[int, int]
) -> None:
    async with window(browser, city, size=size) as context:
        page = await context.new_page()
        trouble: list[str] = []
        page.on("console", lambda message: trouble.append(message.text))
        await page.goto("/portal/knowledge")
        await is_fit(page)
        await page.get_by_label("想了解什么").fill("社保补贴怎么申领")
        await page.keyboard.press("Enter")
        # The best first; entries that have but some of the words follow.
        await expect(page.locator("ul.found li").first).to_contain_text(TITLE)
        await is_fit(page)
        await page.get_by_role("link", name=TITLE).click()
        assert page.url.endswith(f"/portal/knowledge/{published}")
        await expect(page.locator(".answer")).to_have_text(str(CONTENT["answer"]))
        await expect(page.get_by_role("link", name="0473-2012345")).to_have_attribute("href", "tel:04732012345")
        await expect(page.locator("article")).to_contain_text(SCRIPT)
        await expect(page.get_by_text("内部说法")).to_have_count(0)
        assert await page.evaluate("window.hacked") is None
        await is_fit(page)
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(TITLE_IN_ENGLISH)
        await is_fit(page)
        await page.get_by_role("link", name="All entries").click()
        await page.get_by_label("What would you like").fill("qqzzxx")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
        await is_fit(page)
        assert trouble == []  # such as what the content policy refused


async def test_callers_are_led_to_it_and_what_is_withdrawn_is_gone(
    city: City, browser: Browser, published: str
) -> None:
    async with window(browser, city, size=NARROW) as context:
        page = await context.new_page()
        for way in ("/portal/progress", "/call"):
            await page.goto(way)
            await is_fit(page)
            await page.get_by_role("link", name="查找政策与办事知识").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("12345 企业服务知识库")
        async with city.as_user("knowledge") as api:
            entry = await api.get(f"/api/knowledge/{published}")

            await api.post(f"/api/knowledge/{published}/withdraw", version=entry["version"], reason="已废止")
        answer = await page.goto(f"/portal/knowledge/{published}")
        assert answer is not None
        assert answer.status == 410
        await expect(page.get_by_role("heading", level=1)).to_have_text("这条内容已下架")
        await is_fit(page)
