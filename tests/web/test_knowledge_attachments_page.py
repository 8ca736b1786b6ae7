"""Files of an entry, from the unit's page to a caller's phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.crm import hostile_files
from tests.stories.city import City
from tests.web.conftest import DESK, log_in, window
from tests.web.pages import NARROW, faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PICTURES = os.environ.get("KNOWLEDGE_PICTURES", "")
"""A folder, for whoever wants to look at the page."""
NAME = "注册登记申请表（2026年版，含填写说明）.docx"  # noqa: RUF001  # as people name them


async def is_fit(page: Page, name: str) -> None:
    for width, height in (NARROW, DESK):
        await page.set_viewport_size({"width": width, "height": height})
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"{name}_{width}.png", full_page=True)
        assert await faults(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def add(page: Page, name: str, content: bytes) -> None:
    chooser = page.locator(".entry-card input[type=file]")
    await chooser.set_input_files(FilePayload(name=name, mimeType="application/pdf", buffer=content))


@pytest.mark.timeout(240)
async def test_a_file_goes_with_its_entry(city: City, page: Page, browser: Browser) -> None:
    content = {
        "title": "带附件的办理流程",
        "kind": "procedure",
        "scope": "public",
        "answer": "填好申请表到窗口提交。",
        "issuing_body": "市场监督管理局",
    }
    async with city.as_user("market") as api:
        units = await api.get("/api/units")
        unit = next(one["id"] for one in units if one["name"] == "市场监督管理局")
        entry_id = "01a22e65-0000-7000-8000-0000000000aa"
        await api.post("/api/knowledge", id=entry_id, unit_id=unit, content=content)
    await log_in(page, city, "market", f"/knowledge/{entry_id}")
    await add(page, "申请表.pdf", b"MZ\x90\x00" + bytes(100))
    await expect(page.get_by_text("附件没有改动")).to_be_visible()
    await is_fit(page, "file_refused")
    await add(page, NAME, hostile_files.docx())
    await expect(page.get_by_test_id("entry-files")).to_contain_text(NAME)
    await add(page, "多余.docx", hostile_files.docx())
    await expect(page.get_by_test_id("entry-files").locator("li")).to_have_count(2)
    await is_fit(page, "files")
    await page.get_by_role("button", name="移除 多余.docx").click()
    await expect(page.get_by_test_id("entry-files").locator("li")).to_have_count(1)
    for who, action in (("market", "submit"), ("markethead", "approve"), ("knowledge", "publish")):
        async with city.as_user(who) as api:
            entry = await api.get(f"/api/knowledge/{entry_id}")
            await api.post(f"/api/knowledge/{entry_id}/{action}", version=entry["version"])
    async with window(browser, city, size=NARROW) as context:
        caller = await context.new_page()
        await caller.goto(f"/portal/knowledge/{entry_id}")
        async with caller.expect_download() as download:
            await caller.get_by_role("link", name=NAME).click()
        assert (await download.value).suggested_filename == NAME
        await is_fit(caller, "public_file")
