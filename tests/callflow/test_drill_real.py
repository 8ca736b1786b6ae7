"""The compiled flow is the engine's: a flow's own callers on a real Asterisk, with the service and without."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callflow.compile import compile_safe_flow
from callflow.document import Flow
from callflow.drill.calls import DrillCalls, DrillUnavailableError
from callflow.drill.report import DrillReport, drill
from hotline.app.drill import drill_live_flow, report_view
from hotline.calendars.seed import installed_calendars
from hotline.cli.drill import lines_of
from hotline.kernel.bus import Dispatcher
from hotline.kernel.clock import SystemClock
from hotline.kernel.db import Database
from hotline.onebox.configure import write_safe_flow
from ivr.ami import AmiClient
from ivr.events import PhoneEvent
from ivr.prompts.catalogue import shipped_catalogue
from ivr.sounds import SoundFolder
from tests.callflow.calls import flow_of, shipped_flow
from tests.callflow.service import make_prompts, running_service
from tests.phones.asterisk import RealAsterisk
from tests.phones.waiting import until

pytestmark = pytest.mark.real


class DrillBox:
    def __init__(self, asterisk: RealAsterisk) -> None:
        self.asterisk = asterisk
        self.clock = SystemClock()
        phone: Dispatcher[PhoneEvent] = Dispatcher()
        self.ami = AmiClient(asterisk.settings.ami, self.clock, phone.deliver)
        prompts = SoundFolder(asterisk.settings.sounds)
        self.calls = DrillCalls(self.ami.switchboard, phone, self.clock, prompts)

    async def load(self, text: str) -> None:
        write_safe_flow(self.asterisk.instance, text)
        await self.asterisk.cli("dialplan reload")

    def traces(self) -> dict[str, str]:
        """What a call leaves behind for the call log and the figures."""
        logs, recordings = self.asterisk.settings.asterisk_logs, self.asterisk.settings.recordings
        found = {name: read(logs / name) for name in ("queue_log", "cdr-custom/hotline.csv")}
        return found | {"recordings": str(sorted(recordings.iterdir()))}

    async def drill(self, flow: Flow) -> DrillReport:
        calendars = installed_calendars(2027)
        async with asyncio.timeout(60):
            return await drill(flow, self.calls, calendars=lambda: calendars, clock=self.clock)


@pytest.fixture
async def box(real_asterisk: RealAsterisk) -> AsyncIterator[DrillBox]:
    names = {prompt.name.removeprefix("hotline/") for prompt in shipped_catalogue() if "digits/" not in prompt.name}
    make_prompts(real_asterisk.settings.sounds, sorted(names), seconds=0.4)
    box = DrillBox(real_asterisk)
    await box.ami.start()
    try:
        await until(lambda: box.ami.ready, what="the AMI link is ready")
        await box.load(compile_safe_flow(shipped_flow()))
        yield box
    finally:
        await box.ami.close()
        await real_asterisk.clear()


async def test_the_shipped_flow_is_the_same_without_the_service_but_for_what_it_states(box: DrillBox) -> None:
    report = await box.drill(shipped_flow())
    assert [case.name for case in report.cases] == [test["name"] for test in shipped_flow().document.tests]
    assert [case.found for case in report.cases if not case.equal] == []
    assert report.equal
    stated = {case.name: [one.node for one in case.found] for case in report.cases if case.found}
    assert stated == {
        "已登记企业免菜单并优先": ["identify"],
        "查询进度后挂机": ["progress"],
        "查不到办件时转人工": ["progress"],
    }
    assert [case.name for case in report.cases if case.skipped] == ["免菜单时直接到人工"]
    overflow = next(case for case in report.cases if case.name == "专席等满溢出到综合坐席")
    assert overflow.without is not None
    assert overflow.without.queues == ["enterprise", "public"]
    assert overflow.without.nodes[-2:] == ["survey", "thanks"]
    assert {one.node for one in report.losses} == {"identify", "announcements", "progress", "survey", "voicemail"}


MENU = """
id: trial
entry: start
person: person
keys: {"0": person}
nodes:
  start: {action: answer, branches: {done: ask}}
  ask:
    action: menu
    options: {prompts: [menu-main], keys: ["1", "2", "3"], patience: PT1S, error_prompts: [menu-invalid]}
    branches: {"1": number, "2": bye, "3": police, silence: person, errors: person, no_menu: person}
  number:
    action: collect
    options: {prompts: [progress-number], min_digits: 3, max_digits: 4, patience: PT1S, keep: code}
    branches: {entered: which, silence: person, errors: person}
  which:
    action: condition
    options: {cases: [{outcome: long, when: [{fact: value, name: code, one_of: ["1234"]}]}]}
    branches: {long: bye, otherwise: message}
  message: {action: voicemail, branches: {recorded: bye, nothing: rate}}
  person:
    action: queue
    options: {queue: public, timeout: PT30S}
    branches: {answered: rate, timed_out: message, full: bye, no_agents: bye, withdrawn: bye, unavailable: bye}
  police:
    action: dial
    options: {number: "110"}
    branches: {answered: rate, busy: person, no_answer: bye, failed: bye}
  rate: {action: survey, options: {patience: PT1S}, branches: {rated: bye, none: bye}}
  bye: {action: hangup, options: {prompts: [goodbye]}}
tests:
  - {name: all four keys, caller: {answers: ["1", "1234"]}, expect: {}}
  - {name: closed by a hash, caller: {answers: ["1#", "123#"]}, expect: {}}
  - {name: too few keys, caller: {answers: ["1", "12#", "123#"]}, expect: {}}
  - {name: wrong keys and a person by 0, caller: {answers: ["7", "8", "0"]}, expect: {}}
  - {name: a hash alone is a wrong key, caller: {answers: ["#", "2"]}, expect: {}}
  - {name: silence and no agent, caller: {queues: [{outcome: timed_out}]}, expect: {}}
  - {name: nothing is said to the machine, caller: {queues: [{outcome: timed_out}], message: 0}, expect: {}}
  - {name: hangs up at the question, caller: {answers: ["1", "hang up"]}, expect: {}}
  - {name: hangs up in the queue, caller: {answers: ["0"], queues: [{outcome: abandoned}]}, expect: {}}
  - {name: the caller ends the talk, caller: {answers: ["0"], queues: [{ended_by: caller}]}, expect: {}}
  - {name: 110 is not called, caller: {answers: ["3"], dials: [{outcome: busy}]}, expect: {}}
  - {name: hangs up in time, caller: {hangs_up_at: 1.5}, expect: {}}
"""
"""Stated: `collect` asks once, `voicemail` keeps short messages."""


async def test_each_thing_a_caller_may_do_is_the_same(box: DrillBox) -> None:
    flow = flow_of(MENU)
    await box.load(compile_safe_flow(flow))
    report = await box.drill(flow)
    assert [(case.name, case.found) for case in report.cases if not case.equal] == []
    assert {case.name: [one.node for one in case.found] for case in report.cases if case.found} == {
        "too few keys": ["number"],
        "nothing is said to the machine": ["message"],
    }
    ends = {case.name: case.without.ended_by for case in report.cases if case.without is not None}
    assert {name for name, ended_by in ends.items() if ended_by == "caller"} == {
        "hangs up at the question",
        "hangs up in the queue",
        "the caller ends the talk",
        "hangs up in time",
    }


async def test_a_compiled_flow_that_is_not_the_engines_is_found(box: DrillBox) -> None:
    flow = flow_of(MENU)
    other = flow_of(MENU.replace('"2": bye', '"2": person').replace("prompts: [goodbye]", "prompts: [survey-thanks]"))
    await box.load(compile_safe_flow(other))
    report = await box.drill(flow)
    found = {case.name: [(one.node, one.en) for one in case.found] for case in report.cases if not case.equal}
    assert found["a hash alone is a wrong key"] == [("ask", "then bye; without the service person")]
    assert found["all four keys"] == [("bye", "says goodbye; without the service survey-thanks")]
    assert not report.equal


async def test_with_the_service_stopped_the_calls_find_their_way_and_leave_no_trace(box: DrillBox) -> None:
    before = box.traces()
    report = await drill_live_flow(box.asterisk.settings, box.asterisk.settings.ami.secret.get_secret_value())
    assert report.stopped
    assert report.equal
    assert box.traces() == before
    assert await box.asterisk.channels() == []
    text = "\n".join(lines_of(report, "zh", calls=True))
    assert "服务已停止" in text
    assert "有别  已登记企业免菜单并优先\n        identify: 之后到「known-hours」；服务停止时到「hours」" in text
    assert "menu (menu-main) → to-enterprise (connecting-enterprise) → enterprise-queue → survey" in text
    assert json.loads(json.dumps(report_view(report)))["cases"][0]["without"]["queues"] == ["enterprise"]


async def test_beside_a_running_service_no_queue_is_joined_and_no_call_counted(
    box: DrillBox, database: Database
) -> None:
    before = box.traces()
    flow = flow_of(MENU)
    await box.load(compile_safe_flow(flow))
    async with running_service(box.asterisk, database) as service:
        await service.put_agent("1001", "public")
        report = await box.drill(flow)
        assert report.equal
        assert service.events == []
        assert service.calls.all_live() == ()
        await service.remove_agents("1001")
    told = box.traces()["queue_log"].removeprefix(before["queue_log"])
    assert {line.split("|")[4] for line in told.splitlines()} == {"ADDMEMBER", "REMOVEMEMBER"}
    assert box.traces() | {"queue_log": ""} == before | {"queue_log": ""}


async def test_with_another_flow_in_asterisk_no_drill_is_held(box: DrillBox) -> None:
    await box.load(compile_safe_flow(flow_of(MENU)))
    with pytest.raises(DrillUnavailableError, match="does not hold the safe flow of enterprise"):
        await drill_live_flow(box.asterisk.settings, box.asterisk.settings.ami.secret.get_secret_value())
    with pytest.raises(DrillUnavailableError, match="or it refuses the log-in"):
        await drill_live_flow(box.asterisk.settings, "another secret")


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""
