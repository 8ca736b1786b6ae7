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

    async def version(self, flow: str, number: int) -> Flow | None:
        """The version that a call began with; None where it cannot be found within two seconds."""
        ...


class SingleFlow:
    """One flow for all calls, without a store."""

    def __init__(self, flow: Flow) -> None:
        self.default = flow

    def for_number(self, dialed: str) -> Flow:
        return self.default

    async def version(self, flow: str, number: int) -> Flow | None:
        return self.default if (flow, number) == (self.default.id, self.default.version) else None
