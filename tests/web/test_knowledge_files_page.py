"""Entries from a file and into one: the report names the bad rows, and what comes in is a draft."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.stories.city import City
from tests.web.conftest import DESK, log_in
from tests.web.pages import NARROW, faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PICTURES = os.environ.get("KNOWLEDGE_PICTURES", "")
"""A folder, for whoever wants to look at the page."""
TITLE = "外资企业年报怎么改"
ROWS = (
    "标题,类别,答复口径,所属单位",
    f"{TITLE},常见问答,登录公示系统更正，每年限一次。,",
    "别的单位的,常见问答,答复,不存在的局",
)
MARKDOWN = "---\n标题: 集群注册的住所证明\n类别: 办理流程\n答复口径: 由托管机构出具。\n---\n## 材料\n\n1. 托管协议\n"


async def is_fit(page: Page, name: str) -> None:
    for width, height in (NARROW, DESK):
        await page.set_viewport_size({"width": width, "height": height})
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"{name}_{width}.png")
        assert await faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def send(page: Page, name: str, text: str) -> None:
    dialog = page.get_by_test_id("import")
    payload = FilePayload(name=name, mimeType="text/plain", buffer=text.encode())
    await dialog.locator("input[type=file]").set_input_files(payload)
    await dialog.get_by_test_id("import-check").click()
    await dialog.get_by_test_id("import-report").wait_for(timeout=60_000)


@pytest.mark.timeout(300)
async def test_entries_come_in_from_files_and_go_out_again(city: City, page: Page) -> None:
    await log_in(page, city, "market", "/knowledge")
    await is_fit(page, "list")
    await page.get_by_test_id("knowledge-import").click()
    dialog = page.get_by_test_id("import")
    async with page.expect_download() as template:
        await dialog.get_by_test_id("import-template").click()
    assert (await template.value).suggested_filename == "knowledge-template.xlsx"
    await is_fit(page, "import")
    await send(page, "知识.csv", "\r\n".join(ROWS))
    report = dialog.get_by_test_id("import-report")
    await expect(report).to_contain_text("没有这个在用的承办单位")
    await is_fit(page, "report")
    await report.get_by_test_id("import-apply").click()
    await expect(report).to_contain_text("已写入 1 行", timeout=60_000)
    await report.locator("button.ant-btn-primary").click()
    await page.get_by_test_id("knowledge-import").click()
    await send(page, "集群.md", MARKDOWN)
    await report.get_by_test_id("import-apply").click()
    await expect(report).to_contain_text("已写入 1 行", timeout=60_000)
    await report.locator("button.ant-btn-primary").click()
    await page.goto("/knowledge?list=drafts")
    await expect(page.get_by_role("link", name=TITLE)).to_be_visible()
    await page.get_by_role("link", name="集群注册的住所证明").click()
    await expect(page.locator(".entry-details")).to_contain_text("托管协议")
    await page.goto("/knowledge")
    await page.get_by_test_id("knowledge-export").click()
    async with page.expect_download() as download:
        await page.get_by_test_id("knowledge-export-jsonl").click()
    saved = Path(await (await download.value).path())
    assert TITLE in await asyncio.to_thread(saved.read_text, encoding="utf-8")
