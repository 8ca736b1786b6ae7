"""An action: one module under `callflow/actions`, one coroutine, a named outcome.

    @action("play", options=PlayOptions, outcomes=("done",), safe=_in_safe_flow)
    async def run(ctx: FlowContext, options: PlayOptions) -> str: …

The engine knows no action's name. A flow document names a branch for every outcome.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from callflow.ports import (
    AnnouncementSource,
    CalendarSource,
    CallerDirectory,
    CallerIdentity,
    CaseProgress,
    NoPhones,
    NoWebServices,
    OnAir,
    PhoneBook,
    PostMessage,
    QueueFiguresSource,
    WebServices,
    no_figures,
    no_messages,
)
from hotline.kernel.clock import Clock
from hotline.kernel.events import Event
from ivr.telephony import Telephony

if TYPE_CHECKING:
    from callflow.compile.dialplan import Extension
    from callflow.compile.library import SafeFlowSource
    from callflow.document import Flow


class Options(BaseModel):
    """Base of an action's options; an unknown key is an error, so that a typo is never silent.

    The docstring under a field is its description, in the reference and in the editor.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


@dataclass(slots=True)
class CallFacts:
    """What is known of a call; survives a restart of the service."""

    call_id: str
    caller_number: str = ""
    caller_name: str = ""
    dialed: str = ""
    entry: str = ""
    language: str = "zh"
    identity: CallerIdentity | None = None
    queue: str = ""
    agent: str = ""
    recording: str = ""
    values: dict[str, str] = field(default_factory=dict)
    """What the flow itself has named; see `callflow.values`."""


@dataclass(frozen=True, slots=True)
class PathStep:
    """One node the call went through, with what the caller pressed there."""

    at: datetime
    node: str
    label: str
    digits: str = ""


SubflowSource = Callable[[str], "Flow | None"]
"""The live version of a flow by its id; never waits."""


def no_flows(flow: str) -> Flow | None:
    """For a hotline with one flow."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPorts:
    """What actions can use apart from the telephone."""

    directory: CallerDirectory
    calendars: CalendarSource
    clock: Clock
    recordings: Path
    progress: CaseProgress
    queues: QueueFiguresSource = no_figures
    announcements: AnnouncementSource = OnAir
    phones: PhoneBook = field(default_factory=NoPhones)
    flows: SubflowSource = no_flows
    messages: PostMessage = no_messages
    web: WebServices = field(default_factory=NoWebServices)


class EscapeError(Exception):
    """Not a fault: the caller pressed a key that works everywhere. The engine continues at `node`."""

    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.node = node


async def no_subflow(flow: str) -> str | None:
    """Where there is but one flow."""
    return None


@dataclass(slots=True, kw_only=True)
class FlowContext:
    """What an action sees. `publish` and `note_digits` never wait."""

    telephony: Telephony
    facts: CallFacts
    ports: FlowPorts
    node: str
    keys: dict[str, str] = field(default_factory=dict)
    """Keys that work everywhere, with the node each leads to."""
    no_menu: bool = False
    publish: Callable[[Event], None]
    note_digits: Callable[[str], None]
    subflow: Callable[[str], Awaitable[str | None]] = no_subflow
    """Go through another flow; what it returns, or None where it cannot be run."""

    def escape(self, digits: str) -> None:
        """Go where `digits` leads from everywhere, if it does; otherwise return."""
        if digits in self.keys:
            self.telephony.forget_keys()
            raise EscapeError(self.keys[digits])


O_contra = TypeVar("O_contra", bound=Options, contravariant=True)
O = TypeVar("O", bound=Options)  # noqa: E741  # the customary name of a type variable here is its meaning: options


class Run(Protocol[O_contra]):
    def __call__(self, ctx: FlowContext, options: O_contra, /) -> Awaitable[str]: ...


SafeRule = Callable[["SafeFlowSource[O]", "Extension"], None]
"""Writes a node as plain dialplan; every way through it leads to a node, or to the end of the call."""


@dataclass(frozen=True, slots=True)
class Action(Generic[O]):
    """`outcomes(options)` are the branches a node must have; none ends the call.

    `collects`: the action reads keys itself. After any other, the engine looks for a key that works everywhere.
    """

    name: str
    options: type[O]
    outcomes: Callable[[O], frozenset[str]]
    run: Run[O]
    collects: bool
    safe: SafeRule[O] | None = None
    """What it does while the service is away; None where the caller goes to the flow's person node."""
    degrades: str = ""
    """What the caller gets then instead of this action, in words; "" where `safe` does the same."""
    example: Mapping[str, Any] = field(default_factory=dict)
    """Options of a new node, with everything that has no default."""
    outcomes_from: str = ""
    """Where the options name outcomes, for the editor: `keys`, `cases.*.outcome`; "" where they never differ."""


AnyAction = Action[Any]


def action(
    name: str,
    *,
    options: type[O],
    outcomes: Sequence[str] | Callable[[O], frozenset[str]],
    collects: bool = False,
    safe: SafeRule[O] | None = None,
    degrades: str = "",
    example: Mapping[str, Any] | None = None,
    outcomes_from: str = "",
) -> Callable[[Run[O]], Action[O]]:
    """Make the decorated coroutine an action. It has a `safe` rule, or says how it `degrades`; both where the rule
    does less than the action.
    """
    if safe is None and not degrades:
        raise TypeError(f"action {name!r} has neither a safe-flow rule nor a stated degradation")

    def of(_: O) -> frozenset[str]:
        assert not callable(outcomes)
        return frozenset(outcomes)

    def register(run: Run[O]) -> Action[O]:
        function = outcomes if callable(outcomes) else of
        return Action(name, options, function, run, collects, safe, degrades, example or {}, outcomes_from)

    return register
