"""A caller's question and its answer, as they cross the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from callflow.ports import ProgressState
from crm.cases.query_codes import DIGITS
from hotline.kernel.words import PLAIN


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")


def _code(text: str) -> str:
    if len(digits := _digits(text)) != DIGITS:
        raise ValueError(f"the code has {DIGITS} digits; it is in the SMS")
    return digits


def _number(text: str) -> str:
    if not 12 <= len(digits := _digits(text)) <= 15:
        raise ValueError("the case number has 12 digits or a few more; it is in the SMS")
    return digits


Typed = StringConstraints(max_length=40, pattern=r"^[0-9 \-]*$")
"""As it was read out or copied, with spaces or dashes between the groups."""


class ProgressQuestion(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Typed, AfterValidator(_number), PLAIN]
    code: Annotated[str, Typed, AfterValidator(_code), PLAIN]


class ProgressView(BaseModel):
    """What a caller may know of their case: nobody's name, no number but the case's, nothing of other cases."""

    number: str
    state: ProgressState
    received_at: datetime
    dispatched_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    promised_at: datetime | None
    """When the caller hears again, as promised; only while the case is open."""
    unit: str | None
    """In charge; never of a confidential or anonymous case."""
    answer: str | None
    """In the unit's words, to be shown as text; never of a confidential or anonymous case."""
    answer_at: datetime | None
