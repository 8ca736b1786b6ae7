"""Which version of which flow a call runs on."""

from __future__ import annotations

from typing import Protocol

from callflow.document import Flow


class FlowSource(Protocol):
    """Where calls get their flow."""

    @property
    def default(self) -> Flow:
        """The live version of the flow for every number that has none of its own; never waits."""
        ...

    def for_number(self, dialed: str) -> Flow:
        """What a new call to this number runs on; never waits."""
        ...

    def live(self, flow: str) -> Flow | None:
        """The live version of a flow, for one that calls it; None where there is none. Never waits."""
        ...

    async def version(self, flow: str, number: int) -> Flow | None:
        """The version that a call began with; None where it cannot be found within two seconds."""
        ...


class SingleFlow:
    """One flow for all calls, without a store; `others` are those it may call."""

    def __init__(self, flow: Flow, *others: Flow) -> None:
        self.default = flow
        self._flows = {each.id: each for each in (flow, *others)}

    def for_number(self, dialed: str) -> Flow:
        return self.default

    def live(self, flow: str) -> Flow | None:
        return self._flows.get(flow)

    async def version(self, flow: str, number: int) -> Flow | None:
        found = self._flows.get(flow)
        return found if found is not None and found.version == number else None
