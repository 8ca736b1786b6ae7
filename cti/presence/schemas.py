"""What crosses the edge about who is an agent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from hotline.accounts.schemas import Username

AgentNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,10}$")]
QueueName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,39}$")]
WrapUpSeconds = Annotated[int, Field(ge=0, le=1800)]


class QueueShare(BaseModel):
    """A queue (a queue) at which the agent works; those of the lowest penalty are rung first."""

    model_config = ConfigDict(extra="forbid")

    queue: QueueName
    penalty: int = Field(default=0, ge=0, le=100)


class AgentQueues(BaseModel):
    model_config = ConfigDict(extra="forbid")

    queues: list[QueueShare] = Field(min_length=1, max_length=20)
    wrap_up_seconds: WrapUpSeconds = 30

    @field_validator("queues")
    @classmethod
    def _each_once(cls, queues: list[QueueShare]) -> list[QueueShare]:
        if len({share.queue for share in queues}) < len(queues):
            raise ValueError("a queue is named twice")
        return queues


class AgentDraft(AgentQueues):
    number: AgentNumber = Field(
        description="工号: 2 to 10 digits, which no specialist has as an internal phone. Colleagues' phones dial it."
    )
    username: Username
    """An account that exists, with a role that may work at a queue."""


class AgentView(BaseModel):
    number: str
    user_id: str
    username: str
    name: str
    queues: list[QueueShare]
    wrap_up_seconds: int
    active: bool
    """Whether this is an agent: not deactivated, with an account that is active and may use a queue."""
    deactivated_at: datetime | None

    def audited(self) -> dict[str, Any]:
        """What the audit log keeps of an edit: the agent as left by it."""
        queues = [share.model_dump() for share in self.queues]
        return {"username": self.username, "queues": queues, "wrap_up_seconds": self.wrap_up_seconds}


class QueueView(BaseModel):
    name: str
    label_zh: str
    label_en: str


class DeskPhoneAccount(BaseModel):
    """A SIP account: UDP, registered at `host`:`port`."""

    username: str
    password: str
    host: str
    port: int
