"""A browser that dies without a word, or whose network does: nobody is left waiting for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright

from tests.phones.ports import free_port
from tests.phones.waiting import until
from tests.stories.city import City
from tests.web.conftest import FLAGS

pytestmark = [
    pytest.mark.real,
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]


class MortalBrowser:
    """A Chromium in a process group of its own."""

    def __init__(self, process: asyncio.subprocess.Process, page: Page) -> None:
        self._process = process
        self.page = page

    def signal(self, which: signal.Signals) -> None:
        os.killpg(self._process.pid, which)


@pytest_asyncio.fixture(loop_scope="session")
async def mortal(tmp_path: Path) -> AsyncIterator[MortalBrowser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on PATH")
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        chromium,
        "--headless=new",
        f"--remote-debugging-port={port}",
        f"--user-data-dir={tmp_path}",
        *FLAGS,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with async_playwright() as playwright:

            async def connected() -> Page | None:
                try:
                    browser = await playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
                except Exception:
                    return None
                return await browser.contexts[0].new_page()

            page = await until(connected, within=20, each=0.3, what="Chromium listens")
            assert page is not None
            yield MortalBrowser(process, page)
            # Before Playwright says goodbye to a browser that may be stopped.
            end(process)
    finally:
        end(process)
        await process.wait()


def end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "without network"])
async def test_a_caller_whose_browser_is_gone_leaves_the_queue(
    city: City, mortal: MortalBrowser, how: signal.Signals
) -> None:
    await mortal.page.goto(f"{city.address}/call")
    await mortal.page.get_by_test_id("caller-call").click()
    await mortal.page.get_by_test_id("key-0").click()

    async def waiting() -> bool:
        return "PJSIP/web-caller" in await city.asterisk.cli("queue show public")

    await until(waiting, within=20, each=0.3, what="the caller waits")
    # While it waits it sends, although nobody speaks to it.
    for _ in range(8):
        await asyncio.sleep(2)
        assert await waiting()
    mortal.signal(how)

    async def gone() -> bool:
        return not await waiting()

    await until(gone, within=15, each=0.3, what="the caller has left the queue")
