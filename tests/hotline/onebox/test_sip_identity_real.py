"""Who a SIP request is from: nobody is the trunk, a browser or a desk phone by writing its name."""

from __future__ import annotations

import pytest

from tests.phones.asterisk import RealAsterisk
from tests.phones.sip import SipSocket, SipWebSocket

pytestmark = pytest.mark.real

NAMES = ("trunk", "tr%75nk", "TRUNK", "web-caller", "web%2Dcaller", "1001-web", "1001", "hotline-trunk", "anonymous")


@pytest.mark.parametrize("user", NAMES)
@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
@pytest.mark.parametrize("way", [SipSocket, SipWebSocket], ids=["udp", "ws"])
async def test_a_name_alone_opens_nothing(
    real_asterisk: RealAsterisk, way: type[SipSocket], method: str, user: str
) -> None:
    for host in (real_asterisk.other_host, "127.0.0.1"):
        async with way.to(real_asterisk, host) as sip:
            body = sip.offer() if method == "INVITE" else ""
            assert (await sip.ask(method, "12345", user=user, body=body)).startswith("SIP/2.0 401"), host


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "REGISTER"])
@pytest.mark.parametrize("user", ["web-caller", "1001-web"])
@pytest.mark.parametrize("way", [SipSocket, SipWebSocket], ids=["udp", "ws"])
async def test_a_browsers_password_is_good_where_browsers_come_from_alone(
    real_asterisk: RealAsterisk, way: type[SipSocket], user: str, method: str
) -> None:
    agent = real_asterisk.agents["1001"]
    secret = real_asterisk.instance.secrets.web_caller if user == "web-caller" else agent.web_secret
    async with way.to(real_asterisk, real_asterisk.other_host) as sip:
        to = user if method == "REGISTER" else "12345"
        answer = await sip.ask(method, to, user=user, secret=secret, body=sip.offer() if method == "INVITE" else "")
    assert answer.startswith("SIP/2.0 401")
    assert f"{user}/sip:" not in await real_asterisk.cli("pjsip show contacts")


async def test_the_same_password_is_good_over_the_websocket(real_asterisk: RealAsterisk) -> None:
    async with SipWebSocket.to(real_asterisk, "127.0.0.1") as sip:
        secret = real_asterisk.agents["1001"].web_secret
        assert (await sip.ask("OPTIONS", "12345", user="1001-web", secret=secret)).startswith("SIP/2.0 200")
        secret = real_asterisk.instance.secrets.web_caller
        assert (await sip.ask("OPTIONS", "12345", user="web-caller", secret=secret)).startswith("SIP/2.0 200")


@pytest.mark.parametrize("user", ["trunk", "1001", "1001-web", "web-caller", "13900001111"])
async def test_whoever_calls_from_the_carriers_address_is_the_carrier(real_asterisk: RealAsterisk, user: str) -> None:
    """A caller's number may look like a phone's name: it gets neither that phone's challenge nor its rights."""
    async with SipSocket.to(real_asterisk, real_asterisk.trunk_host) as carrier:
        assert (await carrier.ask("OPTIONS", "12345", user=user)).startswith("SIP/2.0 200")
        register = await carrier.ask("REGISTER", "1001", user=user, extra="Expires: 60\r\n")
        assert register[8] == "4"
    assert f"1001/sip:{user}@{real_asterisk.trunk_host}" not in await real_asterisk.cli("pjsip show contacts")
