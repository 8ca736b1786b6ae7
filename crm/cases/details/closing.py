"""Bodies of the callback, and of every way to end a case."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from crm.cases.details.common import MoveDetail
from crm.cases.details.follow_up import KnowledgeFollowUp
from crm.cases.schemas import Explanation, Id, Words


class ReplyAudit(MoveDetail):
    fits_facts: bool
    """Whether the reply fits what the caller reported."""
    note: Words = ""


class Solved(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    NO_STATEMENT = "no_statement"


class Satisfaction(StrEnum):
    """The five keys of the survey; no statement is none of them, and never counts as satisfied."""

    VERY_SATISFIED = "very_satisfied"
    SATISFIED = "satisfied"
    ACCEPTABLE = "acceptable"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very_dissatisfied"
    NO_STATEMENT = "no_statement"


SATISFIED = frozenset({Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED, Satisfaction.ACCEPTABLE})


DISSATISFIED = frozenset({Satisfaction.DISSATISFIED, Satisfaction.VERY_DISSATISFIED})


class NotReached(StrEnum):
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    OFF = "off"
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"
    """The caller does not wish to be called back."""


class CallbackRecord(MoveDetail):
    """One attempt to call the caller back."""

    call_id: Id | None = None
    not_reached: NotReached | None = None
    """None: the caller was reached, and everything below is their answer."""
    unit_contacted: bool | None = None
    solved: Solved = Solved.NO_STATEMENT
    result: Satisfaction = Satisfaction.NO_STATEMENT
    process: Satisfaction = Satisfaction.NO_STATEMENT
    agent: Satisfaction = Satisfaction.NO_STATEMENT
    fits_facts: bool | None = None
    """Whether the unit's reply fits what the caller says."""
    words: Words = ""

    @model_validator(mode="after")
    def _silent_when_not_reached(self) -> Self:
        said = (self.solved, self.result, self.process, self.agent)
        if self.not_reached and any(value not in (Solved.NO_STATEMENT, Satisfaction.NO_STATEMENT) for value in said):
            raise ValueError("who was not reached said nothing: leave solved and the satisfactions out")
        if not self.not_reached and self.unit_contacted is None:
            raise ValueError("ask whether the unit contacted the caller, and record the answer in `unit_contacted`")
        return self


class Closing(MoveDetail):
    fits_facts: bool = True
    disposition: Words = ""
    """What was done about the dissatisfaction, or about a caller who was not reached."""
    follow_up: KnowledgeFollowUp | None = None
    """Asked where a unit answered a consult case."""


class TerminationGround(StrEnum):
    WRITTEN_REQUEST = "written_request"
    NOT_COOPERATING = "not_cooperating"
    NO_NEW_FACTS = "no_new_facts"
    """Already lawfully concluded."""
    BEYOND_ANY_DUTY = "beyond_any_duty"


class Termination(MoveDetail):
    ground: TerminationGround
    request: Explanation
    """The written request, who made it and when."""
    explanation: Explanation
    """As given to the caller."""


class Withdrawal(MoveDetail):
    confirmed_by_caller: bool
    confirmed_how: Explanation
    """When and how the hotline itself asked the caller."""
    pressed_by_unit: bool
    """Whether a unit asked or pressed the caller to withdraw."""
