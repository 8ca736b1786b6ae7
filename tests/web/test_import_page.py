"""A file of catalogue items, from the button to the list: the report names the bad rows before anything is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.stories.city import City
from tests.web.conftest import DESK, log_in
from tests.web.pages import NARROW, faults

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PICTURES = os.environ.get("IMPORT_PICTURES", "")
"""A folder, for whoever wants to look at the page."""

ROWS = (
    "事项编码,事项名称,上级编码,办结时限,时限依据",
    "DATA.1,=1+1,DATA,15个工作日,《条例》第一条",
    "DATA,<b>数据要素</b>,,,",
    "DATA.2,数据交易,NONE,,",
    "DATA.3,数据安全,DATA,15,",
)


@pytest.mark.timeout(300)  # axe, and three steps of a background job
async def test_items_come_in_from_a_file(city: City, page: Page) -> None:
    await log_in(page, city, "supervisor", "/catalogue")
    await page.get_by_test_id("catalogue-import").click()
    dialog = page.get_by_test_id("import")
    data = "\r\n".join(ROWS).encode("gb18030")
    await dialog.locator("input[type=file]").set_input_files(
        FilePayload(name="事项.csv", mimeType="text/csv", buffer=data)
    )
    check = dialog.get_by_test_id("import-check")
    await check.wait_for()
    await is_fit(page, "setup")
    await check.click()
    report = dialog.get_by_test_id("import-report")
    await report.wait_for(timeout=60_000)
    await expect(report).to_contain_text("没有这个上级编码")
    await expect(report).to_contain_text("时限和时限依据须同时填写")
    await is_fit(page, "report")
    await report.get_by_test_id("import-apply").click()
    await expect(report).to_contain_text("已写入 2 行", timeout=60_000)
    await report.locator("button.ant-btn-primary").click()
    await page.get_by_test_id("item-search").fill("DATA")
    await expect(page.locator("tbody tr[data-row-key]")).to_have_count(2)
    for name in ("=1+1", "<b>数据要素</b>"):
        await expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


async def is_fit(page: Page, name: str) -> None:
    """At a desk and on a phone."""
    for width, height in (NARROW, DESK):
        await page.set_viewport_size({"width": width, "height": height})
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
    assert await faults(page) == [], name
