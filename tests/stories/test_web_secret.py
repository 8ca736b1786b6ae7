"""The password of an agent's browser phone is good for one log-in, without a reload of Asterisk."""

from __future__ import annotations

from typing import Any

import pytest

from tests.phones.sip import SipWebSocket
from tests.phones.waiting import until
from tests.stories.city import City

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


async def is_good(city: City, phone: dict[str, Any]) -> bool:
    async with SipWebSocket.to(city.asterisk, "127.0.0.1") as sip:
        answer = await sip.ask("OPTIONS", "12345", user=phone["username"], secret=phone["password"])
    assert answer[8:11] in ("200", "401"), answer
    return answer[8:11] == "200"


async def is_void(city: City, phone: dict[str, Any]) -> None:
    async def refused() -> bool:
        return not await is_good(city, phone)

    await until(refused, within=15, what="the password is void")


async def test_it_ends_with_the_log_in(city: City) -> None:
    async with city.as_user("agent1") as first, city.as_user("agent1") as second:
        phone = await first.get("/api/workspace/phone")
        assert await is_good(city, phone)
        assert await first.get("/api/workspace/phone") == phone
        other = await second.get("/api/workspace/phone")
        assert other["password"] != phone["password"]
        assert await is_good(city, other)
        assert not await is_good(city, phone)
        await first.http.delete("/api/session")
        assert await is_good(city, other)
        await second.http.delete("/api/session")
        await is_void(city, other)
        assert other["password"] not in city.log() + city.asterisk.log()


async def test_it_ends_with_a_new_password_and_with_the_account(city: City) -> None:
    async with city.as_user("agent2") as agent, city.as_user("security") as security:
        phone = await agent.get("/api/workspace/phone")
        assert await is_good(city, phone)
        user_id = (await agent.get("/api/session"))["user"]["id"]
        await security.put(f"/api/users/{user_id}/password", password="good-for-one-log-in")
        await is_void(city, phone)
    city.passwords["agent2"] = "good-for-one-log-in"
    async with city.as_user("agent2") as agent:
        await agent.put("/api/session/password", new_password="the-agents-own-again")
    city.passwords["agent2"] = "the-agents-own-again"
    async with city.as_user("agent2") as agent, city.as_user("admin") as admin:
        phone = await agent.get("/api/workspace/phone")
        assert await is_good(city, phone)
        await admin.post(f"/api/users/{user_id}/deactivate")
        try:
            await is_void(city, phone)
        finally:
            await admin.post(f"/api/users/{user_id}/activate")


async def test_the_password_in_the_database_is_given_to_nobody(city: City) -> None:
    async with city.as_user("agent1") as api:
        phone = await api.get("/api/workspace/phone")
    assert phone["password"] != city.asterisk.agents["1001"].web_secret
