"""A simulated caller, as a test, a page or the command line describes one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from callflow.ports import ProgressState
from hotline.kernel.words import VISIBLE
from ivr.dialplan import HOTLINE_NUMBER
from ivr.telephony import DialOutcome, QueueOutcome

LONGEST_CALL = timedelta(hours=4)
"""Of simulated time; then the caller gives up."""
_ZONE = ZoneInfo("Asia/Shanghai")

Keys = Annotated[str, StringConstraints(pattern=r"^[0-9*#]{0,32}$")]
Seconds = Annotated[float, Field(ge=0, le=LONGEST_CALL.total_seconds(), allow_inf_nan=False)]
CallerNumber = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{0,31}$")]
QueueName = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_-]{1,39})?$")]


class SimulationModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class CallerAnswer(SimulationModel):
    """What the caller does at one question; written as "1", "" (silence) or "hang up" where nothing else is said."""

    press: Keys = ""
    """The keys, one every 0.4 s; none is silence."""
    after: Seconds | None = None
    """Seconds from the beginning of the question; left out, the caller hears it out first."""
    hang_up: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)  # In YAML a key needs no quotes.
        if not isinstance(value, str):
            return value
        return {"hang_up": True} if value == "hang up" else {"press": value}


class TimedKeys(SimulationModel):
    """Keys pressed at a moment of the call, whatever is heard then."""

    at: Seconds
    """Seconds from the answer."""
    press: Keys


class QueueBehaviour(SimulationModel):
    """What happens at a queue. A queue's own timeout comes first where it is shorter."""

    queue: QueueName = ""
    """Only at this one; "" at any."""
    outcome: QueueOutcome | Literal["abandoned"] = QueueOutcome.ANSWERED
    """As the action's outcomes; abandoned: the caller hangs up while waiting."""
    after: Seconds = 5
    """Seconds of waiting."""
    talk: Seconds = 60
    """Seconds of talk, where it is answered."""
    ended_by: Literal["agent", "caller"] = "agent"
    """Who ends the talk."""


class DialBehaviour(SimulationModel):
    """What becomes of a call to a number outside, or to a unit's specialists."""

    outcome: DialOutcome | Literal["abandoned"] = DialOutcome.ANSWERED
    """abandoned: the caller hangs up while it rings."""
    after: Seconds = 10
    """Seconds of ringing."""
    talk: Seconds = 60
    """Seconds of talk, where it is answered."""
    ended_by: Literal["other", "caller"] = "other"
    """Who ends the talk."""


class WebAnswer(SimulationModel):
    """What a service on the web answers."""

    outcome: Literal["ok", "failed", "timeout"] = "ok"
    answer: dict[str, Any] = Field(default_factory=dict)
    """The JSON, of which the action takes its values."""
    after: Seconds = 0.5


class SimulatedCaller(SimulationModel):
    """Who calls, when, and what they do. Left to themselves they are silent, and their first queue answers."""

    number: CallerNumber = "13900000000"
    """"" is a hidden one."""
    name: Annotated[str, StringConstraints(max_length=80), VISIBLE] = ""
    dialed: CallerNumber = HOTLINE_NUMBER
    at: datetime = datetime(2026, 3, 4, 10, 0, tzinfo=_ZONE)
    """The moment of the call; without an offset, by the clock of Beijing."""
    language: Literal["zh", "en"] = "zh"
    """In which the call begins."""
    known: Literal["no", "contact", "enterprise", "skip_menu"] = "no"
    """Whom the number belongs to: a person, an enterprise, or one that goes straight to its queue."""
    answers: tuple[CallerAnswer, ...] = Field(default=(), max_length=100)
    """One for each question that is asked."""
    keys: tuple[TimedKeys, ...] = Field(default=(), max_length=100)
    hangs_up_at: Seconds | None = None
    """Seconds from the answer."""
    queues: tuple[QueueBehaviour, ...] = Field(default=(), max_length=20)
    """In turn; the last that fits a queue holds for all later visits."""
    dials: tuple[DialBehaviour, ...] = Field(default=(), max_length=20)
    """In turn, of the calls to numbers and specialists; the last holds for all later ones."""
    web: tuple[WebAnswer, ...] = Field(default=(), max_length=20)
    """In turn, of the services that are asked; the last holds for all later ones."""
    message: Seconds = 8
    """Seconds of a voicemail; 0: nothing is said."""
    case: ProgressState | Literal["none", "away"] = "none"
    """How the case stands that the caller asks for; none: number or code is wrong; away: it cannot be looked up."""
    no_menu: bool | None = None
    """The switch of the flow, set otherwise for this call."""

    @model_validator(mode="after")
    def _aware(self) -> Self:
        if self.at.tzinfo is None:
            return self.model_copy(update={"at": self.at.replace(tzinfo=_ZONE)})
        return self

    @property
    def begins(self) -> datetime:
        return self.at.astimezone(UTC)
