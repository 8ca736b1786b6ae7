"""Calls through the shipped flow on a real Asterisk."""

from __future__ import annotations

import pytest

from callflow.events import CallArrived, CallEnded, CallQueued, DigitsEntered, NodeEntered, QueueLeft, SurveyAnswered
from tests.callflow.service import Service
from tests.phones.pjsua import PjsuaPhone

pytestmark = pytest.mark.real


async def test_key_1_reaches_the_enterprise_desk_and_a_survey_follows(service: Service) -> None:
    asterisk = service.asterisk
    async with PjsuaPhone.desk(asterisk, "1001") as agent, PjsuaPhone.caller(asterisk, name='张"三\\') as caller:
        agent.answers(after=0.2)
        await service.put_agent("1001", "enterprise")
        await caller.call_and_wait()
        await service.seen(NodeEntered, node="menu")
        caller.press("1")
        await service.seen(CallQueued, queue="enterprise")
        await agent.wait_for("confirmed")
        arrived = await service.seen(CallArrived)
        live = service.calls.live(arrived.call_id)
        assert live is not None
        assert live.queue == "enterprise"
        agent.hang_up()
        left = await service.seen(QueueLeft)
        assert (left.outcome, left.agent) == ("answered", "1001")
        await service.seen(NodeEntered, node="survey")
        caller.press("2")
        assert (await service.seen(SurveyAnswered)).rating == 2
        ended = await service.seen(CallEnded)
        assert ended.by == "agent"
        await caller.wait_for("disconnected")
    assert [event.digits for event in service.of(DigitsEntered)] == ["1", "2"]
    assert service.calls.live(arrived.call_id) is None
