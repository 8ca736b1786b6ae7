"""A drill call in the compiled flow, followed by the steps that Asterisk reports."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

from callflow.dialling import DialledOptions
from callflow.document import CheckedNode, Flow
from callflow.drill.caller import DrillCaller
from callflow.drill.record import DrillCall, node_of_extension
from callflow.queues.policy import QueueOptions
from callflow.simulate.queues import ABANDONED
from ivr.dialplan import Context
from ivr.events import DialplanStep

_STATUS = {
    "answered": "CONTINUE",
    "timed_out": "TIMEOUT",
    "full": "FULL",
    "no_agents": "JOINEMPTY",
    "withdrawn": "WITHDRAW",
    "unavailable": "NOQUEUE",
}
_DIALLED = {"answered": "ANSWER", "busy": "BUSY", "no_answer": "NOANSWER", "failed": "CHANUNAVAIL"}
_SOUNDS = "hotline/"
_PLAYED = re.compile(r"Playback\((.*)\)|Read\((.*)\)")
_QUEUED = re.compile(rf"{Context.QUEUE},s,1\((.*)\)")


class CompiledCall:
    """Feed `step`; `call` is what came of it. `leave_queue` says how a stay in a queue ends."""

    def __init__(
        self,
        flow: Flow,
        context: str,
        caller: DrillCaller,
        spawn: Callable[[Awaitable[None]], None],
        leave_queue: Callable[[str], Awaitable[None]],
    ) -> None:
        self.call = DrillCall()
        self._flow = flow
        self._context = context
        self._caller = caller
        self._spawn = spawn
        self._leave_queue = leave_queue
        self._node: CheckedNode | None = None
        self._before = ""
        self._again = False

    def step(self, event: DialplanStep) -> None:
        if event.context == self._context:
            self._in_flow(event)
        elif event.context == Context.DRILL_QUEUE and event.priority == 1:
            self._at_phone() if event.extension == "dial" else self._at_queue()

    def _in_flow(self, event: DialplanStep) -> None:
        node = node_of_extension(self._flow, event.extension)
        if node is None:
            return
        if event.priority == 1:
            self._again = False
            self.call.enter(node.id)
        self._node = node
        match event.application:
            case "Playback":
                self.call.steps[-1].prompts += _prompts(event.data)
            case "Read":
                self._read(event.data)
            case "Gosub" if (queued := _QUEUED.fullmatch(event.data)) is not None:
                self.call.queues.append(queued[1])
            case "Set":
                # Read ended at a `#` that belongs to the key before: the next one is the same question.
                variable, _, value = event.data.partition("=")
                self._again |= self._before == "HL_TAKEN=0" and variable in ("HL_KEY", "HL_AHEAD") and not value
        self._before = event.data

    def _read(self, data: str) -> None:
        variable, files, *_ = data.split(",")
        if not self._again:
            self.call.steps[-1].prompts += _prompts(files)
            if variable == "HL_KEY":
                self.call.steps[-1].questions += 1
                self._caller.question()
        self._again = False

    def _at_queue(self) -> None:
        node = self._node
        assert node is not None
        timeout = node.options.timeout if isinstance(node.options, QueueOptions) else None
        stay = self._caller.queue(self.call.queues[-1], timeout, exists=True)
        left = stay.outcome == ABANDONED
        self._spawn(self._caller.hang_up() if left else self._leave_queue(_STATUS[stay.outcome]))

    def _at_phone(self) -> None:
        node = self._node
        assert node is not None
        ring = node.options.ring if isinstance(node.options, DialledOptions) else timedelta(0)
        outcome = self._caller.dial(ring)
        self._spawn(self._caller.hang_up() if outcome == ABANDONED else self._leave_queue(_DIALLED[outcome]))


def _prompts(files: str) -> list[str]:
    return [file.removeprefix(_SOUNDS) for file in files.split("&") if file.startswith(_SOUNDS)]
