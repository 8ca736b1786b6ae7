"""What the service sends to an agent's page: docs/openapi.json describes it, and the page's types are made from it.

What the page sends is in `cti.desktop.commands`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, TypeAdapter

from cti.desktop.schemas import AgentStateView, CallView, LiveQueueView

Pop = TypeVar("Pop", bound=BaseModel)
"""The screen pop, whose model is crm's."""


class _Message(BaseModel):
    # A default is sent too, so a reader always finds the field.
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class _NumberedMessage(_Message):
    seq: int = 0
    """Counts a page's messages one by one; a page that misses one asks for a snapshot. Set when it is sent."""


class ErrorView(BaseModel):
    """A problem without its HTTP part; match on `error_id`."""

    error_id: str
    title: str
    detail: str


class WorkspaceSnapshot(_NumberedMessage, Generic[Pop]):
    """Everything: the first message of a connection, and the answer to `resync`."""

    type: Literal["snapshot"] = "snapshot"
    boot: str
    """Another one after each start of the service."""
    server_time: datetime
    agent: AgentStateView | None
    """Null for an account that is no agent."""
    call: CallView | None
    pop: SerializeAsAny[Pop] | None
    """Of `call`; null without one, or where it could not be read and comes later."""
    queues: list[LiveQueueView]


class AgentMessage(_NumberedMessage):
    type: Literal["agent"] = "agent"
    agent: AgentStateView


class CallMessage(_NumberedMessage):
    type: Literal["call"] = "call"
    call: CallView | None


class ScreenPopMessage(_NumberedMessage, Generic[Pop]):
    """Follows each ring by itself."""

    type: Literal["pop"] = "pop"
    call_id: str
    pop: SerializeAsAny[Pop] | None
    """Null while it cannot be read, for `error`; it is tried again as long as the call is at the agent's phone."""
    error: ErrorView | None = None


class QueuesMessage(_NumberedMessage):
    type: Literal["queues"] = "queues"
    queues: list[LiveQueueView]


class CommandReply(_Message):
    """Not numbered, since it is no part of the state."""

    type: Literal["reply"] = "reply"
    id: str
    """The command's."""
    ok: bool
    error: ErrorView | None = None
    """Null where `ok`."""


NumberedMessage = WorkspaceSnapshot[Any] | AgentMessage | CallMessage | ScreenPopMessage[Any] | QueuesMessage


def messages_with(pop: type[BaseModel]) -> TypeAdapter[Any]:
    """Every message to a page, where `pop` is the screen pop's model."""
    snapshot, popped = WorkspaceSnapshot[pop], ScreenPopMessage[pop]  # type: ignore[valid-type]
    union: Any = snapshot | AgentMessage | CallMessage | popped | QueuesMessage | CommandReply
    return TypeAdapter(Annotated[union, Field(discriminator="type")])
