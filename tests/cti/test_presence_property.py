"""However commands, calls, failures and restarts interleave, the agent ends as the last answered command says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cti.presence.service import PresenceService
from cti.presence.session import AgentSession, Phone, QueueMembership
from cti.presence.state import OFF, READY, AgentState, Wanted, Wish
from hotline.kernel.bus import Bus
from hotline.kernel.errors import HotlineError
from ivr.errors import ActionRefusedError, OutcomeUnknownError
from ivr.events import DeviceStateChanged
from ivr.switchboard import PhoneSnapshot
from tests.fakes.clock import FakeClock
from tests.fakes.journal import ListJournal
from tests.fakes.queue_call import QueueCall
from tests.fakes.switchboard import FakeSwitchboard
from tests.fakes.threeway_dialplan import shown_channel

T = TypeVar("T")
LEG = "PJSIP/1001-web-0000000a"
OWN = "PJSIP/1001-0000000c"
TROUBLES = st.sampled_from(["none", "none", "none", "refused", "answer lost"])
AT_REST = {Wanted.READY: AgentState.READY, Wanted.PAUSED: AgentState.PAUSED, Wanted.OFF: AgentState.OFFLINE}


class Interleavings(RuleBasedStateMachine):
    """One agent with 5 s of wrap-up; `wish` is what the last command that was answered says."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.switchboard, self.clock = FakeSwitchboard(), FakeClock()
        self.call = QueueCall(self.switchboard.phone)
        self.wish = OFF
        self.stage = "none"
        self.in_own_call = False
        self.older: PhoneSnapshot | None = None
        self.presence = self.run(self._service())
        self.run(self._resync())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def _service(self) -> PresenceService:
        presence = PresenceService(
            self.switchboard,
            self.switchboard.phone,
            Bus(ListJournal()),
            self.clock,
            on_change=lambda _: None,
            misses_before_pause=10**6,  # A pause by the service is no command.
        )
        presence.upsert(
            "u-1",
            "1001",
            "王芳",
            (QueueMembership("enterprise", 0), QueueMembership("public", 5)),
            timedelta(seconds=5),
        )
        presence.set_link(True)
        presence.page_opened("1001")
        return presence

    async def _resync(self) -> None:
        await self.presence.resync(await self._snapshot())
        await self.clock.advance(timedelta(milliseconds=1))

    async def _snapshot(self) -> PhoneSnapshot:
        """Asterisk is read even while it refuses commands: queries and commands fail apart."""
        refusal, self.switchboard.refuse = self.switchboard.refuse, None
        snapshot = await self.switchboard.snapshot()
        self.switchboard.refuse = refusal
        return snapshot

    @property
    def agent(self) -> AgentSession:
        return self.presence.session("1001")

    # --- commands ---------------------------------------------------------------------------------------

    @rule(phone=st.sampled_from(Phone), trouble=TROUBLES, crossing=st.booleans())
    def sign_in(self, phone: Phone, trouble: str, crossing: bool) -> None:
        wish = Wish(Wanted.PAUSED, "signed_in") if self.wish is OFF else self.wish
        self.command(lambda: self.presence.sign_in("1001", phone), wish, trouble, crossing)

    @rule(trouble=TROUBLES, crossing=st.booleans())
    def ready(self, trouble: str, crossing: bool) -> None:
        self.command(lambda: self.presence.ready("1001"), READY, trouble, crossing)

    @rule(reason=st.sampled_from(["meal", "break"]), trouble=TROUBLES, crossing=st.booleans())
    def pause(self, reason: str, trouble: str, crossing: bool) -> None:
        self.command(lambda: self.presence.pause("1001", reason), Wish(Wanted.PAUSED, reason), trouble, crossing)

    @rule(trouble=TROUBLES, crossing=st.booleans())
    def sign_out(self, trouble: str, crossing: bool) -> None:
        self.command(lambda: self.presence.sign_out("1001"), OFF, trouble, crossing)

    @rule(trouble=TROUBLES)
    def finish_wrap_up(self, trouble: str) -> None:
        self.command(lambda: self.presence.finish_wrap_up("1001"), self.wish, trouble, crossing=False)

    def command(self, send: Callable[[], Coroutine[Any, Any, None]], wish: Wish, trouble: str, crossing: bool) -> None:
        """With `crossing`, what the phone does next comes while the command is under way."""
        if crossing:
            self.switchboard.queues.when_commanded = self.next_of_call
        self.switchboard.refuse = ActionRefusedError("No.") if trouble == "refused" else None
        self.switchboard.queues.loses_answers = trouble == "answer lost"
        with contextlib.suppress(HotlineError):
            self.run(send())
            self.wish = wish
        self.switchboard.queues.when_commanded = None
        self.heals()

    # --- the phone --------------------------------------------------------------------------------------

    def next_of_call(self) -> None:
        match self.stage:
            case "none":
                self.stage = "ringing"
                self.call.rings()
            case "ringing":
                self.stage = "talking"
                self.call.connects()
            case _:
                self.stage = "none"
                self.call.ends()
        self.shows()

    @rule()
    def call_proceeds(self) -> None:
        """It rings also at an agent who is paused or out: app_queue may have chosen them before."""
        self.happens(self.next_of_call)

    @precondition(lambda self: self.stage == "ringing")
    @rule(missed=st.booleans())
    def is_not_answered(self, missed: bool) -> None:
        self.stage = "none"
        self.shows()
        self.happens(self.call.times_out if missed else self.call.hangs_up)

    @rule()
    def dials_or_hangs_up_for_themselves(self) -> None:
        self.in_own_call = not self.in_own_call
        self.shows()
        event = DeviceStateChanged(endpoint="1001", in_use=self.in_own_call)
        self.happens(lambda: self.switchboard.phone.deliver(event))

    def happens(self, event: Callable[[], None]) -> None:
        async def on_the_loop() -> None:
            event()

        self.run(on_the_loop())

    def shows(self) -> None:
        channels = []
        if self.stage != "none":
            leg = shown_channel(LEG, "1.2", call_id=self.call.call_id, context="from-agents")
            channels.append(
                shown_channel("PJSIP/trunk-00000001", "1.1", call_id=self.call.call_id, context="hotline-queue")
            )
            channels.append(replace(leg, state="Up" if self.stage == "talking" else "Ringing"))
        if self.in_own_call:
            channels.append(replace(shown_channel(OWN, "7.1", call_id="", context="from-agents"), linked_id="7.1"))
        self.switchboard.channels = channels

    # --- failures and restarts --------------------------------------------------------------------------

    @rule(lost=st.booleans())
    def asterisk_fails(self, lost: bool) -> None:
        if lost:
            self.switchboard.queues.loses_answers = True
        else:
            self.switchboard.refuse = OutcomeUnknownError("No answer.")

    @rule()
    def heals(self) -> None:
        self.switchboard.refuse, self.switchboard.queues.loses_answers = None, False

    @rule(seconds=st.sampled_from([0.01, 1, 4, 20]))
    def passes(self, seconds: float) -> None:
        self.run(self.clock.advance(timedelta(seconds=seconds)))

    @rule()
    def reconnects(self) -> None:
        self.run(self._resync())

    @rule()
    def asks_for_a_snapshot(self) -> None:
        """What happens from here on is newer than what it says."""
        snapshot = self.run(self._snapshot())
        self.older = replace(snapshot, asked_at=self.clock.now())
        self.passes(0.001)

    @precondition(lambda self: self.older is not None)
    @rule()
    def reads_the_snapshot(self) -> None:
        assert self.older is not None
        self.run(self.presence.resync(self.older))
        self.older = None

    @rule()
    def the_service_restarts(self) -> None:
        """What Asterisk has not taken by then is lost with the service's memory."""
        self.heals()
        self.passes(60)
        self.run(self.presence.close())
        self.older = None
        self.presence = self.run(self._service())
        self.run(self._resync())

    @rule(keeps_members=st.booleans())
    def asterisk_restarts(self, keeps_members: bool) -> None:
        self.stage, self.in_own_call, self.older = "none", False, None
        self.shows()
        if not keeps_members:
            self.switchboard.queues.members.clear()
        self.switchboard.started += "+"
        self.reconnects()

    # --- what must hold ---------------------------------------------------------------------------------

    @invariant()
    def the_wish_is_the_last_answered_command(self) -> None:
        assert self.agent.wish == self.wish

    @invariant()
    def a_call_is_shown_as_it_is(self) -> None:
        if self.stage != "none":
            assert self.agent.state.value == self.stage
        else:
            assert self.agent.state not in (AgentState.RINGING, AgentState.TALKING)

    def teardown(self) -> None:
        try:
            self.all_is_over()
        finally:
            self.run(self.presence.close())
            self.loop.close()

    def all_is_over(self) -> None:
        self.heals()
        if self.stage == "ringing":
            self.is_not_answered(missed=False)
        elif self.stage == "talking":
            self.happens(self.next_of_call)
        if self.in_own_call:
            self.dials_or_hangs_up_for_themselves()
        self.passes(120)
        assert self.agent.state is AT_REST[self.wish.wanted]
        rows = {(m.queue, m.interface, m.paused, m.pause_reason) for m in self.switchboard.queues.members.values()}
        paused = self.wish.wanted is Wanted.PAUSED
        expected = {(queue, self.agent.interface, paused, self.wish.reason) for queue in ("enterprise", "public")}
        assert rows == (set() if self.wish.wanted is Wanted.OFF else expected)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=50, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
