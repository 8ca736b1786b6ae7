"""From the ring of an agent's phone to the screen pop, in Chromium: the whole service, the demo city, a real call.

The peer is a bare page in the same browser, which paints the caller's number on the same INVITE and does nothing else.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page, Route, async_playwright

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import build_city
from tests.web.conftest import FLAGS, go_to_work

FLOW = Path(__file__).parent / "pop.yaml"
KNOWN = "13904730009"
"""A caller whom the demo city knows: the card shows the enterprise, its contacts, cases and calls."""

BARE = "/bare-peer"

# All moments are by the browser's clock: the INVITE's arrival on the phone's WebSocket, and the first frames painted
# with who is calling (number, enterprise, contact) and with the enterprise's card. -1 stands for "found, not painted
# yet".
_WATCH = """
(() => {
  if (location.pathname === "/bare-peer") return;
  const now = () => performance.timeOrigin + performance.now();
  const seen = (window.__bench = { ring: 0, who: 0, pop: 0 });
  const peer = new BroadcastChannel("bare-peer");
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...options) {
      super(...options);
      this.addEventListener("message", (event) => {
        if (seen.ring || typeof event.data !== "string" || !event.data.startsWith("INVITE ")) return;
        seen.ring = now();
        peer.postMessage(event.data);
      });
    }
  };
  const find = (what, where) => {
    if (seen[what] || !document.querySelector(where)) return;
    seen[what] = -1;
    requestAnimationFrame(() => setTimeout(() => (seen[what] = now())));
  };
  const look = () => {
    find("who", "[data-testid=calling-enterprise], [data-testid=enterprise-card]");
    find("pop", "[data-testid=enterprise-card]");
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})();
"""


# The INVITE comes from the phone's page by one message within the browser.
_BARE_PAGE = """<!doctype html><title>bare</title><p id=number></p><script>
  window.__bench = { number: 0 };
  new BroadcastChannel("bare-peer").onmessage = ({ data }) => {
    document.getElementById("number").textContent = /^From:.*sip:([^@]*)@/im.exec(data)[1];
    requestAnimationFrame(() => setTimeout(() => (__bench.number = performance.timeOrigin + performance.now())));
  };
</script>"""


class NoChromiumError(RuntimeError):
    pass


@dataclass(slots=True)
class Pops:
    """Milliseconds after each ring; 0 for what was there before it."""

    ours: list[float] = field(default_factory=list)
    """The enterprise's card."""
    who: list[float] = field(default_factory=list)
    """Who is calling, which comes with the ring itself."""
    bare: list[float] = field(default_factory=list)
    """When the bare page had painted the number."""


async def measure(pops: int) -> Pops:
    program = shutil.which("chromium")
    if program is None:
        raise NoChromiumError("there is no chromium on PATH")
    async with build_city(flow=FLOW) as city, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        context = await browser.new_context(base_url=city.address, permissions=["microphone"], locale="zh-CN")
        await context.add_init_script(_WATCH)
        page = await context.new_page()
        await go_to_work(page, city, "agent2")
        bare = await _open_bare(context, page)
        found = Pops()
        try:
            async with PjsuaPhone.caller(city.asterisk, KNOWN) as caller:
                # The first one loads what the page had not needed before; an agent has that once a day.
                await _pop(caller, page, bare, Pops())
                for _ in range(pops):
                    await _pop(caller, page, bare, found)
                return found
        finally:
            await browser.close()


async def _open_bare(context: BrowserContext, page: Page) -> Page:
    async def answer(route: Route) -> None:
        await route.fulfill(content_type="text/html", body=_BARE_PAGE)

    await context.route(f"**{BARE}", answer)
    # A tab in the background is drawn once a second: the peer needs a window, and without an opener it has a process.
    async with context.expect_page() as opened:
        await page.evaluate("(path) => void window.open(path, '', 'popup,noopener,width=400,height=300')", BARE)
    bare = await opened.value
    await bare.wait_for_function("() => document.visibilityState === 'visible' && __bench")
    return bare


async def _pop(caller: PjsuaPhone, page: Page, bare: Page, found: Pops) -> None:
    await bare.evaluate("() => { __bench.number = 0 }")
    await page.evaluate("() => { __bench.ring = __bench.who = __bench.pop = 0 }")
    await caller.call_and_wait()
    await page.wait_for_function("() => __bench.ring > 0 && __bench.who > 0 && __bench.pop > 0", timeout=15_000)
    await bare.wait_for_function("() => __bench.number > 0", timeout=15_000)
    seen: dict[str, Any] = await page.evaluate("() => __bench")
    number: float = await bare.evaluate("() => __bench.number")
    caller.hang_up()
    await caller.wait_for("disconnected")
    await page.get_by_test_id("enterprise-card").wait_for(state="detached")
    found.ours.append(max(0.0, float(seen["pop"] - seen["ring"])))
    found.who.append(max(0.0, float(seen["who"] - seen["ring"])))
    found.bare.append(max(0.0, number - seen["ring"]))
