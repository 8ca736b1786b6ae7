"""Values that Asterisk's files cannot carry never reach them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from hotline.app.settings import Settings
from hotline.onebox import render
from hotline.onebox.errors import BadSettingError
from hotline.onebox.keys import BoxSecrets
from hotline.onebox.render import AgentEndpoints
from ivr.settings import AmiSettings, AsteriskSettings

AGENT = AgentEndpoints("1001", "web-secret-1", "desk-secret-1")


def asterisk(**values: Any) -> AsteriskSettings:
    return AsteriskSettings(**values)


def test_an_agent_gets_a_browser_and_a_desk_endpoint() -> None:
    text = render.pjsip(asterisk(), BoxSecrets(), [AGENT])
    assert "[1001-web](hotline-browser)" in text
    assert "[1001](hotline-desk-phone)" in text
    assert "password = web-secret-1\n" in text
    assert "callerid = 1001 <1001>" in text


@pytest.mark.parametrize("number", ["", "1", "12a", "1001\n[evil]", "1001;", "12345678901", "１００１"])
def test_an_agents_number_is_digits(number: str) -> None:
    with pytest.raises(BadSettingError, match="number"):
        render.pjsip(asterisk(), BoxSecrets(), [AgentEndpoints(number, "web-secret", "desk-secret")])


@pytest.mark.parametrize("secret", ["short", "with space 1", "semi;colon12", "line\nbreak12", "密码密码密码密码", ""])
def test_a_secret_needs_no_quoting_and_is_never_told(secret: str) -> None:
    with pytest.raises(BadSettingError) as caught:
        render.pjsip(asterisk(), BoxSecrets(), [AgentEndpoints("1001", secret, "desk-secret")])
    assert not secret or secret not in caught.value.detail


def test_two_agents_cannot_share_a_number() -> None:
    with pytest.raises(BadSettingError, match="1001"):
        render.pjsip(asterisk(), BoxSecrets(), [AGENT, AGENT])


@pytest.mark.parametrize("host", ["localhost", "", "10.0.0.1\n", "::1]", "10.0.0.0/8"])
def test_hosts_are_addresses(host: str) -> None:
    with pytest.raises(BadSettingError, match="sip_host"):
        render.pjsip(asterisk(sip_host=host), BoxSecrets(), [])


def test_an_ipv6_address_is_in_brackets_where_a_port_follows() -> None:
    text = render.pjsip(asterisk(sip_host="2001:db8::1", trunk_host="2001:db8::2"), BoxSecrets(), [])
    assert "bind = [2001:db8::1]:5060" in text
    assert "match = 2001:db8::2" in text


def test_the_trunk_is_never_where_asterisk_itself_listens() -> None:
    with pytest.raises(BadSettingError, match="trunk_host"):
        render.pjsip(asterisk(sip_host="127.0.0.2", trunk_host="127.0.0.2"), BoxSecrets(), [])


@pytest.mark.parametrize(("start", "end"), [(80, 1000), (1023, 65535)])
def test_the_port_range_of_media_makes_sense(start: int, end: int) -> None:
    with pytest.raises(BadSettingError, match="rtp_start"):
        render.rtp(asterisk(rtp_start=start, rtp_end=end))


@pytest.mark.parametrize("path", ["relative", "/a;b", "/a,b", "/a${b}", "/a\nb", '/a"b', "/a|b"])
def test_a_path_means_itself_in_the_dialplan(path: str) -> None:
    with pytest.raises(BadSettingError):
        render.checked_path(Path(path), "the recordings folder")


def test_a_chinese_path_is_no_problem() -> None:
    assert render.checked_path(Path("/家/热线 1/录音"), "x") == "/家/热线 1/录音"


def test_ami_takes_the_secret_of_the_settings_before_the_instances_own() -> None:
    own = BoxSecrets()
    assert f"secret = {own.ami}" in render.manager(Settings(), own)
    text = render.manager(Settings(ami=AmiSettings(secret=SecretStr("from-settings"))), own)
    assert "secret = from-settings" in text
    assert own.ami not in text


def test_a_module_that_is_not_there_is_left_out_with_a_word() -> None:
    shipped = "[modules]\nautoload = no\nload = res_a.so\nload = res_b.so\n"
    text = render.modules_conf(shipped, ["res_b.so"])
    assert "\nload = res_a.so\n" in text
    assert "\n; not in this Asterisk: load = res_b.so\n" in text
    assert render.modules_named(text) == ["res_a.so"]


def test_the_web_callers_secret_is_the_one_that_pages_get() -> None:
    text = render.pjsip(asterisk(web_caller_secret="set-by-an-administrator"), BoxSecrets(), [])
    assert "password = set-by-an-administrator" in text
    own = BoxSecrets()
    assert f"password = {own.web_caller}" in render.pjsip(asterisk(), own, [])


@pytest.mark.parametrize(
    ("settings", "most"),
    [({}, 400), ({"rtp_start": 12000, "rtp_end": 19999}, 3200), ({"trunk_calls": 60}, 60)],
)
def test_no_more_calls_are_let_in_than_the_ports_bear(settings: dict[str, int], most: int) -> None:
    text = render.global_variables(Path("/var/spool/hotline"), asterisk(**settings, web_calls_per_address=0))
    assert f"\nHOTLINE_TRUNK_CALLS = {most}\n" in text
    assert "\nHOTLINE_WEB_CALLS = 30\n" in text
    assert "\nHOTLINE_WEB_CALLS_PER_ADDRESS = 0\n" in text
