"""What happened to a call on its way; journaled."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CallArrived(Event):
    """`entry` is "trunk", "web" or "agent"."""

    caller_number: str
    caller_name: str
    dialed: str
    entry: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallIdentified(Event):
    enterprise_id: str | None
    contact_id: str | None
    enterprise_name: str
    contact_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStarted(Event):
    flow: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubflowEntered(Event):
    """From `node` on the call goes through another flow."""

    node: str
    flow: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubflowLeft(Event):
    """It is back at `node` with the subflow's `outcome`."""

    node: str
    flow: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEntered(Event):
    node: str
    action: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitsEntered(Event):
    node: str
    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFoundClosed(Event):
    """At `node` the flow asked for the service hours, and the service is closed."""

    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(Event):
    queue: str
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLeft(Event):
    """`outcome` as `ivr.telephony.QueueOutcome`, or "abandoned"; `waited` and `talked` in seconds."""

    queue: str
    outcome: str
    waited: int
    talked: int = 0
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialBegan(Event):
    """At `node` the flow calls an outside `number`, or the specialists on duty of a `unit` (its id)."""

    node: str
    number: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEnded(Event):
    """`outcome` as `ivr.telephony.DialOutcome`, or "abandoned"; `waited` and `talked` in seconds.

    `specialist`: the id of the one who talked.
    """

    node: str
    outcome: str
    waited: int = 0
    talked: int = 0
    specialist: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswered(Event):
    """`rating`: 1 very satisfied … 5 very dissatisfied."""

    rating: int
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailLeft(Event):
    file: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFailed(Event):
    """An action failed unexpectedly, or the flow went in circles; the caller was sent to a person."""

    node: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResumed(Event):
    """After a restart of the service, or a lost connection, the call continues at `node`."""

    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeFlowUsed(Event):
    """The dialplan serves the caller without the service."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Event):
    """`cause` is Q.850; `by` is "caller", "agent" or "system"."""

    cause: int
    by: str
    in_node: str
