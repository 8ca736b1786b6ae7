"""The graph and the list of a flow, in Chromium: what is changed there is in the draft that is saved."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.stories.city import City
from tests.web.conftest import log_in
from tests.web.pages import NARROW, faults

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.asyncio(loop_scope="session"),
]
ADDRESS = "/flows/enterprise"


async def draft(city: City) -> dict[str, Any]:
    async with city.as_user("admin") as api:
        flow = await api.get("/api/flows/enterprise")
    found: dict[str, Any] = flow["draft"]
    return found


async def put_draft(city: City, document: dict[str, Any]) -> None:
    version = (await draft(city))["version"]
    async with city.as_user("admin") as api:
        await api.put("/api/flows/enterprise/draft", version=version, document=document)


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def as_before(city: City) -> AsyncIterator[None]:
    """The other tests of this city find the draft as it was."""
    before = (await draft(city))["document"]
    yield
    await put_draft(city, before)


async def branches(city: City, node: str) -> dict[str, str]:
    found: dict[str, str] = (await draft(city))["document"]["nodes"][node]["branches"]
    return found


async def saved(page: Page) -> None:
    await page.get_by_test_id("draft-save").click()
    await expect(page.get_by_test_id("draft-save")).to_be_disabled()


async def whole(page: Page) -> None:
    """See all of the graph."""
    await page.get_by_role("button", name="看全图").click()


async def middle(place: Locator) -> tuple[float, float]:
    box = await place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def drag(page: Page, start: Locator, end: Locator) -> None:
    (x, y), (to_x, to_y) = await middle(start), await middle(end)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move((x + to_x) / 2, (y + to_y) / 2, steps=4)
    await page.mouse.move(to_x, to_y, steps=4)
    await page.mouse.up()


async def pick(page: Page, entry: str) -> None:
    """In an open menu, by the arrow key."""
    place = page.get_by_role("menuitem", name=entry, exact=True)
    await place.wait_for()
    for _ in range(await page.get_by_role("menuitem").count()):
        await page.keyboard.press("ArrowDown")
        if await place.evaluate("one => one === document.activeElement || one.className.includes('active')"):
            break
    await page.keyboard.press("Enter")


async def choose(page: Page, control: str, node: str) -> None:
    await page.locator(control).focus()
    await page.keyboard.type(node)
    await page.keyboard.press("Enter")


async def test_a_branch_is_drawn_in_the_graph_and_chosen_in_the_form(city: City, page: Page) -> None:
    await log_in(page, city, "admin", ADDRESS)
    menu = page.get_by_test_id("node-menu")
    await whole(page)
    start = menu.locator(".react-flow__handle[data-handleid='2']")
    await drag(page, start, page.get_by_test_id("node-english").locator(".target"))
    await menu.click()
    await expect(page.get_by_test_id("node-form")).to_contain_text("主菜单")
    await page.locator("#branch-5").click()
    await page.keyboard.type("goodbye")
    await page.keyboard.press("Enter")
    await page.locator("#option-patience").fill("8")
    await saved(page)
    changed = await branches(city, "menu")
    assert (changed["2"], changed["5"]) == ("english", "goodbye")
    assert (await draft(city))["document"]["nodes"]["menu"]["options"]["patience"] == "PT8S"
    await page.reload()
    await whole(page)
    await menu.click()
    await expect(page.locator(".graph-field", has=page.locator("#branch-2"))).to_contain_text("English")
    assert await faults(page) == []


async def test_a_change_is_taken_back_and_made_again_by_keys(city: City, page: Page) -> None:
    await log_in(page, city, "admin", ADDRESS)
    await whole(page)
    card = page.get_by_test_id("node-thanks")
    await card.click()
    await page.keyboard.press("Delete")
    await expect(card).to_have_count(0)
    await page.get_by_test_id("flow-graph").focus()
    await page.keyboard.press("Control+z")
    await expect(card).to_be_visible()
    await page.keyboard.press("Control+Shift+z")
    await expect(card).to_have_count(0)
    await page.keyboard.press("Control+z")
    await card.click()
    await page.keyboard.press("Control+c")
    await page.keyboard.press("Control+v")
    await expect(page.get_by_test_id("node-thanks-2")).to_be_visible()
    await page.keyboard.press("Control+f")
    await page.keyboard.type("arrive")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("node-form")).to_contain_text("接听")
    await page.get_by_test_id("flow-graph").focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(page.locator("#node-label")).to_have_value("识别来电")
    await expect(page.locator("#node-label")).to_be_focused()


async def test_a_node_is_added_and_connected_by_keyboard_alone(city: City, page: Page) -> None:
    await log_in(page, city, "admin", ADDRESS)
    await page.get_by_test_id("node-arrive").wait_for()
    await page.get_by_test_id("graph-add").press("Enter")
    await pick(page, "放音")
    await expect(page.get_by_test_id("node-play")).to_be_visible()
    await page.get_by_test_id("flow-graph").press("Enter")
    await expect(page.locator("#node-label")).to_be_focused()
    await page.keyboard.type("夜间提示")
    await choose(page, "#branch-done", "goodbye")
    await page.get_by_test_id("flow-graph").press("Control+z")
    await page.get_by_test_id("flow-graph").press("Control+Shift+z")
    await saved(page)
    node = (await draft(city))["document"]["nodes"]["play"]
    assert (node["action"], node["label"], node["branches"]) == ("play", "夜间提示", {"done": "goodbye"})


async def test_a_finding_leads_to_its_node(city: City, page: Page) -> None:
    document = (await draft(city))["document"]
    del document["nodes"]["menu"]["branches"]["silence"]
    await put_draft(city, document)
    await log_in(page, city, "admin", ADDRESS)
    await whole(page)
    await expect(page.get_by_test_id("node-menu")).to_contain_text("1 个错误")
    await page.get_by_test_id("flow-problems").get_by_role("button", name="menu").first.click()
    await expect(page.locator(".graph-field", has=page.locator("#branch-silence"))).to_contain_text("请选择去向")
    await page.goto(f"{ADDRESS}?form=list")
    await page.get_by_test_id("row-menu").wait_for()
    await expect(page.get_by_test_id("row-menu")).to_contain_text("错误")


async def test_a_flow_without_nodes_says_so_and_takes_the_first(city: City, page: Page) -> None:
    await put_draft(city, {"id": "enterprise", "title": "空"})
    await log_in(page, city, "admin", ADDRESS)
    await page.get_by_test_id("flow-graph").wait_for()
    await expect(page.get_by_test_id("graph-empty")).to_be_visible()
    assert await faults(page) == []
    await page.get_by_test_id("graph-add").press("Enter")
    await pick(page, "接听")
    await expect(page.get_by_test_id("node-answer")).to_be_visible()
    await expect(page.get_by_test_id("graph-empty")).to_have_count(0)


async def test_the_list_is_a_whole_alternative_and_loses_no_unknown_action(city: City, page: Page) -> None:
    document = (await draft(city))["document"]
    document["nodes"]["odd"] = {"action": "unheard_of", "branches": {"maybe": "goodbye"}}
    await put_draft(city, document)
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await log_in(page, city, "admin", ADDRESS)
    await expect(page.get_by_test_id("row-odd")).to_contain_text("unheard_of")
    await page.get_by_test_id("row-menu").get_by_role("button").click()
    await page.locator("#branch-silence").click()
    await page.keyboard.type("goodbye")
    await page.keyboard.press("Enter")
    assert await faults(page) == []
    await page.locator(".ant-drawer-close").click()
    await expect(page.get_by_test_id("row-menu")).to_contain_text("未按键 → 结束 goodbye")
    await saved(page)
    assert (await branches(city, "menu"))["silence"] == "goodbye"
    assert (await draft(city))["document"]["nodes"]["odd"] == document["nodes"]["odd"]
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.reload()
    await expect(page.get_by_test_id("row-menu")).to_contain_text("未按键 → 结束 goodbye")


async def test_a_call_is_simulated_lit_on_the_graph_and_kept_as_a_test_case(city: City, page: Page) -> None:
    await log_in(page, city, "admin", ADDRESS)
    await page.get_by_test_id("simulation-open").click()
    await page.get_by_test_id("simulation-answers").fill("1, x")
    await page.get_by_test_id("simulation-call").click()
    await expect(page.get_by_test_id("simulation")).to_contain_text("只能写数字")
    await page.get_by_test_id("simulation-answers").fill("5, 202612010019#, 12345678#")
    await page.get_by_test_id("simulation-call").click()
    transcript = page.get_by_test_id("simulation-transcript")
    await expect(transcript).to_contain_text("办理进度查询")
    await expect(transcript).to_contain_text("按键 5")
    await whole(page)
    await expect(page.get_by_test_id("node-progress")).to_have_class(re.compile("graph-card-path"))
    await expect(page.get_by_test_id("node-voicemail")).not_to_have_class(re.compile("graph-card-path"))
    await expect(page.locator(".graph-edge-path").first).to_be_attached()
    assert await faults(page) == []
    await page.get_by_test_id("simulation-test-name").fill("查进度")
    await page.get_by_test_id("simulation-keep").click()
    await page.get_by_test_id("simulation-run-tests").click()
    await expect(page.get_by_test_id("simulation-tests")).to_contain_text("全部通过")
    await expect(page.get_by_test_id("simulation-tests")).to_contain_text("查进度")
    await saved(page)
    kept = (await draft(city))["document"]["tests"][-1]
    assert (kept["name"], kept["caller"]["answers"][0], "progress" in kept["expect"]["passes"]) == ("查进度", "5", True)


async def test_a_test_case_that_fails_says_what_was_otherwise(city: City, page: Page) -> None:
    document = (await draft(city))["document"]
    document["tests"] = [{"name": "到告别", "caller": {}, "expect": {"ends_in": "voicemail"}}]
    await put_draft(city, document)
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await log_in(page, city, "admin", ADDRESS)
    await page.get_by_test_id("simulation-open").click()
    await page.get_by_test_id("simulation-run-tests").click()
    await expect(page.get_by_test_id("simulation-tests")).to_contain_text("应为「voicemail」")
    await page.get_by_test_id("simulation-tests").get_by_role("button", name="到告别").click()
    await expect(page.get_by_test_id("simulation-transcript")).to_be_visible()
    assert await faults(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_two_versions_are_compared_on_the_graph(city: City, page: Page) -> None:
    async with city.as_user("admin") as api:
        flow = await api.post("/api/flows", id="compared", title="比较", copy_of="enterprise")
        for live in (0, 1):
            if live:
                document = flow["draft"]["document"]
                document["nodes"]["extra"] = {"action": "play", "branches": {"done": "goodbye"}}
                document["nodes"]["extra"]["options"] = {"prompts": ["welcome"]}
                document["nodes"]["menu"]["branches"]["2"] = "extra"
                await api.put("/api/flows/compared/draft", version=flow["draft"]["version"], document=document)
            flow = await api.get("/api/flows/compared")
            version = flow["draft"]["version"]
            note = {"note": "比较", "despite_tests": True}
            await api.post("/api/flows/compared/publish", draft_version=version, live=live, **note)
    await log_in(page, city, "admin", "/flows/compared?tab=versions")
    await page.get_by_test_id("compare-1").click()
    graph = page.get_by_test_id("comparison-graph")
    await expect(graph.get_by_test_id("node-extra")).to_have_class(re.compile("graph-card-removed"))
    await expect(graph.get_by_test_id("node-menu")).to_have_class(re.compile("graph-card-changed"))
    await expect(page.get_by_test_id("flow-differences")).to_contain_text("extra")
    assert await faults(page) == []
