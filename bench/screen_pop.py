"""From the ring of an agent's phone to the screen pop, in Chromium: the whole service, the demo city, a real call."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import build_city
from tests.web.conftest import FLAGS, go_to_work

FLOW = Path(__file__).parent / "pop.yaml"
KNOWN = "13904730009"
"""A caller whom the demo city knows: the card shows the enterprise, its contacts, cases and calls."""

# Both moments are the page's own clock: the INVITE's arrival on the phone's WebSocket, and the first frame painted
# with the enterprise's card. -1 stands for "found, not painted yet".
_WATCH = """
(() => {
  const seen = (window.__bench = { ring: 0, pop: 0 });
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...options) {
      super(...options);
      this.addEventListener("message", (event) => {
        if (typeof event.data === "string" && event.data.startsWith("INVITE ")) seen.ring ||= performance.now();
      });
    }
  };
  const look = () => {
    if (seen.pop || !document.querySelector("[data-testid=enterprise-card]")) return;
    seen.pop = -1;
    requestAnimationFrame(() => setTimeout(() => (seen.pop = performance.now())));
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})();
"""


class NoChromiumError(RuntimeError):
    pass


async def measure(pops: int) -> list[float]:
    """Milliseconds of each pop; 0 for one that was there before the ring."""
    program = shutil.which("chromium")
    if program is None:
        raise NoChromiumError("there is no chromium on PATH")
    async with build_city(flow=FLOW) as city, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        context = await browser.new_context(base_url=city.address, permissions=["microphone"], locale="zh-CN")
        await context.add_init_script(_WATCH)
        page = await context.new_page()
        await go_to_work(page, city, "agent2")
        try:
            async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller:
                # The first one loads what the page had not needed before; an agent has that once a day.
                await _pop(caller, page)
                return [await _pop(caller, page) for _ in range(pops)]
        finally:
            await browser.close()


async def _pop(caller: PjsuaPhone, page: Page) -> float:
    await page.evaluate("() => { __bench.ring = __bench.pop = 0 }")
    await caller.call_and_wait()
    await page.wait_for_function("() => __bench.ring > 0 && __bench.pop > 0", timeout=15_000)
    seen: dict[str, Any] = await page.evaluate("() => __bench")
    caller.hang_up()
    await caller.wait_for("disconnected")
    await page.get_by_test_id("enterprise-card").wait_for(state="detached")
    return max(0.0, float(seen["pop"] - seen["ring"]))
