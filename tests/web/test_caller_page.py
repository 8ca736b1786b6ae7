"""/call: the standard's internet channel, for anyone with a browser."""

from __future__ import annotations

import pytest
import soundfile
from playwright.async_api import Page, expect

from tests.fakes.hearing import load_sound
from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_citizen_calls_from_the_browser_and_reaches_a_person(city: City, small_page: Page) -> None:
    async with PjsuaPhone.desk_phone(city.asterisk, "1001") as phone, city.workspace("agent1") as workspace:
        await workspace.ready()
        await small_page.goto("/call")
        await small_page.get_by_test_id("caller-call").click()
        await small_page.get_by_test_id("key-0").click()
        await phone.wait_for("ringing", within=20)
        call = await workspace.wait_call("ringing")
        assert call["entry"] == "web"
        phone.answer()
        await workspace.wait_call("talking")
        samples, _ = load_sound(await phone.listen(5))
        assert float(abs(samples).max()) > 0.01
        await small_page.get_by_test_id("caller-hang-up").click()
        await workspace.wait_state("wrap_up")
        recordings = city.settings.recordings
        caller, agent = (
            soundfile.info(recordings / f"{call['call_id']}{side}.wav").duration for side in ("-caller", "-agent")
        )
        assert caller == pytest.approx(agent, abs=0.1)
        await workspace.do("finish_wrap_up")
        await workspace.do("sign_out")


async def test_the_page_shows_nothing_of_the_back_office(city: City, small_page: Page) -> None:
    asked: list[str] = []
    small_page.on("request", lambda request: asked.append(request.url))
    await small_page.goto("/call")
    await expect(small_page.get_by_test_id("caller-call")).to_be_visible()
    api = {url.split("/api/")[1].split("?")[0] for url in asked if "/api/" in url}
    assert api <= {"public/call"}
    assert await small_page.locator("a[href^='/workspace'], a[href^='/calls'], a[href^='/login']").count() == 0
    assert await small_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
