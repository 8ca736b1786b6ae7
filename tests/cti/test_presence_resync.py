"""What agents tell while a snapshot is read, or while their colleagues are compared with it, is newer than it.

And none is left out because of what happens to another.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from cti.presence.reasons import SIGNED_IN, WRAP_UP
from cti.presence.session import Phone, QueueMembership
from cti.presence.state import AgentState
from ivr.errors import OutcomeUnknownError
from ivr.switchboard import PhoneSnapshot
from tests.cti.test_presence import SECOND, PresenceOffice, a_second, make_presence, office, told
from tests.fakes.journal import ListJournal
from tests.fakes.queue_call import QueueCall
from tests.fakes.threeway_dialplan import shown_channel

__all__ = ["office"]


async def an_old_snapshot(office: PresenceOffice) -> PhoneSnapshot:
    """Asked for now; what is told from here on happens while it is read and the agents are compared."""
    snapshot = replace(await office.switchboard.snapshot(), asked_at=office.clock.now())
    await office.passes(1)
    return snapshot


def talking(office: PresenceOffice, state: str = "Up") -> None:
    """As Asterisk shows the call."""
    caller = shown_channel("PJSIP/trunk-00000001", "1.1", call_id=office.call.call_id, context="hotline-queue")
    leg = shown_channel(office.call.leg, "1.2", call_id=office.call.call_id, context="from-agents")
    office.switchboard.channels = [caller, replace(leg, state=state)]


async def test_an_agent_who_answers_while_the_agents_are_compared_talks_on(office: PresenceOffice) -> None:
    await office.at_work()
    await office.passes(1)
    snapshot = await an_old_snapshot(office)
    office.call.rings()
    office.call.connects()
    await office.presence.resync(snapshot)
    assert office.state == "talking"
    assert told(office, "talk.ended") == []


async def test_an_agent_who_answers_while_a_colleague_is_compared_talks_on(office: PresenceOffice) -> None:
    office.presence.upsert("u-2", "1002", "李华", (QueueMembership("enterprise", 0),), timedelta(seconds=30))
    await office.at_work()
    await office.presence.sign_in("1002", Phone.BROWSER)
    await office.presence.ready("1002")
    call = QueueCall(office.switchboard.phone, agent="1002", interface="PJSIP/1002-web")
    await office.passes(1)
    snapshot = await an_old_snapshot(office)

    def answers() -> None:
        call.rings()
        call.connects()

    office.switchboard.when_asked = answers
    await office.presence.resync(snapshot)
    assert office.presence.session("1002").state is AgentState.TALKING
    assert told(office, "talk.ended") == []


async def test_a_talk_that_ends_while_the_agents_are_compared_has_ended(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    talking(office)
    await office.passes(1)
    snapshot = await an_old_snapshot(office)
    office.call.ends("agent")
    await office.presence.resync(snapshot)
    assert (office.state, office.paused()) == ("wrap_up", {(True, WRAP_UP)})
    assert len(told(office, "talk.ended")) == 1


async def test_a_talk_that_a_restarted_service_heard_only_end_is_followed_by_its_wrap_up(
    office: PresenceOffice,
) -> None:
    await office.at_work()
    talking(office)
    journal = ListJournal()
    again = make_presence(office.switchboard, office.clock, journal, [])
    snapshot = await an_old_snapshot(office)
    office.call.ends("agent")
    await again.resync(snapshot)
    assert again.session("1001").state is AgentState.WRAP_UP
    assert [event.name for event in journal.events].count("talk.ended") == 1
    await again.close()


async def test_a_ring_that_a_restarted_service_heard_only_end_is_no_ring(office: PresenceOffice) -> None:
    await office.at_work()
    talking(office, "Ringing")
    again = make_presence(office.switchboard, office.clock, ListJournal(), [])
    snapshot = await an_old_snapshot(office)
    office.call.hangs_up()
    await again.resync(snapshot)
    assert again.session("1001").state is AgentState.READY
    await again.close()


async def test_a_pause_chosen_while_the_agents_are_compared_holds(office: PresenceOffice) -> None:
    await office.at_work()
    await office.passes(1)
    snapshot = await an_old_snapshot(office)
    await office.presence.pause("1001", "meal")
    await office.presence.resync(snapshot)
    assert (office.state, office.agent.pause_reason, office.paused()) == ("paused", "meal", {(True, "meal")})


async def test_a_talk_missed_before_is_found_though_the_agent_chose_a_pause_since(office: PresenceOffice) -> None:
    await office.at_work()
    talking(office)
    await office.passes(1)
    snapshot = await an_old_snapshot(office)
    await office.presence.pause("1001", "meal")
    await office.presence.resync(snapshot)
    assert (office.state, office.agent.pause_reason) == ("talking", "meal")


async def test_a_ready_whose_answer_was_lost_after_an_old_snapshot_is_still_taken_back(office: PresenceOffice) -> None:
    await office.presence.sign_in("1001", Phone.BROWSER)
    await office.passes(1)
    snapshot = await an_old_snapshot(office)
    office.switchboard.queues.loses_answers = True
    with pytest.raises(OutcomeUnknownError):
        await office.presence.ready("1001")
    office.switchboard.queues.loses_answers = False
    await office.presence.resync(snapshot)
    await office.passes(2)
    assert (office.state, office.paused()) == ("paused", {(True, SIGNED_IN)})


async def test_a_phone_changed_while_the_agents_are_compared_stays_changed(office: PresenceOffice) -> None:
    await office.at_work()
    await office.passes(1)
    snapshot = await an_old_snapshot(office)
    await office.presence.sign_in("1001", Phone.DESK_PHONE)
    await office.presence.resync(snapshot)
    assert office.agent.phone is Phone.DESK_PHONE
    assert {interface for _, interface in office.switchboard.queues.members} == {"PJSIP/1001"}


async def test_a_leg_replaced_while_the_agents_are_compared_stays_the_agents(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    talking(office)
    await office.passes(1)
    snapshot = await an_old_snapshot(office)
    office.presence.replace_leg("1001", "PJSIP/1001-web-0000000b")
    office.call.ends("agent")
    await office.presence.resync(snapshot)
    assert office.agent.call is not None
    assert (office.state, office.agent.call.agent_channel) == ("talking", "PJSIP/1001-web-0000000b")


async def test_an_agent_rung_at_the_desk_phone_while_a_new_service_compares_keeps_that_phone(
    office: PresenceOffice,
) -> None:
    await office.presence.sign_in("1001", Phone.DESK_PHONE)
    await office.presence.ready("1001")
    again = make_presence(office.switchboard, office.clock, ListJournal(), [])
    snapshot = await an_old_snapshot(office)
    office.call.interface = "PJSIP/1001"
    office.call.rings()
    await again.resync(snapshot)
    assert (again.session("1001").state, again.session("1001").phone) == (AgentState.RINGING, Phone.DESK_PHONE)
    await again.close()


async def test_a_second_ring_that_begins_while_the_agents_are_compared_is_still_reported(
    office: PresenceOffice,
) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    await office.passes(1)
    snapshot = await an_old_snapshot(office)
    second = a_second(office)
    second.rings()
    await office.presence.resync(snapshot)
    second.times_out()
    await office.passes(1)
    assert told(office, "agent.missed") == [(SECOND, "timeout")]


# --- rings whose end nobody heard -----------------------------------------------------------------------


async def a_ring_beside_a_talk(office: PresenceOffice) -> QueueCall:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    talking(office)
    second = a_second(office)
    second.rings()
    await office.passes(10)
    return second


async def test_a_ring_beside_a_talk_that_ended_unseen_is_not_reported_when_its_channels_name_comes_again(
    office: PresenceOffice,
) -> None:
    second = await a_ring_beside_a_talk(office)
    await office.presence.resync(await office.switchboard.snapshot())
    second.hangs_up()
    await office.passes(1)
    assert (office.state, told(office, "agent.missed")) == ("talking", [])


async def test_a_ring_in_an_asterisk_since_restarted_is_not_reported_when_its_channels_name_comes_again(
    office: PresenceOffice,
) -> None:
    await office.presence.resync(await office.switchboard.snapshot())
    second = await a_ring_beside_a_talk(office)
    office.call.ends()
    office.switchboard.started = "later"
    office.switchboard.channels = [shown_channel(second.leg, "9.2", call_id="another", context="from-agents")]
    await office.presence.resync(await office.switchboard.snapshot())
    second.hangs_up()
    await office.passes(1)
    assert told(office, "agent.missed") == []


async def test_a_ring_that_continues_beside_a_talk_is_still_reported(office: PresenceOffice) -> None:
    second = await a_ring_beside_a_talk(office)
    leg = shown_channel(second.leg, "2.2", call_id=SECOND, context="from-agents")
    office.switchboard.channels.append(replace(leg, state="Ringing"))
    await office.presence.resync(await office.switchboard.snapshot())
    second.hangs_up()
    await office.passes(1)
    assert told(office, "agent.missed") == [(SECOND, "withdrawn")]


async def test_a_ring_that_was_heard_to_end_right_before_the_snapshot_is_still_reported(office: PresenceOffice) -> None:
    second = await a_ring_beside_a_talk(office)
    second.hangs_up()
    await office.presence.resync(await office.switchboard.snapshot())
    await office.passes(1)
    assert told(office, "agent.missed") == [(SECOND, "withdrawn")]


# --- each agent for themselves --------------------------------------------------------------------------


async def two_forgotten(office: PresenceOffice) -> PhoneSnapshot:
    """1001 and 1002 are ready, and Asterisk has lost their memberships."""
    office.presence.upsert("u-2", "1002", "李华", (QueueMembership("enterprise", 0),), timedelta(seconds=30))
    for number in ("1001", "1002"):
        await office.presence.sign_in(number, Phone.BROWSER)
        await office.presence.ready(number)
    office.switchboard.queues.members.clear()
    return await office.switchboard.snapshot()


def breaks() -> None:
    raise RuntimeError("a bug")


async def breaks_down() -> None:
    breaks()


async def test_an_agent_taken_from_one_queue_while_put_at_the_next_stops_nobody(office: PresenceOffice) -> None:
    snapshot = await two_forgotten(office)
    mine = ("enterprise", "PJSIP/1001-web")

    async def first_queue_is_taken() -> None:
        office.switchboard.queues.when_added = second_queue_comes

    async def second_queue_comes() -> None:
        await office.switchboard.remove_member(*mine)

    office.switchboard.queues.when_added = first_queue_is_taken
    await office.presence.resync(snapshot)
    assert set(office.switchboard.queues.members) == {("public", "PJSIP/1001-web"), ("enterprise", "PJSIP/1002-web")}
    # What was taken away is known to be: the agent's next step brings it back.
    await office.presence.pause("1001", "meal")
    assert mine in office.switchboard.queues.members


async def test_an_error_with_one_agents_queues_stops_nobody_and_is_tried_again(office: PresenceOffice) -> None:
    snapshot = await two_forgotten(office)
    office.switchboard.queues.when_added = breaks_down
    await office.presence.resync(snapshot)
    assert ("enterprise", "PJSIP/1002-web") in office.switchboard.queues.members
    await office.passes(2)
    assert len(office.switchboard.queues.members) == 3


async def test_an_error_with_one_agents_phone_stops_nobody(office: PresenceOffice) -> None:
    snapshot = await two_forgotten(office)
    office.switchboard.when_asked = breaks
    await office.presence.resync(snapshot)
    assert ("enterprise", "PJSIP/1002-web") in office.switchboard.queues.members


async def test_an_error_with_a_stranger_stops_nobody(office: PresenceOffice) -> None:
    await office.at_work()
    members = office.switchboard.queues.members
    members["enterprise", "PJSIP/1009"] = replace(
        members["enterprise", "PJSIP/1001-web"], interface="PJSIP/1009", member_name="1009"
    )
    del members["public", "PJSIP/1001-web"]
    office.presence.loaded = True
    office.switchboard.queues.when_removed = breaks
    await office.presence.resync(await office.switchboard.snapshot())
    assert ("public", "PJSIP/1001-web") in members


async def test_a_queue_joined_while_an_older_snapshot_is_applied_is_left_at_sign_out(office: PresenceOffice) -> None:
    await office.passes(1)
    snapshot = await an_old_snapshot(office)
    office.switchboard.queues.events_late = True
    taken_up: list[asyncio.Task[None]] = []

    async def second_queue_comes() -> None:
        taken_up.append(asyncio.create_task(office.presence.resync(snapshot)))
        await asyncio.sleep(0)

    async def first_queue_comes() -> None:
        office.switchboard.queues.when_added = second_queue_comes

    office.switchboard.queues.when_added = first_queue_comes
    await office.presence.sign_in("1001", Phone.BROWSER)
    await asyncio.gather(*taken_up)
    assert len(office.switchboard.queues.members) == 2
    await office.presence.sign_out("1001")
    assert office.switchboard.queues.members == {}
