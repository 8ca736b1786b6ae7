"""The call log in browsers that are set to other time zones than the hotline's."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser

from tests.stories.city import City
from tests.web.conftest import DESK, log_in

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Shanghai"])
async def test_a_day_is_the_hotline_s_in_whatever_zone_the_browser_is(city: City, browser: Browser, zone: str) -> None:
    width, height = DESK
    context = await browser.new_context(
        base_url=city.address, timezone_id=zone, viewport={"width": width, "height": height}
    )
    try:
        page = await context.new_page()
        async with page.expect_request(lambda request: urlsplit(request.url).path == "/api/calls") as asked:
            await log_in(page, city, "supervisor", "/calls?from=2026-11-25&to=2026-11-25")
        query = parse_qs(urlsplit((await asked.value).url).query)
        assert (query["from"], query["to"]) == (["2026-11-24T16:00:00.000Z"], ["2026-11-25T16:00:00.000Z"])
    finally:
        await context.close()
