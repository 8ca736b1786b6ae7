from __future__ import annotations

from datetime import timedelta

import pytest

from callflow.adoption import AdoptionDecision, find_calls, queue_node
from ivr.switchboard import Channel, PhoneSnapshot
from tests.callflow.calls import shipped_flow
from tests.fakes.switchboard import LATEST


def channel(unique_id: str, *, context: str, application: str = "", data: str = "", call_id: str = "c-1") -> Channel:
    return Channel(
        name=f"PJSIP/x-{unique_id}",
        unique_id=unique_id,
        linked_id=unique_id,
        call_id=call_id,
        state="Up",
        context=context,
        extension="s",
        priority=1,
        application=application,
        application_data=data,
        caller_number="139",
        caller_name="",
        connected_number="",
        connected_name="",
        bridge_id="",
        duration=timedelta(0),
    )


def found(*channels: Channel, callers: tuple[str, ...] = ()) -> dict[str, AdoptionDecision]:
    snapshot = PhoneSnapshot(asked_at=LATEST, started="", channels=channels, members=(), entries=(), rooms={})
    return {call.channel.unique_id: call.decision for call in find_calls(snapshot, callers)}


def test_a_caller_in_agi_is_resumed() -> None:
    caller = channel("1", context="hotline-flow", application="AGI", data="agi:async,entry=trunk")
    assert found(caller) == {"1": AdoptionDecision.RESUME}


def test_a_caller_who_talks_is_watched_and_the_agent_is_no_caller() -> None:
    caller = channel("1", context="hotline-queue", application="Queue", data="public,ci")
    agent = channel("2", context="from-agents", application="AppQueue", data="(Outgoing Line)")
    assert found(caller, agent) == {"1": AdoptionDecision.WATCH}


def test_a_caller_with_a_specialist_is_watched_and_the_specialist_is_no_caller() -> None:
    caller = channel("1", context="hotline-dial", application="Dial", data="Local/s@hotline-hunt/n,,gim")
    near, far = channel("2", context="hotline-hunt"), channel("3", context="hotline-hunt", application="Dial")
    specialist = channel("4", context="from-agents", application="AppDial", data="(Outgoing Line)")
    assert found(caller, near, far, specialist) == {"1": AdoptionDecision.WATCH}


@pytest.mark.parametrize("context", ["hotline-hold", "hotline-caller"])
def test_a_caller_in_a_consultation_is_watched_and_the_others_are_not(context: str) -> None:
    caller = channel("1", context=context, application="ConfBridge")
    staff = channel("2", context="hotline-staff", application="ConfBridge")
    specialist = channel("3", context="hotline-specialist", application="ConfBridge")
    assert found(caller, staff, specialist) == {"1": AdoptionDecision.WATCH}


def test_a_caller_known_from_the_database_is_watched_wherever_the_call_is() -> None:
    assert found(channel("1", context="some-place"), callers=("1",)) == {"1": AdoptionDecision.WATCH}


def test_a_call_in_the_safe_flow_is_left_there() -> None:
    assert found(channel("1", context="hotline-safe-flow", application="Read")) == {"1": AdoptionDecision.LEAVE}


def test_foreign_channels_are_none_of_ours() -> None:
    assert not found(channel("1", context="hotline-flow", application="AGI", data="agi:async", call_id=""))
    assert not found(channel("2", context="from-agents", application="Dial"))


def test_a_call_nobody_wrote_down_is_at_the_node_of_its_queue() -> None:
    flow = shipped_flow()
    waiting = channel("1", context="hotline-queue", application="Queue", data="enterprise,cib(x),,,60")
    talking = channel("1", context="hotline-hold", application="MusicOnHold")
    assert queue_node(flow, waiting, "") == "enterprise-queue"
    assert queue_node(flow, waiting, "node-of-an-older-version") == "enterprise-queue"
    assert "queue" in queue_node(flow, talking, "")


def test_of_two_queues_with_one_queue_a_call_is_at_its_own() -> None:
    waiting = channel("1", context="hotline-queue", application="Queue", data="public,cib(x),,,60")
    assert queue_node(shipped_flow(), waiting, "public-queue") == "public-queue"
    assert queue_node(shipped_flow(), waiting, "overflow-queue") == "overflow-queue"
