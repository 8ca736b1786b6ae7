"""What sends a message: the port that each provider implements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hotline.kernel.errors import UnavailableError


class SendFailedError(UnavailableError):
    """The receiver did not take a message. `detail` is shown to supervisors: no number, no secret."""

    error_id = "message.send_failed"
    title = "The message was not taken"

    def __init__(self, detail: str, *, permanent: bool = False) -> None:
        """`permanent`: to try again is of no use."""
        super().__init__(detail)
        self.permanent = permanent


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message as a provider sends it. `id` is the idempotency key: the same again is the same message."""

    id: str
    kind: str
    recipient: str
    text: str = ""
    payload: Mapping[str, Any] | None = None


class Notifier(Protocol):
    """One way out. Sending is at least once: the receiver drops what it has by its idempotency key."""

    async def send(self, parcel: Parcel) -> None:
        """Return once the receiver has it. Raises `SendFailedError`; ends within 15 s."""
        ...

    async def close(self) -> None:
        """Safe to call twice."""
        ...
