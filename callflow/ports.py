"""What the call flow needs from the floors above, and from the outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, Protocol

from hotline.calendars.current import Calendars
from ivr.telephony import DialledPhone

CalendarSource = Callable[[], Calendars]
"""The tables of working hours and the holidays as they are now; never waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerIdentity:
    """Who is known to call from a number."""

    enterprise_id: str | None
    enterprise_name: str
    contact_id: str | None
    contact_name: str
    skip_menu: bool = False
    """This enterprise goes straight to its queue."""
    kind: str = ""
    """Of the enterprise, where it is one: "enterprise", "individual_business", "private_enterprise"."""
    region: str = ""
    """Where the enterprise is registered, by the six digits of GB/T 2260."""


class CallerDirectory(Protocol):
    async def identify(self, number: str) -> CallerIdentity | None:
        """Whose `number` it is, or None. The caller waits: an answer after 300 ms is not used."""
        ...


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """A queue at this moment."""

    waiting: int
    free: int
    """Agents who would get the next call at once."""


QueueFiguresSource = Callable[[str], QueueFigures | None]
"""A queue's figures by its name, None for one that nobody knows; never waits."""


def no_figures(queue: str) -> QueueFigures | None:
    """For a hotline that counts nothing."""
    return None


@dataclass(frozen=True, slots=True)
class LiveAnnouncement:
    """One topic that callers are told of now, and the prompt that tells it."""

    topic: str
    prompt: str


@dataclass(frozen=True, slots=True)
class OnAir:
    """What supervisors have switched on."""

    topics: tuple[LiveAnnouncement, ...] = ()
    no_menu: bool = False
    """Menus are passed over, whatever the flow says."""


AnnouncementSource = Callable[[], OnAir]
"""What is on at this moment; never waits."""


class NobodyKnown:
    """A directory for a hotline that has none."""

    async def identify(self, number: str) -> CallerIdentity | None:
        return None


class ProgressState(StrEnum):
    """How a case stands, in its caller's words."""

    RECEIVED = "received"
    REVIEWING = "reviewing"
    WITH_UNIT = "with_unit"
    INTERIM = "interim"
    ANSWERED = "answered"
    NOT_ACCEPTED = "not_accepted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerProgress:
    """What is announced to a caller about their case."""

    state: ProgressState
    promised_at: datetime | None = None
    """The date promised for the next answer."""


class ProgressRefusedError(Exception):
    """Too many questions; only a person can help."""


class CaseProgress(Protocol):
    async def look_up(self, number: str, code: str, *, caller: str) -> CallerProgress | None:
        """The case of this number and code; None where there is none, or the code is wrong.

        `caller` is what questions are counted by. Raises ProgressRefusedError, and whatever the database raises; the
        caller waits, so an answer after three seconds is not used.
        """
        ...


class NoCases:
    """Progress for a hotline that keeps no cases."""

    async def look_up(self, number: str, code: str, *, caller: str) -> CallerProgress | None:
        return None


class WebRequestError(Exception):
    """A service on the web gave no answer that can be used; the text holds neither a value nor a secret."""


class WebServices(Protocol):
    async def ask(
        self, method: Literal["GET", "POST"], url: str, values: Mapping[str, str], *, within: timedelta
    ) -> Any:
        """Send `values`, as the query of a GET or as JSON, and return the answer's JSON; None where it is empty.

        Raises `TimeoutError`, and `WebRequestError` for everything else that is no success.
        """
        ...


class NoWebServices:
    """For a hotline that asks none."""

    async def ask(
        self, method: Literal["GET", "POST"], url: str, values: Mapping[str, str], *, within: timedelta
    ) -> Any:
        raise WebRequestError("there is no client")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowMessage:
    """What a node of a flow sends, once a call: an SMS of `text` to `number`, or `values` to a webhook."""

    call_id: str
    node: str
    number: str = ""
    text: str = ""
    language: str = "zh"
    webhook: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


PostMessage = Callable[[FlowMessage], bool]
"""Have a message sent; never waits. False where it will not be: nobody to send it by, or too many."""


def no_messages(message: FlowMessage) -> bool:
    """For a hotline that sends none."""
    return False


class PhoneBook(Protocol):
    """Whom a flow may call besides agents."""

    def outside(self, number: str) -> str | None:
        """What Dial names an outside number as it is dialled; None where it may not be called. Never waits."""
        ...

    async def on_duty(self, unit: str) -> Sequence[DialledPhone]:
        """The phones of the specialists of a unit who are on duty, in the order of ringing; the owner is a specialist.

        Empty also for a unit that nobody knows. Raises whatever the database raises.
        """
        ...


class NoPhones:
    """For a hotline that calls nobody."""

    def outside(self, number: str) -> str | None:
        return None

    async def on_duty(self, unit: str) -> Sequence[DialledPhone]:
        return ()
