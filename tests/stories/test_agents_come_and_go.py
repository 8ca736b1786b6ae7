"""An administrator makes and dismisses agents while `hotline up` runs: their phones and the queue follow."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.phones.asterisk import RealAsterisk
from tests.phones.waiting import until
from tests.stories.box import Box
from tests.stories.office import nodes

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def box() -> AsyncIterator[Box]:
    place = RealAsterisk()
    try:
        async with Box(place) as box:
            yield box
    finally:
        place.stop_now()


async def test_an_agent_made_while_it_runs_gets_the_next_call_and_none_once_dismissed(box: Box) -> None:
    await box.hire("1077", "zhaomin")
    assert "1077" in await box.hotline("agent", "list")
    async with box.at_work("zhaomin", "1077") as (workspace, phone), box.caller() as caller:
        await workspace.wait_call("ringing", within=30)
        await phone.wait_for("ringing")
        phone.answer()
        await workspace.wait_call("talking")

        await box.hotline("agent", "deactivate", "1077")
        await until(lambda: "agent retired" in box.log(), within=20, what="the service has heard of it")
        # The talk goes on, and the page with it.
        await caller.listen(2)
        assert not phone.seen("disconnected")
        assert workspace.agent["state"] == "talking"
        # No queue rings the agent from now on.
        assert not await box.members("1077")

        phone.hang_up()
        # The case of the last call can still be written.
        await workspace.wait_state("wrap_up")
        await workspace.do("finish_wrap_up")
        await until(lambda: removed(box, "1077"), within=20, what="the agent has gone")
        assert not await box.members("1077")
        async with workspace.api.http.get("/api/session") as answer:
            assert answer.status == 401

        async with box.caller() as another:
            await another.listen(8)
            assert len(phone.seen("ringing")) == 1, "the dismissed agent's phone rang again"
    await until(lambda: box.log().count("agent phones written to Asterisk") >= 2, within=20, what="phones are gone")
    etc = box.place.home / "asterisk" / "etc" / "instance" / "pjsip.conf"
    assert "1077" not in etc.read_text()
    assert "Traceback" not in box.log()


async def test_by_the_api_too_and_new_queues_hold_at_once(box: Box) -> None:
    boss = "supervisor"
    async with box.city.as_user(boss) as api:
        agents = {agent["number"]: agent for agent in await api.get("/api/agents")}
        assert agents["1001"]["active"]
        async with box.city.workspace("agent1"):
            await until(lambda: box.members("1001"), within=10, what="1001 is at the workspace")
            async with api.http.put("/api/agents/1001", json={"queues": [{"queue": "public"}]}) as answer:
                assert answer.status == 200

            async def moved() -> bool:
                return not await box.members("1001")

            await until(moved, within=10, what="1001 has left the enterprise desk")
            await api.post("/api/agents/1001/deactivate")
            await until(lambda: removed(box, "1001"), within=10, what="1001 has gone")
        await api.post("/api/agents/1001/activate")

        async def back() -> bool:
            return await box.is_known("agent1")

        await until(back, within=10, each=0.3, what="1001 is an agent again")


def removed(box: Box, number: str) -> bool:
    """Whether the service has forgotten the agent."""
    return any("agent removed" in line and f"agent={number}" in line for line in box.log().splitlines())


async def test_a_flow_published_by_the_command_line_serves_the_next_call_and_the_safe_flow(box: Box) -> None:
    file = box.place.home / "own.yaml"
    shown = await box.hotline("flow", "show", "enterprise", "1")
    file.write_text(shown.replace("'1': to-enterprise", "'1': english", 1), encoding="utf-8")
    assert "0 errors" in await box.hotline("flow", "check", str(file))
    # Its own test cases say that 1 leads to the enterprise desk.
    publish = ("flow", "publish", str(file), "--note", "试行", "--despite-tests")
    assert "version 2, is in force for callers" in await box.hotline(*publish)
    diff = await box.hotline("flow", "diff", "enterprise", "1", "2")
    assert diff == "changed  menu.branches.1: 'to-enterprise' -> 'english'\n"
    safe = box.place.home / "asterisk" / "etc" / "extensions_safe.conf"
    await until(lambda: "enterprise, version 2," in safe.read_text(), within=40, what="the safe flow is version 2's")
    async with box.city.as_user("supervisor") as api, box.caller() as caller:

        async def at(node: str) -> bool:
            found = await api.calls_of(caller.user)
            if not found:
                return False
            call = await api.get(f"/api/calls/{found[0]['call_id']}")
            return call["flow_version"] == 2 and node in nodes(call)

        await until(lambda: at("english-menu"), within=20, each=0.2, what="key 1 leads where version 2 says")
    assert "version 1, is in force" in await box.hotline("flow", "rollback", "enterprise", "1", "--reason", "试行结束")
    await until(lambda: "enterprise, version 1," in safe.read_text(), within=40, what="the safe flow is version 1's")
    assert "[live]" in next(
        line for line in (await box.hotline("flow", "list")).splitlines() if line.startswith("     1")
    )
    assert "Traceback" not in box.log()
