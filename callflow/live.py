"""The live calls, as the floors above may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Protocol

from callflow.action import CallFacts, PathStep
from callflow.document import Flow
from callflow.ports import CallerIdentity
from callflow.sessions import StoredCall
from ivr.session import CallSession


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """One call at this moment. `agent_channel` is "" while no agent talks on it."""

    call_id: str
    channel: str
    unique_id: str
    caller_number: str
    caller_name: str
    dialed: str
    entry: str
    language: str
    started_at: datetime
    identity: CallerIdentity | None
    path: tuple[PathStep, ...]
    node: str
    queue: str
    agent: str
    agent_channel: str
    recording: str


_FACTS = tuple(fact.name for fact in fields(CallFacts))


class LiveCalls(Protocol):
    """What the floors above ask."""

    def live(self, call_id: str) -> LiveCall | None:
        """The call, or None where it is over or unknown."""
        ...

    def all_live(self) -> tuple[LiveCall, ...]: ...


@dataclass(frozen=True, slots=True)
class SuspendedFlow:
    """A flow that waits at `node` for the flow it runs there."""

    flow: Flow
    node: str


@dataclass(slots=True)
class RunningCall:
    """A call in the engine's hands. It stays on the version of each flow it began with."""

    flow: Flow
    session: CallSession
    facts: CallFacts
    started_at: datetime
    node: str = ""
    path: list[PathStep] = field(default_factory=list)
    outer: list[SuspendedFlow] = field(default_factory=list)
    """The flows around `flow`, the outermost first."""

    def view(self) -> LiveCall:
        """As others see it; app_queue's own events go before what the flow last knew."""
        visit = self.session.queue_visit
        return LiveCall(
            call_id=self.session.call_id,
            channel=self.session.channel,
            unique_id=self.session.unique_id,
            caller_number=self.facts.caller_number,
            caller_name=self.facts.caller_name,
            dialed=self.facts.dialed,
            entry=self.facts.entry,
            language=self.facts.language,
            started_at=self.started_at,
            identity=self.facts.identity,
            path=tuple(self.path),
            node=self.node,
            queue=visit.queue if visit else self.facts.queue,
            agent=(visit.agent if visit else "") or self.facts.agent,
            agent_channel=visit.agent_channel if visit else "",
            recording=self.session.recording or self.facts.recording,
        )

    def stored(self) -> StoredCall:
        """What a restarted service needs to continue."""
        # By hand: `asdict` copies what nobody changes, once for each node of each call.
        content: dict[str, Any] = {name: getattr(self.facts, name) for name in _FACTS}
        content["identity"] = asdict(self.facts.identity) if self.facts.identity else None
        content["started_at"] = self.started_at.isoformat()
        content["path"] = [
            {"at": step.at.isoformat(), "node": step.node, "label": step.label, "digits": step.digits}
            for step in self.path
        ]
        content["outer"] = [[outer.flow.id, outer.flow.version, outer.node] for outer in self.outer]
        return StoredCall(
            call_id=self.session.call_id,
            channel=self.session.channel,
            unique_id=self.session.unique_id,
            flow=self.flow.id,
            flow_version=self.flow.version,
            node=self.node,
            facts=content,
        )


def restore(flow: Flow, session: CallSession, stored: StoredCall, outer: Sequence[SuspendedFlow] = ()) -> RunningCall:
    """The call as it stood when it was stored."""
    content = dict(stored.facts)
    content.pop("outer", None)
    started_at = datetime.fromisoformat(content.pop("started_at"))
    path = [PathStep(datetime.fromisoformat(s["at"]), s["node"], s["label"], s["digits"]) for s in content.pop("path")]
    identity = content.pop("identity")
    facts = CallFacts(**content, identity=CallerIdentity(**identity) if identity else None)
    return RunningCall(flow, session, facts, started_at, stored.node, path, list(outer))
