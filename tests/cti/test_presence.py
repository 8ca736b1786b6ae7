from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from cti.presence.reasons import MISSED, OWN_CALL, PAGE_CLOSED, PHONE_LOST, SIGNED_IN, WRAP_UP
from cti.presence.service import PresenceService, UnknownReasonError
from cti.presence.session import AgentSession, Phone, QueueMembership
from cti.presence.state import (
    SHOWN,
    TRANSITIONS,
    AgentState,
    CallSideEvent,
    CallSideState,
    PresenceConflictError,
    Verdict,
    Wanted,
    advance,
)
from hotline.kernel.bus import Bus
from hotline.kernel.events import Event
from ivr.errors import OutcomeUnknownError, PhoneUnavailableError
from ivr.events import ChannelUnheld, ContactChanged, DeviceStateChanged, HangupRequested, HoldStarted
from tests.fakes.clock import FakeClock
from tests.fakes.journal import ListJournal
from tests.fakes.queue_call import QueueCall
from tests.fakes.switchboard import FakeSwitchboard
from tests.fakes.threeway_dialplan import shown_channel

SECOND = "01890000-0000-7000-8000-000000000002"


@dataclass
class PresenceOffice:
    """Agent 1001 at both queues, with 30 s of wrap-up."""

    presence: PresenceService
    switchboard: FakeSwitchboard
    clock: FakeClock
    events: list[Event]
    changed: list[str]
    call: QueueCall = field(init=False)

    def __post_init__(self) -> None:
        self.call = QueueCall(self.switchboard.phone)

    @property
    def agent(self) -> AgentSession:
        return self.presence.session("1001")

    @property
    def state(self) -> str:
        return self.agent.state.value

    async def at_work(self) -> None:
        await self.presence.sign_in("1001", Phone.BROWSER)
        await self.presence.ready("1001")

    async def passes(self, seconds: float) -> None:
        await self.clock.advance(timedelta(seconds=seconds))

    async def talks_and_ends(self) -> None:
        self.call.rings()
        self.call.connects()
        self.call.ends()
        await self.passes(0)

    def paused(self) -> set[tuple[bool, str]]:
        return {(m.paused, m.pause_reason) for m in self.switchboard.queues.members.values()}

    def names(self) -> list[str]:
        return [event.name for event in self.events]


@pytest.fixture
async def office() -> AsyncIterator[PresenceOffice]:
    switchboard, clock, journal = FakeSwitchboard(), FakeClock(), ListJournal()
    switchboard.reachable = {"1001-web"}
    changed: list[str] = []
    presence = make_presence(switchboard, clock, journal, changed)
    presence.set_link(True)
    yield PresenceOffice(presence, switchboard, clock, journal.events, changed)
    await presence.close()


def make_presence(
    switchboard: FakeSwitchboard, clock: FakeClock, journal: ListJournal, changed: list[str]
) -> PresenceService:
    presence = PresenceService(switchboard, switchboard.phone, Bus(journal), clock, on_change=changed.append)
    presence.upsert(
        "u-1", "1001", "王芳", (QueueMembership("enterprise", 0), QueueMembership("public", 5)), timedelta(seconds=30)
    )
    return presence


# --- the tables -----------------------------------------------------------------------------------------


def test_a_missing_row_names_state_and_event() -> None:
    with pytest.raises(PresenceConflictError) as caught:
        advance(CallSideState.TALKING, CallSideEvent.RANG)
    assert caught.value.context == {"state": "talking", "event": "rang"}


def test_every_state_of_the_phone_can_be_reached_and_left() -> None:
    reached = set(TRANSITIONS.values())
    left = {state for (state, _), target in TRANSITIONS.items() if target is not state}
    assert reached == left == set(CallSideState)


def test_a_state_is_shown_for_whatever_is_wanted_and_whatever_the_phone_does() -> None:
    assert set(SHOWN) == {(side, wanted) for side in CallSideState for wanted in Wanted}
    assert set(SHOWN.values()) == set(AgentState)


def test_a_call_is_shown_whatever_is_wanted() -> None:
    for wanted in Wanted:
        assert SHOWN[CallSideState.TALKING, wanted] is AgentState.TALKING


def test_a_phone_that_is_idle_again_may_be_in_a_call_of_the_agents_own() -> None:
    after = advance(CallSideState.RINGING, CallSideEvent.RING_ENDED, own_call=True)
    assert after is CallSideState.OWN_CALL


# --- signing in and out ---------------------------------------------------------------------------------


async def test_signing_in_joins_every_queue_paused(office: PresenceOffice) -> None:
    await office.presence.sign_in("1001", Phone.BROWSER)
    assert set(office.switchboard.queues.members) == {("enterprise", "PJSIP/1001-web"), ("public", "PJSIP/1001-web")}
    assert office.paused() == {(True, SIGNED_IN)}
    assert office.agent.why_not_ready(link=True) == [Verdict.PAUSED]


async def test_ready_lifts_the_pause(office: PresenceOffice) -> None:
    await office.at_work()
    assert office.paused() == {(False, "")}
    assert office.agent.why_not_ready(link=True) == []


async def test_signing_out_leaves_every_desk(office: PresenceOffice) -> None:
    await office.at_work()
    await office.presence.sign_out("1001")
    assert office.switchboard.queues.members == {}
    assert office.state == "offline"


async def test_the_desk_phone_takes_the_browsers_place(office: PresenceOffice) -> None:
    await office.at_work()
    await office.presence.sign_in("1001", Phone.DESK_PHONE)
    assert {interface for _, interface in office.switchboard.queues.members} == {"PJSIP/1001"}
    assert office.agent.why_not_ready(link=True) == [Verdict.PHONE_NOT_REGISTERED]


async def test_what_asterisk_refuses_does_not_happen(office: PresenceOffice) -> None:
    await office.presence.sign_in("1001", Phone.BROWSER)
    office.switchboard.go_down()
    with pytest.raises(PhoneUnavailableError):
        await office.presence.ready("1001")
    assert office.state == "paused"
    assert office.agent.pause_reason == SIGNED_IN


async def test_only_listed_reasons_pause(office: PresenceOffice) -> None:
    await office.at_work()
    with pytest.raises(UnknownReasonError):
        await office.presence.pause("1001", "wrap_up")
    await office.presence.pause("1001", "meal")
    assert office.paused() == {(True, "meal")}


async def test_the_verdict_names_a_phone_that_is_gone(office: PresenceOffice) -> None:
    await office.at_work()
    office.switchboard.phone.deliver(ContactChanged(endpoint="1001-web", reachable=False))
    assert office.agent.why_not_ready(link=True) == [Verdict.PHONE_NOT_REGISTERED]
    assert office.agent.why_not_ready(link=False)[0] is Verdict.LINK_DOWN


# --- calls ----------------------------------------------------------------------------------------------


async def test_a_call_from_ring_to_ready(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    assert office.state == "ringing"
    office.call.connects()
    assert office.state == "talking"
    office.call.ends("agent")
    await office.passes(0)
    assert office.state == "wrap_up"
    assert office.paused() == {(True, WRAP_UP)}
    await office.passes(29)
    assert office.state == "wrap_up"
    await office.passes(1)
    assert office.state == "ready"
    assert office.paused() == {(False, "")}
    assert office.names() == ["agent.rang", "agent.answered", "talk.ended"]


async def test_the_call_is_the_agents_from_its_ring_to_the_end_of_wrap_up(office: PresenceOffice) -> None:
    await office.at_work()
    assert office.presence.call_of("u-1") is None
    office.call.rings()
    assert office.presence.call_of("u-1") == office.call.call_id
    assert office.presence.call_of("u-2") is None
    office.call.connects()
    office.call.ends("agent")
    await office.passes(0)
    assert office.presence.call_of("u-1") == office.call.call_id
    await office.passes(30)
    assert office.presence.call_of("u-1") is None


async def test_the_screen_is_notified_within_the_event_of_ringing(office: PresenceOffice) -> None:
    await office.at_work()
    office.changed.clear()
    office.call.rings()
    assert office.changed == ["1001"]


async def test_wrap_up_is_finished_or_extended(office: PresenceOffice) -> None:
    await office.at_work()
    await office.talks_and_ends()
    await office.presence.extend_wrap_up("1001")
    await office.passes(60)
    assert office.state == "wrap_up"
    await office.presence.finish_wrap_up("1001")
    assert office.state == "ready"
    with pytest.raises(PresenceConflictError):
        await office.presence.finish_wrap_up("1001")


async def test_a_pause_during_a_talk_waits_for_the_end_of_wrap_up(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    await office.presence.pause("1001", "meal")
    assert office.state == "talking"
    assert office.paused() == {(True, "meal")}, "should the service be gone when the talk ends"
    office.call.ends()
    await office.passes(29)
    assert office.state == "wrap_up"
    await office.passes(1)
    assert (office.state, office.agent.pause_reason) == ("paused", "meal")


async def test_who_does_not_answer_is_paused(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.times_out()
    await office.passes(1)
    assert office.agent.pause_reason == MISSED
    assert office.paused() == {(True, MISSED)}
    assert [event.payload()["reason"] for event in office.events if event.name == "agent.missed"] == ["timeout"]


async def test_a_caller_who_gives_up_while_it_rings_is_no_miss(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.hangs_up()
    await office.passes(1)
    assert office.state == "ready"
    assert [event.payload()["reason"] for event in office.events if event.name == "agent.missed"] == ["withdrawn"]


async def test_a_declined_ring_counts_once_though_the_leg_is_gone_first(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.hangs_up()
    office.call.times_out()
    await office.passes(1)
    assert office.agent.pause_reason == MISSED
    assert office.names() == ["agent.rang", "agent.missed"]


def a_second(office: PresenceOffice) -> QueueCall:
    """Another queue's call for the same agent."""
    return QueueCall(office.switchboard.phone, call_id=SECOND, interface="PJSIP/1001-web-second")


def told(office: PresenceOffice, name: str) -> list[tuple[str, str]]:
    """Of the events of this name: whose call, and why or by whom."""
    found = [event for event in office.events if event.name == name]
    return [(event.call_id or "", str(getattr(event, "reason", None) or getattr(event, "by", ""))) for event in found]


async def test_a_second_ring_during_a_talk_leaves_the_talk_the_agents_call(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    a_second(office).rings()
    assert (office.state, office.agent.call and office.agent.call.call_id) == ("talking", office.call.call_id)
    await office.presence.hang_up("1001")
    assert office.switchboard.sent[-1] == ("hang up", office.call.leg)
    office.call.ends("agent")
    await office.passes(0)
    assert office.state == "wrap_up"
    assert told(office, "talk.ended") == [(office.call.call_id, "agent")]


@pytest.mark.parametrize("when", ["talking", "wrap_up"])
async def test_a_second_ring_that_nobody_can_answer_is_reported_and_no_miss(office: PresenceOffice, when: str) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    second = a_second(office)
    second.rings()
    if when == "wrap_up":
        office.call.ends()
    second.times_out()
    await office.passes(1)
    assert (office.state, office.agent.misses) == (when, 0)
    assert told(office, "agent.missed") == [(SECOND, "timeout")]


async def test_a_second_ring_that_is_withdrawn_ends_no_talk(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    second = a_second(office)
    second.rings()
    second.hangs_up()
    await office.passes(1)
    assert office.state == "talking"
    assert told(office, "agent.missed") == [(SECOND, "withdrawn")]
    assert told(office, "talk.ended") == []


async def test_of_two_rings_the_one_that_is_answered_is_the_call_and_the_other_no_miss(office: PresenceOffice) -> None:
    await office.at_work()
    second = a_second(office)
    office.call.rings()
    second.rings()
    office.call.connects()
    second.times_out()
    await office.passes(1)
    assert (office.state, office.agent.misses) == ("talking", 0)
    assert office.agent.call is not None
    assert office.agent.call.call_id == office.call.call_id
    assert told(office, "agent.missed") == [(SECOND, "timeout")]


async def test_of_two_rings_the_first_ends_without_the_second(office: PresenceOffice) -> None:
    await office.at_work()
    second = a_second(office)
    office.call.rings()
    second.rings()
    office.call.times_out()
    await office.passes(1)
    assert office.state == "ringing"
    second.times_out()
    await office.passes(1)
    assert (office.state, office.agent.pause_reason) == ("paused", MISSED)
    assert told(office, "agent.missed") == [(office.call.call_id, "timeout"), (SECOND, "timeout")]


async def test_hold_is_seen(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    leg = {"channel": office.call.leg, "unique_id": "1.2", "call_id": office.call.call_id}
    office.switchboard.phone.deliver(HoldStarted(**leg))
    assert office.agent.call is not None
    assert office.agent.call.held
    office.switchboard.phone.deliver(ChannelUnheld(**leg))
    assert office.names()[-2:] == ["hold.began", "hold.ended"]


async def test_a_call_returned_to_a_reloaded_page_continues(office: PresenceOffice) -> None:
    """app_queue reports the end of the old leg; the talk is not over."""
    await office.at_work()
    office.call.rings()
    office.call.connects()
    office.presence.replace_leg("1001", "PJSIP/1001-web-0000000b")
    office.call.ends("agent")
    assert office.state == "talking"


async def test_an_agent_talks_on_when_the_caller_of_a_three_way_call_has_gone(office: PresenceOffice) -> None:
    """app_queue's call ends with its caller; the talk ends with the agent's own leg."""
    await office.at_work()
    office.call.rings()
    office.call.connects()
    office.call.completes("caller")
    await office.passes(60)
    assert (office.state, told(office, "talk.ended")) == ("talking", [])
    leg = {"channel": office.call.leg, "unique_id": "1.2", "call_id": office.call.call_id}
    office.switchboard.phone.deliver(HangupRequested(**leg, cause=16))
    office.call.hangs_up()
    assert (office.state, told(office, "talk.ended")) == ("wrap_up", [(office.call.call_id, "agent")])
    assert next(e.payload()["talk_seconds"] for e in office.events if e.name == "talk.ended") == 60


async def test_a_restarted_service_finds_an_agent_who_talks_without_the_caller(office: PresenceOffice) -> None:
    await office.at_work()
    office.switchboard.channels = [shown_channel(office.call.leg, "1.2", call_id="c-1", context="hotline-staff")]
    again = make_presence(office.switchboard, office.clock, ListJournal(), [])
    await again.resync(await office.switchboard.snapshot())
    assert again.session("1001").state is AgentState.TALKING
    await again.close()


# --- pages ----------------------------------------------------------------------------------------------


async def test_a_closed_page_pauses_after_a_grace_period(office: PresenceOffice) -> None:
    office.presence.page_opened("1001")
    await office.at_work()
    office.presence.page_closed("1001")
    await office.passes(29)
    assert office.state == "ready"
    await office.passes(1)
    assert office.agent.pause_reason == PAGE_CLOSED


async def test_a_reloaded_page_changes_nothing(office: PresenceOffice) -> None:
    office.presence.page_opened("1001")
    await office.at_work()
    office.presence.page_closed("1001")
    office.presence.page_opened("1001")
    await office.passes(60)
    assert office.state == "ready"


async def test_a_page_reloaded_twice_has_the_whole_grace_period_each_time(office: PresenceOffice) -> None:
    office.presence.page_opened("1001")
    await office.at_work()
    office.presence.page_closed("1001")
    await office.passes(1)
    office.presence.page_opened("1001")
    await office.passes(28)
    office.presence.page_closed("1001")
    await office.passes(29)
    assert office.state == "ready"
    await office.passes(1)
    assert office.agent.pause_reason == PAGE_CLOSED


async def test_a_lost_connection_does_not_restart_the_grace_period(office: PresenceOffice) -> None:
    office.presence.page_opened("1001")
    await office.at_work()
    office.presence.page_closed("1001")
    for _ in range(2):
        await office.passes(10)
        await office.presence.resync(await office.switchboard.snapshot())
    await office.passes(10)
    assert office.agent.pause_reason == PAGE_CLOSED


async def test_a_closed_page_never_ends_a_talk(office: PresenceOffice) -> None:
    office.presence.page_opened("1001")
    await office.at_work()
    office.call.rings()
    office.call.connects()
    office.presence.page_closed("1001")
    await office.passes(60)
    assert office.state == "talking"
    office.call.ends()
    await office.passes(30)
    assert office.agent.pause_reason == PAGE_CLOSED


async def test_whose_phone_is_lost_is_paused_until_they_say_ready(office: PresenceOffice) -> None:
    await office.at_work()
    await office.talks_and_ends()
    office.call.loses_the_agent()
    assert (office.state, office.names()[-1]) == ("wrap_up", "agent.lost")
    await office.passes(30)
    assert office.paused() == {(True, PHONE_LOST)}
    await office.presence.ready("1001")
    assert office.paused() == {(False, "")}


async def test_a_closed_page_hides_no_lost_phone(office: PresenceOffice) -> None:
    """A browser that was killed takes both."""
    office.presence.page_opened("1001")
    await office.at_work()
    await office.talks_and_ends()
    await office.presence.extend_wrap_up("1001")
    office.call.loses_the_agent()
    office.presence.page_closed("1001")
    await office.passes(90)
    assert (office.state, office.agent.pause_reason) == ("paused", PHONE_LOST)


# --- truth ----------------------------------------------------------------------------------------------


async def test_a_restarted_service_takes_the_agents_as_asterisk_has_them(office: PresenceOffice) -> None:
    await office.at_work()
    await office.presence.pause("1001", "meal")
    again = make_presence(office.switchboard, office.clock, ListJournal(), [])
    await again.resync(await office.switchboard.snapshot())
    assert (again.session("1001").state.value, again.session("1001").pause_reason) == ("paused", "meal")
    assert again.session("1001").phone is Phone.BROWSER
    await again.close()


async def test_a_restarted_service_finds_the_talk(office: PresenceOffice) -> None:
    await office.at_work()
    office.switchboard.channels = [
        shown_channel("PJSIP/trunk-00000001", "1.1", call_id="c-1", context="hotline-queue"),
        shown_channel("PJSIP/1001-web-0000000a", "1.2", call_id="c-1", context="from-agents"),
    ]
    again = make_presence(office.switchboard, office.clock, ListJournal(), [])
    await again.resync(await office.switchboard.snapshot())
    call = again.session("1001").call
    assert again.session("1001").state is AgentState.TALKING
    assert call is not None
    assert (call.call_id, call.agent_channel) == ("c-1", "PJSIP/1001-web-0000000a")
    await again.close()


async def test_a_link_that_is_lost_while_the_agents_are_compared_is_shown_as_lost(office: PresenceOffice) -> None:
    snapshot = await office.switchboard.snapshot()
    office.presence.set_link(False)
    await office.presence.resync(snapshot)
    assert not office.presence.link


async def test_a_restarted_asterisk_gets_its_members_back(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    office.switchboard.queues.members.clear()
    await office.presence.resync(await office.switchboard.snapshot())
    assert office.state == "wrap_up"
    assert office.paused() == {(True, WRAP_UP)}
    assert office.names()[-1] == "talk.ended"


async def test_a_restarted_asterisk_with_older_members_on_disk_is_corrected(office: PresenceOffice) -> None:
    await office.presence.sign_in("1001", Phone.BROWSER)
    await office.presence.resync(await office.switchboard.snapshot())
    kept = dict(office.switchboard.queues.members)
    await office.presence.ready("1001")
    office.switchboard.queues.members, office.switchboard.started = kept, "later"
    await office.presence.resync(await office.switchboard.snapshot())
    assert (office.state, office.paused()) == ("ready", {(False, "")})


async def test_a_queue_taken_away_is_left(office: PresenceOffice) -> None:
    await office.at_work()
    office.presence.upsert("u-1", "1001", "王芳", (QueueMembership("enterprise", 0),), timedelta(seconds=30))
    await office.presence.resync(await office.switchboard.snapshot())
    assert set(office.switchboard.queues.members) == {("enterprise", "PJSIP/1001-web")}


@pytest.mark.parametrize("trouble", [OutcomeUnknownError("No answer."), RuntimeError("a bug")])
async def test_a_pause_that_asterisk_did_not_take_is_tried_again_and_told(
    office: PresenceOffice, trouble: Exception
) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    office.switchboard.refuse = trouble
    office.call.ends()
    await office.passes(0)
    assert (office.state, office.paused()) == ("wrap_up", {(False, "")})
    assert Verdict.QUEUE_OUT_OF_SYNC in office.agent.why_not_ready(link=True)
    await office.passes(10)
    office.switchboard.refuse = None
    office.changed.clear()
    await office.passes(10)
    assert office.paused() == {(True, WRAP_UP)}
    assert Verdict.QUEUE_OUT_OF_SYNC not in office.agent.why_not_ready(link=True)
    assert office.changed == ["1001"]


async def test_tries_grow_rare_while_the_link_is_down(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.switchboard.go_down()
    office.call.times_out()
    await office.passes(0)
    asked = office.switchboard.refused
    await office.passes(600)
    assert 10 <= office.switchboard.refused - asked <= 30


async def test_a_ready_whose_answer_was_lost_does_not_bring_calls_to_a_paused_agent(office: PresenceOffice) -> None:
    """Asterisk lifted the pause and its answer was lost: the agent is shown paused, and is made so again."""
    await office.presence.sign_in("1001", Phone.BROWSER)
    office.switchboard.queues.loses_answers = True
    with pytest.raises(OutcomeUnknownError):
        await office.presence.ready("1001")
    assert (office.state, office.paused()) == ("paused", {(False, "")})
    office.switchboard.queues.loses_answers = False
    await office.passes(2)
    assert office.paused() == {(True, SIGNED_IN)}


async def test_a_sign_in_that_half_came_off_leaves_no_queue_behind(office: PresenceOffice) -> None:
    office.switchboard.queues.loses_answers = True
    with pytest.raises(OutcomeUnknownError):
        await office.presence.sign_in("1001", Phone.BROWSER)
    assert (office.state, len(office.switchboard.queues.members)) == ("offline", 1)
    office.switchboard.queues.loses_answers = False
    await office.passes(2)
    assert office.switchboard.queues.members == {}


async def test_a_change_of_phones_that_failed_leaves_the_agent_at_the_old_one(office: PresenceOffice) -> None:
    await office.at_work()
    office.switchboard.go_down()
    with pytest.raises(PhoneUnavailableError):
        await office.presence.sign_in("1001", Phone.DESK_PHONE)
    office.switchboard.refuse = None
    await office.passes(2)
    assert office.agent.phone is Phone.BROWSER
    assert {interface for _, interface in office.switchboard.queues.members} == {"PJSIP/1001-web"}


@pytest.mark.parametrize("trouble", [OutcomeUnknownError("No answer."), RuntimeError("a bug")])
async def test_a_wrap_up_ends_once_asterisk_takes_it(office: PresenceOffice, trouble: Exception) -> None:
    await office.at_work()
    await office.talks_and_ends()
    office.switchboard.refuse = trouble
    await office.passes(40)
    assert office.state == "wrap_up"
    office.switchboard.refuse = None
    await office.passes(30)
    assert (office.state, office.paused()) == ("ready", {(False, "")})


async def test_a_closed_page_pauses_once_asterisk_takes_it(office: PresenceOffice) -> None:
    office.presence.page_opened("1001")
    await office.at_work()
    office.presence.page_closed("1001")
    office.switchboard.refuse = OutcomeUnknownError("No answer.")
    await office.passes(40)
    assert (office.state, office.agent.pause_reason) == ("paused", PAGE_CLOSED)
    office.switchboard.refuse = None
    await office.passes(30)
    assert office.paused() == {(True, PAGE_CLOSED)}


async def test_a_failed_follow_up_is_mended_by_the_next_resync(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    office.switchboard.go_down()
    office.call.ends()
    await office.passes(0)
    assert office.paused() == {(False, "")}
    office.switchboard.refuse = None
    await office.presence.resync(await office.switchboard.snapshot())
    assert (office.state, office.paused()) == ("wrap_up", {(True, WRAP_UP)})
    assert office.agent.why_not_ready(link=True) == [Verdict.WRAP_UP]


# --- a phone lost when the agent has no call any more ---------------------------------------------------


async def test_a_phone_lost_without_wrap_up_is_paused_though_the_agent_was_ready_already(
    office: PresenceOffice,
) -> None:
    office.agent.wrap_up = timedelta(0)
    await office.at_work()
    await office.talks_and_ends()
    assert (office.state, office.paused()) == ("ready", {(False, "")})
    office.call.loses_the_agent()
    await office.passes(0)
    assert (office.state, office.paused()) == ("paused", {(True, PHONE_LOST)})


async def test_a_lost_phone_that_rings_again_already_gets_no_third_call(office: PresenceOffice) -> None:
    office.agent.wrap_up = timedelta(0)
    await office.at_work()
    await office.talks_and_ends()
    later = QueueCall(office.switchboard.phone, call_id="01890000-0000-7000-8000-000000000002")
    later.rings()
    office.call.loses_the_agent()
    assert office.state == "ringing"
    later.hangs_up()
    await office.passes(1)
    assert office.paused() == {(True, PHONE_LOST)}


async def test_a_phone_that_answers_is_lost_no_more(office: PresenceOffice) -> None:
    office.agent.wrap_up = timedelta(0)
    await office.at_work()
    await office.talks_and_ends()
    office.call.rings()
    office.call.loses_the_agent()
    office.call.connects()
    office.call.ends()
    await office.passes(0)
    assert (office.state, office.paused()) == ("ready", {(False, "")})


async def test_another_calls_lost_phone_pauses_nobody_who_talks(office: PresenceOffice) -> None:
    await office.at_work()
    later = QueueCall(office.switchboard.phone, call_id="01890000-0000-7000-8000-000000000002")
    later.rings()
    later.connects()
    office.call.loses_the_agent()
    later.ends()
    await office.passes(30)
    assert office.state == "ready"


# --- a ready during a call ------------------------------------------------------------------------------


async def test_a_ready_that_does_not_reach_asterisk_keeps_the_pause_after_the_call(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    await office.presence.pause("1001", "meal")
    office.call.ends()
    await office.passes(0)
    office.switchboard.go_down()
    with pytest.raises(PhoneUnavailableError):
        await office.presence.ready("1001")
    office.switchboard.refuse = None
    await office.passes(30)
    assert office.paused() == {(True, "meal")}


@pytest.mark.parametrize("when", ["ringing", "talking"])
async def test_a_ready_takes_the_pause_after_the_call_back(office: PresenceOffice, when: str) -> None:
    await office.at_work()
    office.call.rings()
    await office.presence.pause("1001", "meal")
    if when == "ringing":
        await office.presence.ready("1001")
    office.call.connects()
    if when == "talking":
        await office.presence.ready("1001")
    office.call.ends()
    await office.passes(30)
    assert office.state == "ready"


# --- a command that crosses a ring ----------------------------------------------------------------------


async def asked(office: PresenceOffice, command: str) -> None:
    if command == "pause":
        await office.presence.pause("1001", "meal")
    else:
        await office.presence.sign_out("1001")


def as_asked(office: PresenceOffice, command: str) -> bool:
    if command == "pause":
        return (office.state, office.paused()) == ("paused", {(True, "meal")})
    return (office.state, office.switchboard.queues.members) == ("offline", {})


@pytest.mark.parametrize("command", ["pause", "sign_out"])
@pytest.mark.parametrize("crossing", ["while it is on its way", "after the answer"])
@pytest.mark.parametrize("end", ["withdrawn", "missed", "talk"])
async def test_a_command_answered_ok_holds_once_the_ring_is_over(
    office: PresenceOffice, command: str, crossing: str, end: str
) -> None:
    """app_queue had chosen the agent before the command reached it."""
    await office.at_work()
    if crossing == "after the answer":
        await asked(office, command)
        office.call.rings()
    else:
        office.switchboard.queues.when_commanded = office.call.rings
        await asked(office, command)
    assert office.state == "ringing"
    match end:
        case "withdrawn":
            office.call.hangs_up()
        case "missed":
            office.call.times_out()
        case _:
            office.call.connects()
            office.call.ends()
    await office.passes(31)
    assert as_asked(office, command)


async def test_who_signed_out_as_the_phone_rang_is_not_stuck(office: PresenceOffice) -> None:
    await office.at_work()
    await office.presence.sign_out("1001")
    office.call.rings()
    await office.presence.sign_in("1001", Phone.BROWSER)
    await office.presence.ready("1001")
    office.call.hangs_up()
    await office.passes(1)
    assert (office.state, office.paused()) == ("ready", {(False, "")})


async def test_who_signs_out_in_a_talk_finishes_it(office: PresenceOffice) -> None:
    await office.at_work()
    office.call.rings()
    office.call.connects()
    await office.presence.sign_out("1001")
    assert (office.state, office.switchboard.queues.members) == ("talking", {})
    office.call.ends()
    await office.passes(29)
    assert office.state == "wrap_up"
    await office.passes(1)
    assert office.state == "offline"


# --- a call of the agent's own --------------------------------------------------------------------------


def uses(office: PresenceOffice, endpoint: str, *, in_use: bool = True) -> None:
    office.switchboard.phone.deliver(DeviceStateChanged(endpoint=endpoint, in_use=in_use))


@pytest.mark.parametrize("endpoint", ["1001", "1001-web"])
async def test_who_is_in_a_call_of_their_own_is_not_free(office: PresenceOffice, endpoint: str) -> None:
    await office.at_work()
    uses(office, endpoint)
    await office.passes(0)
    assert (office.state, office.paused()) == ("own_call", {(True, OWN_CALL)})
    assert office.agent.why_not_ready(link=True) == [Verdict.OWN_CALL]
    uses(office, endpoint, in_use=False)
    await office.passes(0)
    assert (office.state, office.paused()) == ("ready", {(False, "")})


async def test_the_queues_call_is_not_the_agents_own(office: PresenceOffice) -> None:
    await office.at_work()
    office.agent.wrap_up = timedelta(0)
    office.call.rings()
    uses(office, "1001-web")
    office.call.connects()
    office.call.ends()
    await office.passes(0)
    assert office.state == "ready"


async def test_a_call_of_their_own_that_outlasts_the_wrap_up_keeps_the_agent_from_being_free(
    office: PresenceOffice,
) -> None:
    await office.at_work()
    await office.talks_and_ends()
    uses(office, "1001")
    assert office.state == "wrap_up"
    await office.passes(30)
    assert (office.state, office.paused()) == ("own_call", {(True, OWN_CALL)})


async def test_a_pause_during_a_call_of_their_own_holds_after_it(office: PresenceOffice) -> None:
    await office.at_work()
    uses(office, "1001")
    await office.presence.pause("1001", "meal")
    uses(office, "1001", in_use=False)
    await office.passes(0)
    assert (office.state, office.paused()) == ("paused", {(True, "meal")})


async def test_a_restarted_service_finds_a_call_of_the_agents_own_and_its_end(office: PresenceOffice) -> None:
    await office.at_work()
    uses(office, "1001")
    await office.passes(0)
    office.switchboard.channels = [shown_channel("PJSIP/1001-0000000c", "7.1", call_id="", context="from-agents")]
    again = make_presence(office.switchboard, office.clock, ListJournal(), [])
    await again.resync(await office.switchboard.snapshot())
    assert again.session("1001").state is AgentState.OWN_CALL
    office.switchboard.channels = []
    await again.resync(await office.switchboard.snapshot())
    assert (again.session("1001").state, office.paused()) == (AgentState.READY, {(False, "")})
    await again.close()
