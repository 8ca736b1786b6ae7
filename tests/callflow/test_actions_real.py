"""Values, conditions and numbers read out, on a real Asterisk: with the service, and in the safe flow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callflow.compile import compile_safe_flow
from callflow.events import CallQueued, CallResumed, NodeEntered, SubflowEntered, SubflowLeft
from callflow.settings import FlowHttpSettings
from callflow.web_requests import FlowWebClient
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.onebox.configure import write_safe_flow
from tests.callflow.calls import flow_of, shipped_flow
from tests.callflow.service import make_prompts, running_service
from tests.callflow.test_web_requests import Peer
from tests.fakes.hearing import load_sound, tone_levels
from tests.fakes.journal import ListJournal
from tests.phones.asterisk import RealAsterisk, write_tone
from tests.phones.pjsua import PjsuaPhone
from tests.phones.waiting import until

pytestmark = pytest.mark.real

FLOW = """
id: values
entry: start
person: person
nodes:
  start: {action: answer, branches: {done: mark}}
  mark: {action: set, options: {values: {topic: heating, copy: "{entry}"}}, branches: {done: deal}}
  deal:
    action: split
    options: {shares: [{outcome: rare, percent: 0}, {outcome: usual, percent: 100}]}
    branches: {rare: bye, usual: which}
  which:
    action: condition
    options:
      cases:
        - {outcome: wrong, when: [{fact: value, name: topic, one_of: [water]}]}
        - outcome: right
          when:
            - {fact: value, name: topic, one_of: [heating]}
            - {fact: entry, one_of: [trunk]}
            - {fact: language, one_of: [en], unless: true}
            - {fact: time, between: ["00:00-12:00", "12:00-24:00"]}
            - {fact: weekday, one_of: [mon, tue, wed, thu, fri, sat, sun]}
            - {fact: caller_number, starts_with: ["999"], unless: true}
    branches: {wrong: bye, right: ask, otherwise: bye}
  ask:
    action: collect
    options: {prompts: [menu-main], min_digits: 4, max_digits: 4, tries: 1, keep: code}
    branches: {entered: again, silence: bye, errors: bye}
  again: {action: say, options: {value: "{code}"}, branches: {done: judge}}
  judge:
    action: condition
    options: {cases: [{outcome: expected, when: [{fact: value, name: code, one_of: ["1719"]}]}]}
    branches: {expected: person, otherwise: bye}
  person:
    action: queue
    options: {queue: public}
    branches: {answered: bye, timed_out: bye, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}
  bye: {action: hangup}
"""
YAO, SEVEN, ONE = 2300.0, 2700.0, 3100.0


@pytest.fixture
async def asterisk(speaking_asterisk: RealAsterisk) -> AsyncIterator[RealAsterisk]:
    sounds = speaking_asterisk.settings.sounds / "zh"
    make_prompts(speaking_asterisk.settings.sounds)
    (sounds / "digits").mkdir(exist_ok=True)
    write_tone(sounds / "hotline" / "digit-yao.wav", YAO, seconds=0.3)
    for digit, tone in (("1", ONE), ("7", SEVEN), ("8", 1900.0), ("9", 1700.0)):
        write_tone(sounds / "digits" / f"{digit}.wav", tone, seconds=0.3)
    write_safe_flow(speaking_asterisk.instance, compile_safe_flow(flow_of(FLOW)))
    await speaking_asterisk.cli("dialplan reload")
    yield speaking_asterisk
    await speaking_asterisk.hang_up_all()
    write_safe_flow(speaking_asterisk.instance, compile_safe_flow(shipped_flow()))
    await speaking_asterisk.cli("dialplan reload")


async def test_a_value_goes_from_keys_to_speech_to_a_condition(
    asterisk: RealAsterisk, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(FLOW, encoding="utf-8")
    async with running_service(asterisk, database, flow=file) as service, PjsuaPhone.caller(asterisk) as caller:
        await caller.call_and_wait()
        await service.seen(NodeEntered, node="ask")
        await caller.heard()
        caller.press("1719")
        await service.seen(CallQueued, queue="public")
        samples, rate = load_sound(await caller.heard())
        levels = tone_levels(samples, rate, (YAO, SEVEN, ONE))
        assert min(levels[YAO], levels[SEVEN]) > levels[ONE] + 15, levels


async def test_the_safe_flow_takes_the_same_way(asterisk: RealAsterisk) -> None:
    async def waits() -> bool:
        return "public has 1 calls" in await asterisk.cli("queue show public")

    async def asked() -> bool:
        return "!hotline-safe-flow!n_ask!" in await asterisk.cli("core show channels concise")

    async with PjsuaPhone.caller(asterisk) as caller:
        await caller.call_and_wait()
        await until(asked, what="the caller is asked")
        caller.press("1719")
        await until(waits, what="the caller waits")
    async with PjsuaPhone.caller(asterisk) as caller:
        await caller.call_and_wait()
        await until(asked, what="the caller is asked")
        caller.press("1718")
        await caller.wait_for("disconnected", within=15)


OUTER = """
id: outer
entry: start
person: person
nodes:
  start: {action: answer, branches: {done: season}}
  season:
    action: subflow
    options: {flow: season, returns: [told]}
    branches: {told: after, otherwise: bye, unavailable: bye}
  after: {action: menu, options: {prompts: [menu-main], keys: ["2"]},
          branches: {"2": person, silence: bye, errors: bye, no_menu: bye}}
  person:
    action: queue
    options: {queue: public}
    branches: {answered: bye, timed_out: bye, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}
  bye: {action: hangup}
"""
SEASON = """
id: season
entry: ask
person: person
nodes:
  ask:
    action: menu
    options: {prompts: [welcome], keys: ["1"], patience: PT30S}
    branches: {"1": back, silence: bye, errors: bye, no_menu: bye}
  back: {action: return, options: {outcome: told}}
  person:
    action: queue
    options: {queue: public}
    branches: {answered: bye, timed_out: bye, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}
  bye: {action: hangup}
"""


async def test_a_subflow_goes_on_after_a_restart_and_returns(
    asterisk: RealAsterisk, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "outer.yaml"
    file.write_text(OUTER, encoding="utf-8")
    season = flow_of(SEASON)
    async with PjsuaPhone.caller(asterisk) as caller:
        async with running_service(asterisk, database, flow=file, subflows=[season]) as service:
            await caller.call_and_wait()
            await service.seen(NodeEntered, node="ask")
            entered = await service.seen(SubflowEntered)
            assert (entered.node, entered.flow) == ("season", "season")
        async with running_service(asterisk, database, flow=file, subflows=[season], journal=ListJournal()) as service:
            await service.seen(CallResumed, node="ask")
            caller.press("1")
            assert (await service.seen(SubflowLeft)).outcome == "told"
            await service.seen(NodeEntered, node="after")
            caller.press("2")
            await service.seen(CallQueued, queue="public")


ASKS = """
id: asks
entry: start
person: person
nodes:
  start: {action: answer, branches: {done: ask}}
  ask:
    action: collect
    options: {prompts: [menu-main], min_digits: 4, max_digits: 4, tries: 1, keep: code}
    branches: {entered: state, silence: bye, errors: bye}
  state:
    action: http
    options: {url: "%s/state", send: {code: "{code}"}, take: {state: data.state}}
    branches: {ok: judge, failed: bye, timeout: bye}
  judge:
    action: condition
    options: {cases: [{outcome: expected, when: [{fact: value, name: state, one_of: ["3"]}]}]}
    branches: {expected: person, otherwise: bye}
  person:
    action: queue
    options: {queue: public}
    branches: {answered: bye, timed_out: bye, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}
  bye: {action: hangup}
"""


async def test_keys_go_to_a_service_and_its_answer_decides(
    asterisk: RealAsterisk, database: Database, tmp_path: Path
) -> None:
    peer = Peer()
    await peer.server.start_server()
    client = FlowWebClient(FlowHttpSettings(inside_hosts=("127.0.0.1",)), SystemClock())
    file = tmp_path / "asks.yaml"
    file.write_text(ASKS % peer.url, encoding="utf-8")
    try:
        async with (
            running_service(asterisk, database, flow=file, web=client) as service,
            PjsuaPhone.caller(asterisk) as caller,
        ):
            await caller.call_and_wait()
            await service.seen(NodeEntered, node="ask")
            caller.press("1719")
            await service.seen(CallQueued, queue="public")
        assert [came[3] for came in peer.came] == [b'{"code":"1719"}']
    finally:
        await client.close()
        await peer.server.close()
