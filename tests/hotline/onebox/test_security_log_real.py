"""The shipped fail2ban filter on what a real Asterisk writes, also for a sender who wants somebody else banned."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from hotline.onebox.ami import AmiRefusedError, ami_dialog
from tests.phones.asterisk import RealAsterisk
from tests.phones.sip import SipSocket
from tests.phones.waiting import until

FILTER = Path(__file__).resolve().parents[3] / "deploy/fail2ban/filter.d/hotline-asterisk.conf"
VICTIM = "9.9.9.9"
FORGED = f"x%22,RemoteAddress=%22IPV4/UDP/{VICTIM}/5060%22"

pytestmark = pytest.mark.real


def banned(lines: list[str]) -> list[str]:
    """The addresses that fail2ban would count, line by line."""
    config = configparser.ConfigParser(interpolation=configparser.BasicInterpolation())
    config.read(FILTER)
    patterns = config["Definition"]["failregex"].strip().splitlines()
    compiled = [re.compile(one.strip().replace("<HOST>", r"(?P<host>[0-9a-fA-F:.]+)")) for one in patterns]
    # fail2ban takes the time out before it looks.
    timeless = [re.sub(r"^\[[^]]*\]", "", line) for line in lines]
    return [found["host"] for line in timeless for one in compiled if (found := one.search(line))]


async def test_refused_log_ins_count_against_the_sender_alone(real_asterisk: RealAsterisk) -> None:
    log = real_asterisk.settings.asterisk_logs / "security.log"
    before = await until(lambda: log.exists()) and len(log.read_text().splitlines())
    instance, sender = real_asterisk.instance, real_asterisk.other_host
    async with SipSocket.to(real_asterisk, sender) as sip:
        await sip.ask("OPTIONS", "12345", user="1001", secret="wrong")
        await sip.ask("OPTIONS", "12345", user="web-caller", secret="wrong")
        for _ in range(7):  # Unknown senders are told from the fifth on.
            await sip.ask("OPTIONS", "12345", user=FORGED)
    with pytest.raises(AmiRefusedError):
        async with ami_dialog(instance.ami_host, instance.ami_port, "hotline", "wrong"):
            pass

    def new() -> list[str]:
        lines = log.read_text().splitlines()[before:]
        return lines if any("InvalidPassword" in line for line in lines) else []

    lines = await until(new)
    assert any(VICTIM in line for line in lines), "Asterisk escapes quotes by now"
    kinds = {found[1] for line in lines if (found := re.search(r'SecurityEvent="(\w+)"', line))}
    assert {"ChallengeResponseFailed", "FailedACL", "InvalidAccountID", "InvalidPassword"} <= kinds
    assert set(banned(lines)) == {sender, "127.0.0.1"}
    refused = [line for line in lines if not re.search(r'="(?:ChallengeSent|SuccessfulAuth)"', line)]
    assert len(banned(lines)) == len(refused)


async def test_a_phone_that_logs_in_as_it_should_counts_for_nothing(real_asterisk: RealAsterisk) -> None:
    log = real_asterisk.settings.asterisk_logs / "security.log"
    before = await until(lambda: log.exists()) and len(log.read_text().splitlines())
    async with SipSocket.to(real_asterisk, real_asterisk.other_host) as sip:
        secret = real_asterisk.agents["1001"].desk_secret
        await sip.ask("OPTIONS", "12345", user="1001", secret=secret)
    lines = await until(lambda: [one for one in log.read_text().splitlines()[before:] if "SuccessfulAuth" in one])
    assert banned(lines) == []
