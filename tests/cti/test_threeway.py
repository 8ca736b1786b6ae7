"""Three-way calls without a telephone: the table, and what becomes of moves that fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, get_args

import pytest

from cti.events import LegDropped
from cti.threeway.conversation import ShownThreewayState, UndiallableNumberError, endpoint_of
from cti.threeway.conversations import NotTalkingError
from cti.threeway.ports import SpecialistTarget
from cti.threeway.service import BusyMovingError, ThreewayService
from cti.threeway.specialists import SpecialistOffDutyError
from cti.threeway.state import TRANSITIONS, ThreewayConflictError, ThreewayEvent, ThreewayState, advance
from hotline.kernel.bus import Bus
from hotline.kernel.errors import NotFoundError
from hotline.kernel.events import Event
from ivr.dialplan import ServiceVariable
from ivr.errors import ChannelGoneError, OutcomeUnknownError, PhoneUnavailableError
from ivr.events import ChannelHungUp
from ivr.switchboard import DialResult
from tests.fakes.clock import FakeClock
from tests.fakes.journal import ListJournal
from tests.fakes.queue_call import QueueCall
from tests.fakes.switchboard import FakeSwitchboard
from tests.fakes.threeway_dialplan import ThreewayDialplan

CALLER, SPECIALIST = "PJSIP/trunk-00000001", "PJSIP/trunk-00000002"


def test_a_page_is_shown_every_state_and_its_end() -> None:
    unseen = {ThreewayState.TALKING, ThreewayState.OVER}
    assert set(get_args(ShownThreewayState)) == {state.value for state in set(ThreewayState) - unseen} | {"ended"}


class OnePhoneDirectory:
    """The specialist "s-off" is off duty."""

    async def phone(self, specialist_id: str, phone_index: int) -> SpecialistTarget | None:
        if phone_index:
            return None
        return SpecialistTarget(
            specialist_id=specialist_id,
            name="李专员",
            unit_name="税务局",
            number="04733001",
            internal=False,
            on_duty=specialist_id != "s-off",
        )


@dataclass
class ThreewayWorkspace:
    service: ThreewayService
    switchboard: FakeSwitchboard
    clock: FakeClock
    events: list[Event]
    call: QueueCall
    agent_legs: list[str] = field(default_factory=list)
    """The channels that took the place of the one app_queue rang."""
    pushed: list[tuple[str | None, str | None] | None] = field(default_factory=list)
    """State and trouble, as the page was told of them at each change."""

    @property
    def dialplan(self) -> ThreewayDialplan:
        return self.switchboard.dialplan

    def push(self, call_id: str) -> None:
        status = self.service.status(call_id)
        self.pushed.append((status.state, status.trouble.code if status.trouble else None) if status else None)

    @property
    def state(self) -> str | None:
        status = self.service.status(self.call.call_id)
        return status.state if status else None

    @property
    def trouble(self) -> str | None:
        status = self.service.status(self.call.call_id)
        return status.trouble.code if status and status.trouble else None

    async def passes(self, seconds: float) -> None:
        await self.clock.advance(timedelta(seconds=seconds))

    async def late(self, command: Coroutine[Any, Any, None] | asyncio.Future[None]) -> BaseException | None:
        """Run a command whose move does not come off; what it raised."""
        task = asyncio.ensure_future(command)
        await self.passes(20)
        assert task.done()
        return task.exception()

    async def specialist(self, result: DialResult) -> None:
        await self.passes(0)
        assert self.dialplan.dialling is not None
        self.dialplan.dialling.set_result(result)
        await self.passes(0)

    async def consulting(self) -> None:
        await self.service.consult("1001", "s-1", 0)
        await self.specialist(DialResult(answered=True, channel=SPECIALIST, reason=4))
        assert self.state == "consulting"

    async def specialist_leaves(self) -> None:
        self.specialist_hangs_up()
        await self.passes(0)

    def specialist_hangs_up(self) -> None:
        """By the unique id that the service chose for the leg."""
        leg = next(event for event in self.dialplan.dialled)
        self.dialplan.at.pop(SPECIALIST, None)
        self.switchboard.phone.deliver(
            ChannelHungUp(channel=SPECIALIST, unique_id=leg, call_id=self.call.call_id, cause=16, cause_text="")
        )

    def hangs_up(self, name: str) -> None:
        self.dialplan.at.pop(name, None)
        self.switchboard.phone.deliver(
            ChannelHungUp(channel=name, unique_id=name, call_id=self.call.call_id, cause=16, cause_text="")
        )

    def names(self) -> list[str]:
        return [event.name for event in self.events]

    def dropped(self) -> list[tuple[str, str]]:
        return [(event.leg, event.by) for event in self.events if isinstance(event, LegDropped)]


@pytest.fixture
async def workspace() -> AsyncIterator[ThreewayWorkspace]:
    switchboard, clock, journal = FakeSwitchboard(call_id=QueueCall.call_id), FakeClock(), ListJournal()
    switchboard.variables[SPECIALIST, ServiceVariable.SPECIALIST] = "s-1:0"
    call = QueueCall(switchboard.phone)
    legs: list[str] = []
    service = make_service(
        switchboard,
        clock,
        journal,
        on_change=lambda call_id: opened.push(call_id),
        on_agent_leg=lambda _, leg: legs.append(leg),
    )
    opened = ThreewayWorkspace(service, switchboard, clock, journal.events, call, legs)
    switchboard.dialplan.at = {CALLER: "hotline-queue", call.leg: "from-agents"}
    call.connects()
    yield opened
    await service.close()


def make_service(
    switchboard: FakeSwitchboard,
    clock: FakeClock,
    journal: ListJournal,
    *,
    on_change: Callable[[str], None] = lambda _: None,
    on_agent_leg: Callable[[str, str], None] = lambda agent, leg: None,
) -> ThreewayService:
    return ThreewayService(
        switchboard,
        switchboard.phone,
        Bus(journal),
        clock,
        OnePhoneDirectory(),
        on_change=on_change,
        on_agent_leg=on_agent_leg,
    )


# --- the table ------------------------------------------------------------------------------------------


def test_a_missing_row_names_state_and_event() -> None:
    with pytest.raises(ThreewayConflictError) as caught:
        advance(ThreewayState.TALKING, ThreewayEvent.MERGE)
    assert caught.value.context == {"state": "talking", "event": "merge"}


def test_every_leg_may_hang_up_in_every_state() -> None:
    gone = (ThreewayEvent.CALLER_GONE, ThreewayEvent.AGENT_GONE, ThreewayEvent.SPECIALIST_GONE)
    missing = [(s, e) for s in ThreewayState for e in gone if (s, e) not in TRANSITIONS]
    assert missing == []


def test_from_every_state_in_which_the_caller_waits_there_is_a_way_back() -> None:
    for state in (ThreewayState.CONSULT_RINGING, ThreewayState.CONSULTING, ThreewayState.MERGING):
        assert advance(state, ThreewayEvent.RETURN) is ThreewayState.RETURNING


def test_all_states_can_be_reached() -> None:
    assert set(TRANSITIONS.values()) == set(ThreewayState)


# --- numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", ["", "1", "1" * 21, "110@evil", "0473 3001", "04733001\r\nX: y", "++8613", "１２３４"]
)
def test_only_plain_numbers_are_dialled(number: str) -> None:
    for internal in (True, False):
        with pytest.raises(UndiallableNumberError):
            endpoint_of(phone_with(number, internal=internal))


@pytest.mark.parametrize(
    ("number", "internal", "reason"), [("0012125550123", False, "dial_prefixes"), ("1001", True, "an agent's")]
)
def test_what_the_directory_does_not_allow_is_not_dialled(number: str, internal: bool, reason: str) -> None:
    with pytest.raises(UndiallableNumberError, match=reason):
        endpoint_of(replace(phone_with(number, internal=internal), allowed=False))


def test_outside_numbers_go_by_the_trunk_and_inside_ones_to_the_phone() -> None:
    assert endpoint_of(phone_with("+8613912345678", internal=False)) == "PJSIP/+8613912345678@trunk"
    assert endpoint_of(phone_with("8001", internal=True)) == "PJSIP/8001"
    assert endpoint_of(phone_with("81", internal=True)) == "PJSIP/81"


def phone_with(number: str, *, internal: bool) -> SpecialistTarget:
    return SpecialistTarget(specialist_id="s", name="n", unit_name="u", number=number, internal=internal)


async def test_an_unknown_phone_moves_nobody(workspace: ThreewayWorkspace) -> None:
    with pytest.raises(NotFoundError):
        await workspace.service.consult("1001", "s-1", 7)
    assert workspace.switchboard.sent == []


async def test_a_specialist_off_duty_is_not_called(workspace: ThreewayWorkspace) -> None:
    with pytest.raises(SpecialistOffDutyError):
        await workspace.service.consult("1001", "s-off", 0)
    assert workspace.switchboard.sent == []
    assert workspace.state is None


# --- moves that come off --------------------------------------------------------------------------------


async def test_consult_merge_and_drop(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    await workspace.service.merge("1001")
    assert workspace.state == "merged"
    assert workspace.dialplan.at[CALLER] == "hotline-caller"
    await workspace.service.drop_specialist("1001")
    assert workspace.switchboard.sent[-1][0] == "hang up"
    assert (workspace.state, workspace.trouble) == ("ended", None)


async def test_toggling_there_and_back(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    await workspace.service.toggle("1001")
    assert (workspace.dialplan.at[CALLER], workspace.dialplan.at[SPECIALIST]) == (
        "hotline-caller",
        "hotline-specialist-hold",
    )
    await workspace.service.toggle("1001")
    assert (workspace.dialplan.at[CALLER], workspace.dialplan.at[SPECIALIST]) == ("hotline-hold", "hotline-specialist")


async def test_a_command_at_the_wrong_time_moves_nobody(workspace: ThreewayWorkspace) -> None:
    for command in (
        workspace.service.merge,
        workspace.service.toggle,
        workspace.service.cancel,
        workspace.service.leave,
    ):
        with pytest.raises(ThreewayConflictError):
            await command("1001")
    assert workspace.switchboard.sent == []


async def test_a_second_command_waits_for_no_first(workspace: ThreewayWorkspace) -> None:
    workspace.dialplan.stuck = {CALLER}
    first = asyncio.ensure_future(workspace.service.consult("1001", "s-1", 0))
    await workspace.passes(0)
    with pytest.raises(BusyMovingError):
        await workspace.service.consult("1001", "s-1", 0)
    await workspace.passes(20)
    assert first.exception() is not None


# --- moves that fail ------------------------------------------------------------------------------------


async def test_a_refused_consult_leaves_the_two_where_they_were(workspace: ThreewayWorkspace) -> None:
    workspace.switchboard.refuse = OutcomeUnknownError("no answer")
    assert isinstance(await workspace.late(workspace.service.consult("1001", "s-1", 0)), OutcomeUnknownError)
    workspace.switchboard.refuse = None
    assert (workspace.state, workspace.trouble) == ("ended", "phone.outcome_unknown")
    assert workspace.names()[-1] == "three.way.failed", "whether they are together nobody can tell"


async def test_a_caller_who_does_not_arrive_on_hold_comes_back_to_the_agent(workspace: ThreewayWorkspace) -> None:
    workspace.dialplan.stuck = {CALLER}
    task = asyncio.ensure_future(workspace.service.consult("1001", "s-1", 0))
    await workspace.passes(1)
    workspace.dialplan.stuck = set()
    await workspace.passes(2)
    assert isinstance(task.exception(), OutcomeUnknownError)
    assert (workspace.dialplan.at[CALLER], workspace.dialplan.at[workspace.call.leg]) == (
        "hotline-caller",
        "hotline-staff",
    )


async def test_an_agent_who_cannot_be_brought_back_sends_the_caller_to_the_queue(workspace: ThreewayWorkspace) -> None:
    workspace.dialplan.stuck = {workspace.call.leg}
    assert isinstance(await workspace.late(workspace.service.consult("1001", "s-1", 0)), OutcomeUnknownError)
    assert workspace.dialplan.at[CALLER] == "hotline-requeue"
    assert ("hang up", workspace.call.leg) in workspace.switchboard.sent
    assert workspace.names()[-2:] == ["three.way.failed", "caller.requeued"]


async def test_a_caller_whom_nothing_could_move_is_neither_back_nor_requeued(workspace: ThreewayWorkspace) -> None:
    workspace.dialplan.stuck = {workspace.call.leg}
    workspace.dialplan.when_there = lambda: workspace.dialplan.stuck.add(CALLER)
    assert isinstance(await workspace.late(workspace.service.consult("1001", "s-1", 0)), OutcomeUnknownError)
    assert workspace.dialplan.at[CALLER] == "hotline-hold"
    assert workspace.names()[-1] == "three.way.failed"


async def test_a_failed_merge_ends_without_the_specialist(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    workspace.dialplan.stuck = {CALLER}
    task = asyncio.ensure_future(workspace.service.merge("1001"))
    await workspace.passes(1)
    workspace.dialplan.stuck = set()
    await workspace.passes(2)
    assert task.exception() is not None
    assert workspace.dialplan.at[CALLER] == "hotline-caller"
    assert workspace.state == "ended"
    assert any(command[0] == "hang up" and command[1].startswith("hotline-") for command in workspace.switchboard.sent)


async def test_a_specialist_who_cannot_be_dropped_is_still_shown_on_the_line(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    await workspace.service.merge("1001")
    workspace.dialplan.clings = True
    with pytest.raises(OutcomeUnknownError):
        await workspace.service.drop_specialist("1001")
    assert (workspace.state, workspace.dropped()) == ("merged", [])
    workspace.dialplan.clings = False
    await workspace.service.drop_specialist("1001")
    assert (workspace.state, workspace.dropped()) == ("ended", [("specialist", "agent")])


async def test_a_leg_that_ends_before_asterisk_says_that_it_will_was_dropped_by_the_agent(
    workspace: ThreewayWorkspace,
) -> None:
    await workspace.consulting()
    await workspace.service.merge("1001")
    reply = asyncio.Event()
    workspace.dialplan.reply = reply
    dropping = asyncio.ensure_future(workspace.service.drop_specialist("1001"))
    await workspace.passes(0)
    await workspace.specialist_leaves()
    reply.set()
    await dropping
    assert (workspace.state, workspace.dropped()) == ("ended", [("specialist", "agent")])


async def test_a_specialist_who_stays_after_a_cancel_is_shown_and_hung_up_at_last(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    workspace.dialplan.clings = True
    await workspace.service.cancel("1001")
    assert workspace.dialplan.at[CALLER] == "hotline-caller"
    assert (workspace.state, workspace.trouble) == ("merged", "specialist.still_there")
    assert "caller.back.with.agent" in workspace.names()
    await workspace.passes(30)
    workspace.dialplan.clings = False
    await workspace.passes(10)
    assert workspace.switchboard.sent[-1] == ("hang up", workspace.dialplan.dialled[0])
    await workspace.specialist_leaves()
    assert (workspace.state, workspace.trouble) == ("ended", None)
    assert workspace.dropped() == [("specialist", "agent")]


async def test_a_specialist_who_stays_on_hold_hears_nobody(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    await workspace.service.toggle("1001")
    workspace.dialplan.clings = True
    await workspace.service.cancel("1001")
    assert workspace.dialplan.at[SPECIALIST] == "hotline-specialist-hold"
    assert (workspace.state, workspace.trouble) == ("ended", None)
    workspace.dialplan.clings = False
    await workspace.passes(2)
    assert workspace.switchboard.sent[-1] == ("hang up", workspace.dialplan.dialled[0])


async def test_hanging_up_is_tried_again_after_any_error(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    workspace.dialplan.clings = True
    await workspace.service.cancel("1001")
    workspace.dialplan.clings, workspace.switchboard.refuse = False, ZeroDivisionError("a bug")
    await workspace.passes(3)
    workspace.switchboard.refuse = None
    await workspace.passes(10)
    assert workspace.switchboard.sent[-1] == ("hang up", workspace.dialplan.dialled[0])


async def test_hanging_up_is_tried_ever_more_slowly(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    workspace.dialplan.clings = True
    await workspace.service.cancel("1001")
    tried = workspace.dialplan.clung
    await workspace.passes(600)
    assert 50 <= workspace.dialplan.clung - tried <= 65


async def test_a_phone_that_keeps_ringing_after_a_cancel_is_hung_up_at_last(workspace: ThreewayWorkspace) -> None:
    await workspace.service.consult("1001", "s-1", 0)
    await workspace.passes(0)
    workspace.dialplan.clings = True
    await workspace.service.cancel("1001")
    assert (workspace.state, workspace.trouble) == ("ended", None)
    workspace.dialplan.clings = False
    await workspace.passes(2)
    assert workspace.switchboard.sent[-1] == ("hang up", workspace.dialplan.dialled[0])


async def test_a_specialist_who_left_is_not_taken_for_one_who_stays(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    workspace.dialplan.clings = True
    await workspace.specialist_leaves()
    assert (workspace.state, workspace.trouble) == ("ended", "specialist.left")


async def test_with_the_link_down_nothing_is_lost_and_the_agent_is_told(workspace: ThreewayWorkspace) -> None:
    workspace.switchboard.go_down()
    with pytest.raises(PhoneUnavailableError):
        await workspace.service.consult("1001", "s-1", 0)
    assert workspace.trouble == "phone.unavailable"


# --- the specialist's phone -----------------------------------------------------------------------------


async def test_no_answer_brings_the_caller_back(workspace: ThreewayWorkspace) -> None:
    await workspace.service.consult("1001", "s-1", 0)
    await workspace.specialist(DialResult(answered=False, channel="", reason=3))
    assert workspace.trouble == "specialist.no_answer"
    assert workspace.dialplan.at[CALLER] == "hotline-caller"


async def test_an_answer_after_the_cancel_is_hung_up(workspace: ThreewayWorkspace) -> None:
    await workspace.service.consult("1001", "s-1", 0)
    await workspace.passes(0)
    await workspace.service.cancel("1001")
    asked = len(workspace.switchboard.sent)
    await workspace.specialist(DialResult(answered=True, channel=SPECIALIST, reason=4))
    assert workspace.switchboard.sent[asked:][-1][0] == "hang up"
    assert workspace.state == "ended"
    assert workspace.names()[-2:] == ["specialist.missed", "caller.back.with.agent"]


async def test_a_specialist_who_hangs_up_brings_the_caller_back(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    await workspace.specialist_leaves()
    assert workspace.trouble == "specialist.left"
    assert workspace.dialplan.at[CALLER] == "hotline-caller"


# --- hang-ups -------------------------------------------------------------------------------------------


async def test_an_agent_lost_in_a_consultation_whom_the_dialplan_missed(workspace: ThreewayWorkspace) -> None:
    """The dialplan should have put the caller back in the queue; after two seconds the service does."""
    await workspace.consulting()
    workspace.hangs_up(workspace.call.leg)
    await workspace.passes(3)
    assert workspace.dialplan.at[CALLER] == "hotline-requeue"
    assert workspace.names()[-1] == "caller.requeued"


async def test_a_caller_who_could_not_be_requeued_is_not_logged_as_requeued(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    workspace.dialplan.stuck = {CALLER}
    workspace.hangs_up(workspace.call.leg)
    await workspace.passes(10)
    assert workspace.dialplan.at[CALLER] != "hotline-requeue"
    assert "caller.requeued" not in workspace.names()


async def test_a_caller_who_hangs_up_stops_the_ringing(workspace: ThreewayWorkspace) -> None:
    await workspace.service.consult("1001", "s-1", 0)
    await workspace.passes(0)
    workspace.hangs_up(CALLER)
    await workspace.passes(0)
    assert workspace.switchboard.sent[-1][0] == "hang up"
    assert workspace.state is None


async def test_a_specialist_whose_phone_does_not_stop_for_a_gone_caller_is_hung_up_at_last(
    workspace: ThreewayWorkspace,
) -> None:
    await workspace.service.consult("1001", "s-1", 0)
    await workspace.passes(0)
    workspace.dialplan.clings = True
    workspace.hangs_up(CALLER)
    await workspace.passes(0)
    workspace.dialplan.clings = False
    await workspace.passes(2)
    assert workspace.switchboard.sent[-1] == ("hang up", workspace.dialplan.dialled[0])


async def test_a_specialist_with_the_music_is_hung_up_at_last_when_the_agent_has_gone(
    workspace: ThreewayWorkspace,
) -> None:
    await workspace.consulting()
    await workspace.service.toggle("1001")
    workspace.dialplan.clings = True
    workspace.hangs_up(workspace.call.leg)
    await workspace.passes(0)
    workspace.dialplan.clings = False
    await workspace.passes(2)
    assert workspace.switchboard.sent[-1] == ("hang up", workspace.dialplan.dialled[0])


# --- after a lost connection ----------------------------------------------------------------------------


async def test_a_specialist_who_left_unseen_brings_the_caller_back(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    del workspace.dialplan.at[SPECIALIST]
    await workspace.service.resync(await workspace.switchboard.snapshot())
    await workspace.passes(0)
    assert workspace.state == "ended"
    assert workspace.dialplan.at[CALLER] == "hotline-caller"


async def test_a_call_that_ended_unseen_is_forgotten(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    workspace.dialplan.at.clear()
    await workspace.service.resync(await workspace.switchboard.snapshot())
    with pytest.raises(NotTalkingError):
        await workspace.service.merge("1001")


async def test_what_is_as_it_was_stays(workspace: ThreewayWorkspace) -> None:
    await workspace.consulting()
    asked = len(workspace.switchboard.sent)
    await workspace.service.resync(await workspace.switchboard.snapshot())
    assert workspace.state == "consulting"
    assert [command[0] for command in workspace.switchboard.sent[asked:]] == ["snapshot"]


async def test_a_channel_of_a_restarted_asterisk_is_not_taken_for_the_one_that_bore_its_name(
    workspace: ThreewayWorkspace,
) -> None:
    await workspace.consulting()
    workspace.dialplan.at.clear()
    await workspace.service.resync(await workspace.switchboard.snapshot())
    workspace.dialplan.at = {CALLER: "hotline-queue", workspace.call.leg: "from-agents"}
    workspace.call.connects()
    await workspace.service.consult("1001", "s-1", 0)
    assert workspace.dialplan.at[workspace.call.leg] == "hotline-staff"


async def test_a_leg_that_takes_the_agents_place_knows_the_caller_as_the_old_one_did(
    workspace: ThreewayWorkspace,
) -> None:
    again = asyncio.ensure_future(workspace.service.reconnect("1001", "PJSIP/1001-web"))
    await workspace.specialist(DialResult(answered=True, channel="PJSIP/1001-web-00000009", reason=4))
    await again
    assert workspace.dialplan.given is not None
    assert workspace.dialplan.given["HL_CALLER"] == CALLER
    assert workspace.agent_legs == ["PJSIP/1001-web-00000009"]


async def test_a_leg_that_never_gets_into_the_room_is_not_taken_for_the_agents(workspace: ThreewayWorkspace) -> None:
    late = "PJSIP/1001-web-00000009"
    workspace.dialplan.stuck = {late}
    again = asyncio.ensure_future(workspace.service.reconnect("1001", "PJSIP/1001-web"))
    await workspace.specialist(DialResult(answered=True, channel=late, reason=4))
    await workspace.passes(3)
    assert isinstance(again.exception(), OutcomeUnknownError)
    assert workspace.agent_legs == []
    assert ("hang up", late) in workspace.switchboard.sent


async def test_a_phone_that_answers_when_the_old_leg_has_ended_the_call_is_hung_up(
    workspace: ThreewayWorkspace,
) -> None:
    """The old leg ran into its rtp_timeout while the new one rang."""
    late = "PJSIP/1001-web-00000009"
    again = asyncio.ensure_future(workspace.service.reconnect("1001", "PJSIP/1001-web"))
    await workspace.passes(0)
    workspace.hangs_up(workspace.call.leg)
    await workspace.specialist(DialResult(answered=True, channel=late, reason=4))
    assert isinstance(again.exception(), ChannelGoneError)
    assert workspace.agent_legs == []
    assert workspace.switchboard.sent[-1] == ("hang up", late)


async def test_a_phone_whose_page_comes_back_to_a_three_way_call_already_left_is_hung_up(
    workspace: ThreewayWorkspace,
) -> None:
    late = "PJSIP/1001-web-00000009"
    await workspace.consulting()
    await workspace.service.merge("1001")
    again = asyncio.ensure_future(workspace.service.reconnect("1001", "PJSIP/1001-web"))
    await workspace.passes(0)
    workspace.hangs_up(workspace.call.leg)
    await workspace.specialist(DialResult(answered=True, channel=late, reason=4))
    assert isinstance(again.exception(), ChannelGoneError)
    assert workspace.switchboard.sent[-1] == ("hang up", late)
    assert workspace.dialplan.at[CALLER] == "hotline-caller"


async def test_a_caller_who_hangs_up_while_the_agents_legs_change_leaves_no_leg_behind(
    workspace: ThreewayWorkspace,
) -> None:
    late = "PJSIP/1001-web-00000009"
    workspace.dialplan.stuck = {CALLER}
    again = asyncio.ensure_future(workspace.service.reconnect("1001", "PJSIP/1001-web"))
    await workspace.specialist(DialResult(answered=True, channel=late, reason=4))
    assert workspace.agent_legs == [late]
    workspace.hangs_up(CALLER)
    await workspace.passes(0)
    assert isinstance(again.exception(), ChannelGoneError)
    assert workspace.switchboard.sent[-1] == ("hang up", late)
