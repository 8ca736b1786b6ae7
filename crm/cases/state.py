"""The life of a case (工单) as a table. Pure; docs/case-states.md is drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

from hotline.kernel.errors import ConflictError


@unique
class CaseState(StrEnum):
    DRAFT = "draft"
    PENDING_REVIEW = "pending_review"
    NEED_INFO = "need_info"
    PENDING_DISPATCH = "pending_dispatch"
    DISPATCHED = "dispatched"
    RETURN_REQUESTED = "return_requested"
    IN_PROGRESS = "in_progress"
    EXTENSION_REQUESTED = "extension_requested"
    REPLIED = "replied"
    CALLBACK = "callback"
    REWORK = "rework"
    CLOSED = "closed"
    ARCHIVED = "archived"
    CLOSED_DIRECT = "closed_direct"
    NOT_ACCEPTED = "not_accepted"
    EMERGENCY_TRANSFERRED = "emergency_transferred"
    TERMINATED = "terminated"


@unique
class CaseAction(StrEnum):
    """What a person, or a deadline, does to a case."""

    CLOSE_DIRECT = "close_direct"
    NOT_ACCEPT = "not_accept"
    TRANSFER_EMERGENCY = "transfer_emergency"
    SUBMIT = "submit"
    ASK_INFO = "ask_info"
    GIVE_INFO = "give_info"
    APPROVE = "approve"
    DISPATCH = "dispatch"
    SIGN = "sign"
    COUNT_AS_SIGNED = "count_as_signed"
    REQUEST_RETURN = "request_return"
    ACCEPT_RETURN = "accept_return"
    REFUSE_RETURN = "refuse_return"
    REQUEST_EXTENSION = "request_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    REPLY = "reply"
    SCHEDULE_CALLBACK = "schedule_callback"
    ORDER_REWORK = "order_rework"
    RESUME_WORK = "resume_work"
    CLOSE = "close"
    ARCHIVE = "archive"
    TERMINATE = "terminate"


@unique
class Guard(StrEnum):
    """What must be so before a transition; each names one check."""

    ANSWER_CITED = "a knowledge base article or a three-way call is cited"
    REASON_EXPLAINED = "a reason from a to g and what the caller was told"
    SERVICE_NAMED = "110, 119, 120 or 122"
    FIELDS_COMPLETE = "every field its type requires"
    INFO_ASKED = "what is missing is written down"
    LEAD_UNIT_NAMED = "one lead unit, any number of assisting ones, none of them complained of"
    SIGN_LIMIT_PASSED = "the time limit for signing has passed; an alert is raised"
    RETURN_GROUNDED = "reason and legal basis, by a unit that was not designated"
    REVIEWED = "a reviewer decided and gave the reason"
    REVIEWED_OR_DEEMED = "a reviewer decided, or did not within the limit"
    BEFORE_DEADLINE_ONCE = "before the deadline, for the first time, at most ten working days"
    CALLER_TOLD = "the caller was told"
    CONTACT_SHOWN = "evidence that the unit reached the caller"
    REPLY_AUDITED = "the hotline has audited the reply"
    UNSOLVED_OR_DISSATISFIED = "unhandled, or the caller is dissatisfied"
    SATISFIED_OR_DISPOSED = "the caller is satisfied, or what was done about the dissatisfaction is recorded"
    REQUEST_REVIEWED = "a written request, reviewed"


@unique
class Actor(StrEnum):
    AGENT = "agent"
    REVIEWER = "reviewer"
    DISPATCHER = "dispatcher"
    UNIT = "unit"
    CALLBACK = "callback agent"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Transition:
    target: CaseState
    by: Actor
    guards: tuple[Guard, ...] = ()


class CaseTransitionError(ConflictError):
    error_id = "case.transition"
    title = "The case does not allow that now"


_S, _A, _G = CaseState, CaseAction, Guard

FINAL = frozenset({_S.ARCHIVED, _S.CLOSED_DIRECT, _S.NOT_ACCEPTED, _S.EMERGENCY_TRANSFERRED, _S.TERMINATED})
OPEN = frozenset(_S) - FINAL - {_S.CLOSED}
EDITABLE = frozenset({_S.DRAFT, _S.NEED_INFO})
"""States in which the agent still writes the case."""

TRANSITIONS: Mapping[tuple[CaseState, CaseAction], Transition] = {
    (_S.DRAFT, _A.CLOSE_DIRECT): Transition(_S.CLOSED_DIRECT, Actor.AGENT, (_G.ANSWER_CITED,)),
    (_S.DRAFT, _A.NOT_ACCEPT): Transition(_S.NOT_ACCEPTED, Actor.AGENT, (_G.REASON_EXPLAINED,)),
    (_S.DRAFT, _A.TRANSFER_EMERGENCY): Transition(_S.EMERGENCY_TRANSFERRED, Actor.AGENT, (_G.SERVICE_NAMED,)),
    (_S.DRAFT, _A.SUBMIT): Transition(_S.PENDING_REVIEW, Actor.AGENT, (_G.FIELDS_COMPLETE,)),
    (_S.PENDING_REVIEW, _A.ASK_INFO): Transition(_S.NEED_INFO, Actor.REVIEWER, (_G.INFO_ASKED,)),
    (_S.NEED_INFO, _A.GIVE_INFO): Transition(_S.PENDING_REVIEW, Actor.AGENT, (_G.FIELDS_COMPLETE,)),
    (_S.PENDING_REVIEW, _A.APPROVE): Transition(_S.PENDING_DISPATCH, Actor.REVIEWER),
    (_S.PENDING_DISPATCH, _A.DISPATCH): Transition(_S.DISPATCHED, Actor.DISPATCHER, (_G.LEAD_UNIT_NAMED,)),
    (_S.DISPATCHED, _A.SIGN): Transition(_S.IN_PROGRESS, Actor.UNIT),
    (_S.DISPATCHED, _A.COUNT_AS_SIGNED): Transition(_S.IN_PROGRESS, Actor.DEADLINE, (_G.SIGN_LIMIT_PASSED,)),
    (_S.DISPATCHED, _A.REQUEST_RETURN): Transition(_S.RETURN_REQUESTED, Actor.UNIT, (_G.RETURN_GROUNDED,)),
    (_S.RETURN_REQUESTED, _A.ACCEPT_RETURN): Transition(_S.PENDING_DISPATCH, Actor.REVIEWER, (_G.REVIEWED_OR_DEEMED,)),
    (_S.RETURN_REQUESTED, _A.REFUSE_RETURN): Transition(_S.DISPATCHED, Actor.REVIEWER, (_G.REVIEWED,)),
    (_S.IN_PROGRESS, _A.REQUEST_EXTENSION): Transition(
        _S.EXTENSION_REQUESTED, Actor.UNIT, (_G.BEFORE_DEADLINE_ONCE, _G.CALLER_TOLD)
    ),
    (_S.EXTENSION_REQUESTED, _A.GRANT_EXTENSION): Transition(_S.IN_PROGRESS, Actor.REVIEWER, (_G.REVIEWED,)),
    (_S.EXTENSION_REQUESTED, _A.REFUSE_EXTENSION): Transition(_S.IN_PROGRESS, Actor.REVIEWER, (_G.REVIEWED,)),
    (_S.IN_PROGRESS, _A.REPLY): Transition(_S.REPLIED, Actor.UNIT, (_G.CONTACT_SHOWN,)),
    (_S.REPLIED, _A.SCHEDULE_CALLBACK): Transition(_S.CALLBACK, Actor.REVIEWER, (_G.REPLY_AUDITED,)),
    (_S.CALLBACK, _A.ORDER_REWORK): Transition(_S.REWORK, Actor.CALLBACK, (_G.UNSOLVED_OR_DISSATISFIED,)),
    (_S.REWORK, _A.RESUME_WORK): Transition(_S.IN_PROGRESS, Actor.UNIT),
    (_S.CALLBACK, _A.CLOSE): Transition(_S.CLOSED, Actor.CALLBACK, (_G.SATISFIED_OR_DISPOSED,)),
    (_S.CLOSED, _A.ARCHIVE): Transition(_S.ARCHIVED, Actor.REVIEWER),
    **{
        (state, _A.TERMINATE): Transition(_S.TERMINATED, Actor.REVIEWER, (_G.REQUEST_REVIEWED,))
        for state in _S
        if state in OPEN
    },
}


def advance(state: CaseState, action: CaseAction) -> Transition:
    """The transition that `action` makes from `state`; raises CaseTransitionError where there is none.

    Its guards are for the caller to check before moving the case.
    """
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise CaseTransitionError(
            f"A case that is {state.value} cannot take the action {action.value}; reload it to see its current state.",
            state=state.value,
            action=action.value,
        ) from None
