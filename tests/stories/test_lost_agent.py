"""An agent's phone dies in the middle of a talk, without a word."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.phones.pjsua import PjsuaPhone
from tests.stories.office import TONES, Office, Talk, hear, nodes, said

pytestmark = [pytest.mark.real, pytest.mark.timeout(180), pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def impatient(office: Office) -> AsyncIterator[Office]:
    """Silence of a desk phone counts after six seconds instead of thirty."""
    asterisk = office.city.asterisk
    file = asterisk.instance.directories.etc / "pjsip.conf"
    shipped = file.read_text(encoding="utf-8")
    file.write_text(shipped.replace("\nrtp_timeout = 30\n", "\nrtp_timeout = 6\n"), encoding="utf-8")
    await asterisk.cli("module reload res_pjsip.so")
    try:
        yield office
    finally:
        file.write_text(shipped, encoding="utf-8")
        await asterisk.cli("module reload res_pjsip.so")


@pytest_asyncio.fixture(loop_scope="session")
async def mortal(impatient: Office) -> AsyncIterator[Office]:
    """Agent 1001 has another phone at the end."""
    try:
        yield impatient
    finally:
        await impatient["1001"].close()
        impatient.phones["1001"] = PjsuaPhone.desk(impatient.city.asterisk, "1001")
        await impatient["1001"].__aenter__()


async def test_the_caller_is_told_and_gets_the_next_agent_before_all_others(mortal: Office) -> None:
    async with mortal.talk() as talk, mortal.caller() as other:
        await talk.hear(agent={"caller"}, caller={"agent"})
        other.press("11")
        await talk.agent.vanish()
        await told_and_paused(talk)

        mortal["1002"].tone(TONES["agent"])
        mortal["1002"].answers()
        async with mortal.on_duty("1002") as second:
            call = await second.wait_call("talking", within=20)
            assert call["call_id"] == talk.call_id
            await hear({talk.caller: {"agent"}, mortal["1002"]: {"caller"}})
            mortal["1002"].hang_up()
            await second.wait_state("wrap_up")
        talk.caller.hang_up()
        record = await talk.record()
    assert [(a["agent"], a["result"]) for a in record["attempts"]] == [("1001", "lost"), ("1002", "answered")]
    assert nodes(record).count("enterprise-desk") == 1
    recordings = mortal.city.settings.recordings
    assert (recordings / f"{talk.call_id}-caller.wav").stat().st_size > 0


async def told_and_paused(talk: Talk) -> None:
    await talk.desk.wait(lambda d: d.agent["pause_after"] == "phone_lost", what="the phone is lost")
    assert await said(await talk.caller.listen(8), "agent-lost") > 0.7
    await talk.desk.wait_state("wrap_up")
    await talk.desk.do("finish_wrap_up")
    await talk.desk.wait(lambda d: d.agent["pause_reason"] == "phone_lost", what="paused, the phone is lost")


async def test_a_lost_agent_in_a_consultation(mortal: Office) -> None:
    async with mortal.talk() as talk:
        await talk.consulting()
        await talk.agent.vanish()
        await told_and_paused(talk)
        talk.caller.hang_up()
        record = await talk.record()
    assert [(a["agent"], a["result"]) for a in record["attempts"]] == [("1001", "lost")]
