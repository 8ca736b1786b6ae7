"""One city for all stories of a run, built once; each story leaves it as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import yaml

from callflow.document import SHIPPED_FLOW
from tests.stories.city import City, build_city
from tests.stories.office import Office


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def the_city() -> AsyncIterator[City]:
    async with build_city() as city:
        yield city


@pytest_asyncio.fixture(loop_scope="session")
async def city(the_city: City) -> AsyncIterator[City]:
    """The shared city, with no call left over from the story before."""
    before = len(the_city.log())
    try:
        yield the_city
    finally:
        await the_city.asterisk.hang_up_all()
    no_error_in(the_city.log()[before:])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def the_office(the_city: City) -> AsyncIterator[Office]:
    async with Office(the_city) as office:
        yield office


@pytest_asyncio.fixture(loop_scope="session")
async def office(city: City, the_office: Office) -> Office:
    """The shared city's agents and their phones, idle."""
    await the_office.clear()
    return the_office


def hurried_flow() -> str:
    """The shipped flow with few words and little patience, and with the known enterprises' workspace closed."""
    flow: dict[str, Any] = yaml.safe_load(SHIPPED_FLOW.read_text(encoding="utf-8"))
    nodes = flow["nodes"]
    nodes["welcome"]["options"]["prompts"] = ["recording-notice"]
    nodes["menu"]["options"]["prompts"] = ["queue-next"]
    for name in ("menu", "english-menu", "busy", "closed"):
        nodes[name]["options"]["patience"] = "PT0.5S"
    nodes["survey"]["options"] = {"prompts": ["survey-retry"], "patience": "PT0.5S"}
    nodes["enterprise-queue"]["options"]["timeout"] = "PT2S"
    nodes["overflow-queue"]["options"]["timeout"] = "PT2S"
    nodes["voicemail"]["options"] = {"silence": "PT2S"}
    nodes["known-hours"]["options"] = {"week": {}}
    return yaml.safe_dump(flow, allow_unicode=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def the_hurried_office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    flow = tmp_path_factory.mktemp("flow") / "hurried.yaml"
    flow.write_text(hurried_flow(), encoding="utf-8")
    async with build_city(flow=flow) as city:
        queues = city.asterisk.instance.directories.etc / "queues.conf"
        queues.write_text(
            queues.read_text(encoding="utf-8").replace("\ntimeout = 20\n", "\ntimeout = 2\n"), encoding="utf-8"
        )
        await city.asterisk.cli("queue reload parameters")
        async with Office(city) as office:
            yield office


@pytest_asyncio.fixture(loop_scope="session")
async def hurried(the_hurried_office: Office) -> AsyncIterator[Office]:
    """A second city, whose callers and agents have little patience; see `hurried_flow`."""
    city = the_hurried_office.city
    await the_hurried_office.clear()
    before = len(city.log())
    try:
        yield the_hurried_office
    finally:
        await city.asterisk.hang_up_all()
    no_error_in(city.log()[before:])


def no_error_in(log: str) -> None:
    """Whatever the people of a story do, it is no fault of the service."""
    errors = [line for line in log.splitlines() if "[error" in line or "Traceback" in line]
    assert not errors, log
