"""The configuration as shipped, on a real Asterisk: quiet, narrow, and what the service needs of it."""

from __future__ import annotations

import csv
import re
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from hotline.onebox.ami import AmiDialog, AmiRefusedError, ami_dialog, reload_module
from hotline.onebox.configure import SHIPPED
from hotline.onebox.distribution import Distribution
from tests.phones.asterisk import RealAsterisk
from tests.phones.pjsua import PjsuaPhone
from tests.phones.sip import SipSocket
from tests.phones.sipp import HangUp, Pause, SippCaller
from tests.phones.waiting import until

pytestmark = pytest.mark.real

WANTED = {
    *("AgentCalled", "AgentComplete", "AgentConnect", "AgentRingNoAnswer"),
    *("AsyncAGIEnd", "AsyncAGIExec", "AsyncAGIStart", "ConfbridgeJoin", "ConfbridgeLeave"),
    *("DTMFEnd", "Hangup", "HangupRequest", "Hold"),
    *("OriginateResponse", "PeerStatus", "QueueCallerAbandon", "QueueCallerJoin", "QueueCallerLeave"),
    *("QueueMemberStatus", "Unhold", "VarSet"),
}


def service_ami(asterisk: RealAsterisk, username: str = "hotline") -> AbstractAsyncContextManager[AmiDialog]:
    instance = asterisk.instance
    secret = instance.ami_secret if username == "hotline" else instance.secrets.ami_reload
    return ami_dialog(instance.ami_host, instance.ami_port, username, secret)


async def events_until(dialog: AmiDialog, last: str) -> list[dict[str, str]]:
    events = [await dialog.next_message()]
    while events[-1].get("Event") != last:
        events.append(await dialog.next_message())
    return [event for event in events if "Event" in event]


# --- quiet ----------------------------------------------------------------------------------------------


async def test_a_start_leaves_no_warning_in_the_log(real_asterisk: RealAsterisk) -> None:
    lines = [line for line in real_asterisk.log_of_start.splitlines() if "WARNING" in line or "ERROR" in line]
    assert lines == []


async def test_every_module_named_is_running(real_asterisk: RealAsterisk) -> None:
    named = re.findall(r"^load = (\S+)", _shipped("modules.conf"), re.MULTILINE)
    listing = await real_asterisk.cli("module show")
    running = {line.split()[0] for line in listing.splitlines() if " Running " in line}
    assert [name for name in named if name not in running] == []


async def test_nothing_is_loaded_that_opens_a_shell(real_asterisk: RealAsterisk) -> None:
    listing = await real_asterisk.cli("module show")
    for name in (
        "app_system",
        "app_externalivr",
        "func_shell",
        "func_curl",
        "func_env",
        "res_ari",
        "pbx_spool",
        "res_pjsip_refer",
    ):
        assert f"{name}.so" not in listing


async def test_it_runs_as_the_unprivileged_user(real_asterisk: RealAsterisk) -> None:
    account = real_asterisk.instance.account
    status = await until(lambda: Path(f"/proc/{real_asterisk.pid}/status").read_text())
    uids = re.findall(r"^Uid:\t(\d+)\t(\d+)\t(\d+)", status, re.MULTILINE)[0]
    assert account is None or set(uids) == {str(account.uid)}


# --- AMI ------------------------------------------------------------------------------------------------


async def test_the_service_hears_only_what_it_reads(real_asterisk: RealAsterisk) -> None:
    async with service_ami(real_asterisk) as dialog:
        call = await SippCaller(real_asterisk, "13900005678").call(Pause(0.3), HangUp())
        assert call.status == 200
        events = await events_until(dialog, "Hangup")
    names = {event["Event"] for event in events}
    assert {"VarSet", "Hangup"} <= names
    assert names <= WANTED | {"FullyBooted"}
    assert {event["Variable"][:8] for event in events if event["Event"] == "VarSet"} == {"HOTLINE_"}


@pytest.mark.parametrize("action", ["Command", "GetConfig", "UpdateConfig", "ModuleLoad", "Reload"])
async def test_the_call_path_user_may_neither_command_nor_configure(real_asterisk: RealAsterisk, action: str) -> None:
    async with service_ami(real_asterisk) as dialog:
        with pytest.raises(AmiRefusedError, match="Permission denied"):
            await dialog.ask(action, Command="core show channels", Filename="manager.conf", Module="app_echo.so")


async def test_the_reload_user_may_reload_and_steers_no_call(real_asterisk: RealAsterisk) -> None:
    instance = real_asterisk.instance
    await reload_module(instance.ami_host, instance.ami_port, instance.secrets.ami_reload, "res_pjsip.so")
    async with service_ami(real_asterisk, "hotline-reload") as dialog:
        for action in ("Originate", "Command", "QueueAdd", "UpdateConfig"):
            with pytest.raises(AmiRefusedError, match="Permission denied"):
                await dialog.ask(action, Channel="Local/12345@from-web", Command="core stop now")


# --- SIP ------------------------------------------------------------------------------------------------


async def test_a_stranger_gets_no_call_and_no_version(real_asterisk: RealAsterisk) -> None:
    async with SipSocket.to(real_asterisk, real_asterisk.other_host) as stranger:
        reply = await stranger.ask("INVITE", "12345", user="somebody")
        assert reply.startswith("SIP/2.0 401")
        assert "Asterisk/" not in reply
        assert real_asterisk.instance.distribution.version.split("+")[0] not in reply


async def test_nobody_may_subscribe_or_send_messages(real_asterisk: RealAsterisk) -> None:
    async with SipSocket.to(real_asterisk, real_asterisk.trunk_host) as trunk:
        extra = "Event: dialog\r\nExpires: 60\r\nAccept: application/dialog-info+xml\r\n"
        assert (await trunk.ask("SUBSCRIBE", "1001", extra=extra))[8] in "456"
        assert (await trunk.ask("MESSAGE", "1001"))[8] in "456"
        assert (await trunk.ask("REGISTER", "1001", extra="Expires: 60\r\n"))[8] in "456"


async def test_an_agent_cannot_dial_out_over_the_trunk(real_asterisk: RealAsterisk) -> None:
    # The log is every test's: a caller who hangs up as the agent does leaves an ERROR about HL_GONE in it.
    before = real_asterisk.log_size()
    async with PjsuaPhone.desk_phone(real_asterisk, "1001") as phone:
        for number in ("13900001111", "110", "9999"):
            phone.call(number)
            assert (await phone.wait_for("disconnected"))["code"] in (404, 480, 484)
    assert "ERROR" not in real_asterisk.log(before)


async def test_a_failed_registration_is_reported_to_the_ban(real_asterisk: RealAsterisk) -> None:
    wrong = PjsuaPhone(real_asterisk, host=real_asterisk.other_host, user="1004", secret="wrong-secret")
    with pytest.raises(AssertionError, match="refused"):
        async with wrong:
            pass
    security = real_asterisk.settings.asterisk_logs / "security.log"
    assert "ChallengeResponseFailed" in await until(security.read_text)


# --- records --------------------------------------------------------------------------------------------


async def test_each_call_leaves_a_line_that_names_it(real_asterisk: RealAsterisk) -> None:
    name = '李"四, "=1+1'
    await SippCaller(real_asterisk, "13900007777", name=name).call(Pause(0.2), HangUp())
    file = real_asterisk.settings.asterisk_logs / "cdr-custom/hotline.csv"

    def line() -> list[str]:
        rows = list(csv.reader(file.read_text().splitlines())) if file.exists() else []
        return next((row for row in rows if row[10] == "13900007777"), [])

    row = await until(line)
    assert len(row) == 18
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", row[0])
    assert 1.7e9 < float(row[4]) <= float(row[5]) <= float(row[6])
    assert row[9] == "ANSWERED"


def test_the_distribution_says_what_it_runs(real_asterisk: RealAsterisk) -> None:
    distribution: Distribution = real_asterisk.instance.distribution
    assert int(distribution.version.split(".")[0]) >= 20
    assert distribution.has_module("app_queue.so")
    assert not distribution.has_module("app_nothing.so")


def _shipped(name: str) -> str:
    return (SHIPPED / name).read_text(encoding="utf-8")


async def test_the_dialplan_asks_for_nothing_that_is_not_loaded(real_asterisk: RealAsterisk) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SHIPPED.rglob("extensions*/*.conf"))
    text = re.sub(r"^\s*;.*$", "", text + _shipped("extensions.conf"), flags=re.MULTILINE)
    wanted_applications = set(re.findall(r"(?:=>|=)\s*[^,\n]+,\s*(?:n|\d+)(?:\(\w+\))?,(\w+)\(", text))
    wanted_applications |= set(re.findall(r"same\s*=>\s*n(?:\(\w+\))?,(\w+)\(", text))
    wanted_functions = set(re.findall(r"\$\{([A-Z][A-Z_0-9]+)\(", text))
    applications = await real_asterisk.cli("core show applications")
    functions = await real_asterisk.cli("core show functions")
    loaded = {line.split(":")[0].strip().lower() for line in applications.splitlines()}
    assert [name for name in sorted(wanted_applications) if name.lower() not in loaded] == []
    assert [name for name in sorted(wanted_functions) if not re.search(rf"^{name}\b", functions, re.MULTILINE)] == []
    assert len(wanted_applications) > 10
    assert len(wanted_functions) > 10
