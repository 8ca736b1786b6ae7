"""Hold and answer in Chromium, on the real Asterisk, over a link that answers, delays or swallows the re-INVITE."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Page, WebSocketRoute, expect

from tests.phones.pjsua import PjsuaPhone
from tests.stories.city import City
from tests.stories.office import TONES, hear
from tests.web.conftest import go_to_work
from tests.web.test_agent_page import finish

pytestmark = [pytest.mark.real, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NO_CANDIDATES = """
  const add = RTCPeerConnection.prototype.addEventListener;
  RTCPeerConnection.prototype.addEventListener = function (name, ...rest) {
    if (!name.startsWith("ice")) add.call(this, name, ...rest);
  };
  Object.defineProperty(RTCPeerConnection.prototype, "iceGatheringState", { get: () => "gathering" });
"""


def header(message: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.*?)\r?$", message, re.I | re.M)
    return found.group(1) if found else ""


def response(request: str, status: int) -> str:
    kept = [f"{name}: {header(request, name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
    return "\r\n".join([f"SIP/2.0 {status} Test", *kept, "Content-Length: 0", "", ""])


def is_reinvite(message: str) -> bool:
    return message.startswith("INVITE ") and "tag=" in header(message, "To")


class Link:
    """The page's SIP WebSocket. `on_reinvite` gets each re-INVITE of the page; true passes it on to Asterisk."""

    def __init__(self) -> None:
        self.on_reinvite: Callable[[str], bool] = lambda _: True
        self.reinvites: list[str] = []
        self.held_back: list[str] = []
        self._page: WebSocketRoute
        self._asterisk: WebSocketRoute

    def carry(self, socket: WebSocketRoute) -> None:
        self._page, self._asterisk = socket, socket.connect_to_server()
        socket.on_message(self._sent)

    def _sent(self, message: str | bytes) -> None:
        text = message if isinstance(message, str) else message.decode()
        # The ACK of an answer that Asterisk never gave is none of its business.
        if text.startswith("ACK ") and header(text, "CSeq").split()[0] in self._answered_here():
            return
        if is_reinvite(text):
            self.reinvites.append(text)
            if not self.on_reinvite(text):
                self.held_back.append(text)
                return
        self._asterisk.send(message)

    def _answered_here(self) -> set[str]:
        return {header(one, "CSeq").split()[0] for one in self.held_back}

    def answer(self, status: int) -> Callable[[str], bool]:
        def reply(request: str) -> bool:
            self._page.send(response(request, status))
            return False

        return reply

    def release(self) -> None:
        """What was held back reaches Asterisk after all."""
        held, self.held_back = self.held_back, []
        for message in held:
            self._asterisk.send(message)


@pytest_asyncio.fixture(loop_scope="session")
async def link(city: City, page: Page) -> AsyncIterator[Link]:
    link = Link()
    await page.route_web_socket(re.compile(f":{city.settings.asterisk.web_port}/ws"), link.carry)
    yield link


async def talk(city: City, page: Page, caller: PjsuaPhone) -> None:
    await go_to_work(page, city, "agent2")
    caller.tone(TONES["caller"])
    await caller.call_and_wait()
    caller.press("00")
    await page.get_by_test_id("answer").click()
    await page.get_by_test_id("hang-up").wait_for()


async def end(page: Page, caller: PjsuaPhone) -> None:
    assert not caller.seen("disconnected")
    await page.get_by_test_id("hang-up").click()
    caller.hang_up()
    await finish(page)


async def test_a_refused_hold_leaves_the_call_and_a_second_press_works(city: City, page: Page, link: Link) -> None:
    hold, trouble = page.get_by_test_id("hold"), page.get_by_test_id("phone-trouble")
    async with PjsuaPhone.caller(city.asterisk, "13800994101") as caller:
        await talk(city, page, caller)
        for status in (488, 408, 500):
            link.on_reinvite = link.answer(status)
            await hold.click()
            await expect(trouble).to_contain_text("没有保持住")
            await expect(hold).to_have_attribute("aria-pressed", "false")
            link.on_reinvite = lambda _: True
            await hold.click()
            await expect(hold).to_have_attribute("aria-pressed", "true")
            await expect(trouble).to_have_count(0)
            await hold.click()
            await expect(hold).to_have_attribute("aria-pressed", "false")
        await hold.click()
        await hear({caller: {"music"}})
        await end(page, caller)


async def test_a_hold_that_crossed_another_offer_is_repeated(city: City, page: Page, link: Link) -> None:
    hold = page.get_by_test_id("hold")
    async with PjsuaPhone.caller(city.asterisk, "13800994102") as caller:
        await talk(city, page, caller)
        before = len(link.reinvites)
        refuse = link.answer(491)
        link.on_reinvite = lambda request: len(link.reinvites) > before + 1 or refuse(request)
        await hold.click()
        await expect(hold).to_have_attribute("aria-pressed", "true", timeout=10_000)
        first, second = (int(header(one, "CSeq").split()[0]) for one in link.reinvites[before:])
        assert second == first + 1
        await hear({caller: {"music"}})
        await end(page, caller)


async def test_a_hold_counts_once_it_is_answered_and_a_swallowed_one_is_reported(
    city: City, page: Page, link: Link
) -> None:
    hold, panel = page.get_by_test_id("hold"), page.get_by_test_id("phone-talking")
    async with PjsuaPhone.caller(city.asterisk, "13800994103") as caller:
        await talk(city, page, caller)
        link.on_reinvite = lambda _: False
        await hold.click()
        await expect(hold).to_contain_text("正在保持")
        await page.wait_for_timeout(5000)  # what is tried: an answer that is five seconds late
        await expect(hold).to_have_attribute("aria-pressed", "false")
        await expect(panel).not_to_contain_text("来电人正在听音乐")
        link.release()
        await expect(hold).to_have_attribute("aria-pressed", "true")
        await expect(panel).to_contain_text("来电人正在听音乐")
        await hear({caller: {"music"}})

        await hold.click()
        await expect(page.get_by_test_id("phone-trouble")).to_contain_text("没有应答", timeout=15_000)
        await expect(hold).to_have_attribute("aria-pressed", "true")
        link.release()
        await expect(hold).to_have_attribute("aria-pressed", "false")
        await expect(page.get_by_test_id("phone-trouble")).to_have_count(0)
        await end(page, caller)


async def test_an_answer_without_any_candidate_is_given_up_with_a_message(city: City, page: Page) -> None:
    await page.add_init_script(NO_CANDIDATES)
    await go_to_work(page, city, "agent2")
    async with PjsuaPhone.caller(city.asterisk, "13800994104") as caller:
        await caller.call_and_wait()
        caller.press("00")
        await page.get_by_test_id("answer").click()
        await expect(page.get_by_test_id("phone-trouble")).to_contain_text("10 秒内没有接通", timeout=15_000)
        await expect(page.get_by_test_id("phone-line")).to_have_count(0)
        caller.hang_up()
