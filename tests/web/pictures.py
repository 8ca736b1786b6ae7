"""Makes the pictures of the README and the docs: `python -m tests.web.pictures [FOLDER]`."""

from __future__ import annotations

import asyncio
import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from hotline.kernel.ids import uuid7
from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City, build_city
from tests.web.conftest import DESK, FLAGS, PHONE, go_to_work, log_in
from tests.web.hall import WRITTEN, move
from tests.web.pages import NARROW, subjects

IMAGES = Path(__file__).parents[2] / "docs" / "images"
KNOWN, ALSO_KNOWN = "13904730001", "13904730009"
UNIT, ON_ROSTERS = "市场监督管理局", "生态环境局"
PAGES = {
    "supervisor": {
        "enterprises": "/enterprises",
        "enterprise": "/enterprises/{enterprise}",
        "duplicates": "/enterprises/duplicates",
        "units": "/units",
        "unit": "/units/{unit}",
        "unit-roster": "/units/{duty}/roster",
        "specialist": "/units/specialists/{specialist}",
        "specialist-edit": "/units/specialists/{specialist}?edit",
        "catalogue": "/catalogue",
        "cases": "/cases?list=all&sort=due",
        "case": "/cases/{case}",
        "case-sheet": "/cases/{case}/print",
        "supervision": "/supervision",
        "ledger": "/supervision?tab=ledger",
        "limits": "/admin/limits",
        "calendar": "/admin/calendar",
        "messages": "/admin/messages",
    },
    "dispatcher": {"home-dispatcher": "/"},
    "admin": {
        "home": "/",
        "users": "/admin/users",
        "agents": "/admin/agents",
        "roles": "/admin/roles",
        "health": "/admin/health",
        "settings": "/admin/settings",
        "flow": "/flows/enterprise",
        "flow-list": "/flows/enterprise?form=list",
        "prompts": "/flows/prompts",
        "announcements": "/flows/announcements",
    },
    "knowledge": {
        "knowledge": "/knowledge",
        "knowledge-entry": "/knowledge/{entry}",
        "knowledge-requests": "/knowledge/requests",
        "knowledge-gaps": "/knowledge/requests?tab=gaps",
    },
    "auditor": {"audit": "/admin/audit"},
    "agent1": {"account": "/account", "knowledge-search": "/knowledge?search=执照丢了"},
}
"""Pages as they are when somebody opens them: who, the picture's name, the address."""
ON_A_PHONE = {
    "market": {
        "home-unit": "/",
        "case-unit": "/cases/{case}",
        "unit-own": "/units/{unit}",
        "knowledge-unit": "/knowledge?list=drafts",
    },
    "specialist": {"specialist-own": "/units/specialists/{specialist}"},
}


async def main(folder: Path) -> None:
    chromium = shutil.which("chromium")
    async with build_city() as city, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        await _caller(browser, city, folder)
        await _workspace(browser, city, folder)
        await _calls(browser, city, folder)
        await _finder(browser, city, folder)
        await _offices(browser, city, folder)
        await browser.close()


async def _offices(browser: Browser, city: City, folder: Path) -> None:
    some = replace(await subjects(city), unit=await _unit(city, UNIT))
    more = {"{duty}": await _unit(city, ON_ROSTERS)}
    more["{case}"] = await _case(city, some.unit)
    for size, who in ((DESK, PAGES), (NARROW, ON_A_PHONE)):
        for username, pages in who.items():
            addresses = {name: some.fill(_with(path, more)) for name, path in pages.items()}
            await _pages(browser, city, folder, username, addresses, size)
    page = await _page(browser, city, NARROW)
    await page.goto("/portal/progress")
    await page.get_by_test_id("progress-ask").wait_for()
    await _shoot(page, folder, "progress")
    await page.goto("/portal/knowledge?q=执照丢了")
    await _shoot(page, folder, "knowledge-public")


def _with(path: str, more: dict[str, str]) -> str:
    for place, id in more.items():
        path = path.replace(place, id)
    return path


async def _unit(city: City, name: str) -> str:
    async with city.as_user("supervisor") as api:
        units: list[dict[str, str]] = await api.get("/api/units")
        return next(unit["id"] for unit in units if unit["name"] == name)


async def _case(city: City, unit: str) -> str:
    """The number of a case that the unit is held to by a supervision task."""
    async with city.as_user("agent1") as api:
        case = await api.post("/api/cases", **WRITTEN)
        await move(api, case["id"], "submit")
    async with city.as_user("dispatcher") as api:
        await move(api, case["id"], "approve")
        await move(api, case["id"], "dispatch", lead_unit_id=unit, advice="请一周内答复。")
    async with city.as_user("market") as api:
        await move(api, case["id"], "sign")
    due = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    demand = "请三日内拨付到账，并向企业说明原因。"
    async with city.as_user("supervisor") as api:
        task = {"id": uuid7(), "case_id": case["id"], "unit_id": unit, "demand": demand, "due_at": due}
        await api.post("/api/supervision-tasks", **task)
        entry = {"case_id": case["id"], "kind": "planned", "reason": "资金年底到位", "planned_for": "2027-06-01"}
        await api.post("/api/unsolved-cases", **entry)
    number: str = case["number"]
    return number


async def _caller(browser: Browser, city: City, folder: Path) -> None:
    page = await _page(browser, city, PHONE)
    await page.goto("/call")
    await page.get_by_test_id("caller-call").wait_for()
    await _shoot(page, folder, "call")


async def _workspace(browser: Browser, city: City, folder: Path) -> None:
    """A known enterprise rings while another one waits."""
    page = await _page(browser, city, DESK)
    await go_to_work(page, city, "agent1")
    async with (
        PjsuaPhone.caller(city.asterisk, KNOWN) as caller,
        PjsuaPhone.caller(city.asterisk, ALSO_KNOWN) as next_one,
    ):
        await caller.call_and_wait()
        await page.get_by_test_id("answer").wait_for()
        await next_one.call_and_wait()
        next_one.press("1")
        await page.get_by_test_id("enterprise-card").wait_for()
        await page.get_by_test_id("case-title").wait_for()
        await page.locator(".queue-figures strong", has_text="2").first.wait_for()
        await _shoot(page, folder, "workspace")
        await page.get_by_test_id("answer").click()
        await page.get_by_test_id("hang-up").wait_for()
        await page.wait_for_timeout(4000)  # they talk
        next_one.hang_up()
        await page.get_by_test_id("hang-up").click()
        caller.hang_up()
    await page.get_by_test_id("finish-wrap-up").click()
    await page.get_by_test_id("sign-out").click()


async def _calls(browser: Browser, city: City, folder: Path) -> None:
    record = await city.record_of(KNOWN)
    await city.record_of(ALSO_KNOWN)
    page = await _page(browser, city, DESK)
    await log_in(page, city, "supervisor", "/calls")
    await page.get_by_test_id(f"call-{record['call_id']}").click()
    await page.get_by_test_id("waveform").wait_for()
    await page.wait_for_timeout(1500)  # the waveform is drawn
    await _shoot(page, folder, "calls")


async def _finder(browser: Browser, city: City, folder: Path) -> None:
    """Ctrl+K and two characters, over the page that an agent is at."""
    page = await _page(browser, city, DESK)
    await log_in(page, city, "agent1", "/enterprises")
    await page.locator("h1").first.wait_for()
    await page.keyboard.press("Control+k")
    await page.get_by_test_id("finder-search").fill("执照")
    await page.get_by_test_id("finder-hit").first.locator("mark").first.wait_for()
    await page.get_by_test_id("finder-entry").get_by_test_id("entry-answer").wait_for()
    await _shoot(page, folder, "knowledge-finder")


async def _pages(
    browser: Browser, city: City, folder: Path, username: str, pages: dict[str, str], size: tuple[int, int]
) -> None:
    page = await _page(browser, city, size)
    await log_in(page, city, username, "/account")
    for name, path in pages.items():
        await page.goto(path)
        await page.locator("h1").first.wait_for()
        await _shoot(page, folder, name)


async def _page(browser: Browser, city: City, size: tuple[int, int]) -> Page:
    width, height = size
    context = await browser.new_context(
        base_url=city.address,
        permissions=["microphone"],
        viewport={"width": width, "height": height},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    return await context.new_page()


async def _shoot(page: Page, folder: Path, name: str) -> None:
    await page.wait_for_load_state("networkidle")
    await page.wait_for_function("() => document.querySelector('.ant-spin-spinning, .ant-skeleton') === null")
    path = folder / f"{name}.png"
    await page.screenshot(path=path, animations="disabled")
    with Image.open(path) as drawn:
        few = drawn.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.save(path, optimize=True)  # half the size, and nobody sees the difference


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES))
